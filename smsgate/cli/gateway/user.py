"""``smsenc gateway user``: who may log in to a gateway's pages."""

from __future__ import annotations

from typing import Annotated

import typer

from converters.errors import SourceError
from smsgate.cli import wording
from smsgate.cli.answers import answer
from smsgate.cli.commandline import Json, command, one_of
from smsgate.cli.exits import Exit
from smsgate.cli.gateway import shown, typed
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.output import say
from smsgate.gateway import database, users
from smsgate.gateway.states import UserRole
from smsgate.gateway.users import NewUser

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the user.")]
RoleName = Annotated[
    str, typer.Option(metavar="ROLE", help="admin, reader, or owner of one account.")
]
Account = Annotated[str, typer.Option(metavar="API_ID", help="Account of an owner.")]


class AddOptions(DataOptions):
    """The new user."""

    name: Name
    role: RoleName
    account: Account = ""
    type: Annotated[bool, typer.Option("--type", help="Read the password; do not make one.")] = (
        False
    )
    json: Json = False


class ListOptions(DataOptions):
    """Which gateway."""

    json: Json = False


class UserOptions(DataOptions):
    """Which user."""

    name: Name


class RoleOptions(DataOptions):
    """Which user, and the new role."""

    name: Name
    role: RoleName
    account: Account = ""


class PasswordOptions(DataOptions):
    """Whose password."""

    name: Name
    generate: Annotated[bool, typer.Option("--generate", help="Make a new one; print it.")] = False


@command
def gateway_user_add(options: AddOptions) -> Exit:
    """Make a user of the pages; the password is shown once.

    \b
    Examples:
      smsenc gateway user add anna --role admin
      smsenc gateway user add acme --role owner --account 1234567
      smsenc gateway user add screen --role reader --type < password.txt

    An admin sees and changes everything, a reader sees everything; an owner
    sees one account, and changes what is its own. With --type, the password is
    typed on a terminal or read from the first line of standard input.
    """
    if not options.is_made():
        what = f"no gateway in {options.folder}: smsenc gateway run makes it"
        raise SourceError(what)
    role = one_of(UserRole, options.role, "--role")
    given, now = typed.password() if options.type else None, database.now()
    new = options.transact(
        lambda conn: users.add(
            conn, options.name, role, api_id=options.account, password=given, now=now
        )
    )
    _show_new(new, given=given is not None, as_json=options.json)
    return Exit.OK


def _show_new(new: NewUser, *, given: bool, as_json: bool) -> None:
    if as_json:
        say(wording.as_json({"user": new.user} if given else new._asdict()))
    elif given:
        say(f"{new.user} can log in")
    else:
        for line in shown.user_lines(new):
            say(line)


@command
def gateway_user_list(options: ListOptions) -> Exit:
    """List the users of the pages.

    \b
    Examples:
      smsenc gateway user list
      smsenc gateway user list --json
    """
    heads = ("user", "role", "account", "disabled", "created")
    found = options.read(users.listed)
    rows = [(one.name, one.role.value, one.account, one.disabled, one.created) for one in found]
    cells = [(*row[:3], "yes" if row[3] else "", shown.time(row[4])) for row in rows]
    answer(shown.records(heads, rows), shown.table(heads, cells), as_json=options.json)
    return Exit.OK


@command
def gateway_user_password(options: PasswordOptions) -> Exit:
    """Replace the password of a user, and log the user out.

    \b
    Examples:
      smsenc gateway user password anna
      smsenc gateway user password anna --generate
      smsenc gateway user password anna < password.txt

    The new password is typed on a terminal, or read from the first line of
    standard input; --generate makes one, and prints it.
    """
    given = None if options.generate else typed.password()
    new = options.transact(lambda conn: users.set_password(conn, options.name, given))
    if options.generate:
        for line in shown.user_lines(NewUser(options.name, new)):
            say(line)
    else:
        say(f"{options.name} has a new password")
    return Exit.OK


@command
def gateway_user_role(options: RoleOptions) -> Exit:
    """Let a user do more or less, and log the user out.

    \b
    Examples:
      smsenc gateway user role anna --role reader
      smsenc gateway user role anna --role owner --account 1234567
    """
    role = one_of(UserRole, options.role, "--role")
    options.transact(lambda conn: users.set_role(conn, options.name, role, options.account))
    say(f"{options.name} is {role}")
    return Exit.OK


@command
def gateway_user_disable(options: UserOptions) -> Exit:
    """Log a user out, and let nobody log in with that name.

    \b
    Examples:
      smsenc gateway user disable anna

    smsenc gateway user enable anna ends it.
    """
    options.transact(lambda conn: users.disable(conn, options.name))
    say(f"{options.name} cannot log in")
    return Exit.OK


@command
def gateway_user_enable(options: UserOptions) -> Exit:
    """Let a disabled user log in again.

    \b
    Examples:
      smsenc gateway user enable anna
    """
    options.transact(lambda conn: users.enable(conn, options.name))
    say(f"{options.name} can log in")
    return Exit.OK


@command
def gateway_user_remove(options: UserOptions) -> Exit:
    """Log a user out, and forget the name.

    \b
    Examples:
      smsenc gateway user remove anna

    The only user is not removed: the next start would make another admin.
    """
    options.transact(lambda conn: users.remove(conn, options.name))
    say(f"{options.name} is removed")
    return Exit.OK
