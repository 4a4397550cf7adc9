"""By which names the pages are reached, and whom a proxy may speak for."""

from __future__ import annotations

import asyncio
from ipaddress import ip_network

import pytest
from starlette.routing import Route

from smsgate.gateway.exposure import fault, is_local
from smsgate.gateway.settings import HttpSettings, HttpTls
from smsgate.web.access import streams
from smsgate.web.live import Live

EVERYWHERE = "0.0.0.0"  # noqa: S104 - it must be refused
PROXY = (ip_network("192.0.2.7"), ip_network("2001:db8::/32"))


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "localhost:80@evil.example",
        "localhost/evil.example",
        "localhost?evil.example",
        "[::1",
        "[::1]evil.example",
        "localhost evil.example",
        "",
        "gateway",
    ],
)
def test_another_name_is_refused(simple, host):
    someone = simple.user()
    for path in ("/", "/login"):
        answer = someone.get(path, headers={"Host": host})
        assert answer.status_code == 421
        assert "evil" not in answer.text
        assert "Location" not in answer.headers


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8080", "[::1]:8080", "localhost", "LOCALHOST:1", "sms.example.com", "192.0.2.5"],
)
def test_our_names_and_addresses_are_known(simple, host):
    app = simple.make(name=("sms.example.com",))
    someone = simple.visitor(app=app)
    answer = someone.get("/page", headers={"Host": host})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=%2Fpage")


def test_two_hosts_are_none(simple):
    someone = simple.visitor()
    answer = someone.get("/", headers=[("Host", "localhost"), ("Host", "evil.example")])
    assert answer.status_code == 421


def test_nobody_but_a_proxy_says_for_whom_it_asks(simple):
    """A guesser cannot be somebody else each time, nor make others wait."""
    for app in (simple.app, simple.make(behind_proxy=PROXY)):
        guesser = simple.visitor("198.51.100.9", app=app)
        csrf, codes = guesser.csrf(), []
        for n in range(20):
            forged = {
                "X-Forwarded-For": f"203.0.113.{n}",
                "X-Forwarded-Proto": "https",
                "Forwarded": f"for=203.0.113.{n}",
                "X-Real-IP": f"203.0.113.{n}",
                "X-Forwarded-Host": "evil.example",
            }
            given = {"name": "admin", "password": "wrong", "csrf": csrf}
            answer = guesser.post("/login", data=given, headers=forged)
            codes.append(answer.status_code)
            assert "Strict-Transport-Security" not in answer.headers
        assert codes[0] == 403
        assert 429 in codes
        assert "from 198.51.100.9 refused" in simple.told[-1]
        assert simple.visitor("203.0.113.1", app=app).log_in().is_redirect


def test_a_proxy_says_it(simple):
    app = simple.make(behind_proxy=PROXY)
    for proxy in ("192.0.2.7", "2001:db8::5"):
        someone = simple.visitor(proxy, app=app, base="http://127.0.0.1")
        headers = {"X-Forwarded-For": "6.6.6.6, 203.0.113.4", "X-Forwarded-Proto": "https"}
        answer = someone.get("/login", headers=headers)
        assert answer.headers["Set-Cookie"].startswith("__Host-smsenc-session=")
        assert "secure" in answer.headers["Set-Cookie"].lower()
        assert answer.headers["Strict-Transport-Security"]
        silent = someone.get("/login", headers={"X-Forwarded-For": "203.0.113.4"})
        assert "secure" in silent.headers["Set-Cookie"].lower()
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
        csrf = answer.text.split('name="csrf" value="')[1][:64]
        given = {"name": "admin", "password": "wrong", "csrf": csrf}
        answer = someone.post("/login", data=given, headers=headers | {"Cookie": cookie})
        assert answer.status_code in (403, 429)
    assert simple.told == ["pages: log-in from 203.0.113.4 refused (1 recently)"]


@pytest.mark.parametrize(
    ("http", "local", "safe"),
    [
        (HttpSettings(), True, True),
        (HttpSettings(host="::1"), True, True),
        (HttpSettings(host="127.1.2.3"), True, True),
        (HttpSettings(host="localhost"), True, True),
        (HttpSettings(host=EVERYWHERE), False, False),
        (HttpSettings(host="::"), False, False),
        (HttpSettings(host=""), False, False),
        (HttpSettings(host="nobody.invalid"), False, True),
        (HttpSettings(host="192.0.2.1"), False, False),
        (HttpSettings(host="192.0.2.1", tls=HttpTls.REQUIRED), False, True),
        (HttpSettings(host="192.0.2.1", behind_proxy=PROXY), False, True),
        (HttpSettings(behind_proxy=PROXY), False, True),
        (HttpSettings(tls=HttpTls.REQUIRED), True, True),
    ],
)
def test_where_it_may_listen(http, local, safe):
    assert is_local(http) is local
    assert (fault(http) == "") is safe
    assert "\n" not in fault(http)


def test_a_live_page_ends_with_the_session(simple, monkeypatch):
    """Whoever is logged out reads on no longer than until the next look."""
    monkeypatch.setattr(streams, "_AGAIN", 0.0)
    made = []

    async def live(_request):
        made.append(Live(interval=0.01))
        return made[-1].response("all", content, "all")

    async def content():
        counts.append(1)
        return str(len(counts))

    counts = []
    app = simple.make(Route("/live", live))
    sent = []

    async def go(someone, csrf, version):
        async def receive():
            await asyncio.sleep(60)

        async def send(message):
            sent.append(message)
            if len(sent) == 5:
                await someone.http.post("/logout", data={"csrf": csrf})

        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": version},
            "http_version": "1.1",
            "scheme": "http",
            "method": "GET",
            "path": "/live",
            "root_path": "",
            "query_string": b"",
            "headers": [
                (b"host", b"localhost"),
                (b"cookie", f"smsenc-session={someone.token}".encode()),
            ],
        }
        async with asyncio.timeout(60):
            await app(scope, receive, send)

    for version in ("2.3", "2.4"):
        sent.clear()
        someone = simple.user(app=app)
        someone.run(go(someone, someone.csrf("/"), version))
        assert sent[0]["status"] == 200
        assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
        assert 5 <= len(sent) <= 7
        assert made[-1]._viewers.total() == 0  # what it held is released
