"""The REST API of the simulator, by HTTP on real sockets."""

from __future__ import annotations

import asyncio
import http.server
import json
import threading
from contextlib import contextmanager

import pytest
from simulators import NUMBER, SENDER, phones, run, submits, text, until

from smsenc import OptionError, encode_text, join
from smsenc.model import Payload
from smsenc.smpp import mapping, receipts
from smsgate.simulator import behaviour
from smsgate.simulator.behaviour import Behaviour, Fate
from smsgate.simulator.openapi import DESCRIPTION
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
        ("/messages", "DELETE"),
        ("/messages/wait", "GET"),
        ("/messages/{id}", "GET"),
        ("/messages/{id}", "DELETE"),
        ("/messages/{id}/receipt", "POST"),
        ("/messages/{id}/release", "POST"),
        ("/replies", "POST"),
    }


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
