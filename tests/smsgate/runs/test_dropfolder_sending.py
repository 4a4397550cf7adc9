"""What became of the files of a source, and when a server is tried again."""

from itertools import pairwise

import pytest
from ftpservers import HOST, LOG_IN

from smsgate.errors import GatewayError
from smsgate.ftpclient.login import LogIn
from smsgate.ftpclient.session import Security, Server
from smsgate.ftpclient.upload import Options
from smsgate.outbox.files import State, Transfer
from smsgate.runs.dropfolder.sending import Sender, Verdict, verdict

ONE, TWO, THREE = (f"000001-a.abcdefgh.p{n}-3.txt" for n in (1, 2, 3))
OTHER = "000002-a.abcdefgh.txt"


def judged(there, gone=()):
    """The verdict on all files of ``there`` and ``gone``, as names with states."""
    rows = {name: Transfer(name, State(state), reason="why") for name, state in (*there, *gone)}
    sent = {name: rows[name] for name, _ in there}
    return verdict(rows, sent, rows.get)


@pytest.mark.parametrize(
    ("there", "gone", "expected"),
    [
        ([], [], Verdict()),
        ([(OTHER, "done")], [], Verdict()),
        ([(OTHER, "refused")], [], Verdict({OTHER: "refused: why"})),
        ([(OTHER, "unknown")], [], Verdict({}, (f"{OTHER}: unknown: why",))),
        ([(OTHER, "planned")], [], Verdict(waiting=True)),
        ([(OTHER, "sending")], [], Verdict(waiting=True)),
        ([(OTHER, "sent")], [], Verdict(waiting=True)),
        ([(OTHER, "renaming")], [], Verdict(waiting=True)),
        ([], [(OTHER, "done")], Verdict()),
        ([], [(OTHER, "planned")], Verdict({OTHER: "removed from the outbox before it was sent"})),
        ([], [(OTHER, "renaming")], Verdict({}, (f"{OTHER}: unknown: why",))),
    ],
)
def test_a_file(there, gone, expected):
    assert judged(there, gone) == expected


def test_a_part_that_is_refused_refuses_the_parts_that_wait():
    found = judged([(ONE, "sent"), (TWO, "refused"), (THREE, "planned"), (OTHER, "done")])
    other = "not sent, because another part of the message was refused"
    assert found == Verdict({TWO: "refused: why", ONE: other, THREE: other})


def test_a_part_that_may_be_visible_is_not_refused_with_the_others():
    found = judged([(ONE, "renaming"), (TWO, "refused"), (OTHER, "planned")])
    assert found == Verdict({TWO: "refused: why"}, waiting=True)


class Sending:
    """A sender with a clock of its own, and what it told."""

    def __init__(self, port, log_in=LOG_IN):
        self.now = 0.0
        self.told = []
        server = Server(host=HOST, port=port, security=Security.NONE, timeout=5)
        self.target = server.target
        options = Options(pauses=())
        self.sender = Sender(server, log_in, options, self.told.append, lambda: self.now)


@pytest.fixture
def outbox(tmp_path):
    (tmp_path / "out").mkdir()
    lines = "api_id:1\nuser:u\npassword:p\ntext:Hello\nto:447700900123\n"
    (tmp_path / "out" / "000001-note.txt").write_text(lines)
    return tmp_path / "out"


def test_the_pauses_grow_to_five_minutes_and_it_is_told_once(ftpd, outbox, remote):
    sending = Sending(ftpd.port)
    ftpd.stop()
    tries = []
    while sending.now < 2000:
        if sending.sender.send(outbox) is not None:
            tries.append(sending.now)
        sending.now += 1
    assert tries[:8] == [0, 5, 15, 35, 75, 155, 315, 615]
    assert {late - early for early, late in pairwise(tries[7:])} == {300}
    assert len(sending.told) == 1
    ftpd.start()
    sending.now += 300
    assert sending.sender.send(outbox)["000001-note.txt"].state is State.DONE
    assert sending.told[1:] == [f"{sending.target}: the server is back"]
    assert [path.name for path in remote.iterdir()] == ["000001-note.txt"]


def test_a_permanent_refusal_stops(ftpd, outbox):
    sending = Sending(ftpd.port, LogIn(user="fleet", password="wrong"))
    sending.sender.send(outbox)
    assert isinstance(sending.sender.stopped, GatewayError)
    assert sending.told == []
    assert ftpd.asked.count("PASS") == 1


def test_a_file_that_fails_for_now_is_not_tried_in_every_round(ftpd, outbox):
    sending = Sending(ftpd.port)
    ftpd.answers["STOR"] = ["450 Busy"] * 9
    assert sending.sender.send(outbox)["000001-note.txt"].state is State.SENDING
    assert sending.sender.send(outbox) is None
    sending.now = 5
    sending.sender.send(outbox)
    assert ftpd.asked.count("STOR") == 2
    (line,) = sending.told
    assert line.endswith("450 Busy: 1 file still to send")


def test_an_empty_outbox_needs_no_server(tmp_path):
    (tmp_path / "out").mkdir()
    assert Sending(1).sender.send(tmp_path / "out") == {}
