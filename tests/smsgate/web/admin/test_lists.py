"""Lists: the same for all who look at the same time, bounded, and of whom they may be."""

from __future__ import annotations

import html
import re

from gatewaypages import FIRST, SECOND, World, as_
from sqlalchemy import insert

from smsgate.gateway import pieces, tables
from smsgate.gateway.pieces import PAGE
from smsgate.gateway.queue.outcomes import Ended
from smsgate.gateway.settings import AccountSettings
from smsgate.web.admin import numbers, queue

COUNT = re.compile(f'u-{FIRST}-status".*?<td class="n">([^<]*)</td>')


# Callbacks ----------------------------------------------------------------------------------------


def test_what_waits_for_urls_is_the_same_for_all_who_ask_at_once(world, client):
    (uid,) = world.messages()
    for _ in range(2):
        world.callback(uid)
    found = [COUNT.search(client.get("/callbacks").text)[1] for _ in range(3)]
    assert found == ["2", "2", "2"]


def test_of_urls_only_so_many_are_shown(tmp_path):
    url = "https://one.example/secret-path"
    given = {str(100 + n): AccountSettings(callback=url) for n in range(150)}
    with World(tmp_path, accounts=given) as world, world.client() as client:
        world.accounts(range(100, 250))
        shown = client.get("/callbacks").text
    assert shown.count("https://one.example") == 100
    assert "50 more" in shown


# Numbers ------------------------------------------------------------------------------------------


def listed(world, *rows):
    names = ("number", "account", "kind", "time")
    table = insert(tables.listed)
    values = [dict(zip(names, (*row, 1.0), strict=True)) for row in rows]
    world.run(lambda conn: conn.execute(table, values))


def links(text):
    return [html.unescape(one) for one in re.findall(r'rel="next" href="([^"]+)"', text)]


def test_no_number_of_another_is_in_an_owner_s_links(world, client, monkeypatch):
    """However few of all numbers are looked at for a piece."""
    monkeypatch.setattr(numbers, "SCANNED", 2)
    monkeypatch.setattr(numbers, "STATEMENTS", 2)
    others = [(f"447720{n:05}", 2, "opted-out") for n in range(200)]
    mine = [(f"4478{n:06}", 1, "opted-out") for n in range(PAGE + 5)]
    listed(world, *others, *mine)
    first = client.get("/numbers", headers=as_("owner")).text
    assert "447720" not in first
    assert first.count('<th scope="row">4478') == PAGE
    (link,) = links(first)
    second = client.get(f"/numbers{link}", headers=as_("owner")).text
    assert second.count('<th scope="row">4478') == 5
    assert links(second) == []


def test_an_owner_s_place_in_the_list_says_nothing_of_others(world, client):
    """Whether a number is listed for another cannot be tried with it."""
    listed(world, ("447700900001", 2, "opted-out"), ("447700900002", 1, "opted-out"))
    found = {
        client.get(f"/numbers?after={number}.2.opted-out", headers=as_("owner")).text
        for number in ("447700900000", "447700900001", "44")
    }
    assert len(found) == 1


def test_a_number_that_is_searched_for_is_in_all_its_lists(world, client):
    number = "447700900001"
    listed(world, *((number, n, "opted-out") for n in range(10, 10 + PAGE + 3)))
    listed(world, (number, 1, "blocked"), ("447700900002", 1, "blocked"))
    first = client.get(f"/numbers?number={number}").text
    assert first.count('<th scope="row">') == PAGE
    (link,) = links(first)
    assert client.get(f"/numbers{link}").text.count(f'<th scope="row">{number}') == 4
    only = client.get(f"/numbers?number={number}&kind=blocked").text
    assert only.count('<th scope="row">') == 1


# Replies ------------------------------------------------------------------------------------------


def test_long_replies_are_short_in_the_list_and_whole_on_their_own_pages(world, client):
    text = "".join(chr(0x4E00 + n) for n in range(2000))
    uids = [world.reply(text, 1) for _ in range(PAGE)]
    octets = world.reply(None, 2, data="AB" * 1000)
    shown = client.get("/replies", headers=as_("owner")).text
    assert len(shown.encode()) < 90_000
    assert text[:300] + "…" in shown
    assert shown.count("The whole text</a>") == PAGE
    assert f'href="/replies/{uids[0]}"' in shown
    whole = client.get(f"/replies/{uids[0].upper()}", headers=as_("owner")).text
    assert f'<pre class="words">{text}</pre>' in whole
    assert "<h1>447700900999 to 12345</h1>" in whole
    assert "AB" * 1000 in client.get(f"/replies/{octets}").text
    assert client.get(f"/replies/{octets}", headers=as_("owner")).status_code == 404
    assert client.get(f"/replies/{octets}", headers=as_("other")).status_code == 200


# Messages -----------------------------------------------------------------------------------------


def test_a_file_of_another_is_as_one_that_is_not_there(world, client, monkeypatch):
    """Where its messages are cannot be seen either, however many they are."""
    monkeypatch.setattr(pieces, "SCANNED", 5)
    monkeypatch.setattr(pieces, "STATEMENTS", 2)
    world.messages()
    file = world.file(2)
    world.messages(100, account=2, file=file)
    found = [
        client.get(f"/messages?of={key}", headers=as_("owner")).text for key in (file, file + 100)
    ]
    assert "No message was found" in found[0]
    assert found[0] == found[1]
    assert links(found[0]) == []


def test_where_another_s_unknown_messages_are_cannot_be_seen(world, client, monkeypatch):
    monkeypatch.setattr(pieces, "SCANNED", 5)
    monkeypatch.setattr(pieces, "STATEMENTS", 2)
    mine = world.messages(2)
    world.messages(100, account=2)
    world.send(102, Ended.UNKNOWN)
    shown = client.get("/messages?state=unknown", headers=as_("owner")).text
    assert [uid for uid in mine if uid in shown] == mine
    assert links(shown) == []


# The queue ----------------------------------------------------------------------------------------


def test_groups_that_are_not_shown_are_counted(world, client, monkeypatch):
    monkeypatch.setattr(queue, "_GROUPS", 1)
    world.messages()
    world.messages(account=2)
    shown = client.get("/queue").text
    assert "One more is not shown" in shown
    assert f"g-{FIRST}-3" in shown
    assert f"g-{SECOND}-3" not in shown


# Words --------------------------------------------------------------------------------------------


def test_the_title_of_a_question_is_what_would_be_done(client):
    shown = client.get(f"/accounts/{FIRST}/close").text
    assert "<h1>Close the account</h1>" in shown
    assert "<title>Close the account" in shown


def test_every_head_of_a_time_says_utc(world, client):
    (uid,) = world.messages()
    world.callback(uid)
    world.list_number("447700900001")
    for path in ("/queue/3/" + FIRST, "/messages", "/files", "/numbers", "/callbacks", "/accounts"):
        text = client.get(path).text
        for table in re.findall("<table>.*?</table>", text, re.DOTALL):
            heads = re.findall('<th scope="col".*?</th>', table)
            rows = re.findall('<tr>(?!<th scope="col").*?</tr>', table, re.DOTALL)
            cells = [re.findall("<t[hd].*?</t[hd]>", row, re.DOTALL) for row in rows]
            timed = {n for row in cells for n, one in enumerate(row) if "<time" in one}
            assert [heads[n] for n in timed if "UTC" not in heads[n]] == [], path
