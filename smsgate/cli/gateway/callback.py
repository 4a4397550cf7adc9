"""``smsenc gateway callback``: URLs that are told what becomes of messages."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer

from converters.shared.words import counted, quoted
from smsenc import OptionError
from smsgate.cli import wording
from smsgate.cli.answers import answer
from smsgate.cli.commandline import Json, command
from smsgate.cli.exits import Exit, leave
from smsgate.cli.gateway import shown
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.gateway.settingsoptions import SettingsOptions, told
from smsgate.cli.output import say
from smsgate.errors import reason
from smsgate.gateway import database
from smsgate.gateway.callbacks import contents, targets
from smsgate.gateway.callbacks import shown as callbacks
from smsgate.gateway.callbacks.calls import Answer, Caller, Target
from smsgate.gateway.configuration import ConfigurationError
from smsgate.gateway.settings import Settings

_HEADS = ("callback", "account", "about", "status", "state", "tries", "next try", "last answer")


class ListOptions(DataOptions):
    """Which callbacks."""

    failed: Annotated[
        bool, typer.Option("--failed", help="Only those that are not tried again.")
    ] = False
    json: Json = False


class RetryOptions(DataOptions):
    """Which callbacks."""

    number: Annotated[
        str, typer.Argument(metavar="ID", help="As callback list shows it.", show_default=False)
    ] = ""
    every: Annotated[bool, typer.Option("--all", help="All that have failed.")] = False

    def chosen(self) -> int | None:
        """The callback, None for all; raises OptionError."""
        if bool(self.number) == self.every:
            raise OptionError("give either the ID of a callback or --all")
        if self.every:
            return None
        if not re.fullmatch("[0-9]{1,18}", self.number):
            raise OptionError(f"expected a number, found {quoted(self.number)}", name="ID")
        return int(self.number)


class TestOptions(SettingsOptions):
    """Whose URLs."""

    account: Annotated[str, typer.Option(metavar="API_ID", help="Number of the account.")]
    json: Json = False


@command
def gateway_callback_list(options: ListOptions) -> Exit:
    """List the callbacks that wait or have failed.

    \b
    Examples:
      smsenc gateway callback list
      smsenc gateway callback list --failed --json

    The newest 1,000 are shown, the newest first; what was told is not.
    """
    found = options.read(lambda conn: callbacks.listed(conn, failed=options.failed))
    answer(found, _lines(found), as_json=options.json)
    return Exit.OK


def _lines(found: list[dict[str, Any]]) -> Iterator[str]:
    """A table; the last column is as long as it likes."""
    rows = [
        (
            *(one["id"], one["api_id"], one["about"] or "", _status(one), one["state"]),
            *(one["tries"], shown.time(one["due"]) if one["state"] == "waiting" else ""),
        )
        for one in found
    ]
    notes = ("last answer", *(one["note"] or "" for one in found))
    for line, note in zip(shown.table(_HEADS[:-1], rows), notes, strict=True):
        yield f"{line}  {note}".rstrip()


def _status(one: Mapping[str, Any]) -> str:
    return one["kind"] if one["status"] is None else f"{one['status']:03}"


@command
def gateway_callback_retry(options: RetryOptions) -> Exit:
    """Try a callback again, or all that have failed.

    \b
    Examples:
      smsenc gateway callback retry 1234
      smsenc gateway callback retry --all

    A failed one begins its timetable again; one that waits is tried now.
    """
    chosen = options.chosen()
    count = options.transact(lambda conn: callbacks.retry(conn, database.now(), chosen))
    if not count and chosen is not None:
        leave(f"no callback {chosen} waits or has failed", Exit.ALL_REJECTED)
    say(f"{counted(count, 'callback')} will be tried again")
    return Exit.OK


@command
def gateway_callback_test(options: TestOptions) -> Exit:
    """Call the URLs of an account, and say what they answer.

    \b
    Examples:
      smsenc gateway callback test --account 1234567

    The URL for statuses is told of status 001 for the message ID
    00000000000000000000000000000000; the URL for replies gets the same fields.
    Exit code 3: a URL did not answer as it should.
    """
    try:
        settings = options.settings()
    except ConfigurationError as error:
        told(error)
    found = targets.of(settings)
    mine = {key.kind.value: one for key, one in found.items() if key.api_id == options.account}
    if not mine:
        what = f"{options.account} has no callback URL: set callback in its [[account]]"
        raise OptionError(what, name="--account")
    answers = asyncio.run(_try(settings, options.account, mine))
    for kind, tried in answers.items():
        origin = mine[kind].url.origin
        if options.json:
            say(wording.as_json({"kind": kind, "origin": origin, **tried._asdict()}))
        else:
            say(f"{kind}: {origin}: {'' if tried.ok else 'failed: '}{tried.detail}")
    return Exit.OK if all(one.ok for one in answers.values()) else Exit.ALL_REJECTED


async def _try(settings: Settings, api_id: str, mine: Mapping[str, Target]) -> dict[str, Answer]:
    try:
        caller = Caller(settings.callback)
    except OSError as error:
        raise OptionError(reason(error), name="[callback] ca-file") from error
    content = contents.trial(api_id, database.now())
    async with caller:
        return {kind: await caller.call(target, *content) for kind, target in mine.items()}
