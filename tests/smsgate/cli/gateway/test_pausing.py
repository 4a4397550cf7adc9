"""Commands that pause, delay and cancel."""

from __future__ import annotations

import json
import re

import pytest
from command import smsenc
from queued import Queue
from sqlalchemy import update

from smsgate.gateway import tables
from smsgate.gateway.queue import picking

NOW = 1_800_000_000.0
ALL_OF = "message cancel --account 1 --all-waiting"


@pytest.fixture
def queue(tmp_path):
    tmp_path.chmod(0o700)
    found = Queue(tmp_path)
    yield found
    found.close()


@pytest.fixture
def gateway(queue, tmp_path):  # noqa: ARG001 - in its folder
    """A function that runs a command of the gateway."""

    def run(words, *more, code=0):
        done = smsenc("gateway", *words.split(), *more, "--data", tmp_path)
        assert done.returncode == code, (done.stdout, done.stderr)
        return done.stdout if code == 0 else done.stderr

    return run


def picked(queue):
    return queue.database.transact(lambda conn: picking.pick(conn, "main", 100, NOW))


def test_accounts_and_queues_are_paused_and_resumed(gateway, queue):
    queue.add(2, lasts=1e9)
    for words, said in (("account pause 1", "account 1"), ("queue pause 3", "queue 3")):
        assert gateway(words) == f"{said} is paused\n"
        assert gateway(words) == f"{said} is paused\n"
    assert json.loads(gateway("status", "--json"))["paused"] == ["queue 3", "account 1"]
    assert "queue 3 is paused\naccount 1 is paused\n" in gateway("status")
    assert picked(queue) == []
    assert gateway("account resume 1") == "account 1 is sent again\n"
    assert picked(queue) == []
    assert gateway("queue resume 3 --account 1", code=2) == (
        "smsenc: queue 3 of account 1 is not paused: smsenc gateway status lists pauses\n"
    )
    assert gateway("queue resume 3") == "queue 3 is sent again\n"
    assert len(picked(queue)) == 2
    assert gateway("queue pause 4", code=2) == "smsenc: QUEUE: expected 1, 2 or 3, found 4\n"
    assert "no account 77" in gateway("account pause 77", code=2)


def test_a_message_is_delayed(gateway, queue):
    (uid,) = queue.add(lasts=1e9)
    said = gateway("message delay", uid, "--minutes", "90")
    assert re.fullmatch(rf"{uid} waits until 20..-..-.. ..:..:..Z\n", said)
    assert queue.states() == ["delayed"]
    assert "within 7 days" in gateway("message delay", uid, "--until", "2099-01-01", code=3)
    assert "expected a time such as" in gateway("message delay", uid, "--until", "x", code=2)
    assert "expected either --minutes or --until" in gateway("message delay", uid, code=2)
    gateway("message delay", uid, "--minutes", "0")
    assert queue.states() == ["waiting"]


def test_many_are_cancelled_and_it_asks_before(gateway, queue):
    queue.add(3, lasts=1e9)
    queue.add(2, lasts=1e9)
    assert gateway(ALL_OF, code=2) == (
        "smsenc: 5 messages would be cancelled: give --yes to do it\n"
    )
    assert gateway("message cancel --account 1 --file none --yes") == (
        "0 messages cancelled, 0 credits returned\n"
    )
    assert gateway(ALL_OF, "--yes") == "5 messages cancelled, 0.00005 credits returned\n"
    assert set(queue.states()) == {"cancelled"}
    assert "no faults" in gateway("check")


@pytest.mark.parametrize("words", ["", "--file a", "--account 1", "x --account 1"])
def test_what_is_meant_must_be_clear(gateway, words):
    assert gateway(f"message cancel {words}", code=2).startswith("smsenc: ")


def test_a_paused_route_is_said_at_the_top_and_where_messages_wait_for_it_a_warning(gateway, queue):
    gateway("route pause main")
    assert gateway("status").splitlines()[1] == "route main is paused"
    assert gateway("check") == "no faults\n"
    queue.add(1, lasts=1e9)
    change = update(tables.message).values(way="main")
    queue.database.transact(lambda conn: conn.execute(change))
    what = "route main is paused, and 1 message waits for it: smsenc gateway route resume main"
    assert gateway("check") == f"warning: {what}\nno faults, 1 warning\n"
