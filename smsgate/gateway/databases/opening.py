"""The database that the settings name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from smsenc.extras import needed
from smsgate.errors import OutboxError
from smsgate.gateway.database import Database, Work
from smsgate.gateway.settings import Settings

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_SILENCE = 10.0  # seconds at most


def opened(settings: Settings, *, make: bool = False) -> Database:
    """The gateway's database; its tables are made if ``make``. Raises OutboxError."""
    lease = settings.node.lease
    return opened_at(settings.data, settings.database, make=make, silence=lease / 2)


def upgrade(data: Path, url: URL | None) -> str:
    """Bring a database to this version; the one that it had. Raises OutboxError."""
    from smsgate.gateway.databases import migrating  # noqa: PLC0415 - Alembic takes a while

    before: list[str] = []
    opened_at(data, url, first=lambda conn: before.append(migrating.upgrade(conn))).close()
    return before[-1]


def opened_at(
    data: Path,
    url: URL | None,
    *,
    make: bool = False,
    silence: float = _SILENCE,
    first: Work[object] | None = None,
) -> Database:
    """The database at ``url``, or the file in ``data``; ``first`` is run before any use.

    PostgreSQL ends a transaction from whose client nothing is heard for ``silence`` seconds: a node
    that is cut off or stopped has its locks no longer, so others need not wait for its lease.
    """
    if url is None:
        from smsgate.gateway.databases.sqlite import SqliteDatabase  # noqa: PLC0415 - see below

        return SqliteDatabase(data, make=make, first=first)
    # Only here: asyncpg takes a while to load, and most gateways have no server.
    try:
        from smsgate.gateway.databases.postgresql import PostgresDatabase  # noqa: PLC0415
    except ImportError as error:
        raise OutboxError(needed("PostgreSQL", "postgresql")) from error
    return PostgresDatabase(url, make=make, silence=min(silence, _SILENCE), first=first)
