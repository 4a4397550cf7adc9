"""The gateway's pages in a browser: watched live, used by keyboard, in both themes, on a phone."""

from __future__ import annotations

import re

import pytest
from browsers import Tab
from gatewaypages import COOKIE, FIRST, World
from playwright.sync_api import expect

from smsgate.gateway import database, tables
from smsgate.gateway.sending.meter import Stats
from smsgate.gateway.states import RouteState, State

MOST = 150_000  # octets of a page with all that it loads
PATIENCE = 20_000  # milliseconds


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A gateway with 10,000 messages, and what else there is to see."""
    with World(tmp_path_factory.mktemp("pages")) as found:
        file = found.file(1, name="large order.txt", text="Hello " * 40)
        grant(found)
        uids = found.messages(10_000, file=file, queue=2)
        found.uid = uids[0]
        log = "".join(f"ID: {uid} To: 4477\n" for uid in uids[:500])
        found.log("large order.txt", (log + "ERR: 105, x (line 6) To: '0831'\n").encode())
        (found.other,) = found.messages(account=2, text="Nobody else may read this")
        for one in found.send(60):
            found.receive(one)
        for number in range(60):
            found.said = found.reply(
                "A reply that goes on and on, as replies do. " * 4, 1 if number % 2 else None
            )
            found.list_number(f"4477009{number:05}", number % 2)
            found.callback(uids[number], "failed" if number % 3 else "waiting", note="HTTP 500")
        found.senders.found = {"main": Stats(bound=True, sent=60, rate=12.4, in_flight=3)}
        found.senders.wrong = {"spare": "cannot connect to smsc2.example:2775: refused"}
        with found.served() as found.root:
            yield found
        found.live.close()


def grant(world):
    from smsgate.gateway import accounts
    from smsgate.gateway.credits import CREDIT

    for api_id in (FIRST, "2222222"):
        world.run(accounts.credited, api_id, 100_000 * CREDIT, "", database.now())


@pytest.fixture
def tab(world, browser):
    """A tab of somebody; call it with a name and what Tab takes."""
    tabs = []

    def made(name="admin", **given):
        one = Tab(browser, world.root, **given)
        one._context.add_cookies([{"name": COOKIE, "value": name, "url": world.root}])
        tabs.append(one)
        return one

    yield made
    for one in tabs:
        one.__exit__(None)


def every_page(world):
    return [
        *("/", "/accounts", f"/accounts/{FIRST}", f"/accounts/{FIRST}/ledger", "/queue"),
        *(f"/queue/2/{FIRST}", "/routes", "/messages", f"/messages/{world.uid}", "/files"),
        *("/files/1", "/numbers", "/replies", f"/replies/{world.said}", "/callbacks"),
        *("/routes/main/pause", "/numbers/add?numbers=447700900001&account=all"),
        *(f"/accounts/{FIRST}/credit?amount=5&note=because", "/messages?number=x"),
    ]


@pytest.mark.parametrize(("dark", "width"), [(False, 1200), (True, 360)])
def test_every_page_is_accessible_and_fits(world, tab, dark, width):
    one = tab(dark=dark, width=width)
    for path in every_page(world):
        one.page.goto(one.url(path))
        over = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert one.page.evaluate(over) <= 0, path
        one.accessible()


def test_every_page_is_light_with_all_that_it_loads(world, tab):
    one = tab()
    for path in every_page(world):
        text = one.page.request.get(one.url(path)).text()
        parts = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text))
        assert len(parts) == 7
        weight = sum(len(one.page.request.get(one.url(part)).body()) for part in parts)
        assert len(text.encode()) + weight < MOST, path


def test_a_queue_moves_while_messages_come_and_go(world, tab):
    one = tab()
    one.page.goto(one.url("/queue"))
    first = one.page.locator("#count-1")
    expect(first).to_have_text("0")
    mine = tab("other")
    mine.page.goto(mine.url("/queue"))
    one.page.locator("#p-3").focus()
    world.messages(7, queue=1)
    expect(first).to_have_text("7", timeout=PATIENCE)
    expect(one.page.locator(f"#g-{FIRST}-1")).to_be_visible()
    one.page.wait_for_function("document.activeElement.id === 'p-3'")
    expect(mine.page.locator("#count-1")).to_have_text("0")
    world.send(3)
    expect(first).to_have_text("4", timeout=PATIENCE)
    one.page.get_by_role("link", name="Stop updates").click()
    expect(first).to_have_text("4")
    world.send(4)
    expect(one.page.get_by_text("What is above stays as it is.")).to_be_visible()
    expect(first).to_have_text("4")
    one.page.get_by_role("link", name="Start updates").click()
    expect(first).to_have_text("0", timeout=PATIENCE)


def test_a_route_is_paused_and_resumed_by_keyboard_alone(world, tab):
    one = tab()
    one.page.goto(one.url("/"))
    press(one, "Skip to the content")
    one.page.keyboard.press("Enter")
    one.page.wait_for_function("document.activeElement.id === 'main'")
    one.page.goto(one.url("/"))
    press(one, "Routes")
    one.page.keyboard.press("Enter")
    expect(one.page.get_by_role("heading", level=1)).to_have_text("Routes")
    watching = tab("reader")
    watching.page.goto(watching.url("/routes"))
    press(one, "Pause main")
    one.page.keyboard.press("Enter")
    expect(one.page.get_by_text("Really stop sending by route main?")).to_be_visible()
    press(one, "No, go back")
    one.page.keyboard.press("Enter")
    expect(one.page.get_by_role("heading", level=1)).to_have_text("Routes")
    assert state_of(world, "main") == RouteState.OPEN
    press(one, "Pause main")
    one.page.keyboard.press("Enter")
    press(one, "Pause the route")
    one.page.keyboard.press("Enter")
    expect(one.page.get_by_role("status")).to_have_text("main is paused")
    assert state_of(world, "main") == RouteState.PAUSED
    expect(watching.page.locator("#h-main")).to_contain_text("paused", timeout=PATIENCE)
    assert watching.page.get_by_role("link", name="Pause main").count() == 0
    press(one, "Send by main again")
    one.page.keyboard.press("Enter")
    press(one, "Send by it again")
    one.page.keyboard.press("Enter")
    expect(one.page.get_by_role("status")).to_have_text("main is open")
    expect(watching.page.locator("#h-main")).to_contain_text("open", timeout=PATIENCE)


def press(one, name):
    """Tab until what has the focus is called so, and is seen to have it."""
    expect(one.page.get_by_text(name).first).to_be_attached()
    for _ in range(80):
        one.page.keyboard.press("Tab")
        if one.page.evaluate("document.activeElement.textContent.trim()") == name:
            style = "getComputedStyle(document.activeElement).outlineStyle"
            assert one.page.evaluate(style) == "solid", name
            return
    raise AssertionError(f"{name} cannot be reached")


def state_of(world, name):
    (found,) = world.rows(tables.route, tables.route.c.name == name)
    return found["state"]


def test_credit_and_a_cancelled_message_without_scripts(world, tab):
    one = tab(scripts=False)
    one.page.goto(one.url(f"/accounts/{FIRST}"))
    expect(one.page.get_by_text("What is above is kept up to date.")).not_to_be_visible()
    one.page.get_by_label("Number of credits").fill("2.5")
    one.page.get_by_label("Reason, for the ledger").fill("<i>invoice</i> 8")
    one.page.get_by_role("button", name="Change the balance").click()
    asked = one.page.get_by_text(f"Really add 2.5 credits to account {FIRST}")
    expect(asked).to_contain_text("(reason: <i>invoice</i> 8)")
    one.page.get_by_role("button", name="Change the balance").click()
    expect(one.page.get_by_role("status")).to_contain_text(f"{FIRST} has ")
    one.page.get_by_role("link", name="The whole ledger").click()
    row = one.page.get_by_role("row", name="invoice")
    expect(row).to_contain_text("granted or taken")
    expect(row).to_contain_text("2.5")
    (uid,) = world.messages(queue=3)
    one.page.goto(one.url("/messages"))
    one.page.get_by_label("Message ID").fill(uid)
    one.page.get_by_role("button", name="Search").click()
    expect(one.page.get_by_text("Hello", exact=True)).to_be_visible()
    one.page.get_by_role("link", name="Cancel the message").click()
    one.page.get_by_role("button", name="Cancel the message").click()
    expect(one.page.get_by_role("status")).to_have_text(f"{uid} cancelled")
    expect(one.page.get_by_text("006 cancelled by user")).to_be_visible()
    (row,) = world.rows(tables.message, tables.message.c.uid == uid)
    assert row["state"] == State.CANCELLED


def test_an_owner_who_tries_another_s_message(world, tab):
    one = tab("owner")
    one.page.goto(one.url("/messages"))
    assert one.page.get_by_text(world.other).count() == 0
    one.page.get_by_label("Message ID").fill(world.other)
    one.page.get_by_role("button", name="Search").click()
    expect(one.page.get_by_text("There is no such page")).to_be_visible()
    for path in ("", "/live", "/cancel", "/resend"):
        answer = one.page.goto(one.url(f"/messages/{world.other}{path}"))
        assert answer.status == 404
        assert "Nobody else may read this" not in answer.text()
    mine = tab("other")
    mine.page.goto(mine.url(f"/messages/{world.other}"))
    expect(mine.page.get_by_text("Nobody else may read this")).to_be_visible()


def test_a_message_s_history_grows_while_it_is_watched(world, tab):
    (uid,) = world.messages(queue=1)
    one = tab("owner")
    one.page.goto(one.url(f"/messages/{uid}"))
    expect(one.page.get_by_role("link", name="Cancel the message")).to_be_visible()
    (key,) = world.send(1)
    expect(one.page.get_by_text("003 delivered to gateway")).to_be_visible(timeout=PATIENCE)
    expect(one.page.get_by_role("link", name="Cancel the message")).not_to_be_visible()
    world.receive(key)
    expect(one.page.get_by_text("DELIVRD")).to_be_visible(timeout=PATIENCE)
