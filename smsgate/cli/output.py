"""The command's two streams: data on standard output, everything else on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TextIO

from smsgate.cli import stopping
from smsgate.masking import cleaned, masked, printable

#: Characters of one line for people.
_LONGEST_NOTE = 4000


class OutputError(Exception):
    """Standard output cannot be written, for another reason than that its reader has left."""


class _Stream:
    """A standard stream whose failures ``guard`` handles, whoever writes to it."""

    def __init__(self, stream: TextIO, guard: Callable[[], AbstractContextManager[None]]) -> None:
        self._stream = stream
        self._guard = guard

    def __getattr__(self, name: str) -> object:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write text, unless its reader has left."""
        with self._guard():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what was written."""
        with self._guard():
            self._stream.flush()


def prepare_streams() -> None:
    """Replace closed streams, and escape characters that a terminal's charset lacks.

    Afterwards a failure of standard output is an OutputError, and one of standard error is none.
    """
    for name, guard in (("stdout", _output), ("stderr", _remarks)):
        stream = getattr(sys, name) or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - stays open
        stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, _Stream(stream, guard))


def say(line: str = "") -> None:
    """Print a line of data. A reader that leaves does not stop the work; a lost signal does."""
    stopping.check()
    with _output():
        # Lines stay lines; in JSON and CSV there is nothing to escape.
        print("\n".join(map(printable, masked(line).split("\n"))), flush=True)


def say_octets(octets: bytes) -> None:
    """Write a file to standard output; it is what the user wants to have, so nothing is masked."""
    with _output():
        sys.stdout.buffer.write(octets)
        sys.stdout.buffer.flush()


@contextmanager
def _output() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        _discard(sys.stdout)
    except OSError as error:
        raise OutputError((error.strerror or str(error)).lower()) from error


@contextmanager
def _remarks() -> Iterator[None]:
    try:
        yield
    except OSError:  # nobody reads it
        _discard(sys.stderr)


def note(message: str) -> None:
    """Print a line for people, on standard error."""
    with _remarks():
        print(cleaned(message, _LONGEST_NOTE), file=sys.stderr, flush=True)


def note_skipped(name: str, reason: str) -> None:
    """Print that something in a folder was not read."""
    note(f"{name}: skipped: {reason}")


def discard_output() -> None:
    """Send standard output to nowhere from now on."""
    _discard(sys.stdout)


def _discard(stream: TextIO) -> None:
    with suppress(OSError, ValueError):  # no descriptor, or too many files are open
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
