"""``smsenc gateway account``: who may use a gateway."""

from __future__ import annotations

from typing import Annotated

import typer

from converters.errors import SourceError
from smsenc import OptionError
from smsgate.cli.answers import answer
from smsgate.cli.commandline import Json, command
from smsgate.cli.exits import Exit
from smsgate.cli.gateway import shown, typed
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.output import say
from smsgate.gateway import accounts, database
from smsgate.gateway import credits as amounts
from smsgate.gateway.accounts import Which

_LONGEST = 1000  # characters of a note
_TRIAL = amounts.shown(accounts.TRIAL)

ApiId = Annotated[str, typer.Argument(metavar="API_ID", help="Number of the account.")]


class AddOptions(DataOptions):
    """The new account."""

    credit: Annotated[str, typer.Option(metavar="CREDITS", help="Its first balance.")] = _TRIAL
    api_id: Annotated[
        str, typer.Option(metavar="NUMBER", help="Its number.  [default: a random one]")
    ] = ""
    user: Annotated[
        str, typer.Option(metavar="NAME", help="User in message files.  [default: userNUMBER]")
    ] = ""
    json: Json = False


class ListOptions(DataOptions):
    """Which gateway."""

    json: Json = False


class AccountOptions(DataOptions):
    """Which account."""

    api_id: ApiId


class CreditOptions(DataOptions):
    """How much."""

    api_id: ApiId
    amount: Annotated[str, typer.Argument(metavar="CREDITS", help="Number of credits.")]
    take: Annotated[bool, typer.Option("--take", help="Take them from the balance.")] = False
    note: Annotated[str, typer.Option(metavar="TEXT", help="Reason, for the ledger.")] = ""
    json: Json = False


class PasswordOptions(DataOptions):
    """Which password."""

    api_id: ApiId
    ftp: Annotated[bool, typer.Option("--ftp", help="Replace the FTP password.")] = False
    generate: Annotated[bool, typer.Option("--generate", help="Make a new one; print it.")] = False


class FreezeOptions(DataOptions):
    """Which account."""

    api_id: ApiId
    end: Annotated[bool, typer.Option("--end", help="Open a frozen or closed account.")] = False


@command
def gateway_account_add(options: AddOptions) -> Exit:
    """Make an account; its passwords are shown once.

    \b
    Examples:
      smsenc gateway account add
      smsenc gateway account add --api-id 3114 --user acme --credit 5000

    Message files need api_id, user and password. The FTP log-in is the api_id
    with another password. Only hashes of both passwords are kept.
    """
    if not options.is_made():
        what = f"no gateway in {options.folder}: smsenc gateway run makes it"
        raise SourceError(what)
    credit, now = amounts.read(options.credit, "--credit"), database.now()
    api_id = options.api_id
    if options.user and not api_id:
        raise OptionError("give --api-id too", name="--user")
    user = options.user or f"user{api_id}"
    new = options.transact(
        lambda conn: (
            accounts.named(conn, api_id, user, credit=credit, now=now)
            if api_id
            else accounts.add(conn, credit=credit, now=now)
        )
    )
    answer([shown.log_in(new)], shown.account_lines(new), as_json=options.json)
    return Exit.OK


@command
def gateway_account_list(options: ListOptions) -> Exit:
    """List the accounts.

    \b
    Examples:
      smsenc gateway account list
      smsenc gateway account list --json
    """
    found = options.read(accounts.listed)
    rows = [(a.api_id, a.user, a.state.value, amounts.shown(a.balance), a.created) for a in found]
    heads = ("api_id", "user", "state", "balance", "created")
    lines = shown.table(heads, [(*row[:-1], shown.time(row[-1])) for row in rows])
    answer(shown.records(heads, rows), lines, as_json=options.json)
    return Exit.OK


@command
def gateway_account_credit(options: CreditOptions) -> Exit:
    """Add credits to a balance, or take some away.

    \b
    Examples:
      smsenc gateway account credit 1234567 500
      smsenc gateway account credit 1234567 20 --take --note "refund 17"
    """
    if options.amount.startswith("-"):
        raise OptionError(f"expected no sign: use --take {options.amount[1:]}", name="CREDITS")
    amount = amounts.read(options.amount, "CREDITS") * (-1 if options.take else 1)
    note, now = options.note[:_LONGEST], database.now()

    balance = options.transact(
        lambda conn: accounts.credited(conn, options.api_id, amount, note, now)
    )
    has = amounts.shown(balance)
    record = {"api_id": options.api_id, "balance": has}
    answer([record], [f"{options.api_id} has {has} credits"], as_json=options.json)
    return Exit.OK


@command
def gateway_account_password(options: PasswordOptions) -> Exit:
    """Replace a password of an account.

    \b
    Examples:
      smsenc gateway account password 1234567
      smsenc gateway account password 1234567 --ftp --generate
      smsenc gateway account password 1234567 < password.txt

    The new password is typed on a terminal, or read from the first line of
    standard input; --generate makes one, and prints it as a variable for a
    shell. Without --ftp, it is for message files.
    """
    which = Which.FTP if options.ftp else Which.FILE
    given = None if options.generate else typed.password()
    new = options.transact(lambda conn: accounts.set_password(conn, options.api_id, which, given))
    if options.generate:
        say(shown.password_line(which, new))
    else:
        say(f"{options.api_id} has a new password")
    return Exit.OK


@command
def gateway_account_close(options: AccountOptions) -> Exit:
    """End an account: nobody can log in to it any more.

    \b
    Examples:
      smsenc gateway account close 1234567

    What it has queued is still sent. Its number is not used again; smsenc
    gateway account freeze 1234567 --end opens it again.
    """
    options.transact(lambda conn: accounts.close(conn, options.api_id))
    say(f"{options.api_id} is closed")
    return Exit.OK


@command
def gateway_account_freeze(options: FreezeOptions) -> Exit:
    """Refuse the files of an account; --end accepts them.

    \b
    Examples:
      smsenc gateway account freeze 1234567
      smsenc gateway account freeze 1234567 --end

    Its files are answered with error 004, and what it has queued waits. It can
    still read its logs.
    """
    change = accounts.reopen if options.end else accounts.freeze
    options.transact(lambda conn: change(conn, options.api_id))
    say(f"{options.api_id} is {'open' if options.end else 'frozen'}")
    return Exit.OK
