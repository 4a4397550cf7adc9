"""The campaign's tables in the journal: finished chunks, keys of sent rows, and open messages.

The changes of a chunk are committed together, after its files are in the outbox under their final
names and flushed to disk. A run that is killed before the commit works on the chunk again and
writes the same files under the same names; after the commit, the chunk is finished. The lines of
open messages are in the journal as well, so that nothing else has to fit to it. SQLite's
``synchronous`` stays FULL: one flush for each chunk of ten thousand rows takes no time.

The keys of a chunk are sorted and stored as one value. A table of a million keys with an index took
longer than all the rest of a run, because SQLite writes its pages in random order.

The rows of each run of an outbox are known by its mark.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Self

from converters.errors import GuardError
from smsgate.campaign.books import records
from smsgate.campaign.books.layout import Position
from smsgate.campaign.books.records import CampaignRow, FinishedChunk, OpenRow
from smsgate.campaign.rows.keys import Keys, unpacked
from smsgate.campaign.rows.rejects import Reject
from smsgate.outbox import files, home, journal, runs
from smsgate.outbox.home import Home
from smsgate.outbox.runs import Run, RunIdentity, RunKind

_SCHEMA = """
CREATE TABLE IF NOT EXISTS campaign_run (
    run TEXT PRIMARY KEY, key TEXT NOT NULL, position TEXT NOT NULL, seal BLOB NOT NULL
    ) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS campaign_chunks (
    run TEXT NOT NULL, number INTEGER NOT NULL, digest BLOB NOT NULL, keys BLOB NOT NULL,
    counters TEXT NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (run, number));
CREATE TABLE IF NOT EXISTS campaign_rejects (
    run TEXT NOT NULL, chunk INTEGER NOT NULL, row INTEGER NOT NULL, "column" TEXT NOT NULL,
    code TEXT NOT NULL, reason TEXT NOT NULL, cells TEXT NOT NULL,
    PRIMARY KEY (run, chunk, row)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS campaign_message (
    run TEXT NOT NULL, slot TEXT NOT NULL, number INTEGER NOT NULL, key BLOB NOT NULL,
    names TEXT NOT NULL, heads BLOB NOT NULL, rows INTEGER NOT NULL, parts INTEGER NOT NULL,
    size INTEGER NOT NULL, digest BLOB NOT NULL, seal BLOB NOT NULL, PRIMARY KEY (run, slot)
    ) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS campaign_lines (
    run TEXT NOT NULL, number INTEGER NOT NULL, start INTEGER NOT NULL, lines BLOB NOT NULL,
    rows BLOB NOT NULL, PRIMARY KEY (run, number, start));
-- The numbers of the table's rows that the lines of a file are from: 4 octets each, little-endian.
CREATE TABLE IF NOT EXISTS campaign_rows (name TEXT PRIMARY KEY, rows BLOB NOT NULL) WITHOUT ROWID;
"""
_OF_EARLIER_VERSION = (
    "has a campaign of an earlier version of smsenc, which cannot be continued: use another --out"
)


_CAMPAIGNS = """
SELECT run, campaign_run.key, run.key, label, named, finished, position,
    (SELECT count(*) FROM campaign_chunks AS chunk WHERE chunk.run = campaign_run.run),
    (SELECT count(*) FROM campaign_message AS open WHERE open.run = campaign_run.run), seal
FROM campaign_run LEFT JOIN run ON mark = campaign_run.run ORDER BY rank
"""


class Ledger:
    """The journal of an outbox, opened for a campaign; raises OutboxError.

    Entering raises GuardError for a campaign of an earlier version.
    """

    def __init__(self, records: Home) -> None:
        self._place = records
        self._run = Run(0, "", "")
        self._campaign = CampaignRow("", "", "", "", 0, 0, json.dumps(Position()), 0, 0)

    def __enter__(self) -> Self:
        self._base = home.connect(self._place)
        try:
            with self._reading():
                self._base.executescript(_SCHEMA)
                old = "SELECT 1 FROM sqlite_master WHERE name = 'campaign'"
                if self._base.execute(old).fetchone():
                    raise GuardError(_OF_EARLIER_VERSION, source=str(self._place.outbox))
        except BaseException:
            self._base.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._base.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything that is written inside is committed at the end, or none of it."""
        with journal.transaction(self._base):
            yield

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with journal.reading(self._place.journal):
            yield

    def _found(self, query: str, *values: object) -> list[tuple[object, ...]]:
        return self._base.execute(query, values).fetchall()

    # --- Runs ------------------------------------------------------------------------------------

    @property
    def mark(self) -> str:
        """The mark of the run."""
        return self._run.mark

    def campaigns(self) -> list[CampaignRow]:
        """The campaigns of the outbox, in the order in which they began."""
        with self._reading():
            found = [records.campaign_of(row) for row in self._found(_CAMPAIGNS)]
            marks = self._found("SELECT mark FROM run WHERE kind = ?", RunKind.BATCH)
            if sorted(row.mark for row in found) != sorted(records.text(mark) for (mark,) in marks):
                raise ValueError("a campaign is missing")
            return found

    def earlier(self, key: str, identity: RunIdentity) -> list[CampaignRow]:
        """The runs that a campaign may continue, last one first.

        They are those of the same day or name, and unfinished ones without a name of any day.
        """
        return [
            row
            for row in reversed(self.campaigns())
            if (row.key, row.named) == (key, identity.named)
            and (row.label == identity.label or not (row.named or row.finished))
        ]

    def begin(self, key: str, identity: RunIdentity) -> None:
        """Continue the run of that identity, or begin it; ``key`` is without the table's rows."""
        known = self.campaigns()
        with self._reading(), self.transaction():
            self._run = runs.begin(self._base, identity)
            found = [row for row in known if row.mark == self.mark]
            last = max((row.next for row in known), key=_place, default=Position())
            self._campaign = (
                found[0]
                if found
                else CampaignRow(
                    *(self.mark, key, identity.key, identity.label, int(identity.named), 0),
                    *(json.dumps(last._replace(number=1, files=0)), 0, 0),
                )
            )
            if not found:
                self.store_position(self.position)

    def finish(self) -> None:
        """Record that the run wrote all that it had to write."""
        with self._reading(), self.transaction():
            runs.finish(self._base, self._run)

    @property
    def position(self) -> Position:
        """Where the next message goes."""
        return self._campaign.next

    def store_position(self, position: Position) -> None:
        """Store where the next message goes, and that the campaign is as it is now.

        Inside a transaction, after all other changes.
        """
        row = self._campaign = self._campaign._replace(
            position=json.dumps(position), chunks=self.chunks(), open=len(self.open_rows())
        )
        if row.mark:
            self._base.execute(
                "REPLACE INTO campaign_run VALUES (?, ?, ?, ?)",
                (row.mark, row.key, row.position, row.seal()),
            )

    # --- Chunks ----------------------------------------------------------------------------------

    def chunk(self, number: int, mark: str | None = None) -> FinishedChunk | None:
        """A chunk that was finished before, of this run unless ``mark`` is another's."""
        with self._reading():
            found = self._found(
                "SELECT digest, keys, counters, seal FROM campaign_chunks"
                " WHERE run = ? AND number = ?",
                *(self.mark if mark is None else mark, number),
            )
            return records.chunk_of(found[0]) if found else None

    def chunks(self) -> int:
        """How many chunks are finished."""
        with self._reading():
            query = "SELECT count(*) FROM campaign_chunks WHERE run = ?"
            return int(str(self._found(query, self.mark)[0][0]))

    def stored_keys(self, mark: str | None = None) -> Iterator[Keys]:
        """The sorted keys of each finished chunk of a run."""
        query = "SELECT keys FROM campaign_chunks WHERE run = ? ORDER BY number"
        with self._reading():
            for (octets,) in self._base.execute(query, (self.mark if mark is None else mark,)):
                yield unpacked(records.keys_of(octets))

    def check_rejects(self, expected: int) -> None:
        """Raise OutboxError if the journal has not as many rejected rows."""
        with self._reading():
            query = "SELECT count(*) FROM campaign_rejects WHERE run = ?"
            if self._found(query, self.mark)[0][0] != expected:
                raise ValueError("rejected rows are missing")

    def rejects(self) -> Iterator[Reject]:
        """Rejected rows in the order of the table."""
        query = (
            'SELECT row, "column", code, reason, cells FROM campaign_rejects WHERE run = ?'
            " ORDER BY chunk, row"
        )
        with self._reading():
            for row in self._base.execute(query, (self.mark,)):
                yield records.reject_of(row)

    def commit_chunk(self, number: int, chunk: FinishedChunk, rejects: Iterable[Reject]) -> None:
        """Store a chunk in place of an earlier version of it; inside a transaction."""
        self._base.execute("UPDATE run SET finished = 0 WHERE mark = ?", (self.mark,))
        self._base.execute(
            "REPLACE INTO campaign_chunks VALUES (?, ?, ?, ?, ?, ?)",
            (self.mark, number, *chunk.values()),
        )
        self._base.execute(
            "DELETE FROM campaign_rejects WHERE run = ? AND chunk = ?", (self.mark, number)
        )
        self._base.executemany(
            "INSERT INTO campaign_rejects VALUES (?, ?, ?, ?, ?, ?, ?)",
            ((self.mark, number, *records.reject_values(reject)) for reject in rejects),
        )

    # --- Messages and files ----------------------------------------------------------------------

    def open_rows(self, mark: str | None = None) -> list[OpenRow]:
        """The messages whose files are being filled."""
        query = (
            "SELECT slot, number, key, names, heads, rows, parts, size, digest, seal"
            " FROM campaign_message WHERE run = ? ORDER BY slot"
        )
        with self._reading():
            found = self._found(query, self.mark if mark is None else mark)
            return [records.open_of(row) for row in found]

    def store_open_rows(self, rows: Iterable[OpenRow]) -> None:
        """Store the messages whose files are being filled; inside a transaction."""
        self._base.execute("DELETE FROM campaign_message WHERE run = ?", (self.mark,))
        self._base.executemany(
            "INSERT INTO campaign_message VALUES (?,?,?,?,?,?,?,?,?,?,?)",
            ((self.mark, *row.values()) for row in rows),
        )

    def add_lines(self, number: int, start: int, lines: bytes, rows: bytes) -> None:
        """Store lines of an open message after ``start`` octets of others; in a transaction."""
        self._base.execute(
            "REPLACE INTO campaign_lines VALUES (?,?,?,?,?)",
            (self.mark, number, start, lines, rows),
        )

    def lines(self, number: int) -> Iterator[tuple[bytes, bytes]]:
        """The lines of an open message in order, with the numbers of their rows."""
        query = "SELECT lines, rows FROM campaign_lines WHERE run = ? AND number = ? ORDER BY start"
        with self._reading():
            for lines, rows in self._base.execute(query, (self.mark, number)):
                yield records.octets(lines), records.octets(rows)

    def drop_lines(self, number: int) -> None:
        """Remove the lines of a message that is complete; inside a transaction."""
        self._base.execute(
            "DELETE FROM campaign_lines WHERE run = ? AND number = ?", (self.mark, number)
        )

    def add_files(
        self, written: Iterable[tuple[str, str]], rows: Iterable[tuple[str, bytes]]
    ) -> None:
        """Store complete files, as names and digests, and their rows; inside a transaction."""
        files.record(self._base, self.mark, written)
        self._base.executemany("REPLACE INTO campaign_rows VALUES (?, ?)", rows)

    def written_rows(self) -> Iterator[tuple[str, bytes]]:
        """Each of the run's files, and those that are being filled, with the rows in it.

        A file that is being filled comes more than once. The numbers of rows are octets, as in
        ``rows.model.row_numbers``.
        """
        query = (
            "SELECT name, coalesce(rows, x'') FROM file LEFT JOIN campaign_rows USING (name)"
            " WHERE run = ? ORDER BY name"
        )
        with self._reading():
            for name, rows in self._base.execute(query, (self.mark,)):
                yield records.text(name), records.octets(rows)
        for message in self.open_rows():
            rows = b"".join(numbers for _, numbers in self.lines(message.number))
            yield from ((name.rpartition("/")[2], rows) for name in message.names)

    def unsent_files(self) -> dict[str, str]:
        """Names and digests of the run's files that no gateway can have seen."""
        query = "SELECT name, digest FROM file WHERE run = ? AND state NOT IN (?, ?, ?)"
        with self._reading():
            found = self._found(query, self.mark, *files.SEEN)
            return {records.text(name): records.text(digest) for name, digest in found}

    def has_sent_files(self) -> bool:
        """Whether a gateway may have seen a file of the run."""
        query = "SELECT 1 FROM file WHERE run = ? AND state IN (?, ?, ?) LIMIT 1"
        with self._reading():
            return bool(self._found(query, self.mark, *files.SEEN))

    def sent_files(self) -> frozenset[str]:
        """The names of all files in the outbox that a gateway may have seen."""
        with self._reading():
            found = self._found("SELECT name FROM file WHERE state IN (?, ?, ?)", *files.SEEN)
            sent = frozenset(records.text(name) for (name,) in found)
            # The copy of a journal that a rehearsal works on has no identity, and no such list.
            return sent | self._place.announced().names() if self._place.id else sent


def _place(position: Position) -> tuple[int, int]:
    return position.folder, position.used
