"""The journal of an outbox: what has been written, sent and answered, in one SQLite file.

It is beside the outbox and not in it, so that a copy of the folder holds only messages. Each
package that keeps records in it creates tables of its own.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from smsgate.errors import OutboxError

_APPLICATION = 0x534D5331  # "SMS1": distinguishes a journal from other SQLite files
_TIMEOUT = 10.0  # seconds to wait for another process to commit


def path_of(outbox: Path) -> Path:
    """``outbox.journal`` for a folder ``outbox``, ``outbox.zip.journal`` for an archive."""
    path = outbox.absolute()
    return path.with_name(f"{path.name}.journal")


def connect(path: Path, schema: str = "", *, threads: bool = False) -> sqlite3.Connection:
    """Open or create a journal and the tables of ``schema`` (``CREATE TABLE IF NOT EXISTS``).

    It uses write-ahead logging: readers never wait, and a commit survives a crash. The caller
    begins and commits transactions. With ``threads``, several threads may use the connection, one
    at a time under a lock of the caller's. Only its owner can read a new journal, because it holds
    recipients' numbers and what is sent to them. Raises OutboxError.
    """
    try:
        with suppress(FileExistsError):  # SQLite gives its other files this mode
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        journal = sqlite3.connect(
            path, timeout=_TIMEOUT, isolation_level=None, check_same_thread=not threads
        )
        try:
            _prepare(journal, path, schema)
        except BaseException:
            journal.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise OutboxError(f"cannot open the journal {path}: {error}") from error
    return journal


def _prepare(journal: sqlite3.Connection, path: Path, schema: str) -> None:
    (found,) = journal.execute("PRAGMA application_id").fetchone()
    (tables,) = journal.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if found != _APPLICATION and (found or tables):
        raise OutboxError(f"cannot use {path} as a journal: it is another database")
    journal.execute(f"PRAGMA application_id = {_APPLICATION}")
    journal.execute("PRAGMA journal_mode = WAL")
    journal.execute("PRAGMA synchronous = FULL")
    journal.executescript(schema)
