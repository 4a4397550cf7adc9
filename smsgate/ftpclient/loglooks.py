"""When the lines of a log were read, and last lines without a line end, in the journal.

A *look* is one reading of all logs. What a look has recorded is shown, and a later look does not
take it back.

A last line without a line end may be half a line. If it counts, its rows are recorded although the
place of the log stays before it. So it is read again when the log has grown, and they are replaced.
"""

from __future__ import annotations

import sqlite3
from typing import NamedTuple

SCHEMA = """
CREATE TABLE IF NOT EXISTS log_look (
    target TEXT NOT NULL,
    log TEXT NOT NULL,
    generation INTEGER NOT NULL,
    line INTEGER NOT NULL,        -- the last line that was read then
    look INTEGER NOT NULL,        -- counted from 1
    PRIMARY KEY (target, log, generation, line)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS log_end (
    target TEXT NOT NULL,
    log TEXT NOT NULL,
    size INTEGER NOT NULL,        -- octets of the log, with its last line, which has no end
    look INTEGER NOT NULL,        -- the last time that it was seen
    counted INTEGER NOT NULL,     -- whether the rows of that line are recorded
    PRIMARY KEY (target, log)
) WITHOUT ROWID;
"""
#: The look in which a row ``a`` of log_answer was read; 0 for one that an earlier version read.
LOOK_OF_ANSWER = """
coalesce((SELECT look FROM log_look k WHERE k.target = a.target AND k.log = a.log
AND k.generation = a.generation AND k.line >= a.line ORDER BY k.line LIMIT 1), 0)
"""


class End(NamedTuple):
    """A last line without a line end: the size of its log, and whether the line counts."""

    size: int
    counted: bool


def next_look(base: sqlite3.Connection) -> int:
    """The number of the look that begins."""
    query = "SELECT max(look) FROM (SELECT look FROM log_look UNION SELECT look FROM log_end)"
    return int(base.execute(query).fetchone()[0] or 0) + 1


def record_look(
    base: sqlite3.Connection, where: tuple[str, str, int], line: int, look: int
) -> None:
    """Record that the lines up to ``line`` were read in ``look``; inside a transaction."""
    base.execute("INSERT OR REPLACE INTO log_look VALUES (?, ?, ?, ?, ?)", (*where, line, look))


def end_of(base: sqlite3.Connection, target: str, log: str) -> End | None:
    """The last line of a log as it was seen the last time, None if it had a line end."""
    query = "SELECT size, counted FROM log_end WHERE target = ? AND log = ?"
    row = base.execute(query, (target, log)).fetchone()
    return End(int(row[0]), bool(row[1])) if row else None


def record_end(base: sqlite3.Connection, target: str, log: str, end: End, look: int) -> None:
    """Record the last line of a log; inside a transaction."""
    base.execute(
        "INSERT OR REPLACE INTO log_end VALUES (?, ?, ?, ?, ?)",
        (target, log, end.size, look, end.counted),
    )


def forget_end(base: sqlite3.Connection, where: tuple[str, str, int], line: int) -> None:
    """Forget what was read of a log after ``line``, its last one with an end; in a transaction."""
    target, log, _ = where
    if (end := end_of(base, target, log)) is None:
        return
    base.execute("DELETE FROM log_end WHERE target = ? AND log = ?", (target, log))
    if not end.counted:
        return
    for table in ("log_answer", "log_final", "log_look"):
        base.execute(
            f"DELETE FROM {table} WHERE target = ? AND log = ? AND generation = ? AND line > ?",  # noqa: S608 - names of tables
            (*where, line),
        )
