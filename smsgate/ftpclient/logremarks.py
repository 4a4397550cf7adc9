"""Remarks of the gateway about files, in the journal: lines of history.log without a message.

already taken at 2026-11-29 10:00:00; not sent again
line 4: reply: nothing is mailed
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

SCHEMA = """
CREATE TABLE IF NOT EXISTS log_remark (
    target TEXT NOT NULL,
    log TEXT NOT NULL,
    generation INTEGER NOT NULL,
    line INTEGER NOT NULL,
    step INTEGER NOT NULL,        -- the last row of upload_step when the line was read
    file TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (target, log, generation, line)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS log_remark_file ON log_remark (target, file);
"""


class Remark(NamedTuple):
    """What the gateway says about a file, and the number of the line."""

    line: int
    file: str
    text: str


def write(
    base: sqlite3.Connection, where: tuple[str, str, int], step: int, found: Iterable[Remark]
) -> None:
    """Record remarks in a log, ``where`` it is; inside a transaction."""
    base.executemany(
        "INSERT OR REPLACE INTO log_remark VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((*where, one.line, step, one.file, one.text) for one in found),
    )


def of_file(base: sqlite3.Connection, target: str, file: str, step: int) -> tuple[str, ...]:
    """The remarks about a file that were read after a step of its upload, each once."""
    rows = base.execute(
        "SELECT text FROM log_remark WHERE target = ? AND file = ? AND step >= ?"
        " ORDER BY log, generation, line",
        (target, file, step),
    )
    return tuple(dict.fromkeys(text for (text,) in rows))
