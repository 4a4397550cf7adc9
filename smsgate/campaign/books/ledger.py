"""The campaign's tables in the journal: finished chunks, keys of sent rows, and open files.

The changes of a chunk are committed together, after its files are in the outbox under their final
names and flushed to disk. A run that is killed before the commit works on the chunk again and
writes the same files under the same names; after the commit, the chunk is finished. SQLite's
``synchronous`` stays FULL: one flush for each chunk of ten thousand rows takes no time, and then
the pieces of open files that the chunk completed may be removed.

The keys of a chunk are sorted and stored as one value. A table of a million keys with an index took
longer than all the rest of a run, because SQLite writes its pages in random order.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Self, TypedDict

from converters.errors import GuardError
from smsgate.campaign.books.layout import Position
from smsgate.campaign.costs.tally import TallyRecord
from smsgate.campaign.rows.keys import Keys, unpacked
from smsgate.campaign.rows.rejects import Reject
from smsgate.campaign.tables.model import RejectCode
from smsgate.errors import OutboxError
from smsgate.outbox import journal

_SCHEMA = """
CREATE TABLE IF NOT EXISTS campaign (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS campaign_chunk (
    number INTEGER PRIMARY KEY, digest BLOB NOT NULL, keys BLOB NOT NULL, counters TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS campaign_reject (
    chunk INTEGER NOT NULL, row INTEGER NOT NULL, "column" TEXT NOT NULL, code TEXT NOT NULL,
    reason TEXT NOT NULL, cells TEXT NOT NULL, PRIMARY KEY (chunk, row)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS campaign_open (
    slot TEXT PRIMARY KEY, number INTEGER NOT NULL, key BLOB NOT NULL, names TEXT NOT NULL,
    heads BLOB NOT NULL, rows INTEGER NOT NULL, parts INTEGER NOT NULL, size INTEGER NOT NULL
    ) WITHOUT ROWID;
"""
# Names in the table ``campaign``.
_IDENTITY, _POSITION = "campaign", "place"


class Counters(TypedDict):
    """The counts of a chunk, as JSON in the journal."""

    rows: int
    sent: int
    rejected: int
    guarded: int
    duplicates: int
    opted_out: int
    substituted: int
    tally: TallyRecord
    notes: list[str]


@dataclass(frozen=True, slots=True)
class FinishedChunk:
    """A chunk in the journal: the digest of its rows, its sorted keys, and its counts."""

    digest: bytes
    keys: bytes
    counters: Counters


class Slot(StrEnum):
    """The two messages that may be open: a template, and a message with its own recipients."""

    TEMPLATE = "template"
    OWN = "own"


class OpenRow(NamedTuple):
    """An open message in the journal: ``names`` as JSON, ``heads`` with a zero octet between them.

    ``size`` is how many octets of its piece are valid.
    """

    slot: str
    number: int
    key: bytes
    names: str
    heads: bytes
    rows: int
    parts: int
    size: int


class Ledger:
    """The journal beside an outbox, opened for a campaign; raises OutboxError."""

    def __init__(self, path: Path) -> None:
        self._journal = journal.connect(path, _SCHEMA)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._journal.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything that is written inside is committed at the end, or none of it."""
        try:
            self._journal.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._journal.execute("ROLLBACK")
                raise
            self._journal.execute("COMMIT")
        except sqlite3.Error as error:
            raise OutboxError(f"expected to write the journal, found: {error}") from error

    def claim(self, identity: dict[str, str]) -> None:
        """Store what the campaign is; raises GuardError if the journal has another campaign."""
        found = self.identity()
        if found is None:
            with self.transaction():
                self._store(_IDENTITY, identity)
            return
        for name in sorted(identity.keys() | found.keys()):
            if identity.get(name) != found.get(name):
                raise GuardError(
                    f"the outbox belongs to a campaign with a different {name}: use another --out"
                )

    def identity(self) -> dict[str, str] | None:
        """What the campaign in the journal is, None if the journal has none."""
        text = self._stored(_IDENTITY)
        return json.loads(text) if text else None

    @property
    def position(self) -> Position:
        """Where the next message goes."""
        text = self._stored(_POSITION)
        return Position(*json.loads(text)) if text else Position()

    def store_position(self, position: Position) -> None:
        """Store where the next message goes; inside a transaction."""
        self._store(_POSITION, position)

    def _stored(self, name: str) -> str:
        row = self._journal.execute("SELECT value FROM campaign WHERE name = ?", (name,)).fetchone()
        return row[0] if row else ""

    def _store(self, name: str, value: object) -> None:
        self._journal.execute("REPLACE INTO campaign VALUES (?, ?)", (name, json.dumps(value)))

    def chunk(self, number: int) -> FinishedChunk | None:
        """A chunk that was finished before."""
        row = self._journal.execute(
            "SELECT digest, keys, counters FROM campaign_chunk WHERE number = ?", (number,)
        ).fetchone()
        return FinishedChunk(row[0], row[1], json.loads(row[2])) if row else None

    def chunks(self) -> int:
        """How many chunks are finished."""
        (count,) = self._journal.execute("SELECT count(*) FROM campaign_chunk").fetchone()
        return int(count)

    def stored_keys(self) -> Iterator[Keys]:
        """The sorted keys of each finished chunk."""
        for (octets,) in self._journal.execute("SELECT keys FROM campaign_chunk ORDER BY number"):
            yield unpacked(octets)

    def rejects(self) -> Iterator[Reject]:
        """Rejected rows in the order of the table."""
        found = self._journal.execute("SELECT * FROM campaign_reject ORDER BY chunk, row")
        for _, row, column, code, reason, cells in found:
            yield Reject(row, column, RejectCode(code), reason, tuple(json.loads(cells)))

    def commit_chunk(self, number: int, chunk: FinishedChunk, rejects: Iterable[Reject]) -> None:
        """Store a chunk in place of an earlier version of it; inside a transaction."""
        self._journal.execute(
            "REPLACE INTO campaign_chunk VALUES (?, ?, ?, ?)",
            (number, chunk.digest, chunk.keys, json.dumps(chunk.counters)),
        )
        self._journal.execute("DELETE FROM campaign_reject WHERE chunk = ?", (number,))
        self._journal.executemany(
            "INSERT INTO campaign_reject VALUES (?, ?, ?, ?, ?, ?)",
            ((number, *reject[:-1], json.dumps(reject.cells)) for reject in rejects),
        )

    def open_rows(self) -> list[OpenRow]:
        """The messages whose files are being filled."""
        found = self._journal.execute("SELECT * FROM campaign_open ORDER BY slot")
        return [OpenRow(*row) for row in found]

    def store_open_rows(self, rows: Iterable[OpenRow]) -> None:
        """Store the messages whose files are being filled; inside a transaction."""
        self._journal.execute("DELETE FROM campaign_open")
        self._journal.executemany("INSERT INTO campaign_open VALUES (?,?,?,?,?,?,?,?)", rows)
