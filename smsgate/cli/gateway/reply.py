"""``smsenc gateway reply``: what phones have written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from smsenc import OptionError
from smsgate.cli.answers import answer
from smsgate.cli.commandline import Json, command
from smsgate.cli.exits import Exit, leave
from smsgate.cli.gateway import shown
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.output import say
from smsgate.gateway import accounts, database
from smsgate.gateway.replies import keeping
from smsgate.gateway.replies.shown import Shown, Wanted, page

if TYPE_CHECKING:
    from sqlalchemy import Connection

_NOBODY = "-"


class ListOptions(DataOptions):
    """Which replies."""

    account: Annotated[str, typer.Option(metavar="API_ID", help="Only those of an account.")] = ""
    undelivered: Annotated[
        bool, typer.Option("--undelivered", help="Only those that are nobody's.")
    ] = False
    since: Annotated[
        str, typer.Option(metavar="TIME", help="From then on, such as 2026-11-29, in UTC.")
    ] = ""
    texts: Annotated[bool, typer.Option("--texts", help="Show what they say.")] = False
    json: Json = False

    def wanted(self) -> Wanted:
        """The same for the database; raises OptionError."""
        if self.account and self.undelivered:
            raise OptionError("give --account or --undelivered, not both")
        return Wanted(
            account=self.account, undelivered=self.undelivered, since=_seconds(self.since)
        )


class AssignOptions(DataOptions):
    """Which reply, and whose it is."""

    uid: Annotated[str, typer.Argument(metavar="ID", help="As gateway reply list shows it.")]
    api_id: Annotated[str, typer.Argument(metavar="API_ID", help="Number of the account.")]


@command
def gateway_reply_list(options: ListOptions) -> Exit:
    """List what phones have written.

    \b
    Examples:
      smsenc gateway reply list --account 1234567 --since 2026-11-29
      smsenc gateway reply list --undelivered --texts
      smsenc gateway reply list --texts --json

    The texts are shown only with --texts.
    """
    wanted = options.wanted()
    if options.account:
        options.read(lambda conn: accounts.known(conn, options.account))
    pages = _pages(options, wanted)
    heads = ("id", "time", "account", "from", "to", "parts", "note")
    records = (_record(one, texts=options.texts) for one in pages)
    lines = shown.table(heads, (_row(one, texts=options.texts) for one in pages))
    answer(records, lines, as_json=options.json)
    return Exit.OK


@command
def gateway_reply_assign(options: AssignOptions) -> Exit:
    """Give an account a reply that is nobody's.

    \b
    Examples:
      smsenc gateway reply assign 0192f3a4b5c6d7e8f90123456789abcd 1234567

    The account pays for it, and it is written to its mo.log.
    """

    def work(conn: Connection) -> str:
        account = accounts.known(conn, options.api_id)
        return keeping.give(conn, options.uid, account.id, database.now())

    why = options.transact(work)
    if why:
        leave(f"{options.uid!r} is not changed: {why}", Exit.ALL_REJECTED)
    say(f"{options.uid} is a reply of {options.api_id}")
    return Exit.OK


def _pages(options: ListOptions, wanted: Wanted) -> Iterator[Shown]:
    after = 0
    while some := options.read(partial(page, wanted=wanted, after=after)):
        yield from some
        after = some[-1].id


def _record(one: Shown, *, texts: bool) -> dict[str, object]:
    found = one._asdict()
    del found["id"]
    found["time"] = shown.time(one.time)
    return found if texts else {k: v for k, v in found.items() if k not in ("text", "udh", "data")}


def _row(one: Shown, *, texts: bool) -> tuple[object, ...]:
    said = one.text if one.text is not None else f"data:{one.data}"
    note = " ".join((one.note or "", repr(said) if texts else "")).strip()
    address = (one.account or _NOBODY, one.handset, one.number)
    return (one.uid, shown.time(one.time), *address, one.parts, note)


def _seconds(text: str) -> float:
    """A time in UTC as UNIX seconds; 0 for none. Raises OptionError."""
    if not text:
        return 0.0
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        what = f"expected a time such as 2026-11-29 or 2026-11-29T10:00, found {text!r}"
        raise OptionError(what, name="--since") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
