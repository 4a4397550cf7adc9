"""``smsenc gateway queue`` and ``account pause``: what waits until somebody lets it go again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from smsenc import OptionError
from smsgate.cli.commandline import command
from smsgate.cli.exits import Exit
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.output import say
from smsgate.gateway import accounts, database
from smsgate.gateway.queue import pauses
from smsgate.gateway.queue.pauses import ALL, Named, Pause

if TYPE_CHECKING:
    from sqlalchemy import Connection


class AccountOptions(DataOptions):
    """Which account."""

    api_id: Annotated[str, typer.Argument(metavar="API_ID", help="Number of the account.")]


class QueueOptions(DataOptions):
    """Which queue."""

    queue: Annotated[int, typer.Argument(metavar="QUEUE", help="1, 2 or 3.")]
    account: Annotated[
        str, typer.Option(metavar="API_ID", help="Only of this account.  [default: of all]")
    ] = ""


@command
def gateway_account_pause(options: AccountOptions) -> Exit:
    """Let the messages of an account wait.

    \b
    Examples:
      smsenc gateway account pause 1234567

    Its files are still accepted. What a route has been given already is still
    sent. Messages expire when their validity ends while they wait.
    """
    return _begin(options, Named(options.api_id, ALL))


@command
def gateway_account_resume(options: AccountOptions) -> Exit:
    """Send the messages of a paused account again.

    \b
    Examples:
      smsenc gateway account resume 1234567
    """
    return _end(options, Named(options.api_id, ALL))


@command
def gateway_queue_pause(options: QueueOptions) -> Exit:
    """Let the messages of a queue wait.

    \b
    Examples:
      smsenc gateway queue pause 3
      smsenc gateway queue pause 3 --account 1234567

    What a route has been given already is still sent. Messages expire when
    their validity ends while they wait.
    """
    return _begin(options, _named(options))


@command
def gateway_queue_resume(options: QueueOptions) -> Exit:
    """Send the messages of a paused queue again.

    \b
    Examples:
      smsenc gateway queue resume 3
      smsenc gateway queue resume 3 --account 1234567

    A queue that was paused for all is resumed for all, one that was paused for
    an account for that account: smsenc gateway status lists both.
    """
    return _end(options, _named(options))


def _named(options: QueueOptions) -> Named:
    if options.queue not in pauses.QUEUES:
        raise OptionError(f"expected 1, 2 or 3, found {options.queue}", name="QUEUE")
    return Named(options.account, options.queue)


def _begin(options: DataOptions, one: Named) -> Exit:
    now = database.now()
    options.transact(lambda conn: pauses.begin(conn, _pause(conn, one), now))
    say(f"{pauses.said(one)} is paused")
    return Exit.OK


def _end(options: DataOptions, one: Named) -> Exit:
    was = options.transact(lambda conn: pauses.end(conn, _pause(conn, one)))
    if not was:
        raise OptionError(f"{pauses.said(one)} is not paused: smsenc gateway status lists pauses")
    say(f"{pauses.said(one)} is sent again")
    return Exit.OK


def _pause(conn: Connection, one: Named) -> Pause:
    return Pause(accounts.known(conn, one.api_id).id if one.api_id else ALL, one.queue)
