"""The ``smsenc`` command: its help, its version, and the commands that it loads when called."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup

from smsgate.cli import settingsfile
from smsgate.cli.commands import COMMANDS, SUBCOMMANDS, next_words
from smsgate.cli.exits import EXPLAINED, exit_codes
from smsgate.cli.output import prepare_streams, say
from smsgate.cli.usage import usage_errors
from smsgate.cli.verbosity import Quiet, Verbose, with_verbosity
from smsgate.masking import remember

#: Variables that contain a secret, which no command may show.
_PASSWORDS = ("SMSENC_PASSWORD", "SMSENC_FTP_PASSWORD", "SMSENC_SMPP_PASSWORD")
_ROWS = {row.name: row for row in COMMANDS + SUBCOMMANDS}
_MOST_WORDS = max(name.count(" ") + 1 for name in _ROWS)
#: The first words of commands of three words: ``gateway account``.
_GROUPS = frozenset(row.name.rpartition(" ")[0] for row in SUBCOMMANDS if row.name.count(" ") > 1)
_ASK_FOR_HELP = frozenset(("-h", "--help"))
#: Commands that explain themselves what -20 is.
_SIGNED = frozenset(("gateway account credit",))
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

    def shell_complete(self, ctx: typer.Context, incomplete: str) -> list[Any]:  # type: ignore[override]
        """Words that go on with the name of the command, and its options."""
        from typer._click.shell_completion import CompletionItem  # noqa: PLC0415 - for a shell alone

        words = next_words(str(self.name)).items()
        names = [
            CompletionItem(word, help=text) for word, text in words if word.startswith(incomplete)
        ]
        return [*names, *super().shell_complete(ctx, incomplete)]


def _subcommands(name: str) -> str | None:
    """A list of the commands whose names go on from this one."""
    start = f"{name} "
    rows = [
        (row.name.removeprefix(start), row) for row in SUBCOMMANDS if row.name.startswith(start)
    ]
    longest = max((len(rest) for rest, _ in rows), default=0)
    lines = (f"  {rest:{longest}}  {row.summary}" for rest, row in rows)
    return "\n".join(("\b", f"Commands of smsenc {name}:", *lines)) if rows else None


def _single(
    name: str, function: Callable[..., Any], text: str | None = None, usage: str = "[OPTIONS]"
) -> TyperCommand | None:
    """A command; its help is ``text``, or that of its function."""
    single = typer.Typer(
        add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
    )
    single.command(
        name,
        cls=_Command,
        help=text,
        epilog=_subcommands(name),
        context_settings={"ignore_unknown_options": name in _SIGNED},
        options_metavar=usage,
    )(function)
    made = typer.main.get_command(single)
    return made if isinstance(made, TyperCommand) else None


def _not_loaded() -> None:
    """Take the place of a command of which only the help is shown."""


class _LazyGroup(TyperGroup):
    """Lists commands from the table, and loads a command when it is called."""

    def __init__(self, **given: Any) -> None:
        # Typer suggests similar names from these, which are otherwise not used.
        not_loaded = TyperCommand(None)
        commands = dict.fromkeys((row.name for row in COMMANDS), not_loaded)
        super().__init__(**given | {"commands": commands})

    def make_context(self, *given: Any, **more: Any) -> Any:
        """Read the options before the command's name."""
        with usage_errors():
            return super().make_context(*given, **more)

    def invoke(self, ctx: typer.Context) -> Any:  # type: ignore[override]
        """Run the command that was named."""
        with usage_errors():
            return super().invoke(ctx)

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:  # type: ignore[override]
        """Name, command and arguments; as many words as possible are the name."""
        for count in range(_MOST_WORDS, 1, -1):
            name = " ".join(args[:count])
            if name.count(" ") != count - 1:
                continue
            if name in _ROWS or (name in _GROUPS and _ASK_FOR_HELP.intersection(args)):
                return super().resolve_command(ctx, [name, *args[count:]])
        return super().resolve_command(ctx, args)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | None:  # noqa: ARG002 - typer's
        """Load a command; None if the name is unknown."""
        if cmd_name in _GROUPS:
            text = f"smsenc {cmd_name} COMMAND --help tells more about each of these."
            return _single(cmd_name, _not_loaded, text, "COMMAND [OPTIONS]")
        if cmd_name not in _ROWS:
            return None
        from converters.loading import found  # noqa: PLC0415 - help and version need no converters

        with exit_codes():
            function = found(_ROWS[cmd_name].place)
        return _single(cmd_name, with_verbosity(function))

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
    prepare_streams(sys.argv[1:])
    _remember_passwords()
    if sys.argv[1:2] == ["help"]:  # as git and others do
        sys.argv[1:] = [*sys.argv[2:], "--help"]
    with exit_codes():
        app(prog_name="smsenc", default_map=_defaults())


def _defaults() -> dict[str, dict[str, object]]:
    """What the settings say; nothing for the command that reports what is wrong with them."""
    if sys.argv[1:2] == ["doctor"]:
        return {}
    return settingsfile.load(os.environ).defaults()


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
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    pass
