"""The command's two streams: data on standard output, everything else on standard error."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from smsgate.masking import cleaned, masked

#: Characters of one line for people.
_LONGEST_NOTE = 4000


class OutputError(Exception):
    """Standard output cannot be written, for another reason than that its reader has left."""


def prepare_streams() -> None:
    """Replace closed streams, and escape characters that a terminal's charset lacks."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name) or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - stays open
        stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, stream)


def say(line: str = "") -> None:
    """Print a line of data. A reader that leaves does not stop the work."""
    with _output():
        print(masked(line), flush=True)


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
        discard_output()
    except OSError as error:
        raise OutputError((error.strerror or str(error)).lower()) from error


def note(message: str) -> None:
    """Print a line for people, on standard error."""
    with suppress(OSError):  # nobody reads it
        print(cleaned(message, _LONGEST_NOTE), file=sys.stderr, flush=True)


def note_skipped(name: str, reason: str) -> None:
    """Print that something in a folder was not read."""
    note(f"{name}: skipped: {reason}")


def discard_output() -> None:
    """Send standard output to nowhere from now on."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
