"""``smsenc gateway drain``: a gateway that sends what it has, and ends."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Annotated

from converters.shared.words import counted
from smsenc import OptionError
from smsgate.cli import stopping
from smsgate.cli.commandline import command, number
from smsgate.cli.exits import Exit
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.output import note, say
from smsgate.cli.progress import Progress
from smsgate.errors import UnfinishedError
from smsgate.gateway import draining
from smsgate.gateway.queue import counts
from smsgate.gateway.states import State

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PAUSE = 0.5  # seconds


class Options(DataOptions):
    """How long to wait."""

    timeout: Annotated[
        float | None, number(0, 10**9, metavar="SECONDS", text="Longest wait, {}.")
    ] = None


@command
def gateway_drain(options: Options) -> Exit:
    """Let the gateway send what it has, and end.

    \b
    Examples:
      smsenc gateway drain
      smsenc gateway drain --timeout 60

    The running gateway takes no more files, and ends when no message waits or
    is being sent. A paused route or a frozen account can keep it from ending:
    the command says so.
    Messages whose time has not come stay for the next start.
    Exit code 6: the gateway has not ended in time; it goes on draining.
    """
    if not options.is_running():
        raise OptionError(f"no gateway is running in {options.folder}")
    options.transact(draining.ask)
    start = time.monotonic()
    with Progress("messages left") as progress:
        told = ""
        while options.is_running():
            left, why = options.read(_standing)
            progress(left)
            if why != told:
                note(why or "nothing holds messages up any more")
                told = why
            stopping.check()
            if options.timeout is not None and time.monotonic() - start >= options.timeout:
                raise UnfinishedError(f"the gateway has not ended: {counted(left, 'message')} left")
            time.sleep(_PAUSE)
    left, _ = options.read(_standing)
    say(f"the gateway has ended with {counted(left, 'message')} left")
    return Exit.OK


def _standing(conn: Connection) -> tuple[int, str]:
    """How many messages are left, and why those that wait are not sent; empty if they are."""
    found = counts.messages(conn)
    waiting = found[State.WAITING]
    why = "; ".join(draining.hindrances(conn)) if waiting else ""
    wait = f"{counted(waiting, 'message')} wait{'s' if waiting == 1 else ''}"
    return waiting + found[State.ANNOUNCED], f"{wait}: {why}" if why else ""
