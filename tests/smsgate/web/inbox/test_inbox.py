"""The pages of the inbox without a browser: what they show, refuse, and bound."""

from __future__ import annotations

import re
import time
from html.parser import HTMLParser

import pytest
from inboxes import Inbox
from simulators import NUMBER, SENDER, submits, text
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Mount

from smsenc import encode_text
from smsenc.model import Payload
from smsenc.smpp import Pdu, Tlv, encode
from smsenc.smpp.pdus import Address, SubmitSm
from smsgate.simulator.behaviour import Behaviour, Fate, chances
from smsgate.simulator.query import Query
from smsgate.simulator.release import Release
from smsgate.simulator.store import Message, Segment
from smsgate.smppclient import Client as Esme
from smsgate.smppclient import Smsc
from smsgate.web.inbox.application import _SITE as SITE
from smsgate.web.inbox.application import inner
from smsgate.web.inbox.lists import ListPages
from smsgate.web.live import Live
from smsgate.web.pages import Section
from smsgate.web.who import Role, Who

EVIL = "\"'><i x=y>&lt;"
OTHER = "447700900999"


@pytest.fixture
def inbox(tmp_path):
    with Inbox(tmp_path / "simulator") as found:
        yield found


def card(name, sender=SENDER):
    lines = ("BEGIN:VCARD", "VERSION:2.1", f"N:{name}", "TEL;CELL:+447700900456", "END:VCARD", "")
    return submits(Payload.to_port(0x23F4, "\r\n".join(lines).encode()), sender=sender)


def event(title):
    lines = ("BEGIN:VCALENDAR", "VERSION:1.0", "BEGIN:VEVENT", f"SUMMARY:{title}")
    ends = ("DTSTART:20240520T130000", "DTEND:20240520T140000", "END:VEVENT", "END:VCALENDAR", "")
    return submits(Payload.to_port(0x23F5, "\r\n".join((*lines, *ends)).encode()))


class Text(HTMLParser):
    """The text of a page, and its elements."""

    def __init__(self, html):
        super().__init__()
        self.words, self.tags = [], set()
        self.feed(html)

    def handle_starttag(self, tag, _attrs):
        self.tags.add(tag)

    def handle_data(self, data):
        self.words.append(data)

    def __contains__(self, words):
        return words in " ".join(" ".join(self.words).split())


# --- What is shown --------------------------------------------------------------------------------


def test_the_first_address_leads_to_the_inbox(inbox):
    answer = inbox.get("/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/inbox/")
    assert "No message has come yet" in inbox.page("/")


def test_messages_are_shown_by_phone_and_page(inbox):
    inbox.submit(*(text(b"no %d" % n, to=OTHER if n % 10 == 0 else NUMBER) for n in range(60)))
    shown = Text(inbox.page("/"))
    assert "60 messages, 60 unread" in shown
    assert re.search(r"\d\d:\d\d:\d\d UTC", inbox.page("/"))
    assert "no 59" in shown
    assert "no 34" not in shown
    pages = [inbox.page("/")]
    while older := re.search('id="older" href="/inbox([^"]+)"', pages[-1]):
        pages.append(inbox.page(older[1].replace("&amp;", "&")))
    seen = [n for page in pages for n in re.findall(r">no (\d+)<", page)]
    assert seen == [str(n) for n in range(59, -1, -1)]
    newer = re.search('id="newer" href="/inbox([^"]+)"', pages[-1])[1]
    assert re.findall(r">no (\d+)<", inbox.page(newer)) == re.findall(r">no (\d+)<", pages[1])
    first = re.search('id="newer" href="/inbox([^"]+)"', pages[1])[1]
    assert re.findall(r">no (\d+)<", inbox.page(first)) == seen[:25]
    assert re.findall(r">no (\d+)<", inbox.page(f"/?to={OTHER}")) == seen[9::10]


def test_filters_and_words_find_messages(inbox):
    inbox.submit(
        *card("Doe;Jane"), text(b"Hello Jane"), *event("Jane's party"), text(b"x", to="777")
    )
    other, party, hello, jane = inbox.ids
    inbox.form(f"/messages/{hello}/tag", tag="for later")
    inbox.form(f"/messages/{hello}/mark", unread="no")
    for query, found in (
        ("q=jane", [party, hello, jane]),
        ("q=JANE+hello", [hello]),
        ("q=nothing", []),
        ("kind=vcard", [jane]),
        ("kind=text&q=jane", [hello]),
        ("state=delivered&to=777", [other]),
        ("state=failed", []),
        ("unread=yes&q=jane", [party, jane]),
        ("tag=for+later", [hello]),
        (f"from={SENDER}&to=%2B{NUMBER}", [party, hello, jane]),
    ):
        assert re.findall(r'id="m-(\w+)"', inbox.page(f"/?{query}")) == found, query
    assert "No message is like that" in inbox.page("/?q=nothing")


def test_a_message_has_its_fields_parts_and_octets(inbox):
    inbox.submit(*card("Doe;Jane"))
    html = inbox.page(f"/messages/{inbox.ids[0]}")
    shown = Text(html)
    for words in (
        "Business card",
        "Name Jane Doe",
        "Phone (cell) +447700900456",
        "Port 9204 (0x23F4)",
        "ports-16 05 04 23 F4 00 00 destination 9204 (0x23F4), originator 0",
        "esm_class 40 64 (user data header)",
        "data 42 45 47 49 4E",
    ):
        assert words in shown, words
    screen = inbox.get(f"/inbox/messages/{inbox.ids[0]}/screen.png")
    assert screen.headers["Content-Type"] == "image/png"
    assert inbox.get(f"/inbox/messages/{inbox.ids[0]}/tone.wav").status_code == 400


def test_updates_can_be_stopped(inbox):
    inbox.submit(text(b"a"))
    (id_,) = inbox.ids
    for path in ("/", f"/?to={NUMBER}&q=a", f"/messages/{id_}"):
        page = inbox.page(path)
        assert "sse-connect" in page
        stop = re.search('<a href="/inbox([^"]+)">Stop updates', page)[1].replace("&amp;", "&")
        page = inbox.page(stop)
        assert "sse-connect" not in page
        assert "1 message" in page or id_ in page
        start = re.search('<a href="/inbox([^"]+)">Start updates', page)[1].replace("&amp;", "&")
        assert "sse-connect" in inbox.page(start)


def test_what_comes_while_a_list_is_made_is_shown_next(inbox, monkeypatch):
    pages = ListPages(inbox.simulator.actions, Live())
    streams, usual = [], pages._shown
    monkeypatch.setattr(
        pages._live, "response", lambda _key, render, _event: streams.append(render)
    )
    request = Request(
        {
            "type": "http",
            "method": "GET",
            "path": "/",
            "headers": [],
            "query_string": b"q=hello",
            "state": {"site": SITE},
        }
    )
    inbox.run(pages._stream(request))
    (render,) = streams

    async def shown(*given):
        found = await usual(*given)
        if not inbox.store.count(Query()):
            host, port = inbox.simulator.smpp
            async with Esme(Smsc(host=host, port=port, user="me", password="x")) as esme:
                await esme.submit(text(b"hello"))
        return found

    monkeypatch.setattr(pages, "_shown", shown)
    assert 'id="m-' not in inbox.run(render())
    assert 'id="m-' in inbox.run(render())


def test_missing_parts_are_named_and_come(inbox):
    first, second, third = submits(encode_text("a" * 153 + "b" * 153 + "c"))
    inbox.submit(first, third)
    (id_,) = inbox.ids
    shown = Text(inbox.page(f"/messages/{id_}"))
    assert "3 parts, missing: 2" in shown
    assert f"Part 1 {id_}, 159 octets delivered {'a' * 153}" in shown
    assert "1 part missing" in Text(inbox.page("/"))
    assert inbox.get(f"/inbox/messages/{id_}/screen.png").status_code == 404
    inbox.submit(second)
    assert "missing" not in inbox.page(f"/messages/{id_}")


def test_a_message_of_many_parts_is_in_pages(inbox):
    inbox.submit(*submits(encode_text("\u0416" * 67 * 60)))
    (id_,) = inbox.ids
    first = inbox.page(f"/messages/{id_}")
    assert "Part 25" in Text(first)
    assert "Part 26" not in Text(first)
    assert "Part 51" in Text(inbox.page(f"/messages/{id_}?part=51"))
    assert len(first) < 40_000
    octets = Text(inbox.page(f"/messages/{id_}/parts/60"))
    assert "reference 7, total 60, sequence 60" in octets
    inbox.page(f"/messages/{id_}/parts/61", 404)
    inbox.page(f"/messages/{id_}/parts/0", 404)


def test_what_is_longer_than_a_page_is_cut(inbox):
    inbox.submit(
        SubmitSm(
            source_addr=Address("1"),
            destination_addr=Address(NUMBER),
            data_coding=4,
            tlvs=(Tlv(0x1401, b"\xaa" * 60_000),),
        )
    )
    assert "57956 more octets" in Text(inbox.page(f"/messages/{inbox.ids[0]}"))


def whole(inbox, path):
    """Octets of a page with all that it loads."""
    html = inbox.page(path)
    found = re.findall(r'(?:src|href)="(/inbox/static/[^"]+)"', html)
    return len(html.encode()) + sum(len(inbox.get(one).content) for one in found)


def test_a_long_text_makes_no_long_page(inbox):
    words = b"&" * 38_000
    payload = SubmitSm(
        source_addr=Address("1"), destination_addr=Address(NUMBER), tlvs=(Tlv(0x0424, words),)
    )
    inbox.submit(payload, *submits(encode_text("&" * 153 * 248)), *card("&" * 30_000))
    for id_ in inbox.ids:
        assert whole(inbox, f"/messages/{id_}") < 150_000
        assert whole(inbox, f"/messages/{id_}/parts/1") < 150_000
        assert "more characters" in inbox.page(f"/messages/{id_}")
        answer = inbox.get(f"/inbox/messages/{id_}/text")
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{id_}.txt"'
        assert "&" * 30_000 in answer.text
    assert whole(inbox, "/") < 150_000


# --- What is done ---------------------------------------------------------------------------------


def test_marks_are_set_and_taken_away(inbox):
    inbox.submit(text(b"One"), text(b"Two", to=OTHER))
    two, one = inbox.ids
    assert "Marked as read." in inbox.form(f"/messages/{one}/mark", unread="no")
    assert "2 messages, 1 unread" in Text(inbox.page("/"))
    assert "Marked as unread." in inbox.form(f"/messages/{one}/mark", unread="yes")
    assert "Tagged." in inbox.form(f"/messages/{one}/tag", tag=" to  do ")
    assert ">to do</a>" in inbox.page("/")
    assert "Tag removed." in inbox.form(f"/messages/{one}/untag", tag="to do")
    assert ">to do</a>" not in inbox.page("/")
    assert "1 message marked as read." in inbox.form("/read", to=OTHER)
    assert "1 message marked as read." in inbox.form("/read", to="")
    for n in range(10):
        inbox.form(f"/messages/{two}/tag", tag=f"tag {n}")
    assert "tags: expected at most 10" in inbox.form(f"/messages/{two}/tag", 400, tag="tag 11")
    assert "tag: expected 1 to 32" in inbox.form(f"/messages/{one}/tag", 400, tag="a" * 33)


def test_a_script_gets_the_marks_alone(inbox):
    inbox.submit(text())
    headers = {"HX-Request": "true", "X-CSRF-Token": inbox.token()}
    path = f"/inbox/messages/{inbox.ids[0]}/mark"
    answer = inbox.post(path, data={"unread": "no"}, headers=headers)
    assert answer.text.startswith('<section id="marks"')
    assert "Mark as unread" in answer.text


def test_a_state_is_set_by_hand_and_receipts_are_sent(tmp_path):
    never = Behaviour(receipts=chances("never", Fate, "x"))
    with Inbox(tmp_path / "s", behaviour=never) as inbox:
        inbox.submit(text(registered_delivery=1), text())
        plain, asked = inbox.ids
        assert "State set, 1 receipt sent." in inbox.form(
            f"/messages/{asked}/receipt", state="failed"
        )
        assert "State set, 0 receipts sent." in inbox.form(
            f"/messages/{plain}/receipt", state="failed"
        )
        assert "state-failed" in inbox.page(f"/messages/{asked}")
        assert "expected one of" in inbox.form(f"/messages/{asked}/receipt", 400, state="lost")


def test_a_message_is_sent_on_if_its_number_may_get_it(tmp_path, monkeypatch):
    async def send(_self, _message, _segments):
        return results

    centre = Smsc(host="127.0.0.1", port=1, user="me", password="x")
    with Inbox(tmp_path / "s", release=centre, release_to=frozenset((NUMBER,))) as inbox:
        inbox.submit(text(), text(to=OTHER))
        other, allowed = inbox.ids
        assert "Send on" in inbox.page(f"/messages/{allowed}")
        assert "Send on" not in inbox.page(f"/messages/{other}")
        assert "not among those" in inbox.form(f"/messages/{other}/release", 403)
        monkeypatch.setattr(Release, "send", send)
        results = [{"result": "accepted", "id": "1"}]
        assert "1 part sent on." in inbox.form(f"/messages/{allowed}/release")
        results = [{"result": "refused", "status": "ESME_RSYSERR"}]
        said = inbox.form(f"/messages/{allowed}/release", 502)
        assert "Not sent on: refused, ESME_RSYSERR" in said


def test_messages_are_deleted_after_a_question(inbox):
    inbox.submit(*(text(b"One", to=to) for to in (NUMBER, OTHER, NUMBER, OTHER)))
    first, *_ = inbox.ids
    assert f"Delete message {first}?" in inbox.page(f"/delete?id={first}")
    assert len(inbox.ids) == 4
    assert "1 message deleted." in inbox.form("/delete", id=first)
    assert "Delete 2 messages to 447700900123?" in inbox.page(f"/delete?to={NUMBER}")
    assert "2 messages deleted." in inbox.form("/delete", to=NUMBER)
    assert "Delete the only message?" in inbox.page("/delete")
    assert "1 message deleted." in inbox.form("/delete")
    assert inbox.ids == []
    inbox.form("/delete", 404, id=first)
    inbox.page(f"/delete?id={first}", 404)


def test_a_reply_is_counted_and_sent(inbox):
    inbox.submit(text())
    form = inbox.page(f"/reply?message={inbox.ids[0]}")
    assert f'value="{NUMBER}"' in form
    assert 'name="system_id" value="me"' in form
    headers = {"X-CSRF-Token": inbox.token()}
    cost = inbox.post(
        "/inbox/reply/cost", data={"text": "\u0416" * 71, "coding": "auto"}, headers=headers
    )
    assert cost.text.split() == ["UCS-2:", "2", "parts,", "room", "for", "63", "more"]
    cost = inbox.post(
        "/inbox/reply/cost", data={"text": "\u0416", "coding": "gsm7"}, headers=headers
    )
    assert "bad" in cost.text
    fields = {"from_": NUMBER, "to": SENDER, "coding": "auto", "message": inbox.ids[0]}
    said = inbox.form("/reply", text="a" * 200, system_id="me", **fields)
    assert "Sent in 2 parts. 2 deliveries wait for a session that can receive." in said
    for change, error in (
        ({"to": "no number at all"}, "expected a number of at most 15 digits"),
        ({"text": "a" * 40_001}, "expected at most 40000 characters"),
        ({"coding": "latin"}, "expected"),
    ):
        page = inbox.form("/reply", 400, **{**fields, "text": "Typed", **change})
        assert error in Text(page)
        assert change.get("to", NUMBER)[:16] in page


def numbers(html):
    """The fields of a form with numbers."""
    return dict(re.findall(r'name="([\w-]+)" type="number"[^>]*value="([^"]*)"', html))


def test_the_network_is_changed_and_calmed(inbox):
    given = numbers(inbox.page("/network"))
    assert (given["chaos-throttle"], given["late_delay"]) == ("0", "30")
    changed = given | {
        "chaos-throttle": "12.5",
        "receipts-failed": "10",
        "suffixes": "99=expired\r\n1=late",
        "receipt_id": "decimal",
        "rate": "5",
        "window": "3",
    }
    assert "The network behaves so" in inbox.form("/network", **changed)
    html = inbox.page("/network")
    assert numbers(html) == {
        key: value for key, value in changed.items() if key not in ("suffixes", "receipt_id")
    }
    assert "99=expired\n1=late" in html
    assert '<option value="decimal" selected>' in html
    assert "The network has faults" in inbox.page("/")
    answer = inbox.get("/api/v1/behaviour").json()
    assert (answer["chaos"], answer["receipts"]) == ({"throttle": 0.125}, {"failed": 0.1})
    assert "All faults are off." in inbox.form("/network/calm")
    assert inbox.get("/api/v1/behaviour").json() == answer | {"chaos": {}}
    for change, error in (
        ({"chaos-cut": "95"}, "chaos: expected probabilities of at most 1 together"),
        ({"chaos-cut": "many"}, "chaos-cut: expected a number"),
        ({"receipts-late": "nan"}, "receipts: expected a probability"),
        ({"window": "1.5"}, "window: expected a whole number"),
        ({"rate": "inf"}, "rate: expected a number"),
        ({"suffixes": "x"}, "suffixes: expected DIGITS=STATE"),
        ({"late_delay": "-1"}, "late_delay: expected a number from 0"),
    ):
        page = inbox.form("/network", 400, **(changed | change))
        assert error in Text(page)
        assert "12.5" in page
    assert inbox.get("/api/v1/behaviour").json() == answer | {"chaos": {}}


def test_faults_that_happened_are_counted(inbox):
    inbox.submit(text(b"before"))
    slow = {"chaos": {"slow": 1}, "slow_delay": 0}
    assert inbox.request("PUT", "/api/v1/behaviour", json=slow).status_code == 200
    inbox.submit(text(b"after"), text(b"after"))
    assert "answered later (2 so far)" in Text(inbox.page("/network"))


def test_the_api_is_listed(inbox):
    shown = Text(inbox.page("/api"))
    assert "PUT /api/v1/behaviour Have the network behave so" in shown


# --- Safety ---------------------------------------------------------------------------------------


def evil(inbox):
    """Messages with markup wherever people put something in; the ids of the pages."""
    sender = Address(EVIL, 5, 0)
    inbox.submit(
        *card(f"Doe;{EVIL}"),
        *event(EVIL),
        *submits(encode_text(EVIL)),
        SubmitSm(source_addr=sender, destination_addr=Address(EVIL[:20]), short_message=b"x"),
        user=EVIL[:15],
    )
    for id_ in inbox.ids:
        inbox.form(f"/messages/{id_}/tag", tag=EVIL)
    return inbox.ids


def test_markup_in_every_field_is_text(inbox):
    ids = evil(inbox)
    paths = ["/", *(f"/messages/{id_}" for id_ in ids), *(f"/reply?message={id_}" for id_ in ids)]
    paths += [f"/messages/{id_}/parts/1" for id_ in ids]
    for name in ("q", "to", "from", "kind", "state", "tag", "unread"):
        paths.append(f"/?{name}={EVIL.replace('&', '%26')}")
    paths += [f"/delete?to={EVIL.replace('&', '%26')}", f"/?done={EVIL.replace('&', '%26')}"]
    for path in paths:
        page = inbox.page(path)
        assert "i" not in Text(page).tags, path
        assert "<i x" not in page, path
    assert inbox.page("/").count("&lt;i x=y&gt;") > 8


def test_markup_that_is_typed_is_text(inbox):
    fields = {"from_": EVIL, "to": EVIL, "text": EVIL, "coding": EVIL, "system_id": EVIL}
    page = inbox.form("/reply", 400, message="", **fields)
    page += inbox.form("/network", 400, suffixes=EVIL, receipt_id=EVIL, **{"chaos-cut": EVIL})
    page += inbox.form("/delete", 404, id=EVIL)
    assert "<i x" not in page
    assert page.count("&lt;i x=y&gt;") > 4


FORMS = (
    "/read",
    "/delete",
    "/reply",
    "/reply/cost",
    "/network",
    "/network/calm",
    *(f"/messages/{{id}}/{what}" for what in ("mark", "tag", "untag", "receipt", "release")),
)


@pytest.mark.parametrize("path", FORMS)
def test_forms_of_other_pages_are_refused(inbox, path):
    inbox.submit(text())
    (id_,) = inbox.ids
    token, version = inbox.token(), inbox.store.version
    path = f"/inbox{path.format(id=id_)}"
    fields = {"unread": "no", "tag": "a", "state": "failed"}
    for sent in ({}, {"csrf": "0" * 64}):
        assert inbox.post(path, data=fields | sent).status_code == 403
    for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
        answer = inbox.post(path, data=fields | {"csrf": token}, headers=headers)
        assert answer.status_code == 403
    assert inbox.store.version == version


@pytest.mark.parametrize("path", ["/", "/inbox/", "/inbox/static/app.css", "/api/v1/messages"])
def test_other_names_of_this_machine_are_refused(inbox, path):
    assert inbox.get(path, headers={"Host": "evil.example"}).status_code == 403


def test_sizes_are_bounded(inbox):
    inbox.submit(text())
    digits = "9" * 5000
    for path in ("/", f"/messages/{inbox.ids[0]}", "/reply", "/network"):
        inbox.page(f"{path}?done=deleted&n={digits}&waiting={digits}&part={digits}")
    inbox.page(f"/?q={'a' * 201}", 400)
    inbox.page(f"/?q={'+'.join('abcdefghijk')}", 400)
    large = {"csrf": inbox.token(), "text": "a" * 300_000}
    assert inbox.post("/inbox/reply", data=large).status_code == 413
    many = {"csrf": inbox.token()} | {str(n): "1" for n in range(1000)}
    assert inbox.post("/inbox/network", data=many).status_code in (303, 400)


@pytest.mark.parametrize(
    "path",
    [
        "/messages/../../api/v1/messages",
        "/messages/%2e%2e%2f%2e%2e",
        "/static/..%2fpages.py",
        "/messages/zz",
        "/messages/0",
        "/messages/0/live",
        "/messages/-1/screen.png",
        f"/messages/{'9' * 5000}",
        "/messages/A0000001/parts/99999999999999999999",
        f"/messages/A0000001/parts/{'9' * 5000}",
        "/messages/A0000001/parts/-1",
        "/messages/A0000001/parts/x",
        "/nothing",
        "/?before=zz",
        "/reply?message=0",
    ],
)
def test_what_is_not_there_is_said(inbox, path):
    answer = inbox.get(f"/inbox{path}")
    assert answer.status_code in (404, 200 if "api" in path else 404)
    assert "Traceback" not in answer.text


class As:
    """Says who looks, as a log-in does."""

    def __init__(self, app, who):
        self.app, self.who = app, who

    async def __call__(self, scope, receive, send):
        scope["state"] = {"who": self.who}
        await self.app(scope, receive, send)


def test_a_reader_sees_and_an_owner_does_not(inbox):
    inbox.submit(text())
    (id_,) = inbox.ids
    token = inbox.token()
    for who, status in ((Who("r", Role.READER), 200), (Who("o", Role.OWNER, 1), 403)):
        inbox.outer = As(inbox.simulator.app, who)
        for path in ("/", f"/messages/{id_}", "/network"):
            page = inbox.page(path, status)
            assert 'method="post"' not in page
        answer = inbox.post(f"/inbox/messages/{id_}/mark", data={"csrf": token, "unread": "no"})
        assert answer.status_code == 403
    inbox.outer = As(inbox.simulator.app, Who("a", Role.ADMIN))
    assert 'method="post"' in inbox.page("/")


def test_what_users_do_is_told_with_their_names(inbox):
    inbox.submit(text(), text())
    id_ = inbox.ids[0]
    forms = [
        (f"/messages/{id_}/receipt", {"state": "failed"}, f"Message {id_}: State set, 0 receipts"),
        ("/network", {"chaos-slow": "1", "receipt_id": "hex"}, "Phones: The network behaves so"),
        ("/network/calm", {}, "Phones: All faults are off."),
        ("/reply", {"from": NUMBER, "to": SENDER, "coding": "auto"}, "Phones: Sent in 1 part."),
        ("/delete", {"id": id_}, f"Message {id_}: 1 message deleted."),
        ("/delete", {}, "Phones: 1 message deleted."),
    ]
    for path, fields, line in forms:
        token = inbox.token()
        inbox.outer = As(inbox.simulator.app, Who("ann", Role.ADMIN))
        assert inbox.post(f"/inbox{path}", data={"csrf": token, **fields}).status_code == 303
        (told,) = inbox.told
        assert told.startswith(f"ann: {line}"), path
        inbox.told.clear()
        inbox.outer = inbox.simulator.app
    inbox.form("/network/calm")
    assert inbox.told == []


def test_an_api_that_is_not_served_is_not_described(inbox):
    above, actions, told = Section("inbox.title", "/"), inbox.simulator.actions, inbox.told.append
    for has_api, status in ((True, 200), (False, 404)):
        made = inner(actions, Live(), told, above, has_api=has_api)
        inbox.outer = Starlette(routes=[Mount("/inbox", made)])
        inbox.page("/api", status)
        assert ("/inbox/api" in inbox.page("/")) is has_api


def test_the_pages_can_stand_under_a_prefix(inbox):
    inbox.submit(text())
    inbox.outer = Starlette(routes=[Mount("/sim", inbox.simulator.app)])
    inbox.prefix = "/sim"
    assert inbox.get("/sim/").headers["Location"] == "/sim/inbox/"
    (id_,) = inbox.ids
    assert "Marked as read." in inbox.form(f"/messages/{id_}/mark", unread="no")
    for path in ("/", f"/messages/{id_}", "/network", "/reply", "/api", "/delete"):
        for found in re.findall(
            r'(?:href|src|action|hx-\w+|sse-connect)="(/[^"]*)"', inbox.page(path)
        ):
            assert found.startswith("/sim/"), found
    assert "/sim/api/v1/messages" in inbox.page("/api")


# --- Many messages --------------------------------------------------------------------------------


def test_ten_thousand_messages_are_as_quick_as_a_page(inbox):
    pdu = encode(Pdu(text(b"Hello", registered_delivery=1), 1))
    now, first = time.time(), inbox.store.next_id()
    ids = range(first, first + 10_000)
    with inbox.store.writing():
        inbox.store.add(
            (Message(n, SENDER, f"4477009{n % 5000:05}", now, 1, 0, None) for n in ids),
            (Segment(n, n, n, "me", 1, pdu, "delivered", now, None, "delivered") for n in ids),
        )
    statements = []
    inbox.store._base.set_trace_callback(statements.append)
    begun = time.monotonic()
    page = inbox.page("/")
    assert time.monotonic() - begun < 5
    assert len(statements) < 100
    assert len(page) < 60_000
    assert page.count('class="message unread"') == 25
    assert "40 phones" in page
    begun = time.monotonic()
    assert inbox.page("/?q=hello&state=delivered&kind=text").count('class="message unread"') == 25
    statements.clear()
    inbox.page("/?q=hello&state=delivered&kind=text&unread=yes")
    assert time.monotonic() - begun < 60
    assert len(statements) < 100
    inbox.store._base.set_trace_callback(None)
