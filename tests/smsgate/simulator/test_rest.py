"""The REST API of the simulator, by HTTP on real sockets."""

from __future__ import annotations

import asyncio
import contextlib
import http.server
import json
import sqlite3
import threading
from contextlib import contextmanager
from unittest.mock import Mock

import pytest
from simulators import NUMBER, SENDER, phones, run, submits, text, until

from smsenc import OptionError, encode_text, join
from smsenc.model import Payload
from smsenc.smpp import mapping, receipts
from smsgate.simulator import behaviour, marks
from smsgate.simulator.behaviour import Behaviour, Fate
from smsgate.simulator.openapi import DESCRIPTION
from smsgate.simulator.rest import Api
from smsgate.simulator.webhook import check
from smsgate.smppclient import Accepted


def test_messages_are_found_by_number_id_and_text():
    async def trial():
        async with phones() as here, here.client() as client:
            for to, words in ((NUMBER, b"One"), ("447700900999", b"Two"), (NUMBER, b"three")):
                await client.submit(text(words, to=to))
            everything = await here.messages()
            assert [one["text"] for one in everything] == ["One", "Two", "three"]
            ids = [one["id"] for one in everything]
            for query, found in (
                (f"?to={NUMBER}", [0, 2]),
                (f"?to=%2B{NUMBER}", [0, 2]),
                (f"?to=+{NUMBER}", [0, 2]),
                (f"?from={SENDER}&limit=2", [0, 1]),
                (f"?after={ids[0]}", [1, 2]),
                (f"?after={ids[0]}&to={NUMBER}", [2]),
                ("?text=T", [1, 2]),
                ("?from=999", []),
            ):
                assert [one["id"] for one in await here.messages(query)] == [ids[n] for n in found]
            assert await here.call(f"/messages/{ids[1]}") == (200, everything[1])

    run(trial())


def test_a_message_has_the_keys_of_the_contract():
    async def trial():
        async with phones() as here, here.client() as client:
            for body in submits(Payload.to_port(0x23F4, b"BEGIN:VCARD\r\nN:Doe\r\nEND:VCARD\r\n")):
                await client.submit(body)
            (found,) = await here.messages()
            keys = "id from to time kind port parts missing content data_coding segments state"
            assert set(keys.split()) <= set(found)
            assert (found["kind"], found["port"], found["text"]) == ("vcard", 0x23F4, None)
            assert found["content"]
            assert set(found["segments"][0]) >= {"udh", "data"}
            assert found["segments"][0]["udh"] == "06050423F40000"

    run(trial())


def test_waiting_ends_when_all_parts_are_there():
    async def trial():
        async with phones() as here, here.client() as client:
            path = f"/messages/wait?to={NUMBER}&count=2&timeout=10"
            waiting = asyncio.create_task(here.call(path))
            first, second = submits(encode_text("a" * 200))
            for body in (text(b"One"), first):
                await client.submit(body)
            await asyncio.sleep(0.2)
            assert not waiting.done()
            await client.submit(second)
            status, found = await waiting
            assert (status, [one["text"] for one in found["messages"]]) == (200, ["One", "a" * 200])

    run(trial())


def test_waiting_in_vain_has_a_status():
    async def trial():
        async with phones() as here, here.client() as client:
            await client.submit(text())
            status, found = await here.call("/messages/wait?count=2&timeout=0.2")
            assert (status, len(found["messages"])) == (408, 1)

    run(trial())


def test_messages_are_deleted():
    async def trial():
        async with phones() as here, here.client() as client:
            for to in (NUMBER, "447700900999", NUMBER):
                await client.submit(text(to=to))
            first, *_ = await here.messages()
            assert await here.call(f"/messages/{first['id']}", "DELETE") == (200, {"deleted": 1})
            assert (await here.call(f"/messages/{first['id']}"))[0] == 404
            assert await here.call(f"/messages?to={NUMBER}", "DELETE") == (200, {"deleted": 1})
            assert await here.call("/messages", "DELETE") == (200, {"deleted": 1})
            assert await here.messages() == []

    run(trial())


def test_a_part_after_the_deletion_begins_another_message():
    async def trial():
        async with phones() as here, here.client() as client:
            first, second = submits(encode_text("a" * 200))
            await client.submit(first)
            await here.call("/messages", "DELETE")
            await client.submit(second)
            (found,) = await here.messages()
            assert (found["missing"], found["parts"]) == ([1], 2)

    run(trial())


# --- Marks, and what is searched -----------------------------------------------------------------


CARD = Payload.to_port(0x23F4, b"BEGIN:VCARD\r\nN:D\xc3\xb6e\r\nEND:VCARD\r\n")


def test_messages_are_marked_and_found_by_their_marks():
    async def trial():
        async with phones() as here, here.client() as client:
            for to, words in ((NUMBER, b"One"), ("447700900999", b"Two"), (NUMBER, b"three")):
                await client.submit(text(words, to=to))
            one, two, three = (each["id"] for each in await here.messages())
            path = f"/messages/{one}"
            status, found = await here.call(
                path, "PATCH", {"unread": False, "tags": [" a  b ", "c"]}
            )
            assert (status, found["unread"], found["tags"]) == (200, False, ["a b", "c"])
            assert await here.call(path) == (200, found)
            assert (await here.call(path, "PATCH", {"tags": ["c"]}))[1]["tags"] == ["c"]
            await here.call(f"/messages/{two}", "PATCH", {"tags": ["c"]})
            for query, ids in (
                ("?unread=true", [two, three]),
                ("?unread=false", [one]),
                ("?tag=c", [one, two]),
                (f"?tag=c&to={NUMBER}", [one]),
            ):
                assert [each["id"] for each in await here.messages(query)] == ids
            assert await here.call("/tags") == (200, {"tags": [{"tag": "c", "messages": 2}]})
            status, found = await here.call("/phones")
            assert [tuple(each.values()) for each in found["phones"]] == [
                (NUMBER, 2, 1, three),
                ("447700900999", 1, 1, two),
            ]
            answer = await here.call(f"/messages?to={NUMBER}", "PATCH", {"unread": False})
            assert answer == (200, {"changed": 1})
            assert [each["id"] for each in await here.messages("?unread=true")] == [two]
            assert await here.call("/messages", "PATCH", {"unread": True}) == (200, {"changed": 2})
            await here.call(f"/messages/{two}", "DELETE")
            assert await here.call("/tags") == (200, {"tags": [{"tag": "c", "messages": 1}]})

    run(trial())


def test_messages_are_found_by_kind_state_and_words():
    async def trial():
        never = Behaviour(suffixes=((NUMBER, Fate.NEVER), ("999", Fate.FAILED)))
        async with phones(behaviour=never) as here, here.client() as client:
            for body in (*submits(CARD), text(b"Doe", to="999"), *submits(encode_text("a" * 200))):
                await client.submit(body)
            found = await here.messages()
            for query, numbers in (
                ("?kind=vcard", [0]),
                ("?kind=text", [1, 2]),
                ("?text=d%C3%96E", [0]),
                ("?text=DOE&kind=text", [1]),
                ("?state=failed", [1]),
                ("?state=accepted", [0, 2]),
                ("?state=delivered", []),
                (f"?text={'a' * 200}", [2]),
            ):
                assert await here.messages(query) == [found[n] for n in numbers], query
            assert await here.call("/messages?kind=text", "DELETE") == (200, {"deleted": 2})

    run(trial())


def test_a_part_that_comes_later_is_found():
    async def trial():
        async with phones() as here, here.client() as client:
            first, second = submits(encode_text("a" * 160 + " the end"))
            await client.submit(first)
            assert await here.messages("?text=the+end") == []
            waiting = asyncio.create_task(here.call("/messages/wait?text=the+end"))
            await client.submit(second)
            status, found = await waiting
            assert (status, found["messages"]) == (200, await here.messages())

    run(trial())


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"unread": 1}, "unread: expected true or false"),
        ({"tags": "a"}, "tags: expected a list of texts"),
        ({"tags": [""]}, "tag: expected 1 to 32 characters"),
        ({"tags": ["a" * 33]}, "tag: expected 1 to 32 characters"),
        ({"tags": ["\ud800"]}, "tag: expected 1 to 32 characters"),
        ({"tags": [5]}, "tag: expected 1 to 32 characters"),
        ({"tags": list("abcdefghijk")}, "tags: expected at most 10, found 11"),
    ],
)
def test_marks_are_bounded(body, error):
    async def trial():
        async with phones() as here, here.client() as client:
            await client.submit(text())
            (found,) = await here.messages()
            await here.call(f"/messages/{found['id']}", "PATCH", {"tags": ["kept"]})
            status, answer = await here.call(f"/messages/{found['id']}", "PATCH", body)
            assert (status, answer["error"]["message"]) == (400, error)
            assert (await here.messages())[0]["tags"] == ["kept"]

    run(trial())


def test_there_are_not_too_many_different_tags(monkeypatch):
    monkeypatch.setattr(marks, "MOST_NAMES", 2)

    async def trial():
        async with phones() as here, here.client() as client:
            await client.submit(text())
            (found,) = await here.messages()
            path = f"/messages/{found['id']}"
            assert (await here.call(path, "PATCH", {"tags": ["a", "b"]}))[0] == 200
            assert (await here.call(path, "PATCH", {"tags": ["a", "b", "c"]}))[0] == 400
            assert (await here.call(path, "PATCH", {"tags": ["c", "d"]}))[0] == 200

    run(trial())


def test_a_folder_of_an_earlier_version_has_its_messages_unread(tmp_path):
    async def first():
        async with phones(folder=tmp_path) as here, here.client() as client:
            await client.submit(text())

    async def second():
        async with phones(folder=tmp_path) as here:
            (found,) = await here.messages("?kind=text&text=hello")
            assert (found["unread"], found["tags"]) == (True, [])
            await here.call("/messages", "PATCH", {"unread": False})

    async def third():
        async with phones(folder=tmp_path) as here:
            assert [one["unread"] for one in await here.messages()] == [False]

    run(first())
    with contextlib.closing(sqlite3.connect(tmp_path / "simulator.db")) as base:
        for table in ("seen", "tags", "contents"):
            base.execute(f"DROP TABLE {table}")
        base.commit()
    run(second())
    run(third())


# --- The network ---------------------------------------------------------------------------------


def test_the_network_behaves_otherwise_from_now_on():
    async def trial():
        async with phones() as here, here.client(first_wait=0.01) as client:
            await client.submit(text(registered_delivery=1))
            status, before = await here.call("/behaviour")
            assert (status, before["chaos"], before["rate"]) == (200, {}, None)
            changed = before | {"chaos": {"queue-full": 0.25, "malformed": 0.5}, "rate": 5}
            assert await here.call("/behaviour", "PUT", changed) == (200, changed)
            changed = {"suffixes": {NUMBER: "failed"}, "receipt_id": "decimal"}
            await here.call("/behaviour", "PUT", changed)
            await client.submit(text(registered_delivery=1))
            await until(lambda: len(client.arrived) == 2)
            first, second = await here.messages()
            assert (first["state"], second["state"]) == ("delivered", "failed")
            assert receipts.read(client.arrived[1]).message_id == str(int(second["id"], 16))
            assert await here.call("/behaviour", "PUT", {}) == (200, before)

    run(trial())


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"chaos": {"fire": 1}}, "chaos: expected one of throttle"),
        ({"chaos": {"cut": 0.6, "slow": 0.6}}, "chaos: expected probabilities of at most 1"),
        ({"chaos": {"cut": "no"}}, "chaos: expected a probability from 0 to 1, found 'no'"),
        ({"chaos": {"cut": None}}, "chaos: expected a probability"),
        ({"chaos": []}, "chaos: expected a JSON object"),
        ({"receipts": {"lost": 1}}, "receipts: expected one of delivered"),
        ({"suffixes": {"x": "failed"}}, "suffixes: expected DIGITS=STATE"),
        ({"receipt_id": "octal"}, "receipt_id: expected hex or decimal"),
        ({"receipt_id": []}, "receipt_id: expected hex or decimal"),
        ({"late_delay": 1e9}, "late_delay: expected a number from 0 to 86400"),
        ({"late_delay": True}, "late_delay: expected a number from 0 to 86400"),
        ({"window": 1.5}, "window: expected a whole number from 0 to 1000000"),
        ({"color": 1}, "color: expected receipts, suffixes, chaos"),
    ],
)
def test_what_is_wrong_with_a_behaviour_is_said(body, error):
    async def trial():
        async with phones() as here:
            before = await here.call("/behaviour")
            status, found = await here.call("/behaviour", "PUT", body)
            assert status == 400
            assert found["error"]["message"].startswith(error)
            assert await here.call("/behaviour") == before

    run(trial())


# --- Replies -------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["Yes", "y" * 400, "Привет " * 30, "🙂"])
def test_a_reply_reaches_the_session_of_its_number(words):
    async def trial():
        async with phones() as here, here.client() as client, here.client(user="you") as other:
            await client.submit(text())
            reply = {"from": NUMBER, "to": SENDER, "text": words}
            status, found = await here.call("/replies", "POST", reply)
            assert status == 202
            await until(lambda: len(client.arrived) == found["parts"])
            assert join(map(mapping.segment_of, client.arrived)) == encode_text(words)
            body = client.arrived[0]
            assert (body.source_addr.digits, body.destination_addr.digits) == (NUMBER, SENDER)
            assert not other.arrived

    run(trial())


def test_a_reply_to_nobody_waits_for_a_session():
    async def trial():
        async with phones() as here:
            reply = {"from": NUMBER, "to": SENDER, "text": "Yes"}
            assert await here.call("/replies", "POST", reply) == (202, {"parts": 1, "waiting": 1})
            async with here.client() as client:
                await until(lambda: client.arrived)

    run(trial())


def test_a_binary_reply_is_sent_as_it_is():
    async def trial():
        async with phones() as here, here.client() as client:
            reply = {"from": NUMBER, "to": SENDER, "udh": "06050423F40000", "data": "DEADBEEF"}
            await here.call("/replies", "POST", reply)
            port = {"from": NUMBER, "to": SENDER, "port": 9204, "data": "AA" * 200}
            assert (await here.call("/replies", "POST", port))[1]["parts"] == 2
            await until(lambda: len(client.arrived) == 3)
            body, *parts = client.arrived
            assert body.short_message.hex() == "06050423f40000deadbeef"
            assert (body.esm_class, body.data_coding) == (0x40, 4)
            assert join(map(mapping.segment_of, parts)).data == b"\xaa" * 200

    run(trial())


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"from": None}, "from: expected a text"),
        ({"text": 5}, "text: expected a text"),
        ({"text": "a" * 50_000}, "text: expected at most 40000 characters"),
        ({"text": "\ud800"}, ""),
        ({"to": "no number at all"}, "expected a number of at most 15 digits"),
        ({"data": "00"}, "port: expected a number 0 to 65535, or udh"),
        ({"data": "0g", "udh": ""}, "data: expected octets in hex"),
        ({"data": "", "udh": "05"}, "udh: expected 5 octets after the first"),
        ({"data": "00" * 255, "udh": ""}, "data: expected at most 254 octets"),
        ({"data": "", "udh": "", "data_coding": 256}, "data_coding: expected a number 0 to 255"),
    ],
)
def test_what_is_wrong_with_a_reply_is_said(change, error):
    async def trial():
        async with phones() as here:
            reply = {"from": NUMBER, "to": SENDER, "text": "Yes"} | change
            status, found = await here.call("/replies", "POST", reply)
            assert status == 400
            assert found["error"]["message"].startswith(error)

    run(trial())


def test_a_receipt_can_be_ordered():
    async def trial():
        never = Behaviour(receipts=behaviour.chances("never", Fate, "x"))
        async with phones(behaviour=never) as here, here.client() as client:
            await client.submit(text(registered_delivery=1))
            (found,) = await here.messages()
            path = f"/messages/{found['id']}/receipt"
            assert await here.call(path, "POST", {"state": "failed"}) == (200, {"receipts": 1})
            await until(lambda: client.arrived)
            assert receipts.read(client.arrived[0]).state == 5
            assert [one["state"] for one in await here.messages()] == ["failed"]
            assert (await here.call(path, "POST", {"state": "lost"}))[0] == 400

    run(trial())


# --- What is refused -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "method", "body", "status"),
    [
        ("/nothing", "GET", None, 404),
        ("/messages", "PUT", b"{}", 405),
        ("/messages?limit=-1", "GET", None, 400),
        ("/messages?limit=nan", "GET", None, 400),
        ("/messages?after=xyz", "GET", None, 404),
        ("/messages/wait?timeout=1e9", "GET", None, 400),
        ("/messages/" + "9" * 5000, "GET", None, 404),
        ("/messages/0", "DELETE", None, 404),
        ("/messages?unread=perhaps", "GET", None, 400),
        ("/messages", "PATCH", b"{}", 400),
        ("/messages/0", "PATCH", b"{}", 404),
        ("/behaviour", "PUT", b"[]", 400),
        ("/replies", "POST", b"{", 400),
        ("/replies", "POST", b"[]", 400),
        ("/replies", "POST", b"[" * 100_000, 400),
        ("/replies", "POST", b" " * (1 << 21), 413),
    ],
)
def test_bad_requests_have_a_status_and_a_message(path, method, body, status):
    async def trial():
        async with phones() as here:
            found = await here.call(path, method, body)
            assert (found[0], list(found[1])) == (status, ["error"])

    run(trial())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Host": "evil.example"}, 403),
        ({"Host": "evil.example:8025"}, 403),
        ({"Host": "[::1"}, 403),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Host": "localhost:1"}, 200),
        ({"Host": "[::1]:1"}, 200),
        ({"Host": "127.0.0.1:1", "Origin": "http://127.0.0.1:1"}, 200),
    ],
)
def test_pages_of_other_sites_are_refused(headers, status):
    async def trial():
        async with phones() as here:
            assert (await here.call("/messages", **headers))[0] == status

    run(trial())


def test_the_description_has_every_path():
    async def trial():
        async with phones() as here:
            assert await here.call("/openapi.json") == (200, DESCRIPTION)

    run(trial())
    described = {
        (path, method.upper()) for path, one in DESCRIPTION["paths"].items() for method in one
    }
    assert described == {
        ("/messages", "GET"),
        ("/messages", "PATCH"),
        ("/messages", "DELETE"),
        ("/messages/wait", "GET"),
        ("/messages/{id}", "GET"),
        ("/messages/{id}", "PATCH"),
        ("/messages/{id}", "DELETE"),
        ("/messages/{id}/receipt", "POST"),
        ("/messages/{id}/release", "POST"),
        ("/phones", "GET"),
        ("/tags", "GET"),
        ("/replies", "POST"),
        ("/behaviour", "GET"),
        ("/behaviour", "PUT"),
    }
    served = {(path, method) for method, path, _ in Api._paths(Mock())}
    assert described == served - {("/openapi.json", "GET")}


# --- Onward --------------------------------------------------------------------------------------


@contextmanager
def receiver(*statuses):
    """A web server that answers with these statuses, then with 200; and what was posted."""
    posted, left = [], list(statuses)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(left.pop(0) if left else 200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/hook", posted
        server.shutdown()
        thread.join()


def test_each_message_is_posted_to_the_webhook_and_again_after_an_error():
    async def trial():
        with receiver(500) as (url, posted):
            async with phones(webhook=url) as here, here.client() as client:
                for body in submits(encode_text("a" * 200)):
                    await client.submit(body)
                await until(lambda: len(posted) == 2)
                assert posted == (await here.messages()) * 2

    run(trial())


@pytest.mark.parametrize("url", ["file:///etc/passwd", "http://", "http://a:b", "nothing"])
def test_a_webhook_is_a_url_of_the_web(url):
    with pytest.raises(OptionError, match="--webhook: expected http"):
        check(url)


def test_a_message_is_released_to_allowed_numbers_only():
    async def trial():
        async with phones() as real:
            numbers = frozenset((NUMBER,))
            async with (
                phones(release=real.smsc(), release_to=numbers) as here,
                here.client() as client,
            ):
                bodies = submits(encode_text("a" * 200))
                for body in (*bodies, text(to="447700900999")):
                    assert isinstance(await client.submit(body), Accepted)
                allowed, other = await here.messages()
                status, found = await here.call(f"/messages/{allowed['id']}/release", "POST")
                assert (status, [one["result"] for one in found["results"]]) == (
                    200,
                    ["accepted", "accepted"],
                )
                assert (await here.call(f"/messages/{other['id']}/release", "POST"))[0] == 403
                (arrived,) = await real.messages()
                keys = ("udh", "data", "data_coding")
                octets = [
                    [[part[key] for key in keys] for part in one["segments"]]
                    for one in (arrived, allowed)
                ]
                assert octets[0] == octets[1]

    run(trial())


def test_without_a_message_centre_nothing_is_released():
    async def trial():
        async with phones() as here, here.client() as client:
            await client.submit(text())
            (found,) = await here.messages()
            assert (await here.call(f"/messages/{found['id']}/release", "POST"))[0] == 409

    run(trial())
