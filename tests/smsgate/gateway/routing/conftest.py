from __future__ import annotations

import pytest
import routed


@pytest.fixture
def queue(database):
    found = routed.Routed(database)
    found.account()
    found.begin(routed.ways(cheap=10, same=10, dear=30))
    return found
