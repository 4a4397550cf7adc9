"""Runs the writer of history.log in processes that end at a given step, or at any moment.

    python historycrashes.py steps ROOT        # one process for each step at which it can end
    python historycrashes.py feed ROOT EVENTS  # writes while events come, until it is killed

A step is a call that changes a file, or a transaction before or after its commit. A call that
writes ends the process with half of its octets written.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from contextlib import closing
from pathlib import Path
from unittest import mock

from historyrows import NOW, event_row, file_row, made, message_row, put, remark_row
from sqlalchemy import func, select

from smsenc.messagefile.logs import read_answers
from smsgate.gateway import tables
from smsgate.gateway.logs import lots
from smsgate.gateway.logs.history import HistoryWriter
from smsgate.gateway.settings import Limits

EVENTS, LOT = 40, 9
SMALL = Limits(history_size=1500, history_files=100)
LARGER = Limits(history_size=20_000, history_files=1000)
KILLED = 9


class Steps:
    """Ends the process at step ``last``; 0 for never."""

    def __init__(self, last):
        self.last, self.count = last, 0

    def reached(self):
        self.count += 1
        return self.count == self.last

    def end(self):
        if self.reached():
            os._exit(KILLED)

    def around(self, function):
        def stepped(*args, **kwargs):
            self.end()
            result = function(*args, **kwargs)
            self.end()
            return result

        return stepped

    def writing(self, write):
        def stepped(descriptor, octets):
            if self.reached():
                write(descriptor, octets[: len(octets) // 2])
                os._exit(KILLED)
            return write(descriptor, octets)

        return stepped


def in_process(work, *args):
    """What a process that does this work ends with."""
    process = os.fork()
    if not process:
        try:
            work(*args)
        except BaseException:  # noqa: BLE001 - it ends the process
            sys.excepthook(*sys.exc_info())
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def fill(root):
    (root / "account1").mkdir(parents=True)
    (root / "account2").mkdir()
    with closing(made(root / "data")) as database:
        put(database, file=[file_row(1), file_row(2, account=2)])
        put(database, message=[message_row(1), message_row(2, file=2, account=2)])


def come(database, start, stop, *, remarks=True):
    """Events of two accounts, numbered by their time; each tenth number is a remark instead."""
    numbers = range(start, stop)
    events = [n for n in numbers if n % 10 or not remarks]
    put(
        database,
        event=[event_row(1 + n % 2, account=1 + n % 2, time=NOW + n) for n in events],
        remark=[remark_row(f"ERR: 901, {n}", time=NOW + n) for n in set(numbers) - set(events)],
    )


def write(root, limits, last=0):
    """Write all there is in turns, so that new events come between them."""
    steps = Steps(last)
    with closing(made(root / "data")) as database:
        writer = HistoryWriter(database, lambda one: root / f"account{one}", limits)
        database.transact = steps.around(database.transact)
        with (
            mock.patch.object(lots, "LOT", LOT),
            mock.patch("os.write", steps.writing(os.write)),
            mock.patch("os.ftruncate", steps.around(os.ftruncate)),
            mock.patch("os.open", steps.around(os.open)),
            mock.patch.object(Path, "rename", steps.around(Path.rename)),
            closing(writer),
        ):
            while asyncio.run(writer.write(NOW)):
                pass


def written(folder):
    """The lines of all logs of a folder, older ones first."""

    def age(path):
        return -int(path.suffix[1:]) if path.suffix != ".log" else 0

    logs = sorted(folder.glob("history.log*"), key=age)
    return [row for log in logs for row in read_answers(log.read_bytes())]


def numbers(folder):
    return [int(row.time[-2:]) + 60 * int(row.time[-5:-3]) for row in written(folder)]


def each_step(root):
    last, code = 0, KILLED
    while code == KILLED:
        last += 1
        place = root / str(last)
        in_process(fill, place)
        in_process(feed_once, place, 0, EVENTS)
        code = in_process(write, place, SMALL, last)
        in_process(feed_once, place, EVENTS, 2 * EVENTS)
        if in_process(write, place, SMALL) or code not in (0, KILLED):
            raise SystemExit(f"step {last}: failed")
        check(place, last)
        shutil.rmtree(place)
    sys.stdout.write(f"{last}\n")


def check(root, step):
    odd = [n for n in range(2 * EVENTS) if n % 2 and n % 10]
    even = [n for n in range(2 * EVENTS) if not n % 2 and n % 10]
    notes = [n for n in range(2 * EVENTS) if not n % 10]
    found = [numbers(root / f"account{one}") for one in (1, 2)]
    events = [n for n in found[0] if n % 10]
    if (events, sorted(set(found[0]) - set(events)), found[1]) != (even, notes, odd):
        raise SystemExit(f"step {step}: {found}")
    if len(found[0]) != len(even) + len(notes):
        raise SystemExit(f"step {step}: remarks twice: {found[0]}")


def feed_once(root, start, stop):
    with closing(made(root / "data")) as database:
        come(database, start, stop)


async def _feed(database, writer, most):
    query = select(func.max(tables.event.c.id))
    at = (await database.run(lambda conn: conn.execute(query).scalar())) or 0
    while at < most or await writer.write(NOW):
        stop = min(at + 40, most)
        come(database, at, stop, remarks=False)
        at = stop
        await writer.write(NOW)


def feed(root, most):
    if not (root / "account1").exists():
        fill(root)
    with closing(made(root / "data")) as database:
        writer = HistoryWriter(database, lambda one: root / f"account{one}", LARGER)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        with closing(writer):
            asyncio.run(_feed(database, writer, most))


if __name__ == "__main__":
    what, where, *more = sys.argv[1:]
    each_step(Path(where)) if what == "steps" else feed(Path(where), int(more[0]))
