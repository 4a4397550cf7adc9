"""The command's two streams: data on standard output, everything else on standard error.

Data is printed by ``say``; errors by ``show_error``, as JSON with ``--json``; remarks by ``note``,
not with ``--quiet``; and what ``--verbose`` adds by ``detail``.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from typing import TextIO

from smsgate import tracing
from smsgate.cli import colours, stopping
from smsgate.masking import cleaned, masked, printable

#: Characters of one line for people.
_LONGEST_NOTE = 4000


class Manner:
    """What this run prints, and how; ``started`` is in seconds of ``time.monotonic``."""

    as_json = False
    quiet = False
    verbose = False
    started = 0.0


#: Of this run; there is one at a time.
manner = Manner()


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


def begin(words: Sequence[str]) -> None:
    """Print from now on as a command line wants it; with --json also the errors of the line."""
    options = words[: words.index("--")] if "--" in words else words
    manner.as_json = "--json" in options
    manner.quiet = manner.verbose = False
    tracing.forget()
    manner.started = time.monotonic()


def prepare_streams(words: Sequence[str] = ()) -> None:
    """Replace closed streams, and escape characters that a terminal's charset lacks.

    Afterwards a failure of standard output is an OutputError, and one of standard error is none.
    ``words`` are the command line.
    """
    begin(words)
    for name, guard in (("stdout", _output), ("stderr", _remarks)):
        stream = getattr(sys, name) or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115 - stays open
        stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, _Stream(stream, guard))


def say(line: str = "", *, people: bool = False) -> None:
    """Print a line of data. A reader that leaves does not stop the work; a lost signal does.

    What is for ``people`` may have colours.
    """
    stopping.check()
    with _output():
        # Lines stay lines; in JSON and CSV there is nothing to escape.
        lines = map(printable, masked(line).split("\n"))
        if people and colours.wanted(sys.stdout):
            lines = map(colours.highlighted, lines)
        print("\n".join(lines), flush=True)


def say_styled(line: str) -> None:
    """Print a line for people with the sequences of a terminal; its text is cleaned already."""
    stopping.check()
    with _output():
        print(line, flush=True)


def has_colours() -> bool:
    """Whether standard output is a terminal whose user wants colours (no-color.org)."""
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    return sys.stdout.isatty() and not is_plain


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


def note(message: str, *, urgent: bool = False) -> None:
    """Print a line for people, on standard error; with --quiet only if it is ``urgent``."""
    if urgent or not manner.quiet:
        line = cleaned(message, _LONGEST_NOTE)
        _remark(colours.highlighted(line) if colours.wanted(sys.stderr) else line)


def detail(message: str) -> None:
    """Print with --verbose what is done, and when: in seconds since the start."""
    if manner.verbose:
        seconds = time.monotonic() - manner.started
        _remark(f"[{seconds:.3f} s] {cleaned(message, _LONGEST_NOTE)}")


def show_error(text: str, record: Mapping[str, object]) -> None:
    """Print an error on standard error: the text for people or, with --json, the record.

    ``smsgate/schemas/error.json`` says what the record has.
    """
    if manner.as_json:
        import json  # noqa: PLC0415 - most runs have no errors

        shown = {
            k: cleaned(v, _LONGEST_NOTE) if isinstance(v, str) else v for k, v in record.items()
        }
        _remark(json.dumps({"error": shown}))
        return
    line = cleaned(text, _LONGEST_NOTE)
    _remark(colours.painted(line, colours.Colour.ERROR) if colours.wanted(sys.stderr) else line)


def _remark(line: str) -> None:
    with _remarks():
        print(line, file=sys.stderr, flush=True)


def urge(message: str) -> None:
    """Print a line for people with --quiet, too: something goes wrong, and the command goes on."""
    note(message, urgent=True)


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
