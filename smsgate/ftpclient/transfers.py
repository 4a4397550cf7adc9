"""An upload in the journal: the state of each file, and every step with its time.

The journal holds no password and no digest of octets with one: the digest is of the file on disk,
before the placeholders are replaced.
"""

from __future__ import annotations

import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Self

from converters.errors import GuardError
from smsgate.errors import OutboxError
from smsgate.ftpclient import temporary
from smsgate.ftpclient.temporary import Temporary, TemporaryNames
from smsgate.outbox import journal

_SCHEMA = f"""
{temporary.SCHEMA}
CREATE TABLE IF NOT EXISTS upload (
    mark TEXT NOT NULL,    -- of this journal, in every temporary name
    target TEXT NOT NULL   -- host:port/folder
);
CREATE TABLE IF NOT EXISTS upload_file (
    name TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    size INTEGER,          -- octets as sent
    digest TEXT,           -- SHA-256 of the file on disk
    attempt INTEGER NOT NULL,
    reason TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload_step (
    time REAL NOT NULL,    -- seconds since 1970, UTC
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL
);
"""


class State(StrEnum):
    """How far a file has come. Only DONE is final."""

    PLANNED = "planned"  # none of it is on the server
    SENDING = "sending"  # some of it may be on the server, under its temporary name
    SENT = "sent"  # all of it is on the server, under its temporary name
    RENAMING = "renaming"  # the final name may exist: ask the server first
    DONE = "done"
    REFUSED = "refused"  # by the server (5xx) or by this program; a later run tries it again
    UNKNOWN = "unknown"  # neither name exists: taken by the gateway, or lost


_BEGUN = (State.SENDING, State.RENAMING)
_NOT_BEGUN = (State.PLANNED, State.REFUSED)
_SUFFIX = "the server refuses hidden names: temporary names are NAME.….part"
#: States in which a gateway may have seen the file.
SEEN = (State.RENAMING, State.DONE, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Transfer:
    """The row of one file. ``attempt`` numbers its temporary names."""

    name: str
    state: State = State.PLANNED
    size: int | None = None
    digest: str | None = None
    attempt: int = 0
    reason: str = ""


class Transfers:
    """The upload's tables in the journal at ``path``; several threads may use them at once.

    ``rows`` has the state of each planned file, as in the journal. ``clock`` gives seconds since
    1970; ``progress`` gets each new state, one at a time; ``kind`` is the form of temporary names.
    Raises OutboxError for a journal that cannot be used, and GuardError if files were sent to
    another ``target``.
    """

    def __init__(
        self,
        path: Path,
        target: str,
        clock: Callable[[], float],
        progress: Callable[[Transfer], object] | None = None,
        kind: Temporary = Temporary.HIDDEN,
    ) -> None:
        self.rows: dict[str, Transfer] = {}
        self._warnings: dict[str, None] = {}
        self._clock = clock
        self._progress = progress
        self._lock = threading.Lock()
        self._base = journal.connect(path, _SCHEMA, threads=True)
        try:
            mark = self._owned(path, target)
            with self._transaction():
                self._names = TemporaryNames(self._base, mark, kind)
        except BaseException:
            self._base.close()
            raise

    def _owned(self, path: Path, target: str) -> str:
        with self._transaction(durable=True):
            row = self._base.execute("SELECT mark, target FROM upload").fetchone()
            if row is None:
                row = secrets.token_hex(4), target
                self._base.execute("INSERT INTO upload VALUES (?, ?)", row)
            mark, known = row
            if known != target:
                self._move(path, known, target)
        return str(mark)

    def _move(self, path: Path, known: str, target: str) -> None:
        if any(transfer.state in SEEN for transfer in self._known()):
            raise GuardError(
                f"files were sent to {known}, so none can be sent to {target}", source=str(path)
            )
        temporary.reset(self._base)
        self._base.execute("UPDATE upload SET target = ?", (target,))
        self._base.execute("UPDATE upload_file SET state = ?", (State.PLANNED,))

    def _known(self) -> Iterator[Transfer]:
        rows = self._base.execute(
            "SELECT name, state, size, digest, attempt, reason FROM upload_file ORDER BY name"
        )
        for name, state, *rest in rows:
            size, digest, attempt, reason = rest
            yield Transfer(name, State(state), size, digest, attempt, reason)

    def plan(self, names: Iterable[str]) -> None:
        """Fill ``rows`` with ``names``; new ones become PLANNED."""
        with self._transaction():
            known = {transfer.name: transfer for transfer in self._known()}
        self.rows = {name: known.get(name) or Transfer(name) for name in names}
        self.write([row for name, row in self.rows.items() if name not in known])

    def set(
        self, names: Iterable[str], state: State, reason: str = "", *, durable: bool = False
    ) -> None:
        """Give files a new state and reason; the rest of their rows stays."""
        rows = [replace(self.rows[name], state=state, reason=reason) for name in names]
        self.write(rows, durable=durable)

    def write(
        self, rows: Sequence[Transfer], *, durable: bool = False, kind: Temporary | None = None
    ) -> None:
        """Write rows and steps, all or none; if ``durable``, a power failure cannot undo it.

        A file that is begun gets a temporary name of the usual kind, or of ``kind``.
        """
        now = self._clock()
        with self._transaction(durable=durable):
            for row in rows:
                self._begin(row, kind)
            self._base.executemany(
                "INSERT OR REPLACE INTO upload_file VALUES (?, ?, ?, ?, ?, ?)",
                [(t.name, t.state, t.size, t.digest, t.attempt, t.reason) for t in rows],
            )
            self._base.executemany(
                "INSERT INTO upload_step VALUES (?, ?, ?, ?)",
                [(now, t.name, t.state, t.reason) for t in rows],
            )
        with self._lock:
            for row in rows:
                self.rows[row.name] = row
                if self._progress:
                    self._progress(row)

    def _begin(self, row: Transfer, kind: Temporary | None) -> None:
        before = self.rows.get(row.name)
        if row.state not in _BEGUN or before is None:
            return
        again = before.attempt != row.attempt
        if again and before.state is not State.PLANNED:
            self._names.leave(row.name, before.attempt)
        if again or kind or before.state in _NOT_BEGUN:
            self._names.begin(row.name, kind)

    # Temporary names -----------------------------------------------------------------------------

    @property
    def kind(self) -> Temporary:
        """The form of the temporary names of files that are begun now."""
        return self._names.kind

    def kind_of(self, name: str) -> Temporary:
        """The form of the temporary name of a file that was begun."""
        return self._names.kind_of(name)

    def temporary(self, name: str) -> str:
        """The name under which a file is stored; no other journal uses it."""
        return self._names.name(name, self.rows[name].attempt)

    def use_suffix(self) -> None:
        """Remember that the server refuses hidden names and accepts a suffix."""
        with self._transaction():
            self._names.remember_suffix()

    @property
    def has_leftovers(self) -> bool:
        """Whether there are temporary names to delete."""
        return self._names.has_leftovers

    def take_leftovers(self) -> list[str]:
        """Temporary names that may still be on the server; each is given to one caller."""
        with self._lock:
            return self._names.take_leftovers()

    def forget_leftovers(self, names: Sequence[str]) -> None:
        """Record that these names are no longer on the server."""
        with self._transaction():
            self._names.forget(names)

    # Warnings ------------------------------------------------------------------------------------

    def warn(self, text: str) -> None:
        """Keep a warning about the server, once."""
        with self._lock:
            self._warnings[text] = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What this upload had to do otherwise than usual."""
        return (*((_SUFFIX,) if self._names.learned else ()), *self._warnings)

    @contextmanager
    def _transaction(self, *, durable: bool = False) -> Iterator[None]:
        with self._lock:
            try:
                self._base.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._base.execute("BEGIN IMMEDIATE")
                with self._base:  # COMMIT, or ROLLBACK on an error
                    yield
            except (sqlite3.Error, ValueError) as error:  # ValueError: an unknown state
                raise OutboxError(f"cannot write the journal: {error}") from error

    def close(self) -> None:
        """Close the journal."""
        self._base.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
