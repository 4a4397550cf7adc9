"""``smsenc gateway message``: one message, by the ID that logs show."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from converters.errors import SourceError
from converters.shared.words import counted
from smsenc import OptionError
from smsgate.cli.answers import answer
from smsgate.cli.commandline import Json, command, number
from smsgate.cli.exits import Exit, leave
from smsgate.cli.gateway import shown
from smsgate.cli.gateway.asking import ask
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.output import say
from smsgate.gateway import accounts, database
from smsgate.gateway import credits as amounts
from smsgate.gateway.queue import changes
from smsgate.gateway.queue.changes import Which
from smsgate.gateway.queue.shown import show


class MessageOptions(DataOptions):
    """Which message."""

    uid: Annotated[str, typer.Argument(metavar="ID", help="As in the logs: 32 hex digits.")]


class ShowOptions(MessageOptions):
    """Which message, and how it is shown."""

    json: Json = False


@command
def gateway_message_show(options: ShowOptions) -> Exit:
    """Show all that is known about a message.

    \b
    Examples:
      smsenc gateway message show 0192f3a4b5c6d7e8f90123456789abcd

    Its text is not shown.
    """
    found = options.read(lambda conn: show(conn, options.uid))
    if found is None:
        raise SourceError(f"no message has the ID {options.uid!r}")
    answer([found], shown.message_lines(found), as_json=options.json)
    return Exit.OK


class CancelOptions(DataOptions):
    """Which messages."""

    uid: Annotated[str, typer.Argument(metavar="[ID]", help="As in the logs: 32 hex digits.")] = ""
    account: Annotated[
        str, typer.Option(metavar="API_ID", help="Account, for --file and --all-waiting.")
    ] = ""
    file: Annotated[
        str, typer.Option(metavar="NAME", help="Those of the account's files of this name.")
    ] = ""
    all_waiting: Annotated[
        bool, typer.Option("--all-waiting", help="All of the account that wait.")
    ] = False
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False


class DelayOptions(MessageOptions):
    """Until when."""

    minutes: Annotated[
        float | None, number(0, 10_080, metavar="N", text="For so many minutes, {}.")
    ] = None
    until: Annotated[
        str, typer.Option(metavar="TIME", help="Until a time, such as 2026-12-01T08:00Z.")
    ] = ""


@command
def gateway_message_cancel(options: CancelOptions) -> Exit:
    """Stop messages that have not been sent.

    \b
    Examples:
      smsenc gateway message cancel 0192f3a4b5c6d7e8f90123456789abcd
      smsenc gateway message cancel --account 1234567 --file order.txt
      smsenc gateway message cancel --account 1234567 --all-waiting --yes

    Their credits are returned. Of many, those that wait are stopped; it asks
    before, unless --yes is given.
    """
    _check(options)
    if options.uid:
        why = options.transact(lambda conn: changes.cancel(conn, options.uid, database.now()))
        return _changed(options.uid, "cancelled", why)
    which = options.transact(
        lambda conn: Which(accounts.known(conn, options.account).id, options.file or None)
    )
    count = options.read(lambda conn: changes.waiting(conn, which))
    if count and not options.yes:
        what = counted(count, "message")
        ask(f"cancel {what}", f"{what} would be cancelled", "nothing is cancelled")
    return _cancel(options, which)


def _check(options: CancelOptions) -> None:
    ways = (options.uid, options.file, options.all_waiting)
    if sum(map(bool, ways)) != 1:
        raise OptionError("expected one of ID, --file and --all-waiting")
    if bool(options.uid) == bool(options.account):
        raise OptionError(
            "expected it with --file or --all-waiting, and only with these", name="--account"
        )


def _cancel(options: CancelOptions, which: Which) -> Exit:
    """Cancel lot by lot, so that the gateway need not wait long."""
    messages = returned = 0
    while True:
        done = options.transact(lambda conn: changes.cancel_some(conn, which, database.now()))
        if not done.messages:
            break
        messages, returned = messages + done.messages, returned + done.credits
    say(f"{counted(messages, 'message')} cancelled, {amounts.shown(returned)} credits returned")
    return Exit.OK


@command
def gateway_message_delay(options: DelayOptions) -> Exit:
    """Let a message wait for another time.

    \b
    Examples:
      smsenc gateway message delay 0192f3a4b5c6d7e8f90123456789abcd --minutes 90
      smsenc gateway message delay 0192f3a4b5c6d7e8f90123456789abcd \\
        --until 2026-12-01T08:00Z

    Only a message that has not been sent; at most 7 days from now. Its
    validity counts from that time. --minutes 0 lets it go now.
    """
    if (options.minutes is None) == (not options.until):
        raise OptionError("expected either --minutes or --until")
    now = database.now()
    due = _time(options.until) if options.minutes is None else now + options.minutes * 60
    why = options.transact(lambda conn: changes.delay(conn, options.uid, due, database.now()))
    return _changed(options.uid, f"waits until {shown.time(max(due, now))}", why)


def _time(text: str) -> float:
    """UNIX seconds; a time without a zone is that of this machine. Raises OptionError."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError):
        what = f"expected a time such as 2026-12-01T08:00Z, found {text!r}"
        raise OptionError(what, name="--until") from None


def _changed(uid: str, what: str, why: str) -> Exit:
    if why:
        leave(f"{uid!r} is not changed: {why}", Exit.ALL_REJECTED)
    say(f"{uid} {what}")
    return Exit.OK
