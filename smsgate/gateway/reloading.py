"""Settings that change while the gateway runs: SIGHUP, or ``smsenc gateway reload``.

gateway.toml is read again as a whole. If anything in it is wrong, everything stays as it is. What
needs a restart is said by name and stays. Routes that are the same keep their connections; one that
is removed or changed first gets the answers to what it has sent.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import fields, replace
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, insert, select

from smsenc import SmsencError
from smsgate.gateway.database import Database
from smsgate.gateway.nodes import leases
from smsgate.gateway.nodes.membership import Standing
from smsgate.gateway.problems import said
from smsgate.gateway.reports.happenings import Reloaded, Report
from smsgate.gateway.settings import (
    AccountSettings,
    CallbackSettings,
    HttpSettings,
    NodeSettings,
    Settings,
)
from smsgate.gateway.states import NodeState
from smsgate.gateway.tables import setting

_LOOK = 0.5  # seconds between two looks whether somebody has asked
_ASKED, _DONE = "reload", "reload.done:"  # behind the second is the key of a node
_MOST, _LONGEST = 200, 500  # lines of an answer, and characters of a line
#: Keys of which a change needs a restart, by table.
_FIXED = {
    "ftp": ("host", "port", "tls", "passive_ports", "public_address"),
    "http": tuple(one.name for one in fields(HttpSettings)),
    "callback": tuple(one.name for one in fields(CallbackSettings)),
    "node": tuple(one.name for one in fields(NodeSettings)),
}
_TABLES = ("ftp", "http", "limits")


class Plan(NamedTuple):
    """What changes: ``settings`` hold from now on, ``lines`` say what is new and what is not.

    ``closed`` and ``opened`` are the names of routes; a changed one is in both.
    """

    settings: Settings
    closed: tuple[str, ...]
    opened: tuple[str, ...]
    lines: tuple[str, ...]


class Answer(NamedTuple):
    """What became of a reload, for the command that asked: lines, or all that is wrong."""

    done: bool
    lines: tuple[str, ...]


# --- What changes --------------------------------------------------------------------------------


def plan(old: Settings, new: Settings) -> Plan:
    """How to come from one to the other without a restart."""
    kept, fixed = _kept(old, new)
    before = {one.name: one for one in old.routes}
    after = {one.name: one for one in kept.routes}
    same = {name for name, one in after.items() if before.get(name) == one}
    closed = tuple(name for name in before if name not in same)
    opened = tuple(name for name in after if name not in same)
    lines = (
        *_of_routes(closed, opened),
        *(f"changed: {name}" for name in _changed(old, kept)),
        *(f"needs a restart: {name}" for name in fixed),
    )
    return Plan(kept, closed, opened, lines or ("nothing has changed",))


def _of_routes(closed: Sequence[str], opened: Sequence[str]) -> Iterator[str]:
    yield from (f"route {name}: removed" for name in closed if name not in opened)
    yield from (f"route {name}: changed" for name in opened if name in closed)
    yield from (f"route {name}: added" for name in opened if name not in closed)


def _kept(old: Settings, new: Settings) -> tuple[Settings, list[str]]:
    """The new settings with the old values of what needs a restart, and its names."""
    fixed = []
    for table, names in _FIXED.items():
        before, after = getattr(old, table), getattr(new, table)
        stay = {one: getattr(before, one) for one in names}
        fixed += [_key(table, one) for one in names if getattr(after, one) != stay[one]]
        new = replace(new, **{table: replace(after, **stay)})
    accounts: dict[str, AccountSettings] = {}
    for api_id in sorted({*old.accounts, *new.accounts}):
        was = old.accounts.get(api_id, AccountSettings())
        now = new.accounts.get(api_id, AccountSettings())
        if (was.folder, was.spool) != (now.folder, now.spool):
            fixed.append(f"[[account]] {api_id} folder, spool")
        accounts[api_id] = replace(now, folder=was.folder, spool=was.spool)
    if old.data != new.data:
        fixed.append("the gateway's folder")
    if old.database != new.database:
        fixed.append("[database]")
    return replace(new, accounts=accounts, data=old.data, database=old.database), fixed


def _changed(old: Settings, new: Settings) -> Iterator[str]:
    for table in _TABLES:
        before, after = getattr(old, table), getattr(new, table)
        for one in fields(before):
            if getattr(before, one.name) != getattr(after, one.name):
                yield _key(table, one.name)
    none = AccountSettings()
    for api_id, now in new.accounts.items():
        if old.accounts.get(api_id, none) != now:
            yield f"[[account]] {api_id}"
    if old.numbers != new.numbers:
        yield "[[number]]"


def _key(table: str, name: str) -> str:
    return f"[{table}] {name.replace('_', '-')}"


class Reloader:
    """Reads the settings of this node again when somebody asks.

    ``load`` reads them and raises OptionError; ``renew`` uses a plan, and raises SmsencError before
    it has changed anything.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what it works with
        self,
        database: Database,
        settings: Settings,
        load: Callable[[], Settings] | None,
        renew: Callable[[Plan], Awaitable[None]],
        report: Report,
        tell: Callable[[str], object],
        node: Standing,
    ) -> None:
        self._database = database
        self._settings = settings
        self._load = load
        self._renew = renew
        self._report = report
        self._tell = tell
        self._node = node
        self._one = asyncio.Lock()

    async def run(self) -> None:
        """Reload whenever ``smsenc gateway reload`` asks for it, until cancelled."""
        done = await self._database.run(partial(_seen, node=self._node.id or 0))
        while self._load:
            await asyncio.sleep(_LOOK)
            if (mark := await self._database.run(asked)) != done:
                done, found = mark, await self.reload()
                node = self._node.id or 0
                await self._database.run(partial(answer, node=node, mark=mark, found=found))

    async def reload(self) -> Answer:
        """Use the settings as they are now, or none of them; what became of it."""
        async with self._one:
            try:
                found = Answer(done=True, lines=await self._reload())
            except SmsencError as error:
                faults = getattr(error, "faults", (error,))
                found = Answer(done=False, lines=tuple(map(said, faults)))
        self._report(Reloaded(*found))
        for line in found.lines:
            self._tell(f"reload: {line}")
        return found

    async def _reload(self) -> tuple[str, ...]:
        assert self._load  # noqa: S101 - whoever reloads has given it
        made = plan(self._settings, await asyncio.to_thread(self._load))
        await self._renew(made)
        self._settings = made.settings
        return made.lines


# --- Asking and answering, over the database -----------------------------------------------------


class Asked(NamedTuple):
    """Who was asked; answers have the ``mark``."""

    mark: str
    nodes: tuple[int, ...]


def ask(conn: Connection) -> Asked:
    """Ask all nodes that run."""
    nodes = tuple(one.id for one in leases.listed(conn) if one.state is NodeState.ALIVE)
    found = Asked(secrets.token_hex(8), nodes)
    conn.execute(delete(setting).where(setting.c.key.startswith(_DONE, autoescape=True)))
    _set(conn, _ASKED, json.dumps(found._asdict()))
    return found


def asked(conn: Connection) -> str:
    """The mark of who asked last; empty if nobody has."""
    return _last(conn).mark


def _last(conn: Connection) -> Asked:
    found: dict[str, Any] = json.loads(_value(conn, _ASKED) or "{}")
    return Asked(found.get("mark", ""), tuple(found.get("nodes", ())))


def _seen(conn: Connection, node: int) -> str:
    """What a node that starts has seen already: it was asked for the rest since it joined."""
    last = _last(conn)
    return "" if node in last.nodes and not _answer(conn, node, last.mark) else last.mark


def answer(conn: Connection, node: int, mark: str, found: Answer) -> None:
    """Say what became of it on a node."""
    lines = [line[:_LONGEST] for line in found.lines[:_MOST]]
    said = json.dumps({"mark": mark, "done": found.done, "lines": lines})
    _set(conn, f"{_DONE}{node}", said)


def answered(conn: Connection, to: Asked) -> dict[str, Answer | None]:
    """The answers by the names of nodes, None of those that have not answered yet.

    A node that was lost or has ended meanwhile is not waited for.
    """
    alive = [one for one in leases.listed(conn) if one.state is NodeState.ALIVE]
    found = [one for one in alive if one.id in to.nodes]
    names = Counter(one.name for one in found)
    return {
        one.name if names[one.name] == 1 else f"{one.name} ({one.id})": _answer(
            conn, one.id, to.mark
        )
        for one in found
    }


def _answer(conn: Connection, node: int, mark: str) -> Answer | None:
    found: dict[str, Any] = json.loads(_value(conn, f"{_DONE}{node}") or "{}")
    return Answer(found["done"], tuple(found["lines"])) if found.get("mark") == mark else None


def _value(conn: Connection, key: str) -> str:
    return conn.execute(select(setting.c.value).where(setting.c.key == key)).scalar() or ""


def _set(conn: Connection, key: str, value: str) -> None:
    conn.execute(delete(setting).where(setting.c.key == key))
    conn.execute(insert(setting).values(key=key, value=value))
