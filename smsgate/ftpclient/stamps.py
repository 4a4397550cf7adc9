"""When each file of an outbox was written, as it was when it was sent.

So a file that another program has written again under the same name is told from the one that was
sent, even with the same content, and a file that was only renamed is recognised.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping

from smsgate.outbox.contents import Outgoing, Stamp

SCHEMA = """
CREATE TABLE IF NOT EXISTS upload_stamp (
    name TEXT PRIMARY KEY,
    place TEXT,              -- when the outbox was made, moved or copied
    inode TEXT, written TEXT, changed TEXT,  -- of the file
    gone INTEGER NOT NULL DEFAULT 0          -- 1 if a later upload did not find the file
) WITHOUT ROWID;
"""
_REPLACE = "INSERT OR REPLACE INTO upload_stamp VALUES (?, ?, ?, ?, ?, 0)"
_KEEP = "INSERT OR IGNORE INTO upload_stamp VALUES (?, ?, ?, ?, ?, 0)"


def store(
    base: sqlite3.Connection,
    place: str,
    files: Iterable[Outgoing],
    is_unsent: Callable[[Outgoing], bool],
) -> None:
    """Record the stamps of files that are about to be sent; inside a transaction.

    So are those of files that were sent before this table existed.
    """
    for file in files:
        base.execute(_REPLACE if is_unsent(file) else _KEEP, (file.name, place, *file.stamp))


def note_gone(base: sqlite3.Connection, names: Iterable[str]) -> None:
    """Record that files that were sent are not in the outbox any more; inside a transaction."""
    base.executemany(
        "INSERT INTO upload_stamp (name, gone) VALUES (?, 1)"
        " ON CONFLICT (name) DO UPDATE SET gone = 1",
        ((name,) for name in names),
    )


def came_back(base: sqlite3.Connection, place: str, files: Iterable[Outgoing]) -> list[str]:
    """Names of files, all of them sent, that were written again since.

    The time of the last change of a file's status counts only as long as the outbox itself was not
    moved, copied or restored. A file of which no stamp is known was not.
    """
    query = "SELECT place, written, changed, gone FROM upload_stamp WHERE name = ?"
    found = []
    for file in files:
        row = base.execute(query, (file.name,)).fetchone()
        if row is None:
            continue
        before, written, changed, gone = row
        moved = before != place
        if gone or written != file.stamp.written or not (moved or changed == file.stamp.changed):
            found.append(file.name)
    return found


def of(base: sqlite3.Connection, names: Iterable[str]) -> Mapping[Stamp, str]:
    """The names by what a new name leaves as it is: inode and time of writing."""
    query = "SELECT inode, written FROM upload_stamp WHERE name = ? AND inode NOT NULL"
    found = {}
    for name in names:
        for inode, written in base.execute(query, (name,)):
            found[Stamp(inode, written)] = name
    return found
