"""The intake is killed at each step of its way, and started again."""

import os
import re
from collections import Counter

import pytest
from intakes import LOGIN, Room

from smsgate.gateway import tables
from smsgate.gateway.intake import answers, job, records, taking
from smsgate.gateway.queue import ledger

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the system has no fork")

NUMBERS = [f"4483112{n:05}" for n in range(7)]
BAD = "0831"
FILES = {
    "many.txt": LOGIN + b"text:Hello\n" + "".join(f"to:{n}\n" for n in [*NUMBERS, BAD]).encode(),
    "rows.txt": LOGIN
    + b"text:Hello #field1#\n"
    + "".join(f"csv:{n},{n[-2:]}\n" for n in NUMBERS[:3]).encode(),
    "bad.txt": LOGIN + b"queue:9\ntext:Hello\n" + f"to:{NUMBERS[0]}\n".encode(),
}
OLD = "ERR: 105, Invalid destination address (line 5) To: 1\n"
ID = re.compile("ID: ([0-9a-f]{32}) To: ([0-9]+)")


class Steps:
    """Ends the process before the step of a number, from 1."""

    def __init__(self, last):
        self.left = last

    def counted(self, function):
        def stepped(*given, **named):
            self.left -= 1
            if not self.left:
                os._exit(9)
            return function(*given, **named)

        return stepped

    def install(self):
        for owner, name in (
            *((os, one) for one in ("rename", "replace", "unlink", "mkdir", "rmdir")),
            *((answers, one) for one in ("write", "publish", "flush")),
            *((records, one) for one in ("accept", "flush", "_insert", "_progress")),
            (taking, "flush"),
        ):
            setattr(owner, name, self.counted(getattr(owner, name)))


def _handle(data, last):
    """Take and handle the files in a child that dies at a step; whether it did not."""
    child = os.fork()
    if not child:
        code = 1
        try:
            room = Room(data)
            job.LOT = 3
            intake = room.intake()
            Steps(last).install()
            for name in FILES:
                if (room.folder / name).exists():
                    intake.take(room.folder, name)
            room.run(intake, room.idle)
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, 9)
    return code == 0


def _check(room):
    messages = room.rows(tables.message, "uid", "recipient")
    assert Counter(number for _, number in messages) == Counter([*NUMBERS, *NUMBERS[:3]])
    logs = {name: room.log(name) for name in FILES}
    found = [pair for log in logs.values() for pair in ID.findall(log)]
    assert sorted(found) == sorted(messages)
    assert logs["many.txt"].startswith(OLD)
    assert logs["many.txt"].count("\n") == len(NUMBERS) + 2
    assert logs["rows.txt"].count("\n") == 3
    assert logs["bad.txt"] == (
        f"ERR: 101, Invalid or missing parameters (line 4) To: {NUMBERS[0]}\n"
    )
    assert sorted(room.files()) == [
        ("bad.txt", "refused", 1, 0, 1),
        ("many.txt", "read", 8, 7, 1),
        ("rows.txt", "read", 3, 3, 0),
    ]
    assert room.database.transact(ledger.check) == []
    assert len(room.remarks()) == 2  # the answer to bad.txt, and in detail what is wrong
    assert room.idle()
    assert len(list(room.folder.iterdir())) == len(FILES)


def test_killed_at_any_step_nothing_is_lost_and_nothing_doubled(tmp_path):
    step, done = 0, False
    while not done:
        step += 1
        room = Room(tmp_path / str(step))
        for name, octets in FILES.items():
            room.upload(name, octets)
        room.upload("many.txt.log", OLD.encode())
        room.close()
        done = _handle(room.data, step)
        assert done or _handle(room.data, 0)
        room = Room(room.data)
        _check(room)
        room.close()
    assert step > 40
