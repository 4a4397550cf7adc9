"""Exit codes: their meaning, and which of them a run ends with."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import NoReturn

from smsgate.cli.output import OutputError, discard_output, note


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


#: The same for people.
EXPLAINED = """\b
Exit codes: 0 all done; 1 internal error; 2 wrong usage; 3 all rejected;
4 some rejected; 5 result unknown for some; 6 unfinished, run it again;
7 refused: files exist, the outbox is in use or belongs to another run, or a
limit is exceeded; 130 interrupted; 143 terminated.
"""


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
    try:
        yield
    except KeyboardInterrupt:
        leave("interrupted", Exit.INTERRUPTED)
    except OutputError as error:
        discard_output()
        leave(f"cannot write to standard output: {error}", Exit.SOME_REJECTED)
    except Exception as error:
        if code := exit_code(error):
            _name_as_typed(error)
            leave(str(error), code)
        if os.environ.get("SMSENC_DEBUG"):
            raise
        name = type(error).__name__
        leave(f"internal error: {name} (set SMSENC_DEBUG=1 for details)", Exit.BUG)


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
    from smsenc import SmsencError  # noqa: PLC0415 - as in exit_code

    if isinstance(error, SmsencError) and error.name in _TYPED and not error.source:
        error.name = _TYPED[error.name]


def exit_code(error: Exception) -> Exit | None:
    """The code for an error of this project; None for any other."""
    # smsenc takes as long to load as typer: --help, --version and formats run without it.
    from converters.errors import GuardError  # noqa: PLC0415
    from smsenc import SmsencError  # noqa: PLC0415
    from smsgate import errors  # noqa: PLC0415

    again = errors.GatewayLostError | errors.GatewayBusyError | errors.UnfinishedError
    if isinstance(error, again):
        return Exit.UNFINISHED
    if isinstance(error, GuardError):
        return Exit.REFUSED
    if isinstance(error, errors.OutboxError | errors.GatewayError):
        return Exit.ALL_REJECTED
    return Exit.USAGE if isinstance(error, SmsencError) else None
