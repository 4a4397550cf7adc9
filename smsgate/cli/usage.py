"""Wrong usage, which typer reports as text, as JSON where the rest of a command is JSON."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol, cast

from smsgate.cli.codes import ErrorKind, Exit
from smsgate.cli.output import manner, show_error


class _Context(Protocol):
    command_path: str


class _UsageError(Protocol):
    """The part of typer's errors that is used here; their classes are not public."""

    ctx: _Context | None

    def format_message(self) -> str:
        """What is wrong."""


@contextmanager
def usage_errors() -> Iterator[None]:
    """With --json, print a usage error as JSON and end; otherwise typer prints it."""
    try:
        yield
    except Exception as error:
        if not (manner.as_json and hasattr(error, "format_message")):
            raise
        show_error("", _record(cast("_UsageError", error)))
        raise SystemExit(Exit.USAGE) from None


def _record(error: _UsageError) -> dict[str, object]:
    """The record, with all on one line."""
    path = error.ctx.command_path if error.ctx else "smsenc"
    return {
        "kind": ErrorKind.USAGE,
        "message": " ".join(error.format_message().split()),
        "hint": f"{path} --help",
        "exit": int(Exit.USAGE),
    }
