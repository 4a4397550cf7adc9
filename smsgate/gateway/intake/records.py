"""Files in the database: a file's progress changes in one transaction with its messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import Connection, insert, select, update

from smsgate.errors import OutboxError
from smsgate.gateway import accounts, listed, tables
from smsgate.gateway.accounts import Known
from smsgate.gateway.intake import answers
from smsgate.gateway.intake.checks import NO_CREDIT, Refused
from smsgate.gateway.intake.job import Lot, Row
from smsgate.gateway.intake.taking import Taken
from smsgate.gateway.queue import ledger
from smsgate.gateway.queue.accept import New, accept
from smsgate.gateway.states import FileState
from smsgate.masking import harmless
from smsgate.outbox.writing import flush, outbox_errors

_FILE = tables.file
_ROW = [_FILE.c[name] for name in Row._fields]


class Start(NamedTuple):
    """What a file is begun or continued with."""

    account: int
    known: Known | None
    row: Row | None


class Work(NamedTuple):
    """A lot to commit; ``file`` is None for a file that has no row yet."""

    taken: Taken
    account: int
    file: int | None
    log_size: int
    lot: Lot
    size: int
    digest: str
    content: str
    notes: tuple[str, ...]  # remarks about the file, for its first commit
    refused: bool  # the whole file
    repeat: float  # seconds


class Result(NamedTuple):
    """What a commit has done; ``file`` is None if the file is the same upload as an earlier one."""

    file: int | None
    log_size: int
    accepted: int
    refused: int


def start(conn: Connection, taken: Taken) -> Start | None:
    """What the database knows about a taken file; None without such an account."""
    account = accounts.find(conn, taken.api_id)
    if account is None:
        return None
    ledger.hold(conn, {account.id})  # a gateway that was killed may have left a commit on its way
    row = conn.execute(select(*_ROW).where(_FILE.c.spool == taken.uid)).first()
    known = accounts.file_log_in(conn, account.id)
    return Start(account.id, known, Row._make(row) if row else None)


def reading(conn: Connection, home: str) -> list[tuple[str, str, str, float]]:
    """Files of a home that are not done: their uid, account, name and time."""
    columns = (_FILE.c.spool, tables.account.c.api_id, _FILE.c.name, _FILE.c.taken)
    joined = _FILE.join(tables.account, tables.account.c.id == _FILE.c.account)
    query = (
        select(*columns)
        .select_from(joined)
        .where(_FILE.c.state == FileState.READING, _FILE.c.home == home)
    )
    return [(row[0], row[1], row[2], row[3]) for row in conn.execute(query)]


def commit(conn: Connection, works: Sequence[Work], now: float) -> list[Result]:
    """Accept the lots and write their answers to logs that nobody sees yet.

    Raises OutboxError if a log cannot be written.
    """
    ledger.hold(conn, {work.account for work in works})  # the same upload may come elsewhere
    results = [_commit(conn, work, now) for work in works]
    logs = [work.taken.log for work, result in zip(works, results, strict=True) if result.file]
    if logs:
        with outbox_errors(logs[0].parent):
            flush([*map(str, logs), *{str(log.parent) for log in logs}])
    return results


def _commit(conn: Connection, work: Work, now: float) -> Result:
    file = work.file
    if file is None:
        earlier = _earlier(conn, work, now)
        if earlier is not None:
            _insert(conn, work, FileState.REPEATED)
            at = f"{datetime.fromtimestamp(earlier, UTC):%Y-%m-%d %H:%M:%S}"
            _remark(conn, work, f"already taken at {at}; not sent again", now)
            return Result(None, 0, 0, 0)
        file = _insert(conn, work, FileState.READING)
        for note in work.notes:
            _remark(conn, work, note, now)
    entries = _allowed(conn, work)
    new = [entry for entry in entries if isinstance(entry, New)]
    uids = accept(conn, work.account, file, new, now) if new else []
    octets = "".join(_lines(entries, uids)).encode()
    accepted = len(uids) - uids.count(None)
    log_size = work.log_size + len(octets)
    _progress(conn, work, file, accepted, log_size)
    answers.write(work.taken.log, work.log_size, octets)  # it is known now that nobody else does
    if work.lot.last and work.refused:
        _remark(conn, work, _summary(entries), now)
    return Result(file, log_size, accepted, len(entries) - accepted)


def _allowed(conn: Connection, work: Work) -> Sequence[New | Refused]:
    """The recipients of a lot, refused where their numbers are listed now."""
    entries = work.lot.entries
    numbers = [entry.recipient for entry in entries if isinstance(entry, New)]
    if not numbers:
        return entries
    listed.hold(conn, work.account)
    codes = listed.codes(conn, work.account, numbers)
    return [
        Refused(codes[entry.recipient], entry.line, entry.recipient)
        if isinstance(entry, New) and entry.recipient in codes
        else entry
        for entry in entries
    ]


def _earlier(conn: Connection, work: Work, now: float) -> float | None:
    """When the same upload was taken, if any of its messages were accepted or may be."""
    columns = _FILE.c
    query = select(columns.taken).where(
        columns.account == work.account,
        columns.name == work.taken.name,
        columns.digest == work.digest,
        columns.taken > now - work.repeat,
        columns.state != FileState.REPEATED,
        (columns.accepted > 0) | (columns.state == FileState.READING),
    )
    return conn.execute(query.order_by(columns.id.desc()).limit(1)).scalar()


def _insert(conn: Connection, work: Work, state: FileState) -> int:
    values = {
        "account": work.account,
        "name": work.taken.name,
        "spool": work.taken.uid,
        "size": work.size,
        "digest": work.digest,
        "taken": work.taken.time,
        "state": state,
        "content": work.content,
        "home": work.taken.spool.home,
    }
    accounts.move(conn, work.account, work.taken.spool.home)
    key = conn.execute(insert(_FILE).values(values)).inserted_primary_key
    return int(key[0]) if key else 0


def _lines(entries: Iterable[New | Refused], uids: Sequence[str | None]) -> Iterable[str]:
    named = iter(uids)
    for entry in entries:
        if isinstance(entry, Refused):
            yield answers.refused(*entry)
        elif uid := next(named):
            yield answers.accepted(uid, entry.recipient)
        else:
            yield answers.refused(NO_CREDIT, entry.line, entry.recipient)


def _progress(conn: Connection, work: Work, file: int, accepted: int, log_size: int) -> None:
    columns, count = _FILE.c, len(work.lot.entries)
    state = FileState.READING
    if work.lot.last:
        state = FileState.REFUSED if work.refused else FileState.READ
    values = {
        "done": columns.done + count,
        "accepted": columns.accepted + accepted,
        "refused": columns.refused + count - accepted,
        "log_size": log_size,
        "state": state,
    }
    here = columns.id == file, columns.log_size == work.log_size
    if conn.execute(update(_FILE).where(*here).values(values)).rowcount != 1:
        raise OutboxError(f"{harmless(work.taken.name)}: another node reads this file")


def _summary(entries: Sequence[New | Refused]) -> str:
    last = entries[-1]
    code, line = (last.code, last.line) if isinstance(last, Refused) else (NO_CREDIT, None)
    return answers.refused(code, line, None).rstrip()


def _remark(conn: Connection, work: Work, text: str, now: float) -> None:
    remark(conn, work.account, work.taken.name, text, now, work.taken.spool.home)


def remark(  # noqa: PLR0913, PLR0917 - the columns of a row
    conn: Connection, account: int, name: str, text: str, now: float, home: str
) -> None:
    """Have a line in the account's history.log of a home."""
    values = {"account": account, "time": now, "file": harmless(name), "text": harmless(text)}
    conn.execute(insert(tables.remark).values(**values, home=home))


def remarks_of(
    conn: Connection, lot: Iterable[tuple[str, str, str, float]], home: str = ""
) -> None:
    """The same for api_ids; nothing without such an account."""
    for api_id, name, text, now in lot:
        if account := accounts.find(conn, api_id):
            remark(conn, account.id, name, text, now, home)
