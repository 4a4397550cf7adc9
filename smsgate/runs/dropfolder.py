"""A folder that is watched: what is put there is converted, sent, and filed under done or rejected.

Each source has a row in the outbox's journal, with the running number and the reference that its
messages start from, before anything of it is written. A run that was killed goes on with the same
numbers and so with the same octets: no source is sent twice, none is lost.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from converters.pipeline import Job, Outcome
from smsenc.messagefile import names
from smsgate.errors import OutboxError
from smsgate.outbox import journal
from smsgate.outbox.folder import Outbox
from smsgate.outbox.lock import lock
from smsgate.runs.batch import LAST_REFERENCE, run

try:
    import fcntl
except ImportError:  # Windows: a file that is being written cannot be renamed there anyway
    fcntl = None  # type: ignore[assignment]

DONE, REJECTED, _TAKEN = "done", "rejected", ".taken"
#: Names under which programs keep what they have not finished.
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", "~")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS watched (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,     -- of its first message file
    reference INTEGER NOT NULL,  -- of its first message in several parts
    next_number INTEGER,         -- those of the source after it, once it is written
    next_reference INTEGER,
    files TEXT NOT NULL DEFAULT '[]',       -- names, as JSON
    complaints TEXT NOT NULL DEFAULT '[]',  -- lines, as JSON
    filed INTEGER NOT NULL DEFAULT 0
);
"""


@dataclass(frozen=True, slots=True)
class Ticket:
    """A source that was taken: ``id`` counts them, its first file gets ``number``."""

    id: int
    name: str
    number: int
    reference: int


@dataclass(frozen=True, slots=True)
class Made:
    """A source whose messages are written: the names of their files, and what was rejected."""

    ticket: Ticket
    files: tuple[str, ...]
    complaints: tuple[str, ...]


_CLOSED = sqlite3.connect(":memory:")
_CLOSED.close()  # stands for a journal that is not open: every use of it is an error


class DropFolder:
    """A watched ``folder``, and the ``outbox`` that its messages go to; held by one run at a time.

    Raises OutboxError for folders that cannot be made or written, GuardError while another run
    watches the same folder.
    """

    def __init__(self, folder: Path, outbox: Path, job: Job) -> None:
        self.folder = folder
        self.outbox = outbox
        self._job = job
        self._lock = -1
        self._base = _CLOSED

    def __enter__(self) -> Self:
        with self._problems():
            for part in (DONE, REJECTED, _TAKEN):
                (self.folder / part).mkdir(parents=True, exist_ok=True)
            refusal = "expected a folder that nobody watches, found another run on it"
            self._lock = lock(self.folder, refusal)
            try:
                self._base = journal.connect(journal.path_of(self.outbox), _SCHEMA)
            except BaseException:
                self.close()
                raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder and the journal."""
        self._base.close()
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    @contextmanager
    def _problems(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise OutboxError(f"expected to write to {self.folder}, found: {reason}") from error
        except sqlite3.Error as error:
            raise OutboxError(f"expected a journal to write to, found: {error}") from error

    def waiting(self, settle: float, now: Callable[[], float] = time.time) -> list[str]:
        """Names of complete sources: unchanged for ``settle`` seconds, open for writing nowhere."""
        with self._problems():
            names = sorted(entry.name for entry in os.scandir(self.folder) if _is_source(entry))
            return [name for name in names if _complete(self.folder / name, settle, now())]

    def take(self, name: str) -> Ticket | None:
        """Give a source its row and put it aside; None where it has gone meanwhile."""
        with self._problems():
            number, reference = self._next()
            row = "INSERT INTO watched (name, number, reference) VALUES (?, ?, ?)"
            made = self._base.execute(row, (name, number, reference))
            ticket = Ticket(int(made.lastrowid or 0), name, number, reference)
            try:
                self._put_aside(ticket)
            except FileNotFoundError:
                self._base.execute("DELETE FROM watched WHERE id = ?", (ticket.id,))
                return None
            return ticket

    def _put_aside(self, ticket: Ticket) -> None:
        place = self.place(ticket)
        place.parent.mkdir(exist_ok=True)
        (self.folder / ticket.name).rename(place)

    def _next(self) -> tuple[int, int]:
        """The numbers after the last source's; at first after what lies in the outbox."""
        row = self._base.execute(
            "SELECT next_number, next_reference FROM watched ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if row:
            return row[0], row[1]
        there = os.listdir(self.outbox) if self.outbox.is_dir() else []
        return _last_number(there) + 1, 1

    def left(self) -> Ticket | None:
        """A source that a run was killed over before its messages were written."""
        with self._problems():
            row = self._base.execute(
                "SELECT id, name, number, reference FROM watched WHERE next_number IS NULL"
            ).fetchone()
            if row is None:
                return None
            ticket = Ticket(*row)
            if not self.place(ticket).exists():  # killed before it was put aside
                self._base.execute("DELETE FROM watched WHERE id = ?", (ticket.id,))
                return None
            return ticket

    def make(self, ticket: Ticket, show: Callable[[Outcome], object]) -> Made:
        """Convert a source that was taken, into the outbox; each message is shown."""
        number, reference = ticket.number, ticket.reference
        files: list[str] = []
        complaints: list[str] = []
        with Outbox(self.outbox, secret=self._job.template.ready, force=True) as outbox:
            place = str(self.place(ticket))
            for outcome in run([place], self._job, outbox, number=number, reference=reference):
                named = replace(outcome, source=ticket.name)
                if outcome.error:
                    outcome.error.source = ticket.name
                    complaints.append(str(outcome.error))
                files.extend(name for name, _ in outcome.files)
                several = outcome.parts > 1 and not outcome.error
                reference = reference % LAST_REFERENCE + 1 if several else reference
                show(named)
        after = max(_last_number(files), number - 1) + 1
        with self._problems():
            self._base.execute(
                "UPDATE watched SET next_number = ?, next_reference = ?, files = ?, complaints = ?"
                " WHERE id = ?",
                (after, reference, json.dumps(files), json.dumps(complaints), ticket.id),
            )
        return Made(ticket, tuple(files), tuple(complaints))

    def unfiled(self) -> tuple[Made, ...]:
        """Sources whose messages are written, and which lie aside until those are sent."""
        with self._problems():
            rows = self._base.execute(
                "SELECT id, name, number, reference, files, complaints FROM watched"
                " WHERE next_number IS NOT NULL AND NOT filed ORDER BY id"
            ).fetchall()
        return tuple(
            Made(Ticket(*row), tuple(json.loads(files)), tuple(json.loads(complaints)))
            for *row, files, complaints in rows
        )

    def file(self, made: Made, complaints: Sequence[str] = ()) -> Path:
        """Put a source under ``done``, or under ``rejected`` where nothing of it was sent.

        What was rejected, and ``complaints`` of the sending, stand in ``rejected/NAME.txt``.
        Returns where the source lies now.
        """
        lines = (*made.complaints, *complaints)
        with self._problems():
            home = self.folder / (
                DONE if made.files and len(complaints) < len(made.files) else REJECTED
            )
            final = _free(home / made.ticket.name)
            if lines:
                report = self.folder / REJECTED / f"{final.name}.txt"
                report.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            place = self.place(made.ticket)
            with suppress(FileNotFoundError):  # killed after this and before the next line
                place.rename(final)
            self._base.execute("UPDATE watched SET filed = 1 WHERE id = ?", (made.ticket.id,))
            with suppress(OSError):
                place.parent.rmdir()
        return final

    def place(self, ticket: Ticket) -> Path:
        """Where a source lies while it is worked on."""
        return self.folder / _TAKEN / f"{ticket.id:06}" / ticket.name


def _is_source(entry: os.DirEntry[str]) -> bool:
    hidden = entry.name.startswith(".") or entry.name.endswith(_UNFINISHED)
    return not hidden and entry.is_file(follow_symlinks=False)


def _complete(path: Path, settle: float, now: float) -> bool:
    try:
        found = path.stat()
        return now - max(found.st_mtime, found.st_ctime) >= settle and not _being_written(path)
    except FileNotFoundError:
        return False


def _being_written(path: Path) -> bool:
    """Whether a program here has the file open for writing: then no read lease is granted."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(handle, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN  # others: a file system, or an owner, without leases
    finally:
        os.close(handle)
    return False


def _last_number(there: Iterable[str]) -> int:
    """The highest number of message files, 0 where there are none."""
    return max((said.number for name in there if (said := names.parse(name))), default=0)


def _free(path: Path) -> Path:
    """``path``, or ``name-2.ext`` and so on where that is taken."""
    if not path.exists():
        return path
    others = (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in itertools.count(2))
    return next(other for other in others if not other.exists())
