"""One gateway's database for the tests of a file that only look."""

from __future__ import annotations

import pytest
from gatewaypages import World


@pytest.fixture
def world(tmp_path):
    with World(tmp_path) as found:
        yield found


@pytest.fixture
def client(world):
    with world.client() as found:
        yield found
