"""One log-in to a message centre, to see whether it works."""

from __future__ import annotations

import asyncio
import socket

from simulators import run
from smppcentre import Centre

from smsenc.smpp import Answer, Request, Status, pdus
from smsgate.smppclient import Smsc, trial


class Heard(Centre):
    """Keeps all that it hears, and may have messages of phones."""

    def __init__(self, messages=0):
        super().__init__()
        self.heard = []
        self.messages = messages

    def on_events(self, session, events):
        self.heard += events
        super().on_events(session, events)

    def on_request(self, session, pdu):
        super().on_request(session, pdu)
        if isinstance(pdu.body, pdus.Bind):
            for _ in range(self.messages):
                session.send(pdus.DeliverSm(short_message=b"hi"))
            session.flush_soon()
        elif isinstance(pdu.body, pdus.Unbind):
            session.answer(pdu)


async def tried(centre, **given):
    async with centre:
        return await trial.problem(centre.smsc(), **given)


def asked(centre):
    return [type(one.pdu.body) for one in centre.heard if isinstance(one, Request)]


def test_a_log_in_that_works_is_ended_in_order():
    centre = Heard()
    assert run(tried(centre)) == ""
    assert asked(centre) == [pdus.BindTransceiver, pdus.Unbind]


def test_what_phones_have_sent_comes_again_later():
    """It answers that it cannot take it now, so that the message centre keeps it."""
    centre = Heard(messages=3)
    assert run(tried(centre)) == ""
    answers = [one.status for one in centre.heard if isinstance(one, Answer)]
    assert answers == [Status.ESME_RX_T_APPN] * 3


def test_a_log_in_that_is_refused_says_why():
    centre = Heard()
    centre.bind_status = Status.ESME_RALYBND
    assert run(tried(centre)) == "the message centre refuses the log-in: ESME_RALYBND"
    assert asked(centre) == [pdus.BindTransceiver]


def test_a_message_centre_that_is_silent_is_not_waited_for():
    async def main():
        with socket.create_server(("127.0.0.1", 0)) as silent:
            smsc = Smsc(host="127.0.0.1", port=silent.getsockname()[1])
            return str(smsc), await trial.problem(smsc, longest=0.2)

    smsc, found = run(main())
    assert found == f"{smsc} has not answered within 0.2 seconds"


def test_a_message_centre_that_hangs_up_is_told():
    async def main():
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        async with server:
            port = server.sockets[0].getsockname()[1]
            return await trial.problem(Smsc(host="127.0.0.1", port=port))

    assert "connection" in run(main())


def test_one_that_cannot_be_reached_is_told():
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    found = run(trial.problem(Smsc(host="127.0.0.1", port=port)))
    assert found == f"cannot connect to 127.0.0.1:{port}: connection refused"
    assert run(trial.problem(Smsc(host="x" * 64 + ".invalid"))).startswith("cannot connect to ")
