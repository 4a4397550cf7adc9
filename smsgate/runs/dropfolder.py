"""A watched folder: each file put there is converted, sent, and moved to done or rejected.

Each source has a row in the outbox's journal, with the running number and the reference that its
messages begin with, before any of it is written. After a run was killed, the next one uses the same
numbers and so writes the same octets: no source is sent twice, and none is lost.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from converters.pipeline import Job, Outcome
from smsenc.messagefile import names
from smsgate.errors import OutboxError
from smsgate.outbox import home, journal
from smsgate.outbox.folder import Outbox
from smsgate.outbox.lock import lock
from smsgate.outbox.runs import RunIdentity, RunKind, key_of
from smsgate.outbox.writing import outbox_errors
from smsgate.runs.batch import next_reference, run

try:
    import fcntl
except ImportError:  # Windows: a file that is being written cannot be renamed there anyway
    fcntl = None  # type: ignore[assignment]

DONE, REJECTED, _TAKEN = "done", "rejected", ".taken"
#: Endings of names that programs give to unfinished files.
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", "~")

_SCHEMA = """
CREATE TABLE IF NOT EXISTS watched (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    number INTEGER NOT NULL,     -- of its first message file
    reference INTEGER NOT NULL,  -- of its first message in several parts
    next_number INTEGER,         -- of the next source; NULL until this one is written
    next_reference INTEGER,
    files TEXT NOT NULL DEFAULT '[]',       -- names, as JSON
    complaints TEXT NOT NULL DEFAULT '[]',  -- lines, as JSON
    filed INTEGER NOT NULL DEFAULT 0        -- 1 when it is in done or rejected
);
"""


@dataclass(frozen=True, slots=True)
class TakenSource:
    """A source that is being converted: ``id`` counts them, its first file gets ``number``."""

    id: int
    name: str
    number: int
    reference: int


@dataclass(frozen=True, slots=True)
class ConvertedSource:
    """A source whose messages are written: the names of their files, and its errors."""

    source: TakenSource
    files: tuple[str, ...]
    errors: tuple[str, ...]


class DropFolder:
    """A watched ``folder``, and the ``outbox`` for its messages; held by one run at a time.

    Entering raises OutboxError for folders that cannot be made or written, and GuardError while
    another run watches the same folder.
    """

    _journal: sqlite3.Connection  # while the folder is held

    def __init__(self, folder: Path, outbox: Path, job: Job) -> None:
        self.folder = folder
        self.outbox = outbox
        self._job = job
        self._open = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack, self._errors():
            for part in (DONE, REJECTED, _TAKEN):
                (self.folder / part).mkdir(parents=True, exist_ok=True)
            stack.enter_context(lock(self.folder, "another run is watching this folder"))
            with home.held(self.outbox) as records:
                connection = journal.connect(records.journal, _SCHEMA)
            self._journal = stack.enter_context(closing(connection))
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            with outbox_errors(self.folder):
                yield
        except sqlite3.Error as error:
            raise OutboxError(f"cannot write the journal: {error}") from error

    def waiting(self, settle: float, now: Callable[[], float] = time.time) -> list[str]:
        """Names of complete sources: unchanged for ``settle`` seconds, and not open for writing."""
        with self._errors():
            found = sorted(entry.name for entry in os.scandir(self.folder) if _is_source(entry))
            return [name for name in found if _is_complete(self.folder / name, settle, now())]

    def take(self, name: str) -> TakenSource | None:
        """Give a source its row and move it aside; None if it has been removed meanwhile."""
        with self._errors():
            number, reference = self._next()
            row = "INSERT INTO watched (name, number, reference) VALUES (?, ?, ?)"
            added = self._journal.execute(row, (name, number, reference))
            source = TakenSource(int(added.lastrowid or 0), name, number, reference)
            try:
                self._move_aside(source)
            except FileNotFoundError:
                self._journal.execute("DELETE FROM watched WHERE id = ?", (source.id,))
                return None
            return source

    def _move_aside(self, source: TakenSource) -> None:
        path = self.path_of(source)
        path.parent.mkdir(exist_ok=True)
        (self.folder / source.name).rename(path)

    def _next(self) -> tuple[int, int]:
        """Number and reference after those of the last source, or after the files in the outbox."""
        row = self._journal.execute(
            "SELECT next_number, next_reference FROM watched ORDER BY id DESC LIMIT 1"
        ).fetchone()
        if row:
            return row[0], row[1]
        there = os.listdir(self.outbox) if self.outbox.is_dir() else []
        return _last_number(there) + 1, 1

    def interrupted(self) -> TakenSource | None:
        """The source whose conversion a killed run did not finish, if there is one."""
        with self._errors():
            row = self._journal.execute(
                "SELECT id, name, number, reference FROM watched WHERE next_number IS NULL"
            ).fetchone()
            if row is None:
                return None
            source = TakenSource(*row)
            if not self.path_of(source).exists():  # killed before it was moved aside
                self._journal.execute("DELETE FROM watched WHERE id = ?", (source.id,))
                return None
            return source

    def convert(self, source: TakenSource, show: Callable[[Outcome], object]) -> ConvertedSource:
        """Convert a source into the outbox; ``show`` gets the outcome of each message."""
        number, reference = source.number, source.reference
        files: list[str] = []
        errors: list[str] = []
        with Outbox(self.outbox, secret=self._job.template.ready) as outbox:
            path = str(self.path_of(source))
            job = replace(self._job, mark=outbox.begin(self._identity()).mark)
            for outcome in run([path], job, outbox, number=number, reference=reference):
                if outcome.error:
                    outcome.error.source = source.name
                    errors.append(str(outcome.error))
                files.extend(name for name, _ in outcome.files)
                reference = next_reference(reference, outcome)
                show(replace(outcome, source=source.name))
        number = max(_last_number(files), number - 1) + 1
        with self._errors():
            self._journal.execute(
                "UPDATE watched SET next_number = ?, next_reference = ?, files = ?, complaints = ?"
                " WHERE id = ?",
                (number, reference, json.dumps(files), json.dumps(errors), source.id),
            )
        return ConvertedSource(source, tuple(files), tuple(errors))

    def _identity(self) -> RunIdentity:
        key = key_of({"folder": os.path.realpath(self.folder)})
        return RunIdentity(kind=RunKind.WATCH, key=key, label="")

    def converted(self) -> tuple[ConvertedSource, ...]:
        """The sources whose messages are written, and which are in neither done nor rejected."""
        with self._errors():
            rows = self._journal.execute(
                "SELECT id, name, number, reference, files, complaints FROM watched"
                " WHERE next_number IS NOT NULL AND NOT filed ORDER BY id"
            ).fetchall()
        return tuple(
            ConvertedSource(TakenSource(*row), tuple(json.loads(files)), tuple(json.loads(errors)))
            for *row, files, errors in rows
        )

    def finish(self, converted: ConvertedSource, unsent: Sequence[str] = ()) -> Path:
        """Move a source to ``done``, or to ``rejected`` if none of its files was sent.

        ``unsent`` has a line for each file that was not sent. These lines and the errors of the
        conversion are written to ``rejected/NAME.txt``. Returns where the source is now.
        """
        lines = (*converted.errors, *unsent)
        sent = len(converted.files) > len(unsent)
        with self._errors():
            final = _free(self.folder / (DONE if sent else REJECTED) / converted.source.name)
            if lines:
                report = self.folder / REJECTED / f"{final.name}.txt"
                report.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            path = self.path_of(converted.source)
            with suppress(FileNotFoundError):  # killed between this line and the next
                path.rename(final)
            self._journal.execute(
                "UPDATE watched SET filed = 1 WHERE id = ?", (converted.source.id,)
            )
            with suppress(OSError):
                path.parent.rmdir()
        return final

    def path_of(self, source: TakenSource) -> Path:
        """Where a source is until it is in ``done`` or ``rejected``."""
        return self.folder / _TAKEN / f"{source.id:06}" / source.name


def _is_source(entry: os.DirEntry[str]) -> bool:
    hidden = entry.name.startswith(".") or entry.name.endswith(_UNFINISHED)
    return not hidden and entry.is_file(follow_symlinks=False)


def _is_complete(path: Path, settle: float, now: float) -> bool:
    try:
        status = path.stat()
        changed = max(status.st_mtime, status.st_ctime)
        return now - changed >= settle and not _being_written(path)
    except FileNotFoundError:
        return False


def _being_written(path: Path) -> bool:
    """Whether a program on this machine has the file open for writing: it prevents a read lease."""
    if not hasattr(fcntl, "F_SETLEASE"):
        return False
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return (
            error.errno == errno.EAGAIN
        )  # other errors: no leases on this file system or for this user
    finally:
        os.close(descriptor)
    return False


def _last_number(there: Iterable[str]) -> int:
    """The highest running number of message files, 0 if there are none."""
    return max((found.number for name in there if (found := names.parse(name))), default=0)


def _free(path: Path) -> Path:
    """``path``, or ``name-2.ext`` and so on if it exists."""
    if not path.exists():
        return path
    others = (path.with_name(f"{path.stem}-{n}{path.suffix}") for n in itertools.count(2))
    return next(other for other in others if not other.exists())
