"""One call against real servers: what is sent, and how each kind of bad server ends."""

from __future__ import annotations

import asyncio
import ssl
import time
from ipaddress import ip_network

import callbackservers
import pytest
import trustme
from callbackservers import Site, answer
from simulators import run

from smsgate.gateway.callbacks import urls
from smsgate.gateway.callbacks.calls import Caller, Target
from smsgate.gateway.settings import CallbackSettings, Method

LOOPBACK = (ip_network("127.0.0.0/8"),)
FIELDS = {"apiMsgId": "0f", "from": "", "text": "a&b=c d\xe9\u20ac\r\nX: y"}


def caller(timeout=5.0, look_up=None, **settings):
    values = CallbackSettings(timeout=timeout, **{"allow_private": LOOPBACK} | settings)
    return Caller(values, look_up=look_up) if look_up else Caller(values)


def call(site, *, url=None, method=Method.POST, user="", password="", **settings):
    """The answer of a site, and for how long it took."""

    async def trial():
        async with site, caller(**settings) as it:
            target = Target(urls.parse(url or site.url), method, user, password)
            return await it.call(target, FIELDS, "key-1")

    return run(trial())


@pytest.mark.parametrize("method", Method)
def test_fields_arrive_as_form_or_query(method):
    site = Site()
    found = call(site, method=method, user="me", password="p\xe4ss: word")
    assert (found.ok, found.detail) == (True, "answered 200")
    (it,) = site.calls
    assert (it.method, it.path, it.fields) == (method.value.upper(), "/status", FIELDS)
    assert it.headers["idempotency-key"] == "key-1"
    assert it.headers["host"] == f"127.0.0.1:{site.port}"
    assert it.headers["user-agent"] == "smsenc"
    assert it.log_in == "me:p\xe4ss: word"


def test_a_query_of_the_url_stays_unless_a_field_has_its_name():
    async def trial():
        async with Site() as site, caller() as it:
            url = urls.parse(f"{site.url}?token=a%26b&apiMsgId=x")
            await it.call(Target(url, Method.GET), FIELDS, "k")
            await it.call(Target(url, Method.POST), FIELDS, "k")
            return site.calls

    got, posted = run(trial())
    assert got.fields == {"token": "a&b"} | FIELDS
    assert posted.fields == FIELDS


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_every_2xx_is_success(status):
    assert call(Site(default=answer(status))).ok


@pytest.mark.parametrize("status", [300, 301, 302, 307, 308, 400, 401, 404, 429, 500, 503])
def test_no_other_status_is(status):
    site = Site(default=answer(status, "Location: /elsewhere", "Set-Cookie: a=b"))
    found = call(site)
    hint = ": redirects are not followed" if status < 400 else ""
    assert (found.ok, found.detail) == (False, f"answered {status}{hint}")
    assert len(site.calls) == 1


def test_no_cookie_comes_back_and_no_connection_is_kept():
    async def trial():
        async with Site(default=answer(200, "Set-Cookie: a=b; Path=/")) as site, caller() as it:
            for _ in range(2):
                await it.call(Target(urls.parse(site.url)), FIELDS, "k")
            return site.calls

    assert [("cookie" in it.headers, it.headers["connection"]) for it in run(trial())] == [
        (False, "close")
    ] * 2


@pytest.mark.parametrize("name", ["hang", "drip"])
def test_a_server_without_an_answer_has_a_limit(name):
    began = time.monotonic()
    found = call(Site(default=getattr(callbackservers, name)), timeout=0.6)
    assert not found.ok
    assert "answer" in found.detail
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("name", ["cut", "garbage", "endless_headers"])
def test_a_server_that_is_none_fails(name):
    found = call(Site(default=getattr(callbackservers, name)))
    assert not found.ok
    assert "\n" not in found.detail
    assert len(found.detail) < 300


def test_an_endless_body_is_read_up_to_the_bound():
    sent = []

    async def endless(reader, writer):
        try:
            await callbackservers.endless(reader, writer)
        finally:
            sent.append(writer.sent)

    found = call(Site(default=endless), largest_answer=100_000)
    assert found.ok
    assert sent[0] < 20_000_000  # what the buffers of the system hold


def test_nobody_listens():
    async def trial():
        async with Site() as site:
            pass
        async with caller() as it:
            return await it.call(Target(urls.parse(site.url)), FIELDS, "k")

    found = run(trial())
    assert not found.ok
    assert found.detail.startswith("no connection: ")


def test_an_address_inside_is_not_called():
    site = Site()
    found = call(site, allow_private=())
    assert (found.ok, found.detail) == (
        False,
        "127.0.0.1: its address is not public, and not in allow-private",
    )
    assert site.calls == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "017700000001", "localhost"])
def test_nor_one_in_disguise(host):
    async def trial():
        async with Site() as site, caller(allow_private=()) as it:
            url = urls.parse(f"http://{host}:{site.port}/")
            return await it.call(Target(url), FIELDS, "k"), site.calls

    found, calls = run(trial())
    assert "not public" in found.detail
    assert calls == []


def test_a_name_that_changes_its_address_is_called_where_it_was_checked():
    answers = iter([["127.0.0.1"]] + [["10.0.0.1"]] * 9)
    asked = []

    def look_up(host, _port):
        asked.append(host)
        return next(answers)

    async def trial():
        async with Site() as site, caller(look_up=look_up) as it:
            url = urls.parse(f"http://rebind.example:{site.port}/")
            return await it.call(Target(url), FIELDS, "k"), site

    found, site = run(trial())
    assert found.ok
    assert asked == ["rebind.example"]
    assert site.calls[0].headers["host"] == f"rebind.example:{site.port}"


def test_a_name_with_other_letters_is_looked_up_as_it_is_written():
    asked = []

    def look_up(host, _port):
        asked.append(host)
        return ["127.0.0.1"]

    async def trial():
        async with Site() as site, caller(look_up=look_up) as it:
            hosts = (f"{name}.example:{site.port}" for name in ("xn--fuball-cta", "xn--zz"))
            return [
                await it.call(Target(urls.parse(f"http://{one}/")), FIELDS, "k") for one in hosts
            ]

    good, bad = run(trial())
    assert asked == ["xn--fuball-cta.example"]
    assert (good.ok, bad.ok) == (True, False)


def test_the_second_address_is_tried_when_nobody_listens_at_the_first():
    async def trial():
        async with Site() as site:
            both = lambda _host, _port: ["127.0.0.2", "127.0.0.1"]  # noqa: E731
            async with caller(look_up=both) as it:
                url = urls.parse(f"http://two.example:{site.port}/")
                return await it.call(Target(url), FIELDS, "k")

    assert run(trial()).ok


def test_a_slow_name_server_delays_nobody_else():
    def look_up(host, _port):
        if host == "slow.example":
            time.sleep(3)
        return ["127.0.0.1"]

    async def trial():
        async with Site() as site, caller(1, look_up=look_up, at_once=2) as it:
            urls_ = [urls.parse(f"http://{name}.example:{site.port}/") for name in ("slow", "fast")]
            slow = [asyncio.create_task(it.call(Target(urls_[0]), {}, "k")) for _ in range(20)]
            await asyncio.sleep(0.1)
            fast = await it.call(Target(urls_[1]), {}, "k")
            return fast, [await one for one in slow]

    fast, slow = run(trial())
    assert fast.ok
    assert not any(one.ok for one in slow)


@pytest.mark.parametrize(
    ("host", "trusted", "expected"),
    [
        ("status.example", True, True),
        ("other.example", True, False),
        ("status.example", False, False),
        ("127.0.0.1", True, True),
    ],
)
def test_tls_shows_the_certificate_of_the_host(host, trusted, expected, tmp_path):
    authority, other = trustme.CA(), trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("status.example", "127.0.0.1").configure_cert(context)
    names = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    path = tmp_path / "ca.pem"
    (authority if trusted else other).cert_pem.write_to_path(path)

    async def trial():
        async with (
            Site(tls=context) as site,
            caller(look_up=lambda *_: ["127.0.0.1"], ca_file=path) as it,
        ):
            url = urls.parse(f"https://{host}:{site.port}/")
            return await it.call(Target(url), FIELDS, "k"), site.calls

    found, calls = run(trial())
    assert found.ok is expected, found
    assert len(calls) == expected
    assert names in ([host], [None])
    if not expected:
        assert "CERTIFICATE_VERIFY_FAILED" in found.detail


def test_proxies_of_the_environment_are_not_used(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert call(Site()).ok


def test_control_characters_make_no_header():
    async def trial():
        async with Site() as site, caller() as it:
            fields = {"from": "x\r\nEvil: 1", "text": "\0"}
            target = Target(urls.parse(site.url), Method.GET, "a", "b\r\nEvil: 2")
            return await it.call(target, fields, "k"), site.calls

    found, (one,) = run(trial())
    assert found.ok
    assert one.fields == {"from": "x\r\nEvil: 1", "text": "\0"}
    assert "evil" not in one.headers
