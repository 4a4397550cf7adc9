"""Servers for the tests of the gateway's FTP server."""

from __future__ import annotations

import pytest
from gatewayftp import Gateway


@pytest.fixture
def start(tmp_path):
    """Starts a server with some settings."""
    started = []

    def start(**settings):
        started.append(Gateway(tmp_path, **settings))
        return started[-1]

    yield start
    for gateway in started:
        gateway.server.close()
        assert not [line for line in gateway.told if "internal error" in line], gateway.told


@pytest.fixture
def gateway(start):
    return start()


@pytest.fixture
def client(gateway):
    client = gateway.client()
    yield client
    client.close()
