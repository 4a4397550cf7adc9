"""What has been read of a gateway's logs, in the journal of the outbox.

For each log there is the place up to which it has been read, with a digest of the octets before it:
if they are others later, or the log is shorter, another log has taken its place (a new
*generation*), and what was read before stays. A place and what was read up to it are written in
one transaction. So a run that is killed reads the rest again, and records nothing twice.

A final state may name only the id of a message. It becomes an answer about the file that was
accepted under that id; until that is known, it waits in ``log_final``. Of those that wait, most are
about messages of other senders, so only the last ones are kept.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import astuple, dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from smsenc.messagefile.logs import Answer, Lines, Reply, Stray
from smsgate.ftpclient import loglooks, logremarks
from smsgate.ftpclient.loglooks import LOOK_OF_ANSWER, End
from smsgate.ftpclient.logremarks import Remark
from smsgate.ftpclient.logrows import COLUMNS, heard_of, reply_of, said_by
from smsgate.ftpclient.status import Heard
from smsgate.outbox import home, journal
from smsgate.outbox.home import Home

#: Final states that wait for the id that they name.
MOST_WAITING = 100_000
#: Strays of one log that are kept; the others are only counted.
MOST_STRAYS = 20

_SCHEMA = """
CREATE TABLE IF NOT EXISTS log_place (
    target TEXT NOT NULL,         -- host:port/folder
    log TEXT NOT NULL,            -- name in the folder
    generation INTEGER NOT NULL,  -- how many other logs had its name before
    position INTEGER NOT NULL,    -- octets up to the end of the last line that was read
    line INTEGER NOT NULL,        -- lines up to there
    tail INTEGER NOT NULL,        -- octets before the position ...
    digest TEXT NOT NULL,         -- ... and their SHA-256
    strays INTEGER NOT NULL,      -- lines that were neither answers nor replies
    skipped INTEGER NOT NULL,     -- lines that were too long
    PRIMARY KEY (target, log)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_answer (
    target TEXT NOT NULL,
    file TEXT NOT NULL,
    log TEXT NOT NULL,
    generation INTEGER NOT NULL,
    line INTEGER NOT NULL,
    step INTEGER NOT NULL,        -- the last row of upload_step when the line was read
    id TEXT, error INTEGER, text TEXT, recipient TEXT, status INTEGER, client_id TEXT,
    charge TEXT, time TEXT,
    PRIMARY KEY (target, file, log, generation, line)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS log_answer_id ON log_answer (target, id) WHERE id IS NOT NULL;
CREATE TABLE IF NOT EXISTS log_final (
    number INTEGER PRIMARY KEY,
    target TEXT NOT NULL,
    log TEXT NOT NULL,
    generation INTEGER NOT NULL,
    line INTEGER NOT NULL,
    step INTEGER NOT NULL,
    id TEXT, error INTEGER, text TEXT, recipient TEXT, status INTEGER, client_id TEXT,
    charge TEXT, time TEXT
);
CREATE INDEX IF NOT EXISTS log_final_id ON log_final (target, id);
CREATE TABLE IF NOT EXISTS log_reply (
    target TEXT NOT NULL,
    generation INTEGER NOT NULL,
    line INTEGER NOT NULL,
    time TEXT NOT NULL,
    handset TEXT NOT NULL,
    recipient TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (target, generation, line)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_stray (
    target TEXT NOT NULL,
    log TEXT NOT NULL,
    generation INTEGER NOT NULL,
    line INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (target, log, generation, line)
) WITHOUT ROWID;
"""
_PLACES = "SELECT log, generation, position, line, tail, digest, strays, skipped FROM log_place"
_CLAIM = f"""
INSERT OR IGNORE INTO log_answer
SELECT f.target, a.file, f.log, f.generation, f.line, f.step,
       {", ".join(f"f.{name}" for name in COLUMNS.split(", "))}
FROM log_final f JOIN log_answer a ON a.target = f.target AND a.id = f.id
WHERE f.target = ? AND f.id = ?
"""  # noqa: S608 - names of columns
_CLAIMED = """
DELETE FROM log_final WHERE target = ? AND id = ?
AND id IN (SELECT id FROM log_answer WHERE target = log_final.target)
"""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a log has been read; the fields are those of ``log_place``."""

    log: str
    generation: int = 0
    position: int = 0
    line: int = 0
    tail: int = 0
    digest: str = ""
    strays: int = 0
    skipped: int = 0

    def follows(self, tail: bytes) -> bool:
        """Whether the octets before the place are those that were read."""
        return len(tail) == self.tail and digest(tail) == self.digest

    def restarted(self) -> Place:
        """The start of another log of this name."""
        return Place(self.log, self.generation + 1, strays=self.strays, skipped=self.skipped)


@dataclass(slots=True)
class Batch:
    """What was read of a log and is not recorded yet."""

    answers: list[Answer] = field(default_factory=list)  # each with the name of its file
    finals: list[Answer] = field(default_factory=list)
    replies: list[Reply] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    strays: list[Stray] = field(default_factory=list)  # of many, the first
    stray_count: int = 0

    def add_stray(self, row: Stray) -> None:
        """Count a line, and keep it if it is one of the first."""
        self.stray_count += 1
        if len(self.strays) < MOST_STRAYS:
            self.strays.append(row)


def digest(tail: bytes) -> str:
    """The digest of the octets before a place; none for a log of which nothing was read."""
    return hashlib.sha256(tail).hexdigest() if tail else ""


class LogRecords:
    """The records of the logs in the folder ``target``; raises OutboxError.

    An outbox without a journal was sent by another program: its records are kept in memory.
    """

    def __init__(self, records: Home | None, target: str) -> None:
        self._target = target
        self._path = records.journal if records else Path("in memory")
        self.base = (
            home.connect(records) if records else sqlite3.connect(":memory:", isolation_level=None)
        )
        try:
            with self.reading():
                self.base.executescript(_SCHEMA + loglooks.SCHEMA + logremarks.SCHEMA)
                self._look = loglooks.next_look(self.base)
        except BaseException:
            self.base.close()
            raise

    def close(self) -> None:
        """Close the journal."""
        self.base.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def reading(self) -> AbstractContextManager[None]:
        """Raises OutboxError for a damaged journal."""
        return journal.reading(self._path)

    def has_table(self, name: str) -> bool:
        """Whether the journal has a table."""
        found = self._rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", name)
        return next(found, None) is not None

    def _rows(self, query: str, *values: object) -> Iterator[tuple[Any, ...]]:
        with self.reading():
            yield from self.base.execute(query, values)

    @property
    def sent_elsewhere(self) -> str:
        """Where the files were sent, if that is another folder or server; else empty."""
        rows = self._rows("SELECT target FROM upload") if self.has_table("upload") else iter(())
        target = str(next(rows, (self._target,))[0])
        return "" if target == self._target else target

    def place(self, log: str) -> Place:
        """How far a log has been read."""
        rows = self._rows(f"{_PLACES} WHERE target = ? AND log = ?", self._target, log)
        return next((Place(*row) for row in rows), Place(log))

    def troubled(self) -> list[Place]:
        """The logs in which there are strays or lines that were too long."""
        where = "WHERE target = ? AND strays + skipped > 0 ORDER BY log"
        return [Place(*row) for row in self._rows(f"{_PLACES} {where}", self._target)]

    def strays(self, log: str) -> list[Stray]:
        """The first strays of a log."""
        rows = self._rows(
            "SELECT line, text FROM log_stray WHERE target = ? AND log = ? "
            "ORDER BY generation, line LIMIT ?",
            *(self._target, log, MOST_STRAYS),
        )
        return [Stray(*row) for row in rows]

    def begin_look(self) -> None:
        """What is recorded from here on was read later than what is recorded now."""
        with self.reading():
            self._look = loglooks.next_look(self.base)

    def end(self, log: str) -> End | None:
        """The last line of a log, if it had no line end the last time."""
        with self.reading():
            return loglooks.end_of(self.base, self._target, log)

    def record_end(self, place: Place, size: int, batch: Batch | None) -> None:
        """Record a last line without a line end; ``batch`` is what it says, if it counts."""
        where = (self._target, place.log, place.generation)
        with journal.transaction(self.base, durable=False):
            if self.place(place.log) != place:
                return
            loglooks.forget_end(self.base, where, place.line)
            if batch:
                self._write_answers(where, batch)
                self._write_replies(place.generation, batch.replies)
                loglooks.record_look(self.base, where, place.line + 1, self._look)
            end = End(size, batch is not None)
            loglooks.record_end(self.base, self._target, place.log, end, self._look)

    def record(self, before: Place, lines: Lines, batch: Batch) -> Place | None:
        """Record ``batch``, which was read from ``before`` on; the place where ``lines`` are now.

        None if another run has read the log meanwhile: nothing is recorded then.
        """
        after = replace(
            before,
            position=lines.position,
            line=lines.line,
            tail=len(lines.tail),
            digest=digest(lines.tail),
            strays=before.strays + batch.stray_count,
            skipped=before.skipped + lines.skipped,
        )
        # After a power failure the last records may be missing: they are read again.
        with journal.transaction(self.base, durable=False):
            known = self.place(before.log)
            if known != before and known.generation + 1 != before.generation:
                return None
            where = (self._target, before.log, before.generation)
            loglooks.forget_end(self.base, where, before.line)
            self._write(after, batch)
            if after.line > before.line:
                loglooks.record_look(self.base, where, after.line, self._look)
        return after

    def _write(self, place: Place, batch: Batch) -> None:
        where = (self._target, place.log, place.generation)
        self.base.execute(_insert("log_place", 9), (self._target, *astuple(place)))
        self._write_answers(where, batch)
        self._write_replies(place.generation, batch.replies)
        logremarks.write(self.base, where, self._last_step(), batch.remarks)
        room = max(0, MOST_STRAYS - (place.strays - batch.stray_count))
        self.base.executemany(
            _insert("log_stray", 5),
            [(*where, stray.line, stray.text) for stray in batch.strays[:room]],
        )

    def _write_replies(self, generation: int, replies: Sequence[Reply]) -> None:
        self.base.executemany(
            _insert("log_reply", 7),
            [(self._target, generation, r.line, r.time, r.handset, r.to, r.text) for r in replies],
        )

    def _write_answers(self, where: tuple[str, str, int], batch: Batch) -> None:
        if not batch.answers and not batch.finals:
            return
        step = self._last_step()
        target, *log = where
        self.base.executemany(
            _insert("log_answer", 14),
            [(target, one.file, *log, one.line, step, *said_by(one)) for one in batch.answers],
        )
        self.base.executemany(
            _insert("log_final", 14),
            [(None, *where, one.line, step, *said_by(one)) for one in batch.finals],
        )
        ids = {(target, row.id) for row in (*batch.answers, *batch.finals) if row.id}
        self.base.executemany(_CLAIM, ids)
        self.base.executemany(_CLAIMED, ids)
        self.base.execute(
            "DELETE FROM log_final WHERE number <= (SELECT max(number) FROM log_final) - ?",
            (MOST_WAITING,),
        )

    def _last_step(self) -> int:
        """The number of the last step of the upload; 0 if there was no upload."""
        if not self.has_table("upload_step"):
            return 0
        return next(self._rows("SELECT max(rowid) FROM upload_step"))[0] or 0

    def last_reply(self, generation: int) -> Reply | None:
        """The last reply of a log, whose text may go on in the next lines."""
        where = "WHERE target = ? AND generation = ? ORDER BY line DESC LIMIT 1"
        query = f"SELECT time, handset, recipient, text, line FROM log_reply {where}"  # noqa: S608 - no values
        return next(map(reply_of, self._rows(query, self._target, generation)), None)

    def replies(self) -> Iterator[Reply]:
        """All replies, in the order in which they were read; each once."""
        rows = self._rows(
            "SELECT time, handset, recipient, text, min(line) FROM log_reply WHERE target = ? "
            "GROUP BY time, handset, recipient, text ORDER BY min(generation), min(line)",
            self._target,
        )
        return map(reply_of, rows)

    def remarks(self, file: str, step: int) -> tuple[str, ...]:
        """The gateway's remarks about a file since a step of its upload."""
        with self.reading():
            return logremarks.of_file(self.base, self._target, file, step)

    def heard(self, file: str, history: str) -> list[Heard]:
        """The answers about a file: those in its own log, then those in the ``history``."""
        rows = self._rows(
            f"SELECT log, generation, line, step, {LOOK_OF_ANSWER}, {COLUMNS} FROM log_answer a "  # noqa: S608 - names of columns
            "WHERE target = ? AND file = ? ORDER BY lower(log) = ?, log, generation, line",
            *(self._target, file, history),
        )
        with self.reading():
            return [heard_of(file, row) for row in rows]


def _insert(table: str, columns: int) -> str:
    return f"INSERT OR REPLACE INTO {table} VALUES ({', '.join('?' * columns)})"  # noqa: S608 - question marks alone
