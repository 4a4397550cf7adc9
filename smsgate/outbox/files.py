"""The files of an outbox in its journal: which run wrote each, its content, and its state."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum
from typing import Any, NamedTuple

from converters.errors import GuardError

SCHEMA = """
CREATE TABLE IF NOT EXISTS file (
    name TEXT PRIMARY KEY,
    run TEXT NOT NULL,     -- its mark; empty for a file of another program
    state TEXT NOT NULL,
    size INTEGER,          -- octets as sent
    digest TEXT,           -- SHA-256 of the file on disk
    attempt INTEGER NOT NULL DEFAULT 0,
    reason TEXT NOT NULL DEFAULT ''
) WITHOUT ROWID;
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


#: States in which a gateway may have seen the file.
SEEN = (State.RENAMING, State.DONE, State.UNKNOWN)
#: States of a file that was tried, and that is not in the middle of it.
SETTLED = (State.DONE, State.REFUSED, State.UNKNOWN)
CHANGED = (
    "was sent with another content: rename the file, or use --name NAME to write this as a "
    "new message"
)


class Transfer(NamedTuple):
    """The row of one file. ``attempt`` numbers its temporary names, ``run`` is its run's mark."""

    name: str
    state: State = State.PLANNED
    size: int | None = None
    digest: str | None = None
    attempt: int = 0
    reason: str = ""
    run: str = ""

    def begun(self, size: int, digest: str, attempt: int, state: State = State.SENDING) -> Transfer:
        """The row when sending begins."""
        return Transfer(self.name, state, size, digest, attempt, run=self.run)


#: What the digests of files are made with.
hasher = hashlib.sha256


def digest_of(octets: bytes) -> str:
    """SHA-256 in hex."""
    return hasher(octets).hexdigest()


def unsent(base: sqlite3.Connection, names: Iterable[str]) -> set[str]:
    """Those of the names that were not sent."""
    found = set()
    for name in names:
        row = base.execute("SELECT state FROM file WHERE name = ?", (name,)).fetchone()
        if row is None or row[0] not in SEEN:
            found.add(name)
    return found


def check_unsent(base: sqlite3.Connection, name: str, digest: str) -> None:
    """Raise GuardError for a file that was sent with another digest."""
    row = base.execute("SELECT state, digest FROM file WHERE name = ?", (name,)).fetchone()
    if row and row[0] in SEEN and row[1] != digest:
        raise GuardError(CHANGED, source=name)


def record(base: sqlite3.Connection, mark: str, written: Iterable[tuple[str, str]]) -> None:
    """Record files that a run wrote, as names and digests; inside a transaction.

    The state of a file that is in the journal stays, because it may have been sent; then its digest
    stays, too, so that another content is noticed.
    """
    base.executemany(
        "INSERT INTO file (name, run, state, digest) VALUES (?, ?, 'planned', ?)"
        " ON CONFLICT (name) DO UPDATE SET run = excluded.run, digest = CASE"
        " WHEN state IN ('renaming', 'done', 'unknown') THEN coalesce(digest, excluded.digest)"
        " ELSE excluded.digest END",
        ((name, mark, digest) for name, digest in written),
    )


def change(base: sqlite3.Connection, name: str, digest: str) -> None:
    """Record another content of a file, if the journal has it; inside a transaction."""
    base.execute("UPDATE file SET digest = ? WHERE name = ?", (digest, name))


_ROWS = "SELECT name, state, size, digest, attempt, reason, run FROM file"


def rows(base: sqlite3.Connection) -> Iterator[Transfer]:
    """All files in the journal; raises ValueError for a state that is unknown."""
    return map(_transfer, base.execute(f"{_ROWS} ORDER BY name"))


def row(base: sqlite3.Connection, name: str) -> Transfer | None:
    """One file, None if the journal does not know it; raises ValueError as ``rows``."""
    return next(map(_transfer, base.execute(f"{_ROWS} WHERE name = ?", (name,))), None)


def _transfer(values: Sequence[Any]) -> Transfer:
    name, state, size, digest, attempt, why, run = values
    return Transfer(name, State(state), size, digest, attempt, why, run)


def adopt(base: sqlite3.Connection) -> None:
    """Move the rows of the table that earlier versions had; inside a transaction."""
    if base.execute("SELECT 1 FROM sqlite_master WHERE name = 'upload_file'").fetchone():
        base.execute(
            "INSERT OR IGNORE INTO file SELECT name, '', state, size, digest, attempt, reason"
            " FROM upload_file"
        )
        base.execute("DROP TABLE upload_file")
