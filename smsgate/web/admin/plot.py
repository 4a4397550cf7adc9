"""A plot of columns as SVG, whose colours are in the style sheet."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

WIDTH, HEIGHT = 720, 200
_LEFT, _BOTTOM, _TOP = 64, 24, 12
_STEPS = (1, 2, 5)
_LINES = 4
_GAP = 0.25  # of the width of a column


class Column(NamedTuple):
    """A column with its place, and what it stands for."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: float


class Line(NamedTuple):
    """A line across, with its value."""

    y: float
    value: float


class Plot(NamedTuple):
    """All of it; every ``few`` columns one has its label below."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    few: int
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    base: int = HEIGHT - _BOTTOM


def plot(values: Sequence[tuple[str, float]]) -> Plot:
    """Values with their labels, from the left to the right; those below 0 are shown as 0."""
    most = top(max((value for _, value in values), default=0.0))
    room = HEIGHT - _BOTTOM - _TOP
    each = (WIDTH - _LEFT) / max(1, len(values))
    columns = []
    for place, (label, value) in enumerate(values):
        height = room * max(0.0, value) / most
        x, width = _LEFT + each * (place + _GAP / 2), each * (1 - _GAP)
        y = HEIGHT - _BOTTOM - height
        sizes = round(x, 1), round(y, 1), round(width, 1), round(height, 1)
        columns.append(Column(*sizes, label, value))
    return Plot(tuple(columns), tuple(_lines(most, room)), max(1, len(values) // 6))


def _lines(most: float, room: float) -> Iterator[Line]:
    for place in range(_LINES + 1):
        yield Line(
            round(HEIGHT - _BOTTOM - room * place / _LINES, 1), round(most * place / _LINES, 6)
        )


def top(most: float) -> float:
    """A round number that is not below: 1, 2 or 5 with zeros."""
    size = 0.01
    while True:
        for step in _STEPS:
            if step * size >= most:
                return round(step * size, 2)
        size *= 10
