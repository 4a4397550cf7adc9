"""How the message centre of a route writes ids in receipts: as in its answers, or as a number.

``16`` may be the ``16`` of an answer that is still to come, or ``10``, which is its hexadecimal
form and was answered long ago. What most receipts of the route have shown decides.
"""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from smsgate.gateway.databases.upsert import upsert
from smsgate.gateway.queue.statements import Query
from smsgate.gateway.tables import setting

#: Votes from which on a habit is certain, and at which they stop.
SURE = 4
_MOST = 16
_KEY = "receipt_ids"
_VALUE = Query(select(setting.c.value).where(setting.c.key == _KEY))


def votes(conn: Connection, route: str) -> int:
    """Over 0: receipts repeat ids as they are; under 0: in decimal for hexadecimal, or reverse."""
    return _all(conn).get(route, 0)


def vote(conn: Connection, route: str, before: int, votes: int) -> None:
    """Keep new votes, if they are others."""
    kept = max(-_MOST, min(_MOST, votes))
    if kept == before:
        return
    held = conn.execute(select(setting.c.value).where(setting.c.key == _KEY).with_for_update())
    found = {**json.loads(held.scalar() or "{}"), route: kept}
    upsert(conn, setting, {"key": _KEY, "value": json.dumps(found)})


def _all(conn: Connection) -> dict[str, int]:
    found = _VALUE.value(conn)
    return dict(json.loads(found)) if found else {}
