"""A database of many gateways: a server of PostgreSQL, reached by a thread with its own event loop.

A connection that is lost at a commit leaves open whether it was kept. The number of the transaction
was asked for before, and another connection asks the server what became of it: so work is not run
again that was committed.
"""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Coroutine, Iterable
from contextlib import suppress
from itertools import count
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import QueuePool

from smsgate.gateway.database import Database, UnusableError, Work, seen
from smsgate.gateway.databases import postgresqlfaults as faults
from smsgate.gateway.databases import versions

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_T = TypeVar("_T")

#: Connections of one process at most.
CONNECTIONS = 10
_SILENCE = "idle_in_transaction_session_timeout"
_CONNECT, _ANSWER = 5.0, 10.0  # seconds until a connection, until the answer to a statement
_STATEMENTS = 500  # that a connection keeps prepared
_AGAIN = 5  # tries of a transaction that others were in the way of
_ASKED = 30  # times that the server is asked what became of a transaction
_PAUSE = 0.5  # seconds between them
#: A server that does not hear of its client ends the transaction, whose locks others wait for.
_SERVER = {
    "application_name": "smsenc gateway",
    "lock_timeout": "5s",
    "statement_timeout": "9s",
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "jit": "off",
    "enable_seqscan": "off",  # plans are kept, and made when a table may have been empty
    "enable_bitmapscan": "off",  # it sorts what an index has in order
}


class _DoubtError(Exception):
    """The connection was lost at the commit of the transaction with this number."""

    def __init__(self, number: str, found: object, error: BaseException) -> None:
        super().__init__(number)
        self.number, self.found, self.error = number, found, error


class PostgresDatabase(Database):
    """The database at ``url``; its tables are made if ``make``. Raises OutboxError.

    ``first`` is run instead of a look at its version, and may take its time.
    """

    is_shared = True

    def __init__(
        self,
        url: URL,
        *,
        make: bool = False,
        first: Work[object] | None = None,
        connections: int = CONNECTIONS,
        silence: float = 10.0,
    ) -> None:
        self._place = f"at {url.host or 'localhost'}"
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, name="gateway-database", daemon=True)
        self._thread.start()
        try:
            answer = None if first else _ANSWER
            self._engine = self._wait(_engine(url, connections, answer, silence))
            self.transact(first or versions.make) if first or make else self.read(versions.check)
        except BaseException:
            self.close()
            raise

    def transact(self, work: Work[_T]) -> _T:
        """Run work in a transaction and wait for it; raises OutboxError if it cannot be kept."""
        return self._wait(self._kept(work, reading=False))

    def read(self, work: Work[_T]) -> _T:
        """Run work that changes nothing: it does not wait for those who write."""
        return self._wait(self._kept(work, reading=True))

    async def _once(self, work: Work[_T]) -> _T:
        kept = self._kept(work, reading=False, patient=True)
        future = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(kept, self._loop))
        future.add_done_callback(seen)
        return await asyncio.shield(future)

    def close(self) -> None:
        """End the connections and the thread."""
        if self._loop.is_closed():
            return
        self._wait(_cancel_others())
        if engine := getattr(self, "_engine", None):
            self._wait(_discard(engine))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # --- In the thread ---------------------------------------------------------------------------

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _wait(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _kept(self, work: Work[_T], *, reading: bool, patient: bool = False) -> _T:
        """Run work until it is kept, or cannot be; raises UnusableError and what work raises.

        One that is ``patient`` waits as long as it takes to learn what became of a commit.
        """
        for left in reversed(range(_AGAIN)):
            try:
                return await self._attempt(work, reading=reading)
            except _DoubtError as doubt:
                if await self._was_kept(doubt, count() if patient else range(_ASKED)):
                    return doubt.found  # type: ignore[return-value]
            except (DBAPIError, *faults.ERRORS, *faults.LOST) as error:
                if not left or not faults.is_conflict(error):
                    await self._refuse(error)
                await asyncio.sleep(random.uniform(0, 0.05))  # noqa: S311 - not for secrets
        return await self._attempt(work, reading=reading)

    async def _attempt(self, work: Work[_T], *, reading: bool) -> _T:
        conn = await self._connected()
        try:
            return await _in_transaction(conn, work, reading=reading)
        except BaseException as error:
            if faults.is_lost(error):
                with suppress(Exception):
                    await conn.invalidate()
            raise
        finally:
            await _let_go(conn)

    async def _connected(self) -> AsyncConnection:
        try:
            return await self._engine.connect()
        except (DBAPIError, PoolTimeoutError, OSError, *faults.ERRORS) as error:
            await self._refuse(error)

    async def _was_kept(self, doubt: _DoubtError, tries: Iterable[int]) -> bool:
        """Whether a transaction was committed; raises UnusableError if nobody says."""
        for _ in tries:
            try:
                async with self._engine.connect() as conn:
                    query = text("SELECT pg_xact_status(CAST(CAST(:number AS text) AS xid8))")
                    status = (await conn.execute(query, {"number": doubt.number})).scalar()
                if status != "in progress":
                    return bool(status == "committed")
            except (DBAPIError, PoolTimeoutError, OSError, *faults.ERRORS) as error:
                if not faults.passes(error):
                    raise
                self.problem = self._unusable(error).message
            await asyncio.sleep(_PAUSE)
        what = "the connection was lost at a commit, and the server does not say what became of it"
        raise UnusableError(f"cannot use the database {self._place}: {what}", passes=False)

    async def _refuse(self, error: BaseException) -> NoReturn:
        if faults.is_lost(error):  # and so are its others
            await _discard(self._engine)
        raise self._unusable(error) from error

    def _unusable(self, error: BaseException) -> UnusableError:
        what = f"cannot use the database {self._place}: {faults.reason(error)}"
        return UnusableError(what, passes=faults.passes(error))


async def _cancel_others() -> None:
    """End what nobody waits for any more."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for one in others:
        one.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _engine(url: URL, connections: int, answer: float | None, silence: float) -> AsyncEngine:
    """Made in the loop that uses it."""
    return create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=_ANSWER,
        pool_use_lifo=True,
        connect_args={
            "timeout": _CONNECT,
            "command_timeout": answer,
            "prepared_statement_cache_size": _STATEMENTS,
            "server_settings": _SERVER | {_SILENCE: f"{round(1000 * silence)}ms"},
        },
    )


async def _discard(engine: AsyncEngine) -> None:
    """End the connections that nobody uses, without waiting for a server that does not answer."""

    async def end() -> None:
        with suppress(Exception):
            conn = await engine.connect()
            await conn.invalidate()
            await conn.close()

    pool = engine.pool
    idle = pool.checkedin() if isinstance(pool, QueuePool) else 0
    await asyncio.gather(*(end() for _ in range(idle)))


async def _let_go(conn: AsyncConnection) -> None:
    """Give a connection back; one that cannot be undone is not used again."""
    try:
        await conn.close()
    except Exception:  # noqa: BLE001 - asyncpg has several for a connection that is lost
        with suppress(Exception):
            await conn.invalidate()
        with suppress(Exception):
            await conn.close()


async def _in_transaction(conn: AsyncConnection, work: Work[_T], *, reading: bool) -> _T:
    if reading:
        await conn.execution_options(postgresql_readonly=True)
        return await conn.run_sync(work)
    found = await conn.run_sync(work)
    number = await _number(conn)
    try:
        await conn.commit()
    except (DBAPIError, *faults.ERRORS, *faults.LOST) as error:
        if number is not None and faults.is_lost(error):
            with suppress(Exception):
                await conn.invalidate()
            raise _DoubtError(number, found, error) from error
        raise
    return found


async def _number(conn: AsyncConnection) -> str | None:
    """The number of the transaction; None if it has changed nothing."""
    found = await conn.exec_driver_sql("SELECT CAST(pg_current_xact_id_if_assigned() AS text)")
    return found.scalar()
