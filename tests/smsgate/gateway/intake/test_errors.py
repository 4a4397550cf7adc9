import re
from pathlib import Path

import pytest
from intakes import API_ID, CREDIT, Room

import smsgate.gateway.database as clock
from smsenc.messagefile.logs import ERRORS, Answer, read_answers
from smsenc.messagefile.parameters import FEATURES
from smsgate.gateway import accounts, content
from smsgate.gateway.intake.checks import Rules
from smsgate.gateway.queue import ledger
from smsgate.gateway.routing.ways import Way, Ways

VECTORS = Path(__file__).parents[3] / "vectors" / "gateway"
STEMS = sorted(path.stem for path in VECTORS.glob("*.txt"))
SECOND = "448311234568"
#: Errors that no file of this gateway can have: lock-down of addresses and lists of senders are
#: not in it, and the other two are about questions to an API.
NEVER = {7, 103, 104, 123}


def _frozen(room, _monkeypatch):
    room.database.transact(lambda conn: accounts.freeze(conn, API_ID))


def _poor(room, _monkeypatch):
    def work(conn):
        account = accounts.known(conn, API_ID)
        ledger.grant(conn, account.id, CREDIT - account.balance, "test", 1.0)

    room.database.transact(work)


def _late(_room, monkeypatch):
    times = iter((1_700_000_000.0,))
    monkeypatch.setattr(clock, "now", lambda: next(times, 1_700_003_601.0))


def _broken(_room, monkeypatch):
    def fails(*_):
        raise RuntimeError("broken")

    monkeypatch.setattr(content, "payload", fails)


SETUPS = {"004": _frozen, "301": _poor, "115": _late, "901": _broken}
RULES = {"114": Rules(routes=Ways((Way(name="r", features=FEATURES["text"]),)))} | {
    str(code): Rules(blocked=lambda number, code=code: code * (number == SECOND))
    for code in (121, 122, 128)
}


@pytest.fixture
def room(tmp_path):
    found = Room(tmp_path)
    yield found
    found.close()


@pytest.mark.parametrize("stem", STEMS)
def test_each_fault_has_its_answer(room, monkeypatch, stem):
    number = stem[:3]
    SETUPS.get(number, lambda *_: None)(room, monkeypatch)
    octets = VECTORS.joinpath(f"{stem}.txt").read_bytes()
    log = room.handled(f"{stem}.txt", octets, RULES.get(number))
    assert re.sub("ID: [0-9a-f]{32} ", "ID: ... ", log) == VECTORS.joinpath(
        f"{stem}.log"
    ).read_text("ascii")
    answers = read_answers(log.encode())
    assert all(isinstance(one, Answer) for one in answers)
    assert {one.error for one in answers} - {None} == {int(number)}
    accepted = [one.to for one in answers if one.id]
    assert [row[0] for row in room.messages()] == accepted
    ((name, state, _, good, bad),) = room.files()
    assert (name, good, bad) == (f"{stem}.txt", len(accepted), len(answers) - len(accepted))
    whole = state == "refused"
    assert bool(room.remarks()) == whole
    assert "horse" not in log + str(room.remarks()) + str(room.told) + str(room.content())


def test_every_error_has_a_file():
    assert {int(stem[:3]) for stem in STEMS} | NEVER == set(ERRORS)
