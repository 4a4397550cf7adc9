"""``smsenc gateway drain``: a mark in the database asks the running gateway to finish and end."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from smsgate.gateway import routes
from smsgate.gateway.queue import pauses
from smsgate.gateway.queue.statements import state_is
from smsgate.gateway.states import AccountState, FileState, RouteState, State
from smsgate.gateway.tables import account, file, message, setting

_KEY = "drain"


def ask(conn: Connection) -> None:
    """Ask for the end."""
    if not is_asked(conn):
        conn.execute(insert(setting).values(key=_KEY, value="1"))


def forget(conn: Connection) -> None:
    """A gateway that starts runs until it is asked again."""
    conn.execute(delete(setting).where(setting.c.key == _KEY))


def is_asked(conn: Connection) -> bool:
    """Whether somebody asked."""
    return conn.execute(select(setting.c.key).where(setting.c.key == _KEY)).first() is not None


def is_idle(conn: Connection) -> bool:
    """Whether no file is being read, and no message waits or is on its way."""
    open_file = select(file.c.id).where(file.c.state == FileState.READING)
    waits, leaves = (
        select(message.c.id).where(state_is(state)) for state in (State.WAITING, State.ANNOUNCED)
    )
    busy = (open_file, waits, leaves)
    return not any(conn.execute(select(one.exists())).scalar() for one in busy)


def hindrances(conn: Connection) -> list[str]:
    """Why messages that wait are not sent: paused routes, routes in trouble, frozen accounts."""
    waiting = (message.c.account == account.c.id, state_is(State.WAITING))
    frozen = select(account.c.api_id).where(
        account.c.state == AccountState.FROZEN, select(message.c.id).where(*waiting).exists()
    )
    states = routes.states(conn)
    paused = [name for name, state in states.items() if state is RouteState.PAUSED]
    problems = {
        name: one for name, one in routes.problems(conn).items() if states[name] is RouteState.OPEN
    }
    return [
        *(f"route {name} is paused" for name in paused),
        *(f"route {name}: {problem}" for name, problem in problems.items()),
        *(f"account {one} is frozen" for one in conn.execute(frozen).scalars()),
        *(f"{pauses.said(one)} is paused" for one in pauses.named(conn)),
    ]
