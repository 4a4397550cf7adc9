"""The database's side of history.log: which lines come next, and that they are written.

A *lot* is planned in a commit before any line of it is written (``setting.history.plan``). So a
gateway that is killed in the middle writes the same lines again at the same offsets.

An account whose log cannot be written falls behind (``setting.history.<account>`` is the last event
in its log), while the others go on. It catches up in lots of its own.

Each home, which is the storage of all nodes or that of one, has its own lots: the lines of messages
and remarks that came in there. Its settings have ``history@`` and its name for ``history``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, Select, Table, delete, func, select

from smsgate.gateway.databases.upsert import upsert
from smsgate.gateway.logs.folders import Place
from smsgate.gateway.logs.lines import Event, Remark
from smsgate.gateway.tables import event, file, history, home_history, message, remark, setting

#: The most events, and the most remarks, in one lot.
LOT = 2000
#: The scope of a lot for all accounts but those that have fallen behind.
ALL = 0

_CURSOR, _PLAN = "history", "history.plan"
_BEHIND = "history."  # and the number of an account
_FILES = 500  # file ids in one query
_SCANNED = 50_000  # events that are looked through for those of one account


class Plan(NamedTuple):
    """A lot: an account or ALL, and its last event and remark."""

    scope: int
    event: int
    remark: int


@dataclass(frozen=True, slots=True)
class Lot:
    """What is written next: rows of events and remarks, and where the logs of accounts end.

    ``start`` is the last event before it; ``files`` have name and content by id, without those
    that are known. One that ``is_full`` may have left something for the next.
    """

    plan: Plan
    start: int
    events: Sequence[Event]
    remarks: Sequence[Remark]
    is_full: bool = False
    places: Mapping[int, Place] = field(default_factory=dict)
    files: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    home: str = ""

    @property
    def rows(self) -> list[Event | Remark]:
        """All of them; one line each."""
        return [*self.events, *self.remarks]


@dataclass(frozen=True, slots=True)
class Done:
    """A lot that was written, with the new ends of logs, but for the accounts that ``failed``."""

    lot: Lot
    places: Mapping[int, Place] = field(default_factory=dict)
    failed: Collection[int] = ()


def begin(conn: Connection, home: str) -> None:
    """A home that is new has the lines of what comes in from now on."""
    if home and _CURSOR not in _settings(conn, home):
        newest = conn.execute(select(func.coalesce(func.max(event.c.id), 0))).scalar_one()
        _set(conn, home, _CURSOR, str(newest))


def advance(  # noqa: PLR0913, PLR0917 - what decides
    conn: Connection,
    done: Done | None,
    resting: Collection[int],
    known: Collection[int] = (),
    home: str = "",
    until: int | None = None,
) -> Lot | None:
    """Settle the lot that was written, and plan the next one; None if there is nothing to write.

    Accounts that are ``resting`` have fallen behind and are not tried. The names of ``known``
    files are not read. Events after ``until`` wait.
    """
    if done:
        settle(conn, done)
    values = _settings(conn, home)
    plan = _planned(values) or _next(conn, home, values, resting, until)
    if plan is None:
        return None
    _set(conn, home, _PLAN, " ".join(map(str, plan)))
    return _lot(conn, home, plan, values, known)


def place(conn: Connection, places: Mapping[int, Place], home: str = "") -> None:
    """Commit where logs begin; before that, nothing is written to a new one."""
    fixed = {"home": home} if home else {}
    rows = [fixed | {"account": one} | at._asdict() for one, at in places.items()]
    upsert(conn, _table(home), rows)


def written(conn: Connection, home: str = "") -> int:
    """The last event that is in all logs of a home."""
    values = _settings(conn, home)
    return min((_cursor(values), *_behind(values).values()))


def _table(home: str) -> Table:
    return home_history if home else history


# --- Settings ------------------------------------------------------------------------------------


def _prefix(home: str) -> str:
    return f"{_CURSOR}@{home}" if home else _CURSOR


def _settings(conn: Connection, home: str) -> dict[str, str]:
    """Those of a home; their keys are as those of the storage of all nodes."""
    prefix = _prefix(home)
    keys = (setting.c.key == prefix) | setting.c.key.startswith(f"{prefix}.", autoescape=True)
    rows = conn.execute(select(setting).where(keys))
    return {_CURSOR + row.key.removeprefix(prefix): row.value for row in rows}


def _cursor(values: Mapping[str, str]) -> int:
    return int(values.get(_CURSOR, "0"))


def _planned(values: Mapping[str, str]) -> Plan | None:
    found = values.get(_PLAN)
    return Plan(*map(int, found.split())) if found else None


def _behind(values: Mapping[str, str]) -> dict[int, int]:
    """The last events in the logs of accounts that have fallen behind."""
    numbers = ((key.removeprefix(_BEHIND), value) for key, value in values.items())
    return {int(number): int(value) for number, value in numbers if number.isdecimal()}


def _set(conn: Connection, home: str, key: str, value: str) -> None:
    upsert(conn, setting, {"key": _key(home, key), "value": value})


def _unset(conn: Connection, home: str, key: str) -> None:
    conn.execute(delete(setting).where(setting.c.key == _key(home, key)))


def _key(home: str, key: str) -> str:
    return _prefix(home) + key.removeprefix(_CURSOR)


# --- Planning ------------------------------------------------------------------------------------


def _next(
    conn: Connection,
    home: str,
    values: Mapping[str, str],
    resting: Collection[int],
    until: int | None,
) -> Plan | None:
    behind = _behind(values)
    first = _whole(conn, home, _cursor(values), behind, until)
    if first:
        return first
    late = next(islice((one for one in behind if one not in resting), 1), None)
    if late is None:
        return None
    last = min(_cursor(values), behind[late] + _SCANNED)
    ids = conn.execute(_events(home, behind[late], last, late).with_only_columns(event.c.id))
    found = ids.scalars().all()
    last = found[-1] if len(found) == LOT else last
    return Plan(late, last, _last(conn.execute(_remarks(home, None, [late])).all()))


def _whole(
    conn: Connection, home: str, cursor: int, behind: Collection[int], until: int | None
) -> Plan | None:
    query = select(event.c.id).where(event.c.id > cursor)
    if until is not None:
        query = query.where(event.c.id <= until)
    ids = conn.execute(query.order_by(event.c.id).limit(LOT)).scalars().all()
    last = (ids or [cursor])[-1]
    remarks = conn.execute(_remarks(home, None, None, behind)).all()
    if last == cursor and not remarks:
        return None
    return Plan(ALL, last, _last(remarks))


def _last(rows: Sequence[Row[Any]]) -> int:
    return int(rows[-1].id) if rows else 0


def _lot(
    conn: Connection, home: str, plan: Plan, values: Mapping[str, str], known: Collection[int]
) -> Lot:
    behind = _behind(values)
    start = behind[plan.scope] if plan.scope else _cursor(values)
    others = () if plan.scope else behind
    events = [
        Event(*row) for row in conn.execute(_events(home, start, plan.event, plan.scope)).all()
    ]
    query = _remarks(home, plan.remark, [plan.scope] if plan.scope else None, others)
    remarks = conn.execute(query).all()
    is_full = bool(behind) or LOT in (len(events), len(remarks))
    lot = Lot(plan, start, _without(events, others), [Remark(*row) for row in remarks], is_full)
    found = sorted({row.file for row in lot.events}.difference(known))
    accounts = {row.account for row in lot.rows}
    return replace(lot, places=_places(conn, home, accounts), files=_files(conn, found), home=home)


def _without(events: list[Event], accounts: Collection[int]) -> list[Event]:
    return [row for row in events if row.account not in accounts] if accounts else events


def _events(home: str, start: int, until: int, account: int) -> Select[Any]:
    query = (
        select(
            *(event.c.id, event.c.account, event.c.time, message.c.file),
            *(message.c.uid, message.c.recipient, event.c.status, event.c.charge),
        )
        .join(message, message.c.id == event.c.message)
        .outerjoin(file, file.c.id == message.c.file)
        .where(func.coalesce(file.c.home, "") == home)
        .where(event.c.id > start, event.c.id <= until)
        .order_by(event.c.id)
        .limit(LOT)
    )
    return query.where(event.c.account == account) if account else query


def _remarks(
    home: str, until: int | None, only: Collection[int] | None, others: Collection[int] = ()
) -> Select[Any]:
    columns = [remark.c[name] for name in Remark._fields]
    query = select(*columns).where(remark.c.home == home).order_by(remark.c.id).limit(LOT)
    if until is not None:
        query = query.where(remark.c.id <= until)
    if only is not None:
        query = query.where(remark.c.account.in_(only))
    return query.where(remark.c.account.not_in(others)) if others else query


def _places(conn: Connection, home: str, accounts: Collection[int]) -> dict[int, Place]:
    table = _table(home)
    query = select(table).where(table.c.account.in_(accounts))
    rows = conn.execute(query.where(table.c.home == home) if home else query)
    return {row.account: Place(row.size, row.inode) for row in rows}


def _files(conn: Connection, ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    found: dict[int, tuple[str, str]] = {}
    for at in range(0, len(ids), _FILES):
        columns = select(file.c.id, file.c.name, file.c.content)
        rows = conn.execute(columns.where(file.c.id.in_(ids[at : at + _FILES])))
        found |= {row.id: (row.name, row.content) for row in rows}
    return found


# --- Settling ------------------------------------------------------------------------------------


def settle(conn: Connection, done: Done) -> None:
    """Commit that a lot is written: ends of logs, the cursor, and remarks that are gone."""
    plan, start, home = done.lot.plan, done.lot.start, done.lot.home
    place(conn, done.places, home)
    ids = [row.id for row in done.lot.remarks if row.account not in done.failed]
    if ids:
        conn.execute(delete(remark).where(remark.c.id.in_(ids)))
    if plan.scope == ALL:
        for account in done.failed:
            _set(conn, home, f"{_BEHIND}{account}", str(start))
        _set(conn, home, _CURSOR, str(plan.event))
    elif not done.failed:
        _catch_up(conn, home, plan)
    _unset(conn, home, _PLAN)


def _catch_up(conn: Connection, home: str, plan: Plan) -> None:
    """An account goes on with the others when it has all events that they have, and no remarks."""
    key = f"{_BEHIND}{plan.scope}"
    mine = remark.c.account == plan.scope, remark.c.home == home
    left = select(func.count()).select_from(remark).where(*mine)
    if plan.event < _cursor(_settings(conn, home)) or conn.execute(left).scalar():
        _set(conn, home, key, str(plan.event))
    else:
        _unset(conn, home, key)
