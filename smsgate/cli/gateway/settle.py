"""``smsenc gateway message settle``: what somebody has learned of messages that are unknown."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Annotated

import typer

from smsgate.cli.commandline import command
from smsgate.cli.exits import Exit
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.gateway.resend import refused
from smsgate.cli.output import say
from smsgate.gateway import database
from smsgate.gateway.queue import changes


class Result(StrEnum):
    """What became of them."""

    DELIVERED = "delivered"
    FAILED = "failed"


class SettleOptions(DataOptions):
    """Which messages, and what became of them."""

    uids: Annotated[list[str], typer.Argument(metavar="ID", help="As in the logs: 32 hex digits.")]
    result: Annotated[
        Result,
        typer.Option("--result", metavar="STATE", help="What became of them: delivered or failed."),
    ]


@command
def gateway_message_settle(options: SettleOptions) -> Exit:
    """Say what became of messages that are unknown.

    \b
    Examples:
      smsenc gateway message settle 0192f3a4b5c6d7e8f90123456789abcd \\
        --result delivered
      smsenc gateway message settle 0192f3a4b5c6d7e8f90123456789abcd \\
        --result failed

    For those of which the provider's log has the answer. It counts as a receipt
    of the message centre does: history.log and callbacks say it, what is
    delivered is charged, and of what has failed only parts that were accepted.
    """
    delivered = options.result is Result.DELIVERED
    done: dict[str, str] = {}
    for uid in dict.fromkeys(options.uids):
        work = partial(changes.settle, uid=uid, delivered=delivered, now=database.now())
        done[uid] = options.transact(work)
        if not done[uid]:
            say(f"{uid} is {options.result}")
    return refused(done)
