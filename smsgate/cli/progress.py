"""How far a long work has come: on a terminal one line, elsewhere a line every ten seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

_BLINK = 0.1  # seconds between two looks of a terminal's line
_PATIENCE = 10.0  # seconds between two lines elsewhere
_WIDTH = 79


class Progress:
    """Call it with how much is done; prints on ``stream``, which may be closed by who reads it.

    What there is to do is told by ``total``, or by the ``share`` of it that is done. Nothing is
    printed of a work that ends before the first line is due.
    """

    def __init__(
        self,
        unit: str,
        total: int | None = None,
        *,
        stream: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.total = total
        self._unit = unit
        self._stream = stream or sys.stderr
        self._clock = clock
        self._terminal = self._stream.isatty()
        self._start = self._last = clock()
        self._first: int | None = None
        self._shown = False

    def __call__(self, done: int, *, share: float | None = None) -> None:
        """Say so, if it is time to."""
        now = self._clock()
        self._first = done if self._first is None else self._first  # done before this run
        if now - self._last < (_BLINK if self._terminal else _PATIENCE):
            return
        self._last = now
        line = self._line(done, share, now - self._start)
        start, end = ("\r", "") if self._terminal else ("", "\n")
        self._put(f"{start}{line.ljust(_WIDTH) if self._terminal else line}{end}")
        self._shown = True

    def _line(self, done: int, share: float | None, seconds: float) -> str:
        of = f" of {self.total:,}" if self.total is not None else ""
        total = done / share if share else self.total
        rate = (done - (self._first or 0)) / seconds if seconds else 0
        speed = f", {rate:,.0f} a second" if rate else ""
        left = (total - done) / rate if total is not None and rate else None
        wait = f", {_spoken(left)} left" if left is not None else ""
        bar = _bar(done / total) if self._terminal and total else ""
        return f"{bar}{done:,}{of} {self._unit}{speed}{wait}"[:_WIDTH]

    def close(self) -> None:
        """Leave a clean line behind."""
        if self._shown and self._terminal:
            self._put(f"\r{' ' * _WIDTH}\r")

    def _put(self, text: str) -> None:
        with suppress(OSError):  # who closed it does not want to know
            self._stream.write(text)
            self._stream.flush()


def _bar(share: float) -> str:
    filled = min(20, int(20 * share))
    return f"[{'#' * filled}{'.' * (20 - filled)}] "


def _spoken(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02} min"
