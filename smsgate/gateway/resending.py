"""Messages that somebody has sent again: those that are unknown, and those that have failed."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, select

from smsgate.gateway import listed
from smsgate.gateway.queue import changes, ledger
from smsgate.gateway.states import State
from smsgate.gateway.tables import message

#: States of messages that may be sent again.
STATES = (State.UNKNOWN, State.FAILED)
#: Messages in one transaction.
LOT = 100


def resend(conn: Connection, uid: str, now: float) -> str:
    """Send a message again, unless its number is listed; empty if done, else why it is not."""
    return listed.bars(conn, uid) or changes.resend(conn, uid, now)


def resend_some(conn: Connection, uids: Iterable[str], now: float) -> dict[str, str]:
    """The same for up to LOT messages: why each is not sent again, empty if it is."""
    uids = [*uids]
    of_lot = message.c.uid.in_([uid.lower() for uid in uids])
    ledger.hold(conn, conn.execute(select(message.c.account).where(of_lot).distinct()).scalars())
    return {uid: resend(conn, uid, now) for uid in uids}
