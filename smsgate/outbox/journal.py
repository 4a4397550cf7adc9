"""The journal beside an outbox: what has been written, sent and answered, in one SQLite file.

It lies beside the outbox and not in it, so that a folder which is copied as a whole holds messages
alone. Each room that keeps a record in it makes tables of its own.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from smsgate.errors import OutboxError

_APPLICATION = 0x534D5331  # "SMS1": tells a journal from any other SQLite file
_PATIENCE = 10.0  # seconds that a second process waits for the first one's commit


def path_of(outbox: Path) -> Path:
    """``outbox.journal`` for a folder ``outbox``, ``outbox.zip.journal`` for an archive."""
    whole = Path(outbox).absolute()
    return whole.with_name(f"{whole.name}.journal")


def connect(path: Path, schema: str = "", *, threads: bool = False) -> sqlite3.Connection:
    """Open or make a journal and the tables of ``schema`` (``CREATE TABLE IF NOT EXISTS``).

    Write-ahead logging: readers never wait, and what is committed is there after a crash. Nothing
    is committed but by ``BEGIN`` … ``COMMIT`` of the caller. With ``threads`` the caller's threads
    may use it in turn, behind a lock of theirs. A new one is readable by its owner alone: numbers
    lie in it, and what is sent to them. Raises OutboxError.
    """
    try:
        with suppress(FileExistsError):  # SQLite gives its other files the mode of this one
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        journal = sqlite3.connect(
            path, timeout=_PATIENCE, isolation_level=None, check_same_thread=not threads
        )
        try:
            _prepare(journal, path, schema)
        except BaseException:
            journal.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise OutboxError(f"expected a journal at {path}, found: {error}") from error
    return journal


def _prepare(journal: sqlite3.Connection, path: Path, schema: str) -> None:
    (found,) = journal.execute("PRAGMA application_id").fetchone()
    (tables,) = journal.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if found != _APPLICATION and (found or tables):
        raise OutboxError(f"expected a journal, found another database: {path}")
    journal.execute(f"PRAGMA application_id = {_APPLICATION}")
    journal.execute("PRAGMA journal_mode = WAL")
    journal.execute("PRAGMA synchronous = FULL")
    journal.executescript(schema)
