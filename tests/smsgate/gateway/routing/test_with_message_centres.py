"""A gateway's process with several message centres: refusing, silent, absent and good ones."""

from __future__ import annotations

import socket
from collections import Counter
from contextlib import contextmanager

import pytest
from gateways import HOST, Gateway, Smsc, until
from smppcentre import Centre, in_thread

from smsenc.smpp import Status
from smsgate.gateway.credits import CREDIT

ROUTE = """
[[route]]
name = "{name}"
smsc = "smpp://me@127.0.0.1:{port}"
price = {price}
"""
NUMBERS = [f"4477009000{place:02}" for place in range(20)]


def routes(folder, *lines, **given):
    """gateway.toml with routes by name: port and price; ``lines`` are of the first."""
    folder.mkdir(mode=0o700)
    texts = [ROUTE.format(name=name, port=one[0], price=one[1]) for name, one in given.items()]
    texts[0] += "".join(f"{line}\n" for line in lines)
    (folder / "gateway.toml").write_text("".join(texts))


def recipients(bodies):
    return Counter(body.destination_addr.digits for body in bodies)


def arrived(smsc):
    """How often each number was sent a message; it ends the message centre."""
    smsc.end()
    return recipients(smsc.received())


@contextmanager
def running(folder):
    with Gateway(folder) as gateway:
        yield gateway


def send(gateway, name, *lines):
    gateway.upload(name, gateway.account.file(*lines, "text:Hi", *(f"to:{n}" for n in NUMBERS)))
    assert all(answer.id for answer in gateway.log(name))


def charges(gateway):
    return gateway.select("SELECT DISTINCT route, state, charge FROM message ORDER BY route")


def credit(gateway):
    ((balance, total),) = gateway.select(
        "SELECT balance, (SELECT sum(amount) FROM ledger) FROM account"
    )
    assert balance == total
    return balance


@pytest.mark.parametrize("code", [Status.ESME_RSUBMITFAIL, Status.ESME_RDELIVERYFAILURE])
def test_what_a_route_refuses_goes_by_the_next(tmp_path, code):
    with in_thread(Centre(lambda _: code)) as centre, Smsc(tmp_path / "smsc") as smsc:
        routes(tmp_path / "data", cheap=(centre.port, 1), dear=(smsc.port, 3))
        with running(tmp_path / "data") as gateway:
            before = credit(gateway)
            send(gateway, "a.txt", "escalate:1", "deliv_ack:1")
            until(lambda: gateway.counts() == {"delivered": 20}, lambda: f"{gateway.counts()}")
            assert charges(gateway) == [("dear", "delivered", 3 * CREDIT)]
            assert credit(gateway) == before - 60 * CREDIT
            uid = gateway.select("SELECT uid FROM message LIMIT 1")[0][0]
            shown = gateway.command("message", "show", uid, "--data", gateway.data)
            assert "refused by cheap" in shown
        assert recipients(centre.bodies) == dict.fromkeys(NUMBERS, 1)
        assert arrived(smsc) == dict.fromkeys(NUMBERS, 1)


def test_a_route_may_see_answers_in_another_way(tmp_path):
    answer = Status.ESME_RINVDSTADR
    with in_thread(Centre(lambda _: answer)) as centre, Smsc(tmp_path / "smsc") as smsc:
        wanted = 'other-route = "0x0B"'
        routes(tmp_path / "data", wanted, cheap=(centre.port, 1), same=(smsc.port, 1))
        with running(tmp_path / "data") as gateway:
            send(gateway, "a.txt")
            gateway.settled()
            assert charges(gateway) == [("same", "sent", CREDIT)]


def test_a_slow_route_is_left_by_those_that_escalate(tmp_path):
    with in_thread(Centre(lambda _: None)) as centre, Smsc(tmp_path / "smsc") as smsc:
        wanted = ("escalate-after = 1", "window = 1", "rate = 1")
        routes(tmp_path / "data", *wanted, slow=(centre.port, 1), dear=(smsc.port, 3))
        with running(tmp_path / "data") as gateway:
            before = credit(gateway)
            send(gateway, "a.txt", "escalate:1", "max_credits:3")
            until(lambda: gateway.counts()["sent"] >= 15, lambda: f"{gateway.counts()}", 30)
            assert {row[:2] for row in charges(gateway)} == {("slow", "sending"), ("dear", "sent")}
            assert credit(gateway) == before - 60 * CREDIT
            moved = gateway.select("SELECT count(*) FROM message WHERE way = 'dear'")[0][0]
        phones = arrived(smsc)
        assert phones.total() == moved
        assert set((phones + recipients(centre.bodies)).values()) <= {1}


def test_a_route_that_cannot_be_reached_is_left_for_one_of_the_same_price(tmp_path):
    with socket.create_server((HOST, 0)) as closed:
        port = closed.getsockname()[1]
    with Smsc(tmp_path / "smsc") as smsc:
        wanted = ("weight = 1000",)
        routes(tmp_path / "data", *wanted, gone=(port, 1), same=(smsc.port, 1), dear=(smsc.port, 2))
        with running(tmp_path / "data") as gateway:
            send(gateway, "a.txt")
            assert gateway.settled(60) == {"sent": 20}
            assert charges(gateway) == [("same", "sent", CREDIT)]
        assert arrived(smsc) == dict.fromkeys(NUMBERS, 1)


def test_messages_of_a_route_that_is_not_configured_any_more(tmp_path):
    data = tmp_path / "data"
    with in_thread(Centre()) as centre, Smsc(tmp_path / "smsc") as smsc:
        routes(data, old=(centre.port, 2))
        with running(data) as gateway:
            gateway.command("route", "pause", "old", "--data", data)
            send(gateway, "a.txt")
            gateway.end()
            (data / "gateway.toml").unlink()
            text = ROUTE.format(name="new", port=smsc.port, price=1)
            (data / "gateway.toml").write_text(text)
            gateway.start()
            assert gateway.settled() == {"sent": 20}
            assert charges(gateway) == [("new", "sent", CREDIT)]
    assert not centre.bodies
