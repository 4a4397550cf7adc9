"""Uploaded files: how far each is, and the answers to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Select, select

from smsenc.messagefile import logs
from smsenc.messagefile.logs import Answer
from smsgate.gateway import layout, names
from smsgate.gateway.logs.folders import is_plain
from smsgate.gateway.pieces import newest
from smsgate.gateway.settings import Settings
from smsgate.gateway.states import FileState
from smsgate.gateway.tables import account, file
from smsgate.web.admin.desk import Desk
from smsgate.web.admin.scope import Asked, account_id, missing, number
from smsgate.web.admin.views import Given, View
from smsgate.web.problems import ProblemError

if TYPE_CHECKING:
    from sqlalchemy import Connection

_COLUMNS = (
    *(file.c.id, file.c.name, file.c.size, file.c.taken, file.c.state, file.c.done),
    *(file.c.accepted, file.c.refused, file.c.log_size, file.c.spool, account.c.api_id),
)
_CHUNK = 8192  # octets of a log on a page
_OPEN = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)  # a pipe is refused, not waited for
    | getattr(os, "O_BINARY", 0)
)


class Line(NamedTuple):
    """A line of a log as text, and the message that it is about, if it was accepted."""

    text: str
    uid: str = ""


class Answers(NamedTuple):
    """Some lines of a log, and where the next ones begin: 0 at its end.

    ``is_there``: the log could be read on this machine.
    """

    lines: tuple[Line, ...] = ()
    after: int = 0
    is_there: bool = False


def _query() -> Select[Any]:
    joined = file.join(account, account.c.id == file.c.account)
    return select(*_COLUMNS).select_from(joined)


def gather_list(_desk: Desk, conn: Connection, found: Asked) -> Given:
    """A piece of the files, the newest first."""
    owner = file.c.account + 0  # so that SQLite reads in the order of ids, not all of an account
    where = [*found.of(owner)]
    if name := found.get("account"):
        where.append(owner == account_id(conn, found, name))
    if state := found.get("state"):
        if state not in list(FileState):
            raise ProblemError("admin.no-state")
        where.append(file.c.state == state)
    before = number(found.get("before") or "0")
    return {
        "piece": newest(conn, _query(), file.c.id, *where, before=before),
        "fields": {one: found.get(one) for one in ("account", "state") if found.get(one)},
        "states": list(FileState),
    }


def _one(conn: Connection, found: Asked) -> dict[str, Any]:
    query = _query().where(file.c.id == number(found.path["id"]), *found.of(file.c.account))
    row = conn.execute(query).mappings().first()
    if row is None:
        raise missing()
    return dict(row)


def gather_now(_desk: Desk, conn: Connection, found: Asked) -> Given:
    """How far it is."""
    return {"file": _one(conn, found)}


def read_log(desk: Desk, found: Asked, given: Given) -> Given:
    """Some of its answers."""
    row, start = given["file"], number(found.get("at") or "0")
    return {"answers": answers(desk.gateway.settings(), row, start), "at": start}


def answers(settings: Settings, row: dict[str, Any], start: int) -> Answers:
    """The lines of a file's log from an octet on, as far as they are committed."""
    if names.problem(row["name"]):
        return Answers()
    for path, size in _places(settings, row):
        with suppress(OSError):
            return _read(path, start, size)
    return Answers()


def _places(settings: Settings, row: dict[str, Any]) -> Iterator[tuple[Path, int | None]]:
    """Where the log may be, and how many of its octets count."""
    if row["state"] == FileState.READING:
        for folder in layout.spools(settings):
            yield folder / f"{row['spool']}.log", row["log_size"]
    else:
        yield layout.folder(settings, row["api_id"]) / f"{row['name']}.log", None


def _read(path: Path, start: int, size: int | None) -> Answers:
    """Raises OSError, also for what is not a plain file."""
    descriptor = os.open(path, _OPEN)
    with open(descriptor, "rb") as log:
        about = os.fstat(descriptor)
        if not is_plain(about):
            raise OSError
        size = about.st_size if size is None else min(size, about.st_size)
        log.seek(start)
        octets = log.read(max(0, min(_CHUNK, size - start)))
    cut = octets.rfind(b"\n") + 1 if start + len(octets) < size else len(octets)
    octets = octets[: cut or len(octets)]  # a line that is longer than a page is cut
    after = start + len(octets)
    return Answers(tuple(_lines(octets)), after if after < size else 0, is_there=True)


def _lines(octets: bytes) -> Iterator[Line]:
    for line in octets.splitlines():
        found = logs.read_answers(line)
        uid = found[0].id if found and isinstance(found[0], Answer) else ""
        yield Line(line.decode("utf-8", "replace"), (uid or "").lower())


LIST_VIEW = View(template="admin/files.html", gather=gather_list)
ONE_VIEW = View(
    template="admin/file.html",
    part="admin/parts/file.html",
    of_part=gather_now,
    later=read_log,
)
