from __future__ import annotations

import pytest
from clusters import Cluster

from smsgate.gateway.queue import ledger


@pytest.fixture
def cluster(database, monkeypatch):
    """On both databases, with one clock for all nodes and the database, which is moved."""
    found = Cluster(database).use_clock(monkeypatch)
    found.account()
    yield found
    assert found.run(ledger.check) == []
