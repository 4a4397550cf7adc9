"""Everything that is known of one message, for ``message show``."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, select

from smsenc.smpp.receipts import MessageState
from smsgate.gateway import credits as amounts
from smsgate.gateway.tables import account, event, file, ledger, message, part

_COLUMNS = (
    *(message.c.uid, account.c.api_id, file.c.name.label("file"), message.c.line),
    *(message.c.recipient, message.c.state, message.c.status, message.c.queue, message.c.due),
    *(message.c.expires, message.c.parts, message.c.charge, message.c.route),
    *(message.c.attempts, message.c.changed, message.c.note),
    *(message.c.way, message.c.routed, message.c.tried, message.c.escalates),
)
_Fields = dict[str, Any]


def show(
    conn: Connection,
    uid: str,
    *,
    text: bool = False,
    charges: bool = True,
    account_id: int | None = None,
) -> _Fields | None:
    """A message by its uid, None if there is none; its text (None: the file's) only if asked.

    With ``account_id``, one of that account only. ``charges`` are its rows of the ledger, for which
    all rows of its account are looked through.

    Times are UNIX seconds, amounts credits as text, receipts words such as ``DELIVRD``.
    """
    joined = message.join(account, account.c.id == message.c.account)
    tables = joined.join(file, file.c.id == message.c.file, isouter=True)
    query = select(message.c.id, message.c.account, message.c.text, *_COLUMNS)
    query = query.select_from(tables).where(message.c.uid == uid.lower())
    if account_id is not None:
        query = query.where(message.c.account == account_id)
    found = _dicts(conn, query)
    if not found:
        return None
    (fields,) = found
    number, owner, words = fields.pop("id"), fields.pop("account"), fields.pop("text")
    return {
        **fields,
        **({"text": words} if text else {}),
        "tried": (fields["tried"] or "").split(),
        "escalates": bool(fields["escalates"]),
        "charge": amounts.shown(fields["charge"]),
        "accepted": _parts(conn, number),
        "events": _events(conn, number),
        "ledger": _ledger(conn, owner, number) if charges else [],
    }


def _parts(conn: Connection, number: int) -> list[_Fields]:
    query = select(part.c.number, part.c.route, part.c.smsc_id, part.c.receipt)
    found = _dicts(conn, query.where(part.c.message == number).order_by(part.c.number))
    return [{**one, "receipt": _word(one["receipt"])} for one in found]


def _word(receipt: int | None) -> str | None:
    return None if receipt is None else MessageState(receipt).word


def _events(conn: Connection, number: int) -> list[_Fields]:
    query = select(event.c.status, event.c.time, event.c.charge)
    found = _dicts(conn, query.where(event.c.message == number).order_by(event.c.id))
    return [{**one, "charge": amounts.shown(one["charge"] or 0)} for one in found]


def _ledger(conn: Connection, account_id: int, number: int) -> list[_Fields]:
    query = select(ledger.c.time, ledger.c.kind, ledger.c.amount)
    of_message = (ledger.c.account == account_id, ledger.c.message == number)
    found = _dicts(conn, query.where(*of_message).order_by(ledger.c.id))
    return [{**one, "amount": amounts.shown(one["amount"])} for one in found]


def _dicts(conn: Connection, query: Select[Any]) -> list[_Fields]:
    return [dict(row) for row in conn.execute(query).mappings()]
