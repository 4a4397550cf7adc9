"""Which exit code a run ends with, and why."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from smsgate.cli.codes import EXPLAINED, Exit
from smsgate.cli.output import OutputError, discard_output, note

__all__ = ["EXPLAINED", "Exit", "exit_codes", "leave", "of_run"]


#: Commands that continue what they have begun.
_CONTINUE = frozenset(("batch", "convert", "log", "upload", "watch"))


def of_run(done: int, rejected: int, guarded: int = 0) -> Exit:
    """The code of a run that did ``done`` of its inputs and rejected ``rejected``.

    ``guarded`` counts those among the rejected that a guard (cost, parts, overwriting) refused.
    If there are no others, the code says so.
    """
    if not rejected:
        return Exit.OK
    if rejected == guarded:
        return Exit.REFUSED
    return Exit.SOME_REJECTED if done else Exit.ALL_REJECTED


def leave(message: str, code: Exit) -> NoReturn:
    """Print on standard error why the command ends, and end it."""
    note(f"smsenc: {message}")
    raise SystemExit(code)


@contextmanager
def exit_codes() -> Iterator[None]:
    """End with the documented code on Ctrl-C, on an error, and if standard output fails."""
    message: str | None = None
    code: object = None
    # It ends outside of the except blocks: an error's frames can hold buffers of other processes'
    # pipes, of which Python would complain when it ends.
    try:
        yield
        return
    except KeyboardInterrupt:
        again = ": the same command continues" if _CONTINUE.intersection(sys.argv[1:2]) else ""
        message, code = f"interrupted{again}", Exit.INTERRUPTED
    except SystemExit as ended:
        code = ended.code
    except OutputError as error:
        discard_output()
        message, code = f"cannot write to standard output: {error}", Exit.SOME_REJECTED
    except Exception as error:  # noqa: BLE001 - raised again where it is to be seen
        message, code = _explained(error)
    if message is not None:
        note(f"smsenc: {message}")
    raise SystemExit(code)


def _explained(error: Exception) -> tuple[str, Exit]:
    """What to say of an error, and its code; raises an internal error again for SMSENC_DEBUG."""
    try:
        # smsenc takes as long to load as typer: --help and --version run without it.
        from smsgate.cli.faults import rule_of  # noqa: PLC0415
    except (ImportError, OSError, MemoryError) as other:
        return f"the system says: {other}", Exit.UNFINISHED
    if rule := rule_of(error):
        _name_as_typed(error)
        return rule.said(error), rule.code
    if os.environ.get("SMSENC_DEBUG"):
        raise error
    name = type(error).__name__
    return f"internal error: {name} (set SMSENC_DEBUG=1 for details)", Exit.BUG


#: Parameters of the message file, and settings, whose option has another name.
_TYPED = {
    "scheduled_time": "--at",
    "deliv_time": "--delay",
    "from": "--from",
    "ca_file": "--ca-file",
}
_TYPED |= {
    name: f"--{name}"
    for name in (
        *("tz", "track", "channel", "start", "bars", "transpose", "phone", "mcc-mnc"),
        *("substitute", "language", "connections", "retries", "host", "port", "timeout", "folder"),
    )
}


def _name_as_typed(error: Exception) -> None:
    """Name an option in an error as the user typed it: ``--tz``, not ``tz``."""
    from smsenc import SmsencError  # noqa: PLC0415 - as in _explained

    if isinstance(error, SmsencError) and error.name in _TYPED and not error.source:
        error.name = _TYPED[error.name]
