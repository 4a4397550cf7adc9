"""What a message centre or a network does wrong: every message ends in exactly one way, once."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import ssl
import sys
import time
from collections import Counter

import pytest
import trustme
from oddcentre import QUICK, OddCentre, obliging
from simulators import until
from smppcentre import Centre

from smsenc import OptionError
from smsenc.smpp import Pdu, Request, Role, Status, Timers, codec, encode, pdus
from smsenc.smpp.connection import LAST_SEQUENCE
from smsgate.smppclient import (
    Accepted,
    BindError,
    Client,
    ClosedError,
    Refused,
    Smsc,
    Unknown,
    session,
)

#: Submits of the test of the memory; SMSENC_SUBMITS=1000000 for a long run.
SUBMITS = int(os.environ.get("SMSENC_SUBMITS", "100000"))
SUBMIT = pdus.SubmitSm(short_message=b"hello")


def run(coroutine, seconds=60):
    return asyncio.run(asyncio.wait_for(coroutine, seconds))


async def sent(client, count):
    """Results of so many messages, each with a text of its own."""
    bodies = [pdus.SubmitSm(short_message=b"%d" % n) for n in range(count)]
    return await asyncio.gather(*map(client.submit, bodies))


def kinds(results):
    return Counter(type(result) for result in results)


# --- A connection that is cut --------------------------------------------------------------------


@pytest.mark.parametrize("window", [1, 7, 50])
@pytest.mark.parametrize("after", [1, 2, 333, 999, 1000])
def test_a_cut_connection(after, window):
    """Nothing is sent twice, and what was in flight is unknown."""

    def answer(n):
        if n == after:
            return "cut"
        return Status.ESME_RINVDSTADR if n % 10 == 0 else 0

    async def trial():
        async with Centre(answer) as centre, Client(centre.smsc(window=window)) as client:
            results = await sent(client, 1000)
            assert client.waiting == 0
        found = kinds(results)
        assert found[Accepted] + found[Refused] + found[Unknown] == 1000
        assert found[Refused] > 90
        assert 1 <= found[Unknown] <= window
        assert max(Counter(centre.seen).values()) == 1
        # What did not arrive is unknown, too: it was in flight.
        assert 1000 - len(centre.seen) <= found[Unknown]

    run(trial())


def test_a_message_centre_that_cuts_again_and_again():
    async def trial():
        async with (
            Centre(lambda n: "cut" if n % 50 == 0 else 0) as centre,
            Client(centre.smsc(window=10)) as client,
        ):
            results = await sent(client, 500)
        assert kinds(results).total() == 500
        assert max(Counter(centre.seen).values()) == 1
        assert len(centre.sessions) >= 9

    run(trial())


def test_a_message_centre_that_starts_again_ten_times():
    """On the same port, as after a deployment."""

    async def trial():
        centre = Centre()
        await centre.__aenter__()
        port = centre.port
        loop = asyncio.get_running_loop()
        async with Client(centre.smsc(window=5)) as client:
            for _ in range(10):
                assert kinds(await sent(client, 20)) == {Accepted: 20}
                centre.server.close()
                centre.sessions[-1].abort()
                await until(lambda: not client.is_bound)
                waiting = client.submit(SUBMIT)
                await until(lambda: "cannot connect" in client.problem)
                assert not waiting.done()
                centre.server = await loop.create_server(centre._session, "127.0.0.1", port)
                assert isinstance(await waiting, Accepted)
                assert client.problem == ""
        await centre.__aexit__()
        assert len(centre.seen) == 210

    run(trial())


# --- A message centre that is busy ---------------------------------------------------------------


@pytest.mark.parametrize("code", [Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL])
@pytest.mark.parametrize("window", [1, 10])
def test_each_twentieth_is_throttled(code, window):
    async def trial():
        async with (
            Centre(lambda n: code if n % 20 == 0 else 0) as centre,
            Client(centre.smsc(window=window)) as client,
        ):
            results = await sent(client, 400)
        assert kinds(results) == {Accepted: 400}
        assert len({result.message_id for result in results}) == 400
        first = list(dict.fromkeys(centre.seen))
        late = [n for n, text in enumerate(first) if int(text) != n]
        assert not late  # each goes out for the first time in order

    run(trial())


def test_who_throttles_all_is_not_asked_without_a_pause():
    """Each pause is longer than the one before, however long the message centre is busy."""

    async def trial():
        busy_until = time.monotonic() + 1.5

        def answer(_):
            return Status.ESME_RTHROTTLED if time.monotonic() < busy_until else 0

        async with (
            Centre(answer) as centre,
            Client(centre.smsc(window=10, first_wait=0.1, longest_wait=0.4)) as client,
        ):
            results = await sent(client, 30)
            assert kinds(results) == {Accepted: 30}
            # Pauses of 0.1, 0.2 and then 0.4 seconds, less a quarter at most.
            assert len(centre.seen) <= 30 + 10 * 8

    run(trial())


def test_a_cut_while_throttled():
    """What waits for the end of the pause goes out on the next connection."""

    async def trial():
        def answer(n):
            if n > 1:
                return 0
            asyncio.get_running_loop().call_later(0.05, centre.sessions[0].abort)
            return Status.ESME_RTHROTTLED

        async with (
            Centre(answer) as centre,
            Client(centre.smsc(window=1, first_wait=0.3)) as client,
        ):
            assert kinds(await sent(client, 10)) == {Accepted: 10}
            assert len(centre.sessions) == 2
            assert centre.seen[:2] == [b"0", b"0"]

    run(trial())


def test_what_is_refused_because_of_haste_at_the_end_is_refused():
    """It would wait for a turn that never comes."""

    async def trial():
        async with Centre(lambda _: None) as centre:
            client = Client(centre.smsc())
            waiting = [client.submit(SUBMIT) for _ in range(15)]
            await client.bound()
            await asyncio.sleep(0.05)
            closing = asyncio.create_task(client.close())
            await asyncio.sleep(0.05)
            session = centre.sessions[0]
            for n in range(2, 12):
                session.answer(Pdu(SUBMIT, n), status=Status.ESME_RTHROTTLED)
            await asyncio.wait_for(closing, 60)
            results = await asyncio.gather(*waiting, return_exceptions=True)
        assert results[:10] == [Refused(Status.ESME_RTHROTTLED)] * 10
        assert {type(result) for result in results[10:]} == {ClosedError}

    run(trial())


def test_the_numbers_of_the_requests_begin_again():
    async def trial():
        async with Centre() as centre, Client(centre.smsc(window=7)) as client:
            await client.bound()
            client._session.connection._sequence = LAST_SEQUENCE - 10
            assert kinds(await sent(client, 50)) == {Accepted: 50}
            assert client._session.connection._sequence == 40

    run(trial())


# --- Silence and nonsense ------------------------------------------------------------------------


async def after_bind(peer, octets=b""):
    """Bind, write something, and then say nothing more."""
    await peer.bind()
    await peer.read()
    await peer.write(octets)
    await peer.silence()


def test_silence_ends_the_connection_and_the_next_one_goes_on():
    async def trial():
        async with OddCentre(after_bind, obliging) as centre, Client(centre.smsc()) as client:
            results = await sent(client, 50)
        found = kinds(results)
        assert found == {Unknown: 50 - found[Accepted], Accepted: found[Accepted]}
        assert 1 <= found[Unknown] <= 30  # two windows of ten until the link is given up
        assert centre.peers == 2

    run(trial())


HALF = encode(Pdu(pdus.DeliverSm(short_message=b"hello"), 1))[:30]
TOO_LONG = bytes.fromhex("7fffffff 00000005 00000000 00000001")
TOO_SHORT = bytes.fromhex("0000000f 00000005 00000000 00000001")


@pytest.mark.parametrize(
    "octets",
    [HALF, HALF[:3], TOO_LONG, TOO_SHORT, b"HTTP/1.1 400 Bad Request\r\n\r\n", bytes(64)],
    ids=["half", "three octets", "too long", "too short", "http", "zeros"],
)
def test_nonsense_ends_the_connection_and_the_next_one_goes_on(octets):
    async def nonsense(peer):
        await after_bind(peer, octets)

    async def trial():
        async with OddCentre(nonsense, obliging) as centre, Client(centre.smsc()) as client:
            results = await sent(client, 20)
            again = await sent(client, 20)
        assert kinds(results).total() == 20
        assert kinds(results)[Unknown] >= 1
        assert kinds(again) == {Accepted: 20}
        assert centre.peers == 2

    run(trial())


def test_a_length_that_cannot_be_gets_a_generic_nack():
    async def too_long(peer):
        await after_bind(peer, TOO_LONG)

    async def trial():
        async with OddCentre(too_long, obliging) as centre, Client(centre.smsc()) as client:
            await sent(client, 5)
        nack = encode(Pdu(pdus.GenericNack(), 1, Status.ESME_RINVCMDLEN))
        assert nack in centre.received

    run(trial())


async def drip(peer):
    """Answer the bind one octet at a time, each just before the client would give up."""
    request = await peer.read()
    octets = encode(Pdu(pdus.BindTransceiverResp(system_id="smsc"), request.sequence_number))
    for n in range(len(octets)):
        await peer.write(octets[n : n + 1])
        await asyncio.sleep(0.1)


async def hears(peer):
    await peer.silence()


async def leaves(peer):
    await peer.read()


async def random_octets(peer):
    await peer.write(os.urandom(1 << 16))
    await peer.silence()


async def malformed_bind_answer(peer):
    request = await peer.read()
    await peer.write(b"\0\0\0\x11\x80\0\0\x09\0\0\0\0" + request.sequence_number.to_bytes(4, "big"))
    await peer.write(b"x")
    await peer.silence()


async def nack(peer):
    request = await peer.read()
    await peer.write(encode(Pdu(pdus.GenericNack(), request.sequence_number)))
    await peer.silence()


async def refuses_for_now(peer):
    await peer.answer(await peer.read(), status=Status.ESME_RBINDFAIL)
    await peer.silence()


@pytest.mark.parametrize(
    "script", [hears, leaves, drip, random_octets, nack, refuses_for_now], ids=lambda s: s.__name__
)
def test_a_bind_that_fails_is_tried_again(script):
    async def trial():
        async with (
            OddCentre(script, script, obliging) as centre,
            Client(centre.smsc()) as client,
        ):
            results = await sent(client, 10)
            await client.bound()
            assert client.problem == ""
        assert kinds(results) == {Accepted: 10}
        assert centre.peers == 3

    run(trial())


def test_an_answer_to_the_bind_that_cannot_be_read_binds_all_the_same():
    """Its status says so; some message centres write odd system ids."""

    async def trial():
        async with OddCentre(malformed_bind_answer) as centre, Client(centre.smsc()) as client:
            await asyncio.wait_for(client.bound(), 60)

    run(trial())


def test_a_generic_nack_accepts_nothing():
    async def script(peer):
        await peer.bind()
        request = await peer.read()
        await peer.write(encode(Pdu(pdus.GenericNack(), request.sequence_number)))
        await peer.silence()

    async def trial():
        async with OddCentre(script) as centre, Client(centre.smsc()) as client:
            assert await client.submit(SUBMIT) == Refused(Status.ESME_RUNKNOWNERR)

    run(trial())


def test_an_accepted_message_keeps_its_id_although_its_answer_is_malformed():
    async def script(peer):
        await peer.bind()
        request = await peer.read()
        octets = encode(Pdu(pdus.SubmitSmResp(message_id="7f"), request.sequence_number)) + b"\0"
        await peer.write(len(octets).to_bytes(4, "big") + octets[4:])
        await peer.silence()

    async def trial():
        async with OddCentre(script) as centre, Client(centre.smsc()) as client:
            assert await client.submit(SUBMIT) == Accepted("7f")

    run(trial())


def test_receipts_before_answers():
    """A fast message centre writes the receipt first; both arrive, and the receipt is answered."""
    receipts = []

    async def script(peer):
        await peer.bind()
        for n in range(50):
            request = await peer.read()
            text = b"id:%d stat:DELIVRD" % n
            await peer.write(encode(Pdu(pdus.DeliverSm(esm_class=4, short_message=text), 900 + n)))
            assert isinstance((await peer.read()).body, pdus.DeliverSmResp)
            await peer.answer(request, pdus.SubmitSmResp(message_id=f"{n}"))
        await obliging_rest(peer)

    async def obliging_rest(peer):
        while True:
            await peer.answer(await peer.read())

    async def keep(request):
        receipts.append(request.body.short_message)
        return 0

    async def trial():
        async with (
            OddCentre(script) as centre,
            Client(centre.smsc(window=1), keep) as client,
        ):
            results = await sent(client, 50)
        assert results == [Accepted(f"{n}") for n in range(50)]
        assert receipts == [b"id:%d stat:DELIVRD" % n for n in range(50)]

    run(trial())


def test_a_handler_that_fails_refuses_the_message_for_now():
    answers = []

    async def script(peer):
        await peer.bind()
        await peer.write(encode(Pdu(pdus.DeliverSm(short_message=b"reply"), 1)))
        answers.append(await peer.read())
        await peer.silence()

    async def fails(_):
        raise OSError("the disk is full")

    async def trial():
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        async with OddCentre(script) as centre, Client(centre.smsc(), fails) as client:
            await client.bound()
            await until(lambda: answers)
        (answer,) = answers
        assert type(answer.body) is pdus.DeliverSmResp
        assert answer.command_status == Status.ESME_RX_T_APPN

    run(trial())


# --- Log-in and TLS ------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [Status.ESME_RINVPASWD, Status.ESME_RINVSYSID])
def test_a_wrong_log_in(code):
    async def trial():
        async with Centre() as centre:
            centre.bind_status = code
            async with Client(centre.smsc(first_wait=0.1, longest_wait=1)) as client:
                waiting = client.submit(SUBMIT)
                with pytest.raises(BindError, match=code.name) as error:
                    await client.bound()
                assert error.value.status == code
                assert "secret" not in client.problem + str(error.value)
                await asyncio.sleep(0.5)
                assert len(centre.sessions) == 1  # many tries may lock the account
                # Once the account is put right, the client is bound without a restart.
                centre.bind_status = 0
                assert await waiting == Accepted("1")
                await client.bound()

    run(trial())


def context(authority, *names):
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(*names).configure_cert(found)
    return found


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """An authority, and the PEM file of its certificate."""
    found = trustme.CA()
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    found.cert_pem.write_to_path(path)
    return found, path


def test_tls(authority):
    ca, path = authority

    async def trial():
        async with (
            OddCentre(obliging, ssl=context(ca, "127.0.0.1")) as centre,
            Client(centre.smsc(tls=True, ca_file=path)) as client,
        ):
            assert kinds(await sent(client, 20)) == {Accepted: 20}

    run(trial())


@pytest.mark.parametrize("fault", ["another authority", "another name", "no TLS"])
def test_a_certificate_that_is_wrong_gets_no_password(authority, fault):
    ca, path = authority
    wrong = {
        "another authority": lambda: context(trustme.CA(), "127.0.0.1"),
        "another name": lambda: context(ca, "smsc.example"),
        "no TLS": lambda: None,
    }
    said = {
        "another authority": "certificate verify failed",
        "another name": "ip address mismatch",
        "no TLS": "",
    }

    async def trial():
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        async with OddCentre(hears, ssl=wrong[fault]()) as centre:
            client = Client(centre.smsc(tls=True, ca_file=path))
            waiting = client.submit(SUBMIT)
            await until(lambda: client.problem)
            assert client.problem.startswith(f"cannot connect to 127.0.0.1:{centre.port}: ")
            assert said[fault] in client.problem
            assert b"secret" not in centre.received
            await client.close()
            with pytest.raises(ClosedError):
                await waiting

    run(trial())


def test_a_host_that_cannot_be_is_a_problem_and_no_end():
    """Nothing ends the client but its close."""

    async def trial():
        client = Client(Smsc(host="a..b", user="me", password="secret", first_wait=0.05))
        waiting = client.submit(SUBMIT)
        await until(lambda: client.problem)
        assert "cannot connect to a..b:2775" in client.problem
        await client.close()
        with pytest.raises(ClosedError):
            await waiting

    run(trial())


def test_an_internal_error_ends_the_client_and_who_waits_is_told(monkeypatch):
    async def broken(_):
        raise ZeroDivisionError

    monkeypatch.setattr(Client, "_connect", broken)

    async def trial():
        client = Client(Smsc(host="127.0.0.1"))
        waiting = client.submit(SUBMIT)
        for future in (waiting, client.bound()):
            with pytest.raises(ZeroDivisionError):
                await future
        with pytest.raises(ClosedError):
            await client.submit(SUBMIT)
        assert client.problem == "internal error"
        with pytest.raises(ZeroDivisionError):
            await client.close()

    run(trial())


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("user", "x" * 16, "user: expected at most 15 characters"),
        ("user", "ő", "user: expected characters of Latin-1 and no NUL"),
        ("user", "a\0", "user: expected characters of Latin-1 and no NUL"),
        ("password", "x" * 9, "password: expected at most 8 characters"),
        ("password", "ő", "password: expected characters of Latin-1 and no NUL"),
        ("system_type", "x" * 13, "system_type: expected at most 12 characters"),
    ],
)
def test_a_log_in_that_no_bind_can_have(name, value, text):
    with pytest.raises(OptionError) as error:
        Smsc(host="127.0.0.1", **{name: value})
    assert str(error.value) == text


# --- Bounds --------------------------------------------------------------------------------------


def test_a_peer_that_does_not_read_is_given_up(monkeypatch):
    """Its requests would be answered into memory without an end."""
    monkeypatch.setattr(session, "_MOST_UNREAD", 1 << 18)

    async def trial():
        lost = asyncio.Event()

        async def flood(peer):
            await peer.bind()
            its_socket = peer.writer.get_extra_info("socket")
            its_socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            octets = encode(Pdu(pdus.EnquireLink(), 7)) * 4096
            while True:
                await peer.write(octets)

        async def script(peer):
            try:
                await flood(peer)
            finally:
                lost.set()

        options = {"timers": Timers(response=60, enquire=60)}
        async with OddCentre(script) as centre, Client(centre.smsc(**options)) as client:
            await client.bound()
            await asyncio.wait_for(lost.wait(), 60)
            assert "does not read" in client.problem

    run(trial())


def test_messages_that_come_faster_than_they_are_kept_have_to_come_again():
    answers, kept, done = Counter(), None, None

    async def script(peer):
        await peer.bind()
        body = pdus.DeliverSm(short_message=b"reply")
        await peer.write(b"".join(encode(Pdu(body, n)) for n in range(1, 7001)))
        for _ in range(2000):
            answers[(await peer.read()).command_status] += 1
        kept.set()
        for _ in range(5000):
            answers[(await peer.read()).command_status] += 1
        done.set()
        await peer.silence()

    async def keep(_):
        await kept.wait()
        return 0

    async def trial():
        nonlocal kept, done
        kept, done = asyncio.Event(), asyncio.Event()
        # The script answers no enquire_link: none may be due on a slow machine.
        async with OddCentre(script) as centre, Client(centre.smsc(timers=Timers()), keep):
            await asyncio.wait_for(done.wait(), 60)
        assert answers == {Status.ESME_RX_T_APPN: 2000, 0: 5000}

    run(trial())


class Quick:
    """A message centre that keeps nothing."""

    def __init__(self):
        self.accepted = 0

    def session(self):
        return session.Session(Role.SMSC, self.on_events, window=10)

    def on_events(self, peer, events):
        for event in events:
            if isinstance(event, Request):
                kind = codec.response_to(type(event.pdu.body))
                body = None
                if kind is pdus.SubmitSmResp:
                    self.accepted += 1
                    body = pdus.SubmitSmResp(message_id=f"{self.accepted:x}")
                peer.connection.answer(event.pdu, body)


def resident():
    """Octets of this process in memory."""
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def submitted(client, count):
    """Submit with 500 at a time in the client's hands; only the count is kept."""
    accepted = 0
    for _ in range(count // 500):
        results = await asyncio.gather(*(client.submit(SUBMIT) for _ in range(500)))
        accepted += kinds(results)[Accepted]
    return accepted


@pytest.mark.skipif(not os.path.exists("/proc/self/statm"), reason="needs /proc/self/statm")
def test_the_memory_is_flat():
    async def trial():
        loop, quick = asyncio.get_running_loop(), Quick()
        server = await loop.create_server(quick.session, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        smsc = Smsc(host="127.0.0.1", port=port, user="me", window=50, timers=QUICK)
        async with Client(smsc) as client:
            await submitted(client, SUBMITS // 10)
            before = resident()
            start = time.perf_counter()
            assert await submitted(client, SUBMITS) == SUBMITS
            seconds, grown = time.perf_counter() - start, resident() - before
            rate = f"{SUBMITS} submits: {grown / 1024:.0f} KiB more, {SUBMITS / seconds:.0f}/s"
            sys.stdout.write(f"{rate}\n")
            assert grown < 4 << 20
            assert client.waiting == 0
        server.close()

    run(trial(), 600)
