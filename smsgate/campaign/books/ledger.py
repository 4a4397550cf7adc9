"""The campaign's part of the journal: which chunks are done, with which keys, and what is open.

What a chunk changes is committed at once, after its files lie in the outbox under their own names
and are flushed. A run that is killed before the commit does the chunk again and writes the same
files under the same names; killed after it, the chunk is done. ``synchronous`` stays FULL: one
flush for each chunk of ten thousand rows costs nothing, and the pieces of open files that a chunk
made needless may then be removed.

Keys lie sorted in one value a chunk. A table of a million keys with an index would be written page
by page all over the place: that took longer than all the rest of a run.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from converters.errors import GuardError
from smsgate.campaign.books.layout import Place
from smsgate.campaign.rows.keys import Keys, unpacked
from smsgate.campaign.rows.rejects import Reject
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


@dataclass(frozen=True, slots=True)
class Done:
    """A chunk in the journal: the digest of its octets, its keys in order, what it came to."""

    digest: bytes
    keys: bytes
    counters: dict[str, Any]


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
        """All that is kept inside becomes lasting at its end, or nothing."""
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

    def claim(self, campaign: dict[str, str]) -> None:
        """Keep what the campaign is; raises GuardError where the journal is another one's."""
        found = self.kept("campaign")
        if found is None:
            with self.transaction():
                self.keep("campaign", campaign)
            return
        for name in sorted(campaign.keys() | found.keys()):
            if campaign.get(name) != found.get(name):
                raise GuardError(
                    f"expected the campaign that was begun here, found another {name}; "
                    "begin it in another outbox"
                )

    def kept(self, name: str) -> Any:
        """A value kept by name, None where there is none."""
        row = self._journal.execute("SELECT value FROM campaign WHERE name = ?", (name,)).fetchone()
        return row and json.loads(row[0])

    def keep(self, name: str, value: Any) -> None:
        """Keep a value that JSON can hold, inside a transaction."""
        self._journal.execute("REPLACE INTO campaign VALUES (?, ?)", (name, json.dumps(value)))

    @property
    def place(self) -> Place:
        """Where the next message goes."""
        return Place(*(self.kept("place") or ()))

    def chunk(self, number: int) -> Done | None:
        """A chunk that was done before."""
        row = self._journal.execute(
            "SELECT digest, keys, counters FROM campaign_chunk WHERE number = ?", (number,)
        ).fetchone()
        return row and Done(row[0], row[1], json.loads(row[2]))

    def chunks(self) -> int:
        """How many chunks are done."""
        (count,) = self._journal.execute("SELECT count(*) FROM campaign_chunk").fetchone()
        return int(count)

    def stored_keys(self) -> Iterator[Keys]:
        """The keys of every chunk that is done, in order within each."""
        for (octets,) in self._journal.execute("SELECT keys FROM campaign_chunk ORDER BY number"):
            yield unpacked(octets)

    def counters(self) -> Iterator[dict[str, Any]]:
        """What every chunk came to."""
        for (text,) in self._journal.execute("SELECT counters FROM campaign_chunk ORDER BY number"):
            yield json.loads(text)

    def rejects(self) -> Iterator[Reject]:
        """Rows that were left out, in the order of the table."""
        found = self._journal.execute("SELECT * FROM campaign_reject ORDER BY chunk, row")
        for _, row, column, code, reason, cells in found:
            yield Reject(row, column, code, reason, tuple(json.loads(cells)))

    def commit_chunk(self, number: int, done: Done, rejects: Iterable[Reject]) -> None:
        """Keep a chunk, in place of what was known of it; inside a transaction."""
        self._journal.execute(
            "REPLACE INTO campaign_chunk VALUES (?, ?, ?, ?)",
            (number, done.digest, done.keys, json.dumps(done.counters)),
        )
        self._journal.execute("DELETE FROM campaign_reject WHERE chunk = ?", (number,))
        self._journal.executemany(
            "INSERT INTO campaign_reject VALUES (?, ?, ?, ?, ?, ?)",
            ((number, *reject[:-1], json.dumps(reject.cells)) for reject in rejects),
        )

    def open_files(self) -> list[tuple[Any, ...]]:
        """Rows of the files that are being filled."""
        return self._journal.execute("SELECT * FROM campaign_open ORDER BY slot").fetchall()

    def keep_open(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Keep the files that are being filled, in place of those before; inside a transaction."""
        self._journal.execute("DELETE FROM campaign_open")
        self._journal.executemany("INSERT INTO campaign_open VALUES (?,?,?,?,?,?,?,?)", rows)
