"""``smsenc gateway optout``: numbers that get no messages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import TYPE_CHECKING, Annotated

import typer

from converters.errors import SourceError
from converters.shared.words import counted
from smsenc import OptionError
from smsgate.cli.answers import answer
from smsgate.cli.commandline import Json, command
from smsgate.cli.exits import Exit
from smsgate.cli.gateway import shown
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.output import say
from smsgate.gateway import accounts, database, listed
from smsgate.gateway.listed import ALL, Entry, Kind
from smsgate.outbox.reading import STDIN, read_file
from smsgate.outbox.reading import read as read_any

if TYPE_CHECKING:
    from sqlalchemy import Connection

_LARGEST = 64 << 20  # octets of a file
_LOT = 1000  # numbers in one transaction
_HEADS = ("number", "account", "kind", "since")
_ALL = "all"
_AROUND = "\"' \t"

_ForAccount = Annotated[
    str, typer.Option("--account", metavar="API_ID", help="Of an account.  [default: of all]")
]
_OfKind = Annotated[
    Kind, typer.Option("--kind", help="Why: the error is 122, 121 or 128.", show_default=True)
]


class ListOptions(DataOptions):
    """Which numbers."""

    account: Annotated[
        str,
        typer.Option(
            metavar="API_ID", help="Only those that hold for an account; all: for every one."
        ),
    ] = ""
    kind: Annotated[Kind | None, typer.Option("--kind", help="Only those of one kind.")] = None
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV, as --file reads it.")] = False
    json: Json = False


class ChangeOptions(DataOptions):
    """Which numbers, and whose list."""

    numbers: Annotated[list[str] | None, typer.Argument(metavar="NUMBER")] = None
    account: _ForAccount = ""
    kind: _OfKind = Kind.OPTED_OUT
    file: Annotated[
        str, typer.Option("--file", metavar="FILE", help="CSV with a number in each first cell.")
    ] = ""

    def all(self) -> list[str]:
        """The numbers in digits; raises OptionError or SourceError for the first that is none."""
        typed = self.numbers or []
        for wrong in (one for one in typed if not listed.digits(one)):
            raise OptionError(listed.expected(wrong), name="NUMBER")
        found = [*map(listed.digits, typed), *(_from_file(self.file) if self.file else ())]
        if not found:
            raise OptionError("expected numbers, or --file")
        return found


@command
def gateway_optout_list(options: ListOptions) -> Exit:
    """List numbers that get no messages.

    \b
    Examples:
      smsenc gateway optout list --account 1234567
      smsenc gateway optout list --csv > optouts.csv

    A phone that replies STOP, END, CANCEL, UNSUBSCRIBE or QUIT is listed; one
    that replies START no longer is.
    """
    names = {one.id: one.api_id for one in options.read(accounts.listed)} | {ALL: _ALL}
    whose = _whose(options)
    rows = (
        (one.number, names.get(one.account, "?"), one.kind, shown.time(one.time))
        for one in _entries(options, whose)
    )
    lines = map(",".join, chain([_HEADS], rows)) if options.csv else shown.table(_HEADS, rows)
    answer(shown.records(_HEADS, rows), lines, as_json=options.json)
    return Exit.OK


@command
def gateway_optout_add(options: ChangeOptions) -> Exit:
    """Send no more messages to numbers.

    \b
    Examples:
      smsenc gateway optout add 447700900123 --account 1234567
      smsenc gateway optout add --file numbers.csv --kind blocked

    What waits for them is cancelled, and its credits are returned.
    """
    numbers = options.all()
    account = _account(options)
    new = cancelled = 0
    for some in _lots(numbers):
        work = partial(
            listed.add, account=account, numbers=some, kind=options.kind, now=database.now()
        )
        added, stopped = options.transact(work)
        new, cancelled = new + added, cancelled + stopped
    say(f"{counted(new, 'number')} added, {counted(cancelled, 'message')} cancelled")
    return Exit.OK


@command
def gateway_optout_remove(options: ChangeOptions) -> Exit:
    """Send messages to numbers again.

    \b
    Examples:
      smsenc gateway optout remove 447700900123 --account 1234567

    Without --account, the list for all accounts is changed, and no other.
    """
    numbers = options.all()
    account = _account(options)
    count = 0
    for some in _lots(numbers):
        work = partial(listed.remove, account=account, numbers=some, kind=options.kind)
        count += options.transact(work)
    say(f"{counted(count, 'number')} removed")
    return Exit.OK


def _whose(options: ListOptions) -> tuple[int, ...] | None:
    """The lists that are shown: what bars messages of an account is in its own, or in that of all.

    None: every one.
    """
    if not options.account:
        return None
    if options.account == _ALL:
        return (ALL,)
    return (ALL, options.read(partial(_key, options.account)))


def _entries(options: ListOptions, whose: Collection[int] | None) -> Iterator[Entry]:
    after: Entry | None = None
    while some := options.read(
        partial(listed.entries, whose=whose, kind=options.kind, after=after, most=_LOT)
    ):
        yield from some
        after = some[-1]


def _account(options: ChangeOptions) -> int:
    return options.read(partial(_key, options.account)) if options.account else ALL


def _key(api_id: str, conn: Connection) -> int:
    return accounts.known(conn, api_id).id


def _lots(numbers: Sequence[str]) -> Iterator[list[str]]:
    rest = iter(dict.fromkeys(numbers))
    while some := list(islice(rest, _LOT)):
        yield some


def _from_file(name: str) -> Iterator[str]:
    """The numbers of a file; its first line may be one of names. Raises SourceError."""
    octets = read_any(name) if name == STDIN else read_file(name, _LARGEST)
    text = octets.decode("utf-8-sig", "replace")
    for line, row in enumerate(text.splitlines(), 1):
        cell = row.split(",", 1)[0].split(";", 1)[0].strip(_AROUND)
        if not cell or (line == 1 and cell.casefold() == _HEADS[0]):
            continue
        number = listed.digits(cell)
        if not number:
            raise SourceError(listed.expected(cell), source=name, line=line)
        yield number
