"""Progress of a long run: one line that is rewritten, and only on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Self, TextIO

from smsgate.cli import colours, output, stopping

_PAUSE = 0.1  # seconds between two updates
_WIDTH = 79
_BAR = 20


class Progress:
    """Call it with the number of things done, and the share of the work that this is, if known.

    It prints on ``stream`` (default: standard error) if that is a terminal, not with --quiet, and
    clears the line when its ``with`` block ends.
    """

    def __init__(
        self,
        unit: str,
        *,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._unit = unit
        self._stream = stream or sys.stderr
        self._clock = clock
        self._looked_at = colours.is_terminal(self._stream) and not output.manner.quiet
        self._start = self._last = clock()
        self._first: int | None = None
        self._shown = False

    def __call__(self, done: int, *, share: float | None = None) -> None:
        """Update the line, if it is time to; end the work if a signal was lost."""
        stopping.check()
        now = self._clock()
        self._first = done if self._first is None else self._first  # done before this run
        if now - self._last < _PAUSE or not self._looked_at:
            return
        self._last = now
        self._put(f"\r{self._line(done, share, now - self._start):{_WIDTH}}")
        self._shown = True

    def _line(self, done: int, share: float | None, seconds: float) -> str:
        rate = (done - (self._first or 0)) / seconds
        speed = f", {rate:,.0f} per second" if rate else ""
        left = f", {_spoken((done / share - done) / rate)} left" if share and rate else ""
        return f"{_bar(share) if share else ''}{done:,} {self._unit}{speed}{left}"[:_WIDTH]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._put(f"\r{' ' * _WIDTH}\r")

    def _put(self, text: str) -> None:
        with suppress(OSError):  # nobody reads it
            self._stream.write(text)
            self._stream.flush()


def _bar(share: float) -> str:
    filled = min(_BAR, int(_BAR * share))
    return f"[{'#' * filled}{'.' * (_BAR - filled)}] "


def _spoken(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
