"""A gateway from a backup. What it had not sent at that moment may have been sent since.

So such messages are unknown: nobody is sent anything twice unless somebody decides so, for one
message (``message resend``) or for all (``--resend``). A file that was being read is not read on.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, or_, select, update

from smsenc import OptionError
from smsgate.errors import OutboxError, reason
from smsgate.gateway import layout, listed
from smsgate.gateway.backups import archive
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.queue import moves
from smsgate.gateway.queue.moves import Move, Row
from smsgate.gateway.states import FileState, State, Status
from smsgate.gateway.tables import (
    duty,
    file,
    history,
    home_history,
    message,
    node,
    page_session,
    remark,
    reply_log,
    route,
    setting,
)

#: Where files are that were being read, if they are not read on.
HELD = "held"
_LOT = 1000
_MARKS = ("drain", "reload")


class Restored(NamedTuple):
    """When the backup was made, and how many messages and files are decided about."""

    made: str
    messages: int
    files: int


def restore(source: BinaryIO, data: Path, now: float, *, resend: bool) -> Restored:
    """Make the folder ``data`` of a backup; raises OptionError, OutboxError."""
    if data.exists() and (not data.is_dir() or any(data.iterdir())):
        raise OptionError(f"{data} is there already: give a new folder", name="--data")
    work = data.with_name(f".{data.name}.restoring")
    try:
        with _fresh(work):
            found = archive.extract(source, work)
            made = str(found.get("made", ""))
            restored = _decided(work, made, now, resend=resend)
            if data.exists():
                data.rmdir()
            os.rename(work, data)
    except OSError as error:
        raise OutboxError(f"cannot restore {data}: {reason(error)}") from error
    return restored


@contextlib.contextmanager
def _fresh(work: Path) -> Iterator[None]:
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(mode=0o700, parents=True)
    try:
        yield
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _decided(work: Path, made: str, now: float, *, resend: bool) -> Restored:
    database = SqliteDatabase(work)
    try:
        database.transact(_forget)
        count = 0
        while done := database.transact(partial(_messages, made=made, now=now, resend=resend)):
            count += done
        files = 0 if resend else database.transact(partial(_files, made=made, now=now))
    finally:
        database.close()
    if not resend and (work / layout.SPOOL).exists():
        os.rename(work / layout.SPOOL, work / HELD)
    return Restored(made, count, files)


def _forget(conn: Connection) -> None:
    """What is of the old machine: processes, problems, logs, log-ins, and what was asked of it."""
    for table in (history, home_history, reply_log, node, duty, page_session):
        conn.execute(delete(table))
    answered = setting.c.key.startswith("reload.done:", autoescape=True)
    conn.execute(delete(setting).where(setting.c.key.in_(_MARKS) | answered))
    conn.execute(update(route).values(problem=None))


def _open(now: float) -> ColumnElement[bool]:
    """What may have gone since; not what has never been tried and is still to come."""
    tried = message.c.attempts > 0
    come = and_(message.c.state == State.DELAYED, or_(message.c.due <= now, tried))
    return or_(message.c.state.in_((State.WAITING, State.ANNOUNCED)), come)


def _messages(conn: Connection, made: str, now: float, *, resend: bool) -> int:
    """Decide about one lot of messages; how many."""
    if resend:
        query = moves.selected(message.c.state == State.ANNOUNCED)
        wait = partial(_waits, made=made)
    else:
        query, wait = moves.selected(_open(now)), partial(_unknown, made=made)
    found = moves.rows(conn.execute(query.order_by(message.c.id).limit(_LOT)))
    moves.write(conn, [wait(row) for row in found], now)
    listed.stop(conn, [row.message for row in found], now)
    return len(found)


def _unknown(row: Row, made: str) -> Move:
    note = f"restored from a backup of {made}: it may have been sent since"
    return moves.move(row, State.UNKNOWN, row.status, note)


def _waits(row: Row, made: str) -> Move:
    note = f"restored from a backup of {made}, and sent again"
    return moves.move(row, State.WAITING, Status.QUEUED, note)


def _files(conn: Connection, made: str, now: float) -> int:
    """End the reading of files, and say so in history.log; how many."""
    query = select(file.c.id, file.c.account, file.c.name, file.c.done)
    rows = conn.execute(query.where(file.c.state == FileState.READING)).all()
    for number, account, name, done in rows:
        conn.execute(update(file).where(file.c.id == number).values(state=FileState.READ))
        text = f"restored from a backup of {made}: read up to recipient {done}, and not further"
        values = {"account": account, "time": now, "file": name, "text": text}
        conn.execute(insert(remark).values(values))
    return len(rows)
