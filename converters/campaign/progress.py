"""How far a campaign is: a bar on a terminal, a plain line every ten seconds elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

_BAR = 24  # characters
_PLAIN_EVERY, _BAR_EVERY = 10.0, 0.1  # seconds


class State(NamedTuple):
    """Rows done, after so many seconds, and which share of the table that is, where it is known."""

    rows: int
    seconds: float
    share: float | None


def line(state: State) -> str:
    """Rows, rate and time left, for any place."""
    rate = state.rows / state.seconds if state.seconds else 0.0
    left = f", {_clock(_left(state))} left" if state.share else ""
    return f"{state.rows:,} rows, {rate:,.0f} a second{left}"


def bar(state: State) -> str:
    """The same behind a bar, for a terminal."""
    if state.share is None:
        return line(state)
    full = int(state.share * _BAR)
    return f"[{'#' * full}{' ' * (_BAR - full)}] {state.share:4.0%} {line(state)}"


def _left(state: State) -> float:
    return state.seconds * (1 - state.share) / state.share if state.share else 0.0


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@dataclass(slots=True)
class Show:
    """Writes states as they come, no oftener than people read; ``end`` takes the bar away."""

    write: Callable[[str], object]
    terminal: bool
    clock: Callable[[], float] = time.monotonic
    _began: float = -1.0
    _last: float = -1.0
    _width: int = 0

    def __call__(self, rows: int, share: float | None) -> None:
        """Tell that so many rows are done."""
        now = self.clock()
        if self._began < 0:
            self._began = self._last = now
        if now - self._last < (_BAR_EVERY if self.terminal else _PLAIN_EVERY):
            return
        self._last = now
        state = State(rows, now - self._began, share)
        self._put(bar(state) if self.terminal else f"{line(state)}\n")

    def end(self) -> None:
        """Leave a clean line."""
        if self.terminal and self._width:
            self._put("")
            self.write("\r")

    def _put(self, text: str) -> None:
        if not self.terminal:
            self.write(text)
            return
        self.write(f"\r{text:<{self._width}}")
        self._width = len(text)
