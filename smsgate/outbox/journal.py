"""The journal of an outbox: what has been written, sent and answered, in one SQLite file.

It is in the outbox's records (``home``). Each package that keeps records in it creates tables of
its own.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from smsgate.errors import OutboxError, reason
from smsgate.outbox import sqlitefaults
from smsgate.outbox.sqlitefaults import Meaning

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
        why = sqlitefaults.cause(error, path)
        raise OutboxError(f"cannot open the journal {path}: {_why(why)}") from why
    return journal


def _prepare(journal: sqlite3.Connection, path: Path, schema: str) -> None:
    (found,) = journal.execute("PRAGMA application_id").fetchone()
    (tables,) = journal.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if found != _APPLICATION and (found or tables):
        raise OutboxError(f"cannot use {path} as a journal: it is another database")
    journal.execute("PRAGMA journal_mode = WAL")
    journal.execute("PRAGMA synchronous = FULL")
    journal.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT}")
    if found:
        journal.executescript(schema)
    else:  # in one transaction: each has to wait for the disk
        mark = f"PRAGMA application_id = {_APPLICATION}"
        journal.executescript(f"BEGIN IMMEDIATE;{mark};{schema};COMMIT")


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Raise OutboxError for a journal that cannot be used, or has values that cannot be its own."""
    try:
        yield
    except _DAMAGED as error:
        raise _unusable(error, path) from sqlitefaults.cause(error, path)


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
        path = _path_of(journal)
        raise _unusable(error, path) from sqlitefaults.cause(error, path)


def settle(path: Path) -> bool:
    """Move what is in a journal's other files into it; false if it is no journal.

    Raises OutboxError for one that cannot be opened now.
    """
    try:
        with closing(connect(path)) as journal:  # which removes the other files
            with transaction(journal):
                pass  # nobody else writes to it
            journal.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except OutboxError as error:
        if not is_damaged(error):
            raise
        return False
    return True


def is_damaged(error: OutboxError) -> bool:
    """Whether an error says that a file is no journal, or none any more.

    A journal that cannot be read or written now is as good as before.
    """
    cause = error.__cause__
    return not isinstance(cause, OSError) and (
        cause is None or sqlitefaults.meaning(cause) is Meaning.DAMAGED
    )


def _unusable(error: Exception, path: Path) -> OutboxError:
    """The error of a journal that is damaged, or that cannot be written."""
    if sqlitefaults.meaning(error) is not Meaning.DAMAGED:
        return OutboxError(f"cannot write the journal: {_why(sqlitefaults.cause(error, path))}")
    return OutboxError(
        f"the journal is damaged ({type(error).__name__}: {_why(error)}): restore it from a "
        "backup, or use another outbox",
        source=str(path),
    )


def _path_of(journal: sqlite3.Connection) -> Path:
    """The file of a connection."""
    try:
        return Path(next(journal.execute("PRAGMA database_list"))[2] or "in memory")
    except (sqlite3.Error, StopIteration):
        return Path("journal")


def _why(error: Exception) -> str:
    """What SQLite or Python says, in one line: it may quote a damaged journal."""
    return " ".join(reason(error).split())[:_LONGEST_REASON]
