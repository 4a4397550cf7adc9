"""Batches of messages over one connection, to a server that is a dictionary."""

import threading

import pytest
from ftpservers import message
from outboxes import records_of

from smsenc.messagefile import PLACEHOLDER
from smsenc.messagefile.names import parse
from smsgate.errors import GatewayError, GatewayLostError, OutboxError
from smsgate.ftpclient.delivery import Delivery
from smsgate.ftpclient.retry import RetryingSession, UnreachableError
from smsgate.ftpclient.transfers import Transfers
from smsgate.outbox.contents import Outgoing
from smsgate.outbox.files import State, Transfer

CARD = tuple(f"000001-card.p{n}-2.txt" for n in (1, 2))
NOTE = ("000002-note.txt",)


class Folder:
    """A server's folder as a session sees it; ``fail`` may raise for a command and a name."""

    pipelined = in_doubt = lose = False

    def __init__(self):
        self.files = {}
        self.done = []
        self.fail = failing("nothing", "", None)

    def _do(self, command, name):
        self.fail(command, name)
        self.done.append((command, name))

    def size(self, name):
        return len(self.files[name]) if name in self.files else None

    def sizes(self, names):
        return list(map(self.size, names))

    def store(self, name, octets, start, pace, *, ahead):  # noqa: ARG002 - a session's
        self._do("store ahead" if ahead else "store", name)
        self.files[name] = self.files.get(name, b"")[:start] + octets[start:]
        if ahead and self.lose:
            self.files[name] = b""

    def rename(self, name, final):
        self.files[final] = self.files.pop(name)
        self._do("rename", final)

    def delete(self, name):
        if self.files.pop(name, None) is None:
            raise GatewayError("no such file", reply=550)

    def drop(self):
        pass


@pytest.fixture
def folder():
    return Folder()


@pytest.fixture
def transfers(tmp_path):
    with Transfers(records_of(tmp_path / "box"), "host:21/", iter(range(10_000)).__next__) as found:
        found.plan(dict.fromkeys([*CARD, *NOTE], ""))
        yield found


def outgoing(names):
    return tuple(Outgoing(name, parse(name), 1, lambda name=name: message(name)) for name in names)


def send(transfers, folder, *messages, pauses=0):
    given_back = []
    session = RetryingSession(
        lambda: folder, (0,) * pauses, threading.Event(), lambda seconds: seconds
    )
    delivery = Delivery(session, transfers, PLACEHOLDER)
    try:
        delivery.send([outgoing(names) for names in messages], given_back.extend)
    except UnreachableError:
        return [tuple(part.name for part in parts) for parts in given_back]
    return None


def states(transfers):
    return [row.state for row in transfers.rows.values()]


def failing(command, text, error):
    def fail(given, name):
        if given == command and text in name:
            raise error

    return fail


def test_a_batch_is_stored_before_anything_is_renamed(transfers, folder):
    assert send(transfers, folder, CARD, NOTE) is None
    assert [command for command, _ in folder.done] == ["store"] * 3 + ["rename"] * 3
    assert [name for command, name in folder.done if command == "rename"] == [*CARD, *NOTE]
    assert folder.files == {name: message(name) for name in (*CARD, *NOTE)}
    assert states(transfers) == [State.DONE] * 3


def test_no_part_of_a_message_is_renamed_if_one_is_refused(transfers, folder):
    folder.fail = failing("store", "p2-2", GatewayError("full"))
    assert send(transfers, folder, CARD, NOTE) is None
    assert states(transfers) == [State.SENDING, State.REFUSED, State.DONE]
    assert transfers.rows[CARD[1]].reason == "full"
    assert [name for name in folder.files if name[0] != "."] == [*NOTE]


def test_a_file_that_cannot_be_read_leaves_its_message(transfers, folder):
    def unreadable():
        raise OutboxError("cannot be read")

    first, second = outgoing(CARD)
    session = RetryingSession(lambda: folder, (), threading.Event(), lambda seconds: seconds)
    broken = Outgoing(second.name, second.fields, 1, unreadable)
    Delivery(session, transfers, PLACEHOLDER).send([(first, broken)], lambda messages: messages)
    assert folder.done == []
    assert states(transfers) == [State.PLANNED, State.REFUSED, State.PLANNED]


def test_a_rename_whose_answer_was_lost_is_not_repeated(transfers, folder):
    errors = [GatewayLostError("lost")]

    def fail(command, name):  # noqa: ARG001 - a command's name
        if command == "rename" and errors:
            raise errors.pop()

    folder.fail = fail
    send(transfers, folder, NOTE, pauses=1)
    assert states(transfers)[2] is State.DONE
    assert [command for command, _ in folder.done] == ["store"]


def notes(count):
    return [(f"{n:06}-note.txt",) for n in range(1, count + 1)]


def test_octets_are_sent_ahead_when_sizes_are_known_to_be_told(transfers, folder):
    transfers.plan(dict.fromkeys([name for (name,) in notes(4)], ""))
    session = RetryingSession(lambda: folder, (), threading.Event(), lambda seconds: seconds)
    delivery = Delivery(session, transfers, PLACEHOLDER)
    for names in notes(2):
        delivery.send([outgoing(names)], lambda given: given)
    assert [command for command, _ in folder.done if "store" in command] == ["store", "store ahead"]
    folder.lose = True
    for names in notes(4)[2:]:
        delivery.send([outgoing(names)], lambda given: given)
    stored = [command for command, _ in folder.done if "store" in command]
    assert stored[2:] == ["store ahead", "store", "store"]
    assert {name: folder.files[name] for (name,) in notes(4)} == {
        name: message(name) for (name,) in notes(4)
    }
    assert states(transfers) == [State.DONE] * 4


def test_a_file_under_neither_name_is_unknown(transfers, folder):
    def taken(name, final):  # noqa: ARG001 - a session's
        folder.files.clear()
        raise GatewayLostError("lost")

    folder.rename = taken
    send(transfers, folder, NOTE, pauses=1)
    assert states(transfers)[2] is State.UNKNOWN
    assert "under neither name" in transfers.rows[NOTE[0]].reason


def test_a_taken_name_is_not_overwritten(transfers, folder):
    folder.files[NOTE[0]] = b"of another sender"
    send(transfers, folder, NOTE)
    assert folder.files == {NOTE[0]: b"of another sender"}
    assert transfers.rows[NOTE[0]].reason == (
        "the server already has a file of this name, of 17 octets"
    )


@pytest.mark.parametrize(
    ("there", "digest_kept", "attempt"), [(5, True, 0), (5, False, 1), (10_000, True, 1)]
)
def test_half_a_file_is_continued_only_if_it_is_the_same(
    transfers, folder, there, digest_kept, attempt
):
    send(transfers, folder, NOTE)
    row = transfers.rows[NOTE[0]]
    digest = row.digest if digest_kept else "another"
    transfers.write([Transfer(row.name, State.SENDING, row.size, digest)])
    folder.files = {transfers.temporary(row.name): (message(NOTE[0]) + b"x" * 10_000)[:there]}
    send(transfers, folder, NOTE)
    assert folder.files[NOTE[0]] == message(NOTE[0])
    assert transfers.rows[row.name].attempt == attempt


def test_what_was_not_tried_is_given_back(transfers, folder):
    folder.fail = failing("store", NOTE[0], UnreachableError(GatewayLostError("lost")))
    assert send(transfers, folder, CARD, NOTE) == [CARD, NOTE]
    assert State.DONE not in states(transfers)
