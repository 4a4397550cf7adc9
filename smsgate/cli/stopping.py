"""Ctrl-C and SIGTERM: the first one ends the command in order, those right after it do nothing.

A signal of the second kind would otherwise interrupt the clearing up that the first one started.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from types import FrameType

#: Those that end a command; Windows sends the last for Ctrl-Break and when a console is closed.
SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)
)
#: Seconds for clearing up; a later signal ends the process at once.
_PATIENCE = 2.0

_since = 0.0  # when the first one came
_came = 0  # its number
_hook = sys.unraisablehook  # of all other errors in finalizers


def prepare() -> None:
    """Handle the signals from now on; Ctrl-C that is ignored stays so, as a shell's ``&`` wants."""
    global _came, _hook  # noqa: PLW0603 - there is one process
    _came = 0
    if sys.unraisablehook is not _unraisable:
        _hook, sys.unraisablehook = sys.unraisablehook, _unraisable
    for one in SIGNALS:
        if one != signal.SIGINT or signal.getsignal(one) is not signal.SIG_IGN:
            signal.signal(one, _first)


def _unraisable(lost: sys.UnraisableHookArgs) -> None:
    """Say nothing of a signal that was lost in a finalizer: ``check`` raises it again."""
    if not (_came and isinstance(lost.exc_value, (KeyboardInterrupt, SystemExit))):
        _hook(lost)


def over() -> None:
    """Ignore them: the command has its exit code and only the interpreter is left to end."""
    for one in SIGNALS:
        signal.signal(one, signal.SIG_IGN)


def asked() -> int:
    """The number of the signal that came, 0 if none did.

    What a signal raises can be lost, in a finalizer or in a library's own wait: a command that runs
    for ever has to ask.
    """
    return _came


def check() -> None:
    """Raise again what was lost; for the places that long work passes and clearing up does not."""
    if _came:
        raise _raised(_came)


def _raised(number: int) -> BaseException:
    return KeyboardInterrupt() if number == signal.SIGINT else SystemExit(128 + number)


def meant(number: int) -> int:
    """The signal that counts: there is no exit code for Ctrl-Break, so it ends as SIGTERM does."""
    return number if number == signal.SIGINT else signal.SIGTERM


def _first(number: int, _frame: FrameType | None) -> None:
    global _since, _came  # noqa: PLW0603 - there is one process
    _came = number = meant(number)
    for one in SIGNALS:
        if signal.getsignal(one) is _first:
            signal.signal(one, _again)
    _since = time.monotonic()
    raise _raised(number)


def _again(number: int, _frame: FrameType | None) -> None:
    if time.monotonic() - _since > _PATIENCE:
        os._exit(128 + meant(number))
