"""A database of one gateway: a file of SQLite, and one thread that writes."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import SingletonThreadPool

from smsgate.errors import OutboxError, reason
from smsgate.gateway.database import NAME, Database, UnusableError, Work
from smsgate.gateway.databases import versions
from smsgate.outbox import sqlitefaults
from smsgate.outbox.sqlitefaults import Meaning

_T = TypeVar("_T")

_BUSY = 5.0  # seconds that SQLite waits for another process
_READING = "reading"  # an option of connections that change nothing
_THREADS = 128  # with more, SQLAlchemy closes connections that others are using
_CHECKPOINT = 8192  # pages of 4 KiB
#: KiB of pages that a connection keeps, of which each thread has one. More makes nothing faster:
#: what is read again comes from the system's cache.
_CACHE = 2000


class SqliteDatabase(Database):
    """The database in ``folder``; made there if ``make``. Raises OutboxError.

    ``first`` is run instead of a look at its version.
    """

    is_shared = False

    def __init__(
        self, folder: Path, *, make: bool = False, first: Work[object] | None = None
    ) -> None:
        self._path = self.path = path = folder / NAME
        if make:
            with suppress(FileExistsError):  # SQLite gives its other files this mode
                os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        elif not path.exists():
            raise OutboxError(f"no gateway in {folder}: expected {NAME}")
        self._engine = create_engine(
            URL.create("sqlite+pysqlite", database=str(self.path)),
            poolclass=SingletonThreadPool,
            pool_size=_THREADS,
            # One thread uses a connection, and another one may close it at the end.
            connect_args={"timeout": _BUSY, "isolation_level": None, "check_same_thread": False},
        )
        event.listen(self._engine, "connect", _prepare)
        event.listen(self._engine, "begin", _begin)
        self._thread = ThreadPoolExecutor(1, "gateway-database")
        try:
            self.transact(first or versions.make) if first or make else self.read(versions.check)
        except BaseException:
            self.close()
            raise

    def transact(self, work: Work[_T]) -> _T:
        """Run work in a transaction of this thread; raises OutboxError if it cannot be kept."""
        return self._run(self._engine, work)

    def read(self, work: Work[_T]) -> _T:
        """Run work that changes nothing: it does not wait for those who write."""
        return self._run(self._engine.execution_options(**{_READING: True}), work)

    def _run(self, engine: Engine, work: Work[_T]) -> _T:
        try:
            with engine.begin() as conn:
                return work(conn)
        except (DBAPIError, sqlite3.Error) as error:
            raise self._unusable(error) from error

    async def _once(self, work: Work[_T]) -> _T:
        """Run work in the writing thread, one transaction after another."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self.transact, work)

    def close(self) -> None:
        """End the thread."""
        self._thread.submit(self._engine.dispose).result()
        self._thread.shutdown()
        self._engine.dispose()

    def _unusable(self, error: DBAPIError | sqlite3.Error) -> UnusableError:
        found = error.orig if isinstance(error, DBAPIError) else error
        origin = found if isinstance(found, Exception) else error
        why = sqlitefaults.cause(origin, self._path)
        passes = sqlitefaults.meaning(origin) is not Meaning.DAMAGED
        return UnusableError(f"cannot use the database {self.path}: {reason(why)}", passes=passes)


def _prepare(connection: sqlite3.Connection, _record: object) -> None:
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "secure_delete = ON",  # a text that is erased is not left in the file
        f"wal_autocheckpoint = {_CHECKPOINT}",
        f"cache_size = -{_CACHE}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin(conn: Connection) -> None:
    reading = conn.get_execution_options().get(_READING)
    conn.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
