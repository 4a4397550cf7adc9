"""One transaction of the worker: new messages from phones become replies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, Insert, Row, select
from sqlalchemy.dialects import postgresql, sqlite

from smsenc.model import Coding
from smsenc.smpp.userdata import STANDARD, CodingProfile, UserData
from smsgate.gateway.replies import keeping, parts
from smsgate.gateway.replies.joining import joined
from smsgate.gateway.replies.keeping import Kept, Whole
from smsgate.gateway.replies.owners import Owners
from smsgate.gateway.replies.reading import Found, read
from smsgate.gateway.settings import Settings
from smsgate.gateway.tables import setting

#: Messages, and lots of parts, in one transaction.
LOT = 200
_KEY = "replies"
_INSERTS: Mapping[str, Insert] = MappingProxyType(
    {
        "sqlite": sqlite.insert(setting).on_conflict_do_nothing(),
        "postgresql": postgresql.insert(setting).on_conflict_do_nothing(),
    }
)


@dataclass(frozen=True, slots=True)
class Done:
    """What a transaction has stored; ``is_full`` if there may be more."""

    kept: list[Kept]
    is_full: bool


@dataclass(slots=True)
class _Lot:
    """What one transaction finds."""

    whole: list[Whole] = field(default_factory=list)
    odd: list[int] = field(default_factory=list)
    handsets: set[str] = field(default_factory=set)  # that have begun a message


def prepare(conn: Connection) -> None:
    """Have the row that is held while one of several nodes works."""
    conn.execute(_INSERTS[conn.dialect.name], {"key": _KEY, "value": ""})


def work(conn: Connection, settings: Settings, now: float) -> Done:
    """Read what is new, join what is complete or waits too long, and keep it."""
    conn.execute(select(setting.c.value).where(setting.c.key == _KEY).with_for_update()).all()
    profiles = {one.name: one.coding for one in settings.routes}
    rows = parts.new(conn, LOT)
    lot = _Lot()
    for row in rows:
        _sort(conn, row, lot, profiles)
    late = parts.overdue(conn, now - settings.limits.reply_parts, LOT)
    many = [one for handset in lot.handsets for one in parts.too_many(conn, handset)]
    for one in dict.fromkeys((*late, *many)):
        _end(conn, one, lot, profiles, now - 2 * settings.limits.reply_parts)
    if lot.odd:
        parts.odd(conn, lot.odd)
    return Done(_kept(conn, lot.whole, settings, now), LOT in (len(rows), len(late)))


def _kept(conn: Connection, lot: list[Whole], settings: Settings, now: float) -> list[Kept]:
    if not lot:
        return []
    owners = Owners(conn, settings.numbers, settings.accounts)
    kept = keeping.keep(conn, lot, owners, now)
    for whole, found in zip(lot, kept, strict=True):
        parts.finish(conn, whole.rows, found.id)
    return kept


def _sort(
    conn: Connection, row: Row[Any], lot: _Lot, profiles: Mapping[str, CodingProfile]
) -> None:
    found = _read(row, profiles)
    if found is None:
        lot.odd.append(row.id)
    elif found.place is None:
        content = joined({1: found.user}, 1)
        content = content._replace(note=found.note)
        address = (row.route, found.handset, found.number)
        lot.whole.append(Whole(*address, content, 1, row.time, (row.id,)))
    else:
        lot.handsets.add(found.handset)
        complete = parts.put(conn, row, found.handset, found.place)
        if complete:
            members = parts.members(conn, complete)
            lot.whole.append(_joined(members, profiles))
            parts.complete(conn, [row.id for row in members])


def _end(
    conn: Connection, one: int, lot: _Lot, profiles: Mapping[str, CodingProfile], since: float
) -> None:
    """Keep what there is of a message, unless all of it came before."""
    members = parts.members(conn, one)
    if parts.are_repeated(conn, members, since):
        parts.finish(conn, [row.id for row in members], None)
    elif members:
        lot.whole.append(_joined(members, profiles))


def _joined(members: list[Row[Any]], profiles: Mapping[str, CodingProfile]) -> Whole:
    pairs = [(row, found) for row in members if (found := _read(row, profiles))]
    first, said = pairs[0]
    content = joined({row.place: found.user for row, found in pairs}, first.total)
    rows = tuple(row.id for row in members)
    time = min(row.time for row in members)
    address = (first.route, said.handset, said.number)
    return Whole(*address, content, first.total, time, rows)


def _read(row: Row[Any], profiles: Mapping[str, CodingProfile]) -> Found | None:
    """An error in our code must not stop other messages: the octets are kept."""
    try:
        return read(row.pdu, row.route, profiles.get(row.route, STANDARD))
    except Exception:  # noqa: BLE001 - whatever it is
        user = UserData(b"", bytes(row.pdu), Coding.OCTETS)
        return Found("", "", user, note="cannot be read: internal error")
