"""``smsenc gateway message resend``: messages that are sent again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Annotated

import typer

from converters.errors import SourceError
from converters.shared.words import counted
from smsenc import OptionError
from smsgate.cli import errorlines
from smsgate.cli.commandline import command
from smsgate.cli.exits import Exit, of_run
from smsgate.cli.gateway.asking import ask
from smsgate.cli.gateway.messagelist import OfAccount, OfFile, chosen, messages
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.output import say
from smsgate.gateway import database, resending
from smsgate.gateway.states import State


class ResendOptions(DataOptions):
    """Which messages."""

    uids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]", help="As in the logs: 32 hex digits.")
    ] = None
    state: Annotated[
        State | None,
        typer.Option(metavar="STATE", help="Only those that are unknown, or failed."),
    ] = None
    account: OfAccount = ""
    file: OfFile = ""
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False

    @property
    def states(self) -> tuple[State, ...]:
        """The states of those that are chosen; raises OptionError."""
        if self.state in (None, *resending.STATES):
            return (self.state,) if self.state else resending.STATES
        names = " or ".join(resending.STATES)
        what = f"expected {names}: others may not be sent again; found {self.state}"
        raise OptionError(what, name="--state")


@command
def gateway_message_resend(options: ResendOptions) -> Exit:
    """Send failed or unknown messages again.

    \b
    Examples:
      smsenc gateway message resend 0192f3a4b5c6d7e8f90123456789abcd
      smsenc gateway message resend --state unknown
      smsenc gateway message resend --account 1234567 --file order.txt --yes

    A phone may get an unknown message twice. Those that were delivered, or sent
    and answered, are never sent again; nor are those whose number has opted out,
    or is blocked or delisted. With --state, --account or --file it says how many
    there are and asks before, unless --yes is given.
    """
    selects = bool(options.state or options.account or options.file)
    if selects == bool(options.uids):
        raise OptionError("expected either IDs, or --state, --account or --file")
    return _selected(options) if selects else _named(options, options.uids or [])


def _named(options: ResendOptions, uids: Sequence[str]) -> Exit:
    """Those that were typed: a line for each."""
    done = _resend(options, [*dict.fromkeys(uids)])
    for uid, why in done.items():
        if not why:
            say(f"{uid} waits to be sent again")
    return refused(done)


def refused(done: Mapping[str, str]) -> Exit:
    """Print why each of those that were typed is not changed, if it is not; the exit code."""
    return _end(done, [f"{uid!r} is not changed: {why}" for uid, why in done.items() if why])


def _selected(options: ResendOptions) -> Exit:
    """Those of the options: how many, and how many of them are not sent, by reason."""
    wanted = options.read(partial(chosen, options.states, options.account, options.file))
    found = {one["uid"]: one["state"] for one in messages(options, wanted)}
    if found and not options.yes:
        _ask(Counter(found.values()))
    done = _resend(options, [*found])
    reasons = Counter(filter(None, done.values()))
    say(f"{counted(len(done) - reasons.total(), 'message')} will be sent again")
    lines = [f"{counted(count, 'message')} not changed: {why}" for why, count in reasons.items()]
    return _end(done, lines)


def _ask(states: Mapping[str, int]) -> None:
    count = " and ".join(f"{states[one]} {one}" for one in resending.STATES if one in states)
    twice = "; a phone may get an unknown one twice" if State.UNKNOWN in states else ""
    total = counted(sum(states.values()), "message")
    ask(
        f"send {total} again ({count}{twice})",
        f"{total} would be sent again ({count}{twice})",
        "nothing is sent again",
    )


def _resend(options: ResendOptions, uids: Sequence[str]) -> dict[str, str]:
    """Lot by lot, so that the gateway need not wait long; why each is not sent, if it is not."""
    done: dict[str, str] = {}
    for at in range(0, len(uids), resending.LOT):
        some = uids[at : at + resending.LOT]
        done |= options.transact(partial(resending.resend_some, uids=some, now=database.now()))
    return done


def _end(done: Mapping[str, str], lines: Sequence[str]) -> Exit:
    """Print why messages are not sent; the exit code."""
    refused = sum(map(bool, done.values()))
    code = of_run(len(done) - refused, refused)
    for line in lines:
        errorlines.ending(SourceError(line), code)
    return code
