"""Texts of messages that are over are erased before the rest of them is forgotten.

An erased message can be shown, is in the logs, keeps its charge, and receipts still find it; it
cannot be sent again. Messages that are unknown wait for a decision, and keep their texts.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, case, exists, select, update

from smsgate.gateway import content
from smsgate.gateway.logs.replylots import Logged
from smsgate.gateway.states import OVER, CallbackState, FileState, InboundState
from smsgate.gateway.tables import callback, file, inbound, message, reply

#: Messages, and files, in one transaction.
_LOT, _FILES = 1000, 200
_WITH_CONTENT = (FileState.READ, FileState.REPEATED)
_READ = (InboundState.DONE, InboundState.REPEATED, InboundState.ODD)
_TO_TELL = (CallbackState.WAITING, CallbackState.SENDING, CallbackState.FAILED)


class Erased(NamedTuple):
    """How many texts are gone, and the last file that was looked at; 0 when all were."""

    texts: int
    file: int


def erase(conn: Connection, since: float, after: int = 0) -> Erased:
    """Erase texts of messages that are over and have not changed after ``since``, in one lot.

    The text of a file goes when all its messages are so. Call again with ``after``, the ``file``
    of the last answer, until that is 0.
    """
    texts = 0
    found = conn.execute(_files(since, after)).all()
    for one, stored in found:
        rows = _messages(conn, one, since)
        texts += rows
        if rows == _LOT:
            return Erased(texts, one - 1 or -1)  # 0 would be the end
        texts += _file(conn, one, stored, since)
        if texts >= _LOT:
            return Erased(texts, one)
    return Erased(texts, found[-1][0] if len(found) == _FILES else 0)


def _files(since: float, after: int) -> Select[Any]:
    old = file.c.id > after, file.c.taken < since, file.c.state.in_(_WITH_CONTENT)
    kept = file.c.content.not_like(f"{content.ERASED}%")
    query = select(file.c.id, file.c.content).where(*old, kept)
    return query.order_by(file.c.id).limit(_FILES).with_for_update()


def _messages(conn: Connection, one: int, since: float) -> int:
    """Erase the texts of rows of a template."""
    old = message.c.file == one, message.c.state.in_(OVER), message.c.changed < since
    some = select(message.c.id).where(*old, message.c.text != "").limit(_LOT)  # NULL is not, too
    return conn.execute(update(message).where(message.c.id.in_(some)).values(text="")).rowcount


def _file(conn: Connection, one: int, stored: str, since: float) -> int:
    needed = exists().where(
        message.c.file == one, message.c.state.not_in(OVER) | (message.c.changed >= since)
    )
    values = {"content": content.erased(stored)}
    return conn.execute(update(file).where(file.c.id == one, ~needed).values(values)).rowcount


# --- Messages of phones --------------------------------------------------------------------------


def erase_replies(conn: Connection, since: float) -> int:
    """Erase what phones wrote before ``since``, in one lot; how many: repeat it until 0.

    That it came is kept. What is not in mo.log yet stays, and what is nobody's, and what a URL is
    still to be told or could be told again.
    """
    return _inbound(conn, since) + _replies(conn, since)


def _inbound(conn: Connection, since: float) -> int:
    old = inbound.c.time < since, inbound.c.pdu != b"", inbound.c.state.in_(_READ)
    some = select(inbound.c.id).where(*old).order_by(inbound.c.id).limit(_LOT)
    return conn.execute(update(inbound).where(inbound.c.id.in_(some)).values(pdu=b"")).rowcount


def _replies(conn: Connection, since: float) -> int:
    called = exists().where(callback.c.reply == reply.c.id, callback.c.state.in_(_TO_TELL))
    some = (
        select(reply.c.id)
        .where(
            reply.c.time < since,
            (reply.c.text != "") | (reply.c.data != ""),  # each may be NULL, and stays so
            reply.c.logged == int(Logged.YES),
            ~called,
        )
        .order_by(reply.c.time)
        .limit(_LOT)
    )
    empty = {one: case((one.is_(None), None), else_="") for one in (reply.c.text, reply.c.data)}
    return conn.execute(update(reply).where(reply.c.id.in_(some)).values(empty)).rowcount
