"""How the pages of a gateway are put together."""

from __future__ import annotations

from ipaddress import ip_network
from types import SimpleNamespace

import pytest

from smsgate.cli.gateway import pages
from smsgate.gateway.settings import HttpSettings, HttpTls, Settings

TLS = {"tls": HttpTls.REQUIRED}


@pytest.mark.parametrize(
    ("given", "served"),
    [
        ({}, True),
        ({"host": "0.0.0.0", **TLS}, False),  # noqa: S104
        ({"behind_proxy": (ip_network("127.0.0.1"),)}, False),
    ],
)
def test_the_inbox_describes_the_api_where_it_is_served(tmp_path, monkeypatch, given, served):
    said = []

    def inner(*_given, has_api):
        said.append(has_api)

    monkeypatch.setattr(pages.inbox, "inner", inner)
    monkeypatch.setattr(pages, "guarded", lambda *_, **__: None)
    settings = Settings(data=tmp_path, http=HttpSettings(**given))
    simulator = SimpleNamespace(actions=None)
    made = pages.of(settings, simulator)(SimpleNamespace(database=None), said.append)
    made.close()
    assert said == [served]
