from __future__ import annotations

import gatewayqueue
import pytest


@pytest.fixture
def queue(database):
    found = gatewayqueue.Queue(database)
    found.account()
    return found
