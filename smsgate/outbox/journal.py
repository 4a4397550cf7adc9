"""The journal of an outbox: what has been written, sent and answered, in one SQLite file.

It is in the outbox's records (``home``). Each package that keeps records in it creates tables of
its own.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from smsgate.errors import OutboxError, reason

_APPLICATION = 0x534D5331  # "SMS1": distinguishes a journal from other SQLite files
# Pages of 4 KiB: rows of a campaign that are in no file yet pass through the journal, and are not
# copied to its main file more often than necessary.
_CHECKPOINT = 8192
_TIMEOUT = 10.0  # seconds to wait for another process to commit
_LONGEST_REASON = 100  # characters
#: What Python raises for values in a journal that no version of this program wrote.
_DAMAGED = (sqlite3.Error, ValueError, TypeError, KeyError, OverflowError)


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
    except (*_DAMAGED, OSError) as error:  # UnicodeDecodeError: of a damaged table's name
        raise OutboxError(f"cannot open the journal {path}: {_why(error)}") from error
    return journal


def _prepare(journal: sqlite3.Connection, path: Path, schema: str) -> None:
    (found,) = journal.execute("PRAGMA application_id").fetchone()
    (tables,) = journal.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if found != _APPLICATION and (found or tables):
        raise OutboxError(f"cannot use {path} as a journal: it is another database")
    if not found:  # this writes, even what is there already
        journal.execute(f"PRAGMA application_id = {_APPLICATION}")
    journal.execute("PRAGMA journal_mode = WAL")
    journal.execute("PRAGMA synchronous = FULL")
    journal.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT}")
    journal.executescript(schema)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise OutboxError for a journal that cannot be read, or has values that cannot be its own."""
    try:
        yield
    except _DAMAGED as error:
        raise OutboxError(
            f"the journal is damaged ({type(error).__name__}: {_why(error)}): restore it from a "
            "backup, or use another outbox",
            source=str(path),
        ) from error


@contextmanager
def transaction(journal: sqlite3.Connection, *, durable: bool = True) -> Iterator[None]:
    """Everything that is written inside is committed at the end, or none of it.

    A power failure may undo what is not ``durable``. Raises OutboxError.
    """
    try:
        journal.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
        journal.execute("BEGIN IMMEDIATE")
        with journal:  # COMMIT, or ROLLBACK on an error
            yield
    except sqlite3.Error as error:
        raise OutboxError(f"cannot write the journal: {_why(error)}") from error


def settle(path: Path) -> bool:
    """Move what is in a journal's other files into it; false if it is no journal."""
    try:
        with connect(path) as journal:
            journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        journal.close()  # removes the other files
    except OutboxError:
        return False
    return True


def _why(error: Exception) -> str:
    """What SQLite or Python says, in one line: it may quote a damaged journal."""
    return " ".join(reason(error).split())[:_LONGEST_REASON]
