"""Which exit code a run ends with, and why."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple, NoReturn

from smsgate.cli import stopping
from smsgate.cli.codes import EXPLAINED, ErrorKind, Exit
from smsgate.cli.output import OutputError, discard_output, show_error

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


class _Ending(NamedTuple):
    """How a command ends with an error: its line, its code, and the record for --json."""

    text: str
    code: int
    record: dict[str, object]

    def show(self) -> None:
        """Print it."""
        show_error(f"smsenc: {self.text}", self.record | {"exit": int(self.code)})


def _ending(kind: ErrorKind, message: str, code: int, hint: str = "", text: str = "") -> _Ending:
    record: dict[str, object] = {"kind": kind, "message": message}
    return _Ending(text or message, code, record | ({"hint": hint} if hint else {}))


def leave(message: str, code: Exit) -> NoReturn:
    """Print on standard error why what was asked for cannot be done, and end the command."""
    _ending(ErrorKind.INPUT, message, code).show()
    raise SystemExit(code)


@contextmanager
def exit_codes() -> Iterator[None]:
    """End with the documented code on Ctrl-C, on an error, and if standard output fails."""
    ending: _Ending | None = None
    code: object = None
    # It ends outside of the except blocks: an error's frames can hold buffers of other processes'
    # pipes, of which Python would complain when it ends.
    try:
        yield
        return
    except KeyboardInterrupt:
        ending = _interrupted()
    except SystemExit as ended:
        code = ended.code
    except OutputError as error:
        discard_output()
        what = f"cannot write to standard output: {error}"
        ending = _ending(ErrorKind.OUTPUT, what, Exit.SOME_REJECTED)
    except Exception as error:  # noqa: BLE001 - raised again where it is to be seen
        ending = _explained(error)
        # A library can make an error of its own out of what a signal raises: an import that was
        # interrupted fails as one that cannot be loaded.
        if number := stopping.asked():
            what = f"interrupted; the last error was: {ending.text}"
            ending = _ending(ErrorKind.INTERRUPTED, what, 128 + number)
    if ending is not None:
        ending.show()
        code = ending.code
    raise SystemExit(code)


def _interrupted() -> _Ending:
    again = "the same command continues" if _CONTINUE.intersection(sys.argv[1:2]) else ""
    text = f"interrupted: {again}" if again else ""
    return _ending(ErrorKind.INTERRUPTED, "interrupted", Exit.INTERRUPTED, again, text)


def _explained(error: Exception) -> _Ending:
    """What to say of an error, and its code; raises an internal error again for SMSENC_DEBUG."""
    try:
        # smsenc takes as long to load as typer: --help and --version run without it.
        from smsgate.cli import errorlines, faults  # noqa: PLC0415
    except (ImportError, OSError, MemoryError) as other:
        return _ending(ErrorKind.SYSTEM, f"the system says: {other}", Exit.UNFINISHED)
    if rule := faults.rule_of(error):
        _name_as_typed(error)
        said = rule.said(error)
        return _Ending(said, rule.code, errorlines.record(error, rule.kind, said))
    if os.environ.get("SMSENC_DEBUG"):
        raise error
    what, hint = f"internal error: {type(error).__name__}", "set SMSENC_DEBUG=1 for details"
    return _ending(ErrorKind.INTERNAL, what, Exit.BUG, hint, f"{what} ({hint})")


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
