"""The log-in in a browser: right and wrong, with keys alone, in both themes, without scripts."""

from __future__ import annotations

import socket
import threading
from contextlib import contextmanager

import pytest
import uvicorn
from browsers import Tab
from gateways import HOST, Gateway, until
from starlette.responses import HTMLResponse
from starlette.routing import Route

from smsgate.gateway import users
from smsgate.web import assets
from smsgate.web.access import streams
from smsgate.web.live import Live

PASSWORD = "correct horse battery"  # noqa: S105 - made up


@pytest.fixture(scope="module")
def gateway(tmp_path_factory):
    with Gateway(tmp_path_factory.mktemp("pages") / "data") as found:
        yield found


@pytest.fixture
def tab(gateway, browser):
    """A function that opens a tab on the gateway."""

    def opened(**given):
        return Tab(browser, f"http://{HOST}:{gateway.http_port}", **given)

    return opened


def log_in(page, user, password):
    page.get_by_label("User name").fill(user)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()


def test_log_in_wrong_log_in_and_log_out(gateway, tab):
    admin = gateway.ready["admin"]
    with tab() as one:
        page = one.page
        page.goto(one.url("/?a=b"))
        assert page.url == one.url("/login?next=%2F%3Fa%3Db")
        log_in(page, "somebody", "wrong password")
        assert page.get_by_role("alert").filter(has_text="wrong").count() == 1
        assert page.get_by_label("User name").input_value() == "somebody"
        assert page.get_by_label("Password").input_value() == ""
        page.wait_for_function("document.activeElement.id === 'password'")
        one.accessible()
        log_in(page, admin["user"], admin["password"])
        page.wait_for_url(one.url("/?a=b"))
        assert page.get_by_text("User admin").is_visible()
        one.accessible()
        page.get_by_role("button", name="Log out").click()
        page.wait_for_url(one.url("/login"))
        page.go_back()
        page.wait_for_load_state()
        assert "/login" in page.url
        assert page.get_by_text("User admin").count() == 0
        assert page.get_by_label("Password").is_visible()


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_to_log_in_with_is_for_everyone(tab, dark, tmp_path):
    with tab(dark=dark, width=360) as one:
        one.page.goto(one.url("/login"))
        one.accessible()
        one.screen(tmp_path / "login.png")
        wide = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
        assert not one.page.evaluate(wide)
        sizes = one.page.evaluate(
            "performance.getEntriesByType('resource').map(e => e.decodedBodySize)"
            ".reduce((a, b) => a + b, 0)"
        )
        assert 0 < sizes < 150_000


def test_keys_alone(gateway, tab):
    admin = gateway.ready["admin"]
    with tab() as one:
        page = one.page
        page.goto(one.url("/login"))
        page.wait_for_function("document.activeElement.id === 'name'")
        page.keyboard.type(admin["user"])
        page.keyboard.press("Tab")
        page.keyboard.type(admin["password"])
        page.keyboard.press("Tab")
        page.wait_for_function("document.activeElement.tagName === 'BUTTON'")
        page.keyboard.press("Enter")
        page.wait_for_url(one.url("/"))
        for _ in range(30):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement.tagName") == "BUTTON":
                break
        outline = "getComputedStyle(document.activeElement).outlineStyle"
        assert page.evaluate(outline) == "solid"
        page.keyboard.press("Enter")
        page.wait_for_url(one.url("/login"))


def test_without_scripts(gateway, tab):
    admin = gateway.ready["admin"]
    with tab(scripts=False) as one:
        one.page.goto(one.url("/login"))
        log_in(one.page, admin["user"], admin["password"])
        one.page.wait_for_url(one.url("/"))
        one.page.get_by_role("button", name="Log out").click()
        one.page.wait_for_url(one.url("/login"))


@contextmanager
def serving(app):
    """The port of an application that is served in a thread."""
    sock = socket.create_server((HOST, 0))
    config = uvicorn.Config(app, lifespan="off", ws="none", log_config=None)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([sock],), daemon=True)
    thread.start()
    try:
        until(lambda: server.started)
        yield sock.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(30)
        sock.close()


async def watch(_request):
    scripts = "".join(
        f'<script src="{assets.address(one)}" defer></script>'
        for one in ("htmx.js", "sse.js", "app.js")
    )
    return HTMLResponse(
        f'<!doctype html><title>a</title><meta name="csrf" content="">'
        """<meta name="htmx-config" content='{"includeIndicatorStyles": false}'>"""
        f"{scripts}"
        '<body data-away="away"><div id="problem"></div>'
        '<p hx-ext="sse" sse-connect="/live" sse-swap="all">nothing</p>'
    )


def test_a_live_page_leads_to_the_log_in_when_the_session_ends(simple, browser, monkeypatch):
    monkeypatch.setattr(streams, "_AGAIN", 0.1)
    seen = []

    async def live(_request):
        pages = Live(interval=0.1)
        return pages.response("all", content, "all")

    async def content():
        seen.append(1)
        return f"seen {len(seen)}"

    app = simple.make(Route("/watch", watch), Route("/live", live))
    with serving(app) as port, Tab(browser, f"http://{HOST}:{port}") as tab:
        tab.page.goto(tab.url("/watch"))
        log_in(tab.page, "reader", PASSWORD)
        tab.page.wait_for_url(tab.url("/watch"))
        tab.page.get_by_text("seen").wait_for()
        simple.do(lambda conn: users.disable(conn, "reader"))
        tab.page.wait_for_url(tab.url("/login?next=%2Fwatch"))
        ended = "console: [object Event]"  # what htmx says of a stream that was refused
        assert tab.problems.count(ended) >= 1
        tab.problems = [one for one in tab.problems if one != ended]
