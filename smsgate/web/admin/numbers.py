"""Numbers that get no messages: opted out, blocked or delisted, of an account or of all."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import select

from converters.shared.words import counted
from smsgate.gateway import listed
from smsgate.gateway.listed import ALL, Entry, Kind
from smsgate.gateway.pieces import PAGE, SCANNED, STATEMENTS
from smsgate.gateway.tables import account
from smsgate.gateway.tables import listed as table
from smsgate.web.admin.actions import Action, Done, Values
from smsgate.web.admin.desk import Desk
from smsgate.web.admin.scope import Asked, missing
from smsgate.web.admin.views import Given, View
from smsgate.web.problems import ProblemError
from smsgate.web.texts import text
from smsgate.web.who import Role

if TYPE_CHECKING:
    from sqlalchemy import Connection

_EVERY = "all"  # in place of an api_id
_MOST, _SHOWN = 200, 10  # numbers of one form, that its question shows
#: Behind every account and kind of a number.
_LAST, _LAST_KIND = 2**62, "~"
_SPLIT = re.compile(r"[,;\r\n]+")
_CURSOR = re.compile(r"([0-9]{1,16})\.([0-9]{1,18}|4611686018427387904)\.([a-z-]{1,9}|~)")


def gather(_desk: Desk, conn: Connection, found: Asked) -> Given:
    """A piece of the list, in the order of numbers."""
    kind = _kind(found.get("kind")) if found.get("kind") else None
    whose = _whose(conn, found, found.get("account"))
    after = _cursor(found)
    if typed := found.get("number"):
        entries, last = _of_number(conn, _digits(typed), whose, kind, after)
    elif found.sees_all:
        entries, last = _piece(conn, whose, kind, after)
    else:  # nothing that depends on the numbers of others
        entries, last = _full(listed.entries(conn, _only(whose), kind, after, PAGE + 1))
    return {
        "entries": entries,
        "names": _names(conn, entries),
        "last": last,
        "fields": {one: found.get(one) for one in ("number", "account", "kind") if found.get(one)},
        "kinds": list(Kind),
        "own": Kind.OPTED_OUT,
    }


def _whose(conn: Connection, found: Asked, name: str) -> int | None:
    """The id of an account, ALL, or None for every list; an owner's own in any case."""
    if found.who.account is not None:
        query = select(account.c.api_id).where(account.c.id == found.who.account)
        if name and name != conn.execute(query).scalar():
            raise missing()
        return found.who.account
    if not name:
        return None
    if name == _EVERY:
        return ALL
    key = conn.execute(select(account.c.id).where(account.c.api_id == name)).scalar()
    if key is None:
        raise ProblemError("admin.no-such-account", api_id=name)
    return int(key)


def _piece(
    conn: Connection, whose: int | None, kind: Kind | None, after: Entry | None
) -> tuple[list[Entry], Entry | None]:
    """Entries, and behind which there may be more. So many at most are looked at."""
    found: list[Entry] = []
    for _ in range(STATEMENTS):
        until = listed.ahead(conn, after, SCANNED)
        room = PAGE + 1 - len(found)
        found += listed.entries(conn, _only(whose), kind, after, room, until)
        if len(found) > PAGE:
            return _full(found)
        if not until:
            return found, None
        after = Entry(_LAST, until, _LAST_KIND, 0.0)
    return found, after


def _only(whose: int | None) -> tuple[int, ...] | None:
    return None if whose is None else (whose,)


def _full(found: list[Entry]) -> tuple[list[Entry], Entry | None]:
    return found[:PAGE], found[PAGE - 1] if len(found) > PAGE else None


def _of_number(
    conn: Connection, digits: str, whose: int | None, kind: Kind | None, after: Entry | None
) -> tuple[list[Entry], Entry | None]:
    """The lists that a number is in, of which there may be one for each account."""
    columns = table.c.account, table.c.number, table.c.kind, table.c.time
    query = select(*columns).where(table.c.number == digits)
    if whose is not None:
        query = query.where(table.c.account == whose)
    if kind is not None:
        query = query.where(table.c.kind == kind.value)
    if after is not None:
        same = (table.c.account == after.account) & (table.c.kind > after.kind)
        query = query.where((table.c.account > after.account) | same)
    query = query.order_by(table.c.account, table.c.kind).limit(PAGE + 1)
    return _full([Entry._make(row) for row in conn.execute(query)])


def _names(conn: Connection, entries: Sequence[Entry]) -> dict[int, str]:
    keys = sorted({one.account for one in entries})
    query = select(account.c.id, account.c.api_id).where(account.c.id.in_(keys))
    return {ALL: _EVERY} | {row[0]: row[1] for row in (conn.execute(query) if keys else ())}


def _cursor(found: Asked) -> Entry | None:
    """The entry that a piece begins behind; one of an owner's own list in any case."""
    if not (typed := found.get("after")):
        return None
    given = _CURSOR.fullmatch(typed)
    if not given:
        raise missing()
    own = found.who.account
    return Entry(int(given[2]) if own is None else own, given[1], given[3], 0.0)


def _digits(typed: str) -> str:
    digits = listed.digits(typed)
    if not digits:
        raise ProblemError(said=listed.expected(typed))
    return digits


def _kind(typed: str) -> Kind:
    if typed not in list(Kind):
        raise ProblemError("admin.no-kind")
    return Kind(typed)


VIEW = View(template="admin/numbers.html", gather=gather)


# Add and remove -----------------------------------------------------------------------------------


def _read(found: Asked) -> Values:
    typed = [one for one in _SPLIT.split(found.get("numbers")) if one.strip()]
    if not typed or len(typed) > _MOST:
        raise ProblemError("admin.no-numbers", most=_MOST)
    kind = _kind(found.get("kind") or Kind.OPTED_OUT)
    if found.who.role is Role.OWNER and kind is not Kind.OPTED_OUT:
        raise ProblemError("problems.forbidden", status=403)
    numbers = list(dict.fromkeys(_digits(one) for one in typed))
    rest = len(numbers) - _SHOWN
    some = ", ".join(numbers[:_SHOWN])
    return {
        "numbers": numbers,
        "kind": kind,
        "account": found.get("account"),
        "what": counted(len(numbers), "number"),
        "some": some if rest <= 0 else text("admin.numbers.more", some=some, count=rest),
        "word": text(f"admin.listed.{kind.value}"),
    }


def _look(conn: Connection, found: Asked, values: Values) -> Values:
    whose = _list(conn, found, values)
    key = "admin.list-all" if whose == ALL else "admin.list-one"
    query = select(account.c.api_id).where(account.c.id == whose)
    return {"list": text(key, api_id=conn.execute(query).scalar() or "")}


def _list(conn: Connection, found: Asked, values: Values) -> int:
    """Whose list it is: one must be chosen."""
    whose = _whose(conn, found, values["account"])
    if whose is None:
        raise ProblemError("admin.no-list")
    return whose


def _add(conn: Connection, found: Asked, values: Values, now: float) -> Done:
    whose = _list(conn, found, values)
    new, stopped = listed.add(conn, whose, values["numbers"], values["kind"], now)
    said = {"numbers": counted(new, "number"), "messages": counted(stopped, "message")}
    return Done(text("admin.done.number-add", **said))


def _remove(conn: Connection, found: Asked, values: Values, _now: float) -> Done:
    whose = _list(conn, found, values)
    count = listed.remove(conn, whose, values["numbers"], values["kind"])
    return Done(text("admin.done.number-remove", numbers=counted(count, "number")))


def _back(_found: Asked) -> str:
    return "/numbers"


ADD = Action(name="number-add", read=_read, look=_look, do=_add, back=_back, danger=True)
REMOVE = Action(name="number-remove", read=_read, look=_look, do=_remove, back=_back)
