"""What waits for a decision of somebody, though nothing is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from converters.shared.words import counted
from smsgate.gateway import accounts, routes
from smsgate.gateway import credits as amounts
from smsgate.gateway.accounts import Account
from smsgate.gateway.queue import counts, ledger
from smsgate.gateway.states import AccountState, RouteState

if TYPE_CHECKING:
    from sqlalchemy import Connection


def warnings(conn: Connection) -> list[str]:
    """A line for each; none if nothing waits."""
    return [*of_unknown(conn), *of_paused_routes(conn), *of_first_account(conn)]


def of_unknown(conn: Connection) -> Iterator[str]:
    """Messages that were sent and not answered."""
    if count := counts.unknown(conn):
        what = f"{counted(count, 'message')} in state unknown (sent, and not answered)"
        yield f"{what}: smsenc gateway message list --state unknown"


def of_paused_routes(conn: Connection) -> Iterator[str]:
    """Routes that somebody may have forgotten to resume."""
    waiting = routes.waiting(conn)
    for name, state in routes.states(conn).items():
        if state is RouteState.PAUSED and (count := waiting.get(name)):
            some = f"{counted(count, 'message')} {'waits' if count == 1 else 'wait'}"
            what = f"route {name} is paused, and {some} for it"
            yield f"{what}: smsenc gateway route resume {name}"


def of_first_account(conn: Connection) -> Iterator[str]:
    """The account that the first start made to try the gateway with, once there are others."""
    known = [one for one in accounts.listed(conn) if one.state != AccountState.CLOSED]
    if len(known) > 1 and _is_for_trials(conn, known[0]):
        first = known[0]
        yield (
            f"account {first.api_id} of the first start is open and has "
            f"{amounts.shown(first.balance)} credits: smsenc gateway account close {first.api_id}"
        )


def _is_for_trials(conn: Connection, one: Account) -> bool:
    """Whether it was made with those credits, still has most of them, and may send."""
    may_send = one.state == AccountState.OPEN and one.balance * 2 > accounts.FIRST
    return may_send and ledger.first(conn, one.id) == accounts.FIRST
