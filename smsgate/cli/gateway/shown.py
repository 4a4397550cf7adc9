"""What the commands of the gateway print for people."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from converters.shared.words import counted
from smsenc.messagefile.logs import STATUSES
from smsgate.gateway.accounts import New, Which
from smsgate.gateway.states import RouteState
from smsgate.gateway.users import NewUser

#: States that a person looks for, and their columns.
_OF_ACCOUNTS = ("waiting", "delayed", "sending", "unknown")
_OF_ROUTES = ("waiting", "sending", "sent", "delivered", "failed", "unknown")
#: States of messages that wait for a route.
_BEFORE = ("delayed", "waiting")


def time(seconds: float) -> str:
    """``2026-11-29 12:00:00Z``."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Lines of columns as wide as their longest cell; the first at the left, others right."""
    lines = [tuple(map(str, row)) for row in (heads, *rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for first, *others in lines:
        cells = (f"{cell:>{width}}" for cell, width in zip(others, widths[1:], strict=True))
        yield "  ".join((f"{first:{widths[0]}}", *cells)).rstrip()


def records(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[dict[str, object]]:
    """The same rows for JSON, each with the heads as its keys."""
    return (dict(zip(heads, row, strict=True)) for row in rows)


def log_in(new: New) -> dict[str, str]:
    """A new account for JSON."""
    return {name: value for name, value in new._asdict().items() if name != "id"}


def account_lines(new: New) -> Iterator[str]:
    """A new account as variables for a shell; its passwords are not shown again."""
    yield f"account {new.api_id}; its passwords are not shown again:"
    yield _export(SMSENC_API_ID=new.api_id, SMSENC_USER=new.user, SMSENC_PASSWORD=new.password)
    yield _export(SMSENC_FTP_USER=new.ftp_user, SMSENC_FTP_PASSWORD=new.ftp_password)


def user_lines(new: NewUser) -> Iterator[str]:
    """A new user of the pages; the password is not shown again."""
    yield f"user {new.user} of the pages; the password is not shown again:"
    yield f"  {new.password}"


def password_line(which: Which, password: str) -> str:
    """A new password in the same form."""
    name = {Which.FILE: "SMSENC_PASSWORD", Which.FTP: "SMSENC_FTP_PASSWORD"}[which]
    return _export(**{name: password})


def _export(**variables: str) -> str:
    return "  export " + " ".join(f"{key}={shlex.quote(one)}" for key, one in variables.items())


def status_lines(record: Mapping[str, Any]) -> Iterator[str]:
    """``smsgate.gateway.status.record`` as tables."""
    messages = record["messages"]
    yield from (f"{one} is paused" for one in record["paused"])
    yield from (
        f"route {name} is paused"
        for name, one in record["routes"].items()
        if one["state"] == RouteState.PAUSED
    )
    yield from table(("messages", ""), [(f"  {state}", n) for state, n in messages.items()])
    yield ""
    heads = ("account", "state", "balance", *_OF_ACCOUNTS)
    rows = [
        (api_id, one["state"], one["balance"], *(one[name] for name in _OF_ACCOUNTS))
        for api_id, one in record["accounts"].items()
    ]
    yield from table(heads, rows)
    yield ""
    yield from route_lines(record["routes"])
    if record["nodes"]:
        yield ""
        yield from node_lines(record["nodes"])


def node_lines(nodes: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The nodes of that record."""
    rows = [
        (one["name"], one["state"], f"{one['seen']:.0f} s ago", ",".join(one["roles"]))
        for one in nodes
    ]
    yield from table(("node", "state", "seen", "roles"), rows)


def route_lines(routes: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """The routes of that record; a column has their problems if there are some."""
    given = any("price" in one for one in routes.values())
    more = ("price", "numbers") if given else ()
    rows = [
        (
            *(name, one["state"], *(one.get(key, "") for key in more)),
            *(one.get(state, 0) for state in _OF_ROUTES),
        )
        for name, one in routes.items()
    ]
    problems = [problem(one) for one in routes.values()]
    lines = table(("route", "state", *more, *_OF_ROUTES), rows)
    if not any(problems):
        yield from lines
        return
    for line, why in zip(lines, ("problem", *problems), strict=True):
        yield f"{line}  {why}".rstrip()


def problem(one: Mapping[str, Any]) -> str:
    """Why a route sends nothing."""
    if one.get("broken"):
        failed = f"{counted(one['failures'], 'failure')} in a row"
        broken = f"{failed}: it rests until {time(one['broken'])}, then one message tries it"
        return f"{broken}; {one['problem']}".removesuffix("; ")
    lost = one["state"] == "unused" and one.get("waiting")
    why = "messages wait for it, and no other route takes them for what is reserved"
    return why if lost else str(one["problem"])


def message_lines(found: Mapping[str, Any]) -> Iterator[str]:
    """A message, the parts that were accepted, and what happened to it."""
    yield f"{found['uid']}  to {found['recipient']}"
    yield f"  {found['state']}, {_status(found['status'])}, queue {found['queue']}"
    yield f"  account {found['api_id']}, {found['file']} line {found['line']}"
    yield f"  due {time(found['due'])}, until {time(found['expires'])}"
    route = f" by route {found['route']}" if found["route"] else ""
    parts, tries = counted(found["parts"], "part"), counted(found["attempts"], "attempt")
    yield f"  {parts}, charge {found['charge']}, {tries}{route}"
    if found["state"] in _BEFORE and found["way"]:
        yield f"  for route {found['way']} since {time(found['routed'])}"
    if found["tried"]:
        yield f"  refused by {', '.join(found['tried'])}"
    yield from (f"  {found['note']}" for _ in range(bool(found["note"])))
    for one in found["accepted"]:
        receipt = f", {one['receipt']}" if one["receipt"] else ""
        yield f"  part {one['number']} accepted as {one['smsc_id']}{receipt}"
    for one in found["events"]:
        yield f"  {time(one['time'])} {_status(one['status'])}"


def _status(number: int) -> str:
    return f"{number:03} {STATUSES.get(number, '')}".rstrip()
