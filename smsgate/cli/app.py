"""The ``smsenc`` command itself: its groups, its exit codes, its two streams.

Each command stands in a module of this package and registers itself with ``command``.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum
from typing import Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup


class Exit(IntEnum):
    """Exit codes; part of the contract with scripts."""

    OK = 0
    BUG = 1
    USAGE = 2
    ALL_REJECTED = 3
    SOME_REJECTED = 4
    UNKNOWN = 5
    UNFINISHED = 6
    REFUSED = 7
    INTERRUPTED = 130
    TERMINATED = 143


EXAMPLES = """\b
Examples:
  smsenc convert contacts.vcf --to +448311234567 --out outbox/
  smsenc convert tune.mid logo.png --to-file numbers.txt --json
  smsenc inspect outbox/
  smsenc inspect 06050415810000:024A3A5180...

Turn contacts, events, ringtones, logos and text into message files that are
ready to upload to an FTP SMS gateway, and look into such files.
"""

EXIT_CODES = """\b
Exit codes: 0 all done; 2 wrong usage; 3 every input rejected; 4 some
rejected; 5 what became of some is unknown; 6 unfinished, run it again;
7 refused by a guard; 130 interrupted; 1 a fault of ours.
"""

#: What the help lists commands under, in its order.
GROUPS = ("Make", "Look", "Send")


class _Grouped(TyperGroup):
    """Lists each group's commands in the order they were registered; empty groups are left out."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - given
        for heading in GROUPS:
            found = [(n, c) for n, c in self.commands.items() if _group(c) == heading]
            if rows := [(name, one.get_short_help_str(60)) for name, one in found]:
                with formatter.section(heading):
                    formatter.write_dl(rows)


def _group(registered: object) -> str | None:
    return getattr(registered, "rich_help_panel", None)


app = typer.Typer(
    cls=_Grouped,
    help=EXAMPLES,
    epilog=EXIT_CODES,
    rich_markup_mode=None,
    add_completion=False,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 80},
)


def main() -> None:
    """Run the command; every way out has its documented exit code."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name) or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - kept
        stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, stream)
    # Terminated, a run still takes back the message it was half through with.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(Exit.TERMINATED))
    with _exit_codes():
        app(prog_name="smsenc")


@contextmanager
def _exit_codes() -> Iterator[None]:
    try:
        yield
    except typer.Exit:
        raise
    except KeyboardInterrupt:
        leave("interrupted", Exit.INTERRUPTED)
    except _OutputError as error:
        _silence()
        leave(f"expected to write standard output, found: {error}", Exit.SOME_REJECTED)
    except Exception as error:
        if code := refusal(error):
            leave(str(error), code)
        if os.environ.get("SMSENC_DEBUG"):
            raise
        leave(f"a fault of ours: {type(error).__name__} (SMSENC_DEBUG=1 shows more)", Exit.BUG)


def refusal(error: Exception) -> Exit | None:
    """The exit code of an error that was meant; the package's own are loaded only by now."""
    from converters.errors import GuardError
    from smsenc import SmsencError
    from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError, OutboxError

    if isinstance(error, (GatewayLostError, GatewayBusyError)):
        return Exit.UNFINISHED
    if isinstance(error, GuardError):
        return Exit.REFUSED
    if isinstance(error, (OutboxError, GatewayError)):
        return Exit.ALL_REJECTED
    return Exit.USAGE if isinstance(error, SmsencError) else None


def leave(message: str, code: Exit) -> NoReturn:
    """Say on standard error why the command ends, and end it."""
    note(f"smsenc: {message}")
    raise SystemExit(code)


def note(message: str) -> None:
    """Print a line for people, on standard error."""
    from smsgate.cli.wording import printable

    with suppress(OSError):  # who closed it does not want to know
        print(printable(message), file=sys.stderr, flush=True)


class _OutputError(Exception):
    """Standard output takes no more, for another reason than that its reader left."""


def say(line: str = "") -> None:
    """Print a line of data. A reader that leaves does not stop the work."""
    try:
        print(line, flush=True)
    except BrokenPipeError:
        _silence()
    except OSError as error:
        raise _OutputError((error.strerror or str(error)).lower()) from error


def _silence() -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        say(f"smsenc {version('smsenc')}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass


def command(group: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Register a command under a heading of the help.

    Its exceptions become exit codes before the framework sees them.
    """

    def register(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> None:
            with _exit_codes():
                function(*args, **kwargs)

        return app.command(rich_help_panel=group)(guarded)

    return register
