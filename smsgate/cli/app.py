"""The ``smsenc`` command: its help, its version, and the commands that it loads when called."""

from __future__ import annotations

import os
import sys
from contextlib import AbstractContextManager, suppress
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from smsgate.cli import settingsfile
from smsgate.cli.commands import COMMANDS, SUBCOMMANDS
from smsgate.cli.exits import EXPLAINED, exit_codes
from smsgate.cli.output import prepare_streams, say
from smsgate.masking import remember

#: Variables that contain a secret, which no command may show.
_PASSWORDS = ("SMSENC_PASSWORD", "SMSENC_FTP_PASSWORD", "SMSENC_SMPP_PASSWORD")
_SUBCOMMANDS = frozenset(row.name for row in SUBCOMMANDS)
#: Variables that name a file with one.
_FILES = ("SMSENC_CREDENTIALS", "SMSENC_FTP_CREDENTIALS", "SMSENC_SMPP_CREDENTIALS")

HELP = """\b
Examples:
  smsenc convert contacts.vcf --to +448311234567 --out outbox/
  smsenc convert tune.mid logo.png --to-file numbers.txt --json
  smsenc inspect outbox/
  smsenc inspect :E8329BFD4697D9EC37

Turn contacts, events, ringtones, logos and texts into message files that are
ready to upload to an FTP SMS gateway, and show what such files contain.
"""


class _Formatter(Protocol):
    """The part of typer's help formatter that is used here."""

    def section(self, name: str, /) -> AbstractContextManager[None]:
        """Indent what is written under a heading."""

    def write_dl(self, rows: list[tuple[str, str]], /) -> None:
        """Write two columns."""


class _Command(TyperCommand):
    """A command whose usage shows an argument that may be repeated as ``{SOURCE}...``."""

    def collect_usage_pieces(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]
        """The options and arguments after the command's name."""
        options = [self.options_metavar or ""]
        arguments = (one for one in self.params if isinstance(one, TyperArgument))
        return options + [
            one.make_metavar(ctx, usage=True) + ("..." if one.nargs == -1 else "")
            for one in arguments
        ]


class _LazyGroup(TyperGroup):
    """Lists commands from the table, and loads a command when it is called."""

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        """Name, command and arguments; the first two words may be the name."""
        name = " ".join(args[:2])
        return super().resolve_command(ctx, [name, *args[2:]] if name in _SUBCOMMANDS else args)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | None:  # noqa: ARG002 - typer's
        """Load a command; None if the name is unknown."""
        if cmd_name not in self.commands and cmd_name not in _SUBCOMMANDS:
            return None
        module = cmd_name.replace(" ", "_")
        with exit_codes():
            function = getattr(import_module(f"smsgate.cli.{module}"), module)
        single = typer.Typer(
            add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
        )
        single.command(cmd_name, cls=_Command)(function)
        found = typer.main.get_command(single)
        return found if isinstance(found, TyperCommand) else None

    def format_commands(self, ctx: object, formatter: _Formatter) -> None:  # noqa: ARG002 - typer's
        """Write the names and summaries of all commands, under their headings."""
        for heading in dict.fromkeys(row.heading for row in COMMANDS):
            with formatter.section(heading):
                formatter.write_dl([(r.name, r.summary) for r in COMMANDS if r.heading == heading])


app = typer.Typer(
    cls=_LazyGroup,
    help=HELP,
    epilog=EXPLAINED,
    rich_markup_mode=None,
    add_completion=True,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)


def main() -> None:
    """Run the command; it always ends with a documented exit code."""
    prepare_streams()
    _remember_passwords()
    if sys.argv[1:2] == ["help"]:  # as git and others do
        sys.argv[1:] = [*sys.argv[2:], "--help"]
    with exit_codes():
        app(prog_name="smsenc", default_map=settingsfile.load(os.environ).defaults())


def _remember_passwords() -> None:
    """Mask the passwords of the environment, and of its files; commands report files' faults."""
    remember(*(os.environ.get(name, "") for name in _PASSWORDS))
    for path in filter(None, map(os.environ.get, _FILES)):
        from smsenc import SmsencError  # noqa: PLC0415 - not needed by most runs
        from smsgate.outbox import secretfile  # noqa: PLC0415 - as above

        with suppress(SmsencError):
            secretfile.read(Path(path), ("password",))


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version  # noqa: PLC0415 - as slow to load as half of typer

        say(f"smsenc {version('smsenc')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("-V", "--version", callback=_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    pass


def _not_loaded() -> None:
    """Take the place of a command that is not loaded yet; typer suggests similar names."""


for _row in COMMANDS:
    app.command(_row.name)(_not_loaded)
