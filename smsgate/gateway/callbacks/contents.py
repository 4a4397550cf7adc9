"""What a URL is told: the fields of the retired service (docs/gateway-callbacks.md)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from sqlalchemy import Connection, select

from smsgate.gateway.credits import CREDIT
from smsgate.gateway.tables import account, callback, file, message, reply


class Content(NamedTuple):
    """The fields of a callback; ``key`` is the same whenever it is sent."""

    fields: Mapping[str, str]
    key: str


_STATUS = (
    select(
        *(callback.c.id, callback.c.event, callback.c.time, callback.c.status, callback.c.charge),
        *(account.c.api_id, message.c.uid, message.c.recipient, file.c.content),
    )
    .join(account, account.c.id == callback.c.account)
    .join(message, message.c.id == callback.c.message)
    .join(file, file.c.id == message.c.file, isouter=True)
)


_REPLY = (
    select(
        *(callback.c.id, account.c.api_id, reply.c.uid, reply.c.handset, reply.c.number),
        *(reply.c.time, reply.c.text, reply.c.data, reply.c.udh),
    )
    .join(account, account.c.id == callback.c.account)
    .join(reply, reply.c.id == callback.c.reply)
)
#: The zone of a reply's time: the retired service's own, all year round.
_ZONE = timezone(timedelta(hours=2))


def load(conn: Connection, ids: Sequence[int]) -> dict[int, Content]:
    """The contents of callbacks; those are left out of which nothing is kept any more."""
    return _statuses(conn, ids) | _replies(conn, ids)


def _statuses(conn: Connection, ids: Sequence[int]) -> dict[int, Content]:
    found: dict[int, Content] = {}
    for row in conn.execute(_STATUS.where(callback.c.id.in_(ids))):
        said = json.loads(row.content or "{}")
        fields = {
            "api_id": row.api_id,
            "apiMsgId": row.uid,
            "cliMsgId": str(said.get("cliMsgId", "")),
            "to": row.recipient,
            "timestamp": str(int(row.time)),
            "from": str(said.get("from", "")),
            "status": f"{row.status:03}",
            "charge": charge(row.charge or 0),
        }
        found[row.id] = Content(fields, f"{row.uid}-{row.event}")
    return found


def _replies(conn: Connection, ids: Sequence[int]) -> dict[int, Content]:
    """Text is in UTF-8; octets are in hex, and their charset is ``binary``."""
    found: dict[int, Content] = {}
    for row in conn.execute(_REPLY.where(callback.c.id.in_(ids))):
        is_text = row.text is not None
        fields = {
            "api_id": row.api_id,
            "moMsgId": row.uid,
            "from": row.handset,
            "to": row.number,
            "timestamp": f"{datetime.fromtimestamp(row.time, _ZONE):%Y-%m-%d %H:%M:%S}",
            "text": row.text if is_text else row.data or "",
            "charset": "UTF-8" if is_text else "binary",
            "udh": row.udh,
        }
        found[row.id] = Content(fields, row.uid)
    return found


def charge(millionths: int) -> str:
    """An amount with six decimals."""
    whole, rest = divmod(abs(millionths), CREDIT)
    return f"{'-' * (millionths < 0)}{whole}.{rest:06}"


def trial(api_id: str, now: float) -> Content:
    """A callback about no message, with which a person tries a URL."""
    uid = "0" * 32
    fields = {
        "api_id": api_id,
        "apiMsgId": uid,
        "cliMsgId": "",
        "to": "",
        "timestamp": str(int(now)),
        "from": "",
        "status": "001",
        "charge": charge(0),
    }
    return Content(fields, f"{uid}-{int(now)}")
