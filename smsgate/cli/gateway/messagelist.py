"""``smsenc gateway message list``: messages, the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smsenc import OptionError
from smsgate.cli.answers import answer
from smsgate.cli.commandline import Json, command, number
from smsgate.cli.exits import Exit
from smsgate.cli.gateway import shown
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.output import note
from smsgate.gateway import accounts
from smsgate.gateway.queue import listing
from smsgate.gateway.queue.listing import Wanted
from smsgate.gateway.states import State

if TYPE_CHECKING:
    from sqlalchemy import Connection

_PAGE = 500  # messages that are read at once
_LIMIT, _HIGHEST = 100, 1_000_000
_HEADS = ("id", "to", "state", "changed")

OfAccount = Annotated[str, typer.Option(metavar="API_ID", help="Only those of an account.")]
OfFile = Annotated[
    str, typer.Option(metavar="NAME", help="Only those of the account's files of this name.")
]


class ListOptions(DataOptions):
    """Which messages."""

    state: Annotated[
        State | None,
        typer.Option(metavar="STATE", help="Only those in a state, as gateway status has them."),
    ] = None
    account: OfAccount = ""
    file: OfFile = ""
    limit: Annotated[
        int | None,
        number(1, _HIGHEST, metavar="N", text=f"At most so many, {{}}.  [default: {_LIMIT}]"),
    ] = None
    json: Json = False


@command
def gateway_message_list(options: ListOptions) -> Exit:
    """List messages, the newest first.

    \b
    Examples:
      smsenc gateway message list --state unknown
      smsenc gateway message list --account 1234567 --file order.txt
      smsenc gateway message list --state failed --limit 1000 --json

    Messages that are "unknown" were sent, and the message centre has not
    answered. With --json each has its account, file, route and note; smsenc
    gateway message show tells more. Texts are not shown.
    """
    states = (options.state,) if options.state else ()
    wanted = options.read(partial(chosen, states, options.account, options.file))
    limit = options.limit or _LIMIT
    found = messages(options, wanted)
    first = islice(found, limit)
    records = ({key: value for key, value in one.items() if key != "id"} for one in first)
    rows = (
        (one["uid"], one["recipient"], one["state"], shown.time(one["changed"])) for one in first
    )
    answer(records, shown.table(_HEADS, rows), as_json=options.json)
    if next(found, None):
        note(f"there are more than {limit}: --limit sets how many are listed")
    return Exit.OK


def chosen(states: tuple[State, ...], api_id: str, file: str, conn: Connection) -> Wanted:
    """What the options say, for the database; raises OptionError."""
    if file and not api_id:
        raise OptionError("expected --account with it", name="--file")
    return Wanted(states, accounts.known(conn, api_id).id if api_id else None, file)


def messages(options: DataOptions, wanted: Wanted) -> Iterator[Mapping[str, Any]]:
    """All of them, the newest first; they are read piece by piece, as they are asked for."""
    before = 0
    while True:
        piece = options.read(partial(listing.page, wanted=wanted, before=before, most=_PAGE))
        yield from piece.rows
        if not piece.before:
            return
        before = piece.before
