"""Records of CSV, in octets decoded as latin-1, and what is wrong with lines that are none.

Python's csv reader decides what a record is.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from smsgate.campaign.tables.model import LONGEST_ROW

#: Lines of one quoted cell; a longer one is taken for a quote that was never closed.
MOST_LINES = 100


def records(view: str, delimiter: str, newline: str) -> Iterator[tuple[list[str] | str, int]]:
    """Each record, or what is wrong with its line, and the offset of its end in ``view``.

    A quote that is not closed within MOST_LINES makes its own line unreadable, not those after it.
    """
    lines = [line + newline for line in view.split(newline)]
    lines[-1] = lines[-1][: -len(newline)]
    if not lines[-1]:
        lines.pop()
    first = end = 0
    while first < len(lines):
        for problem, taken, cells in _until_problem(lines, first, delimiter):
            end += sum(map(len, lines[first : first + taken])) if taken > 1 else len(lines[first])
            first += taken
            yield problem or _without_returns(cells, newline), end


def _without_returns(cells: list[str], newline: str) -> list[str] | str:
    """The cells, or what is wrong: a carriage return of its own, which ends no line of the file."""
    return _RETURN if newline == "\n" and any(map(_LONE_RETURN.search, cells)) else cells


def _until_problem(
    lines: list[str], first: int, delimiter: str
) -> Iterator[tuple[str, int, list[str]]]:
    """Records from line ``first`` up to one with a problem: the problem, lines taken, cells."""
    begin = fed = first

    def feed() -> Iterator[str]:
        nonlocal fed
        while fed < len(lines) and fed - begin <= MOST_LINES:
            fed += 1
            yield lines[fed - 1]

    reader = csv.reader(feed(), delimiter=delimiter)
    problem, cells = "", []
    while begin < len(lines) and not problem:
        try:
            cells = next(reader, [])
        except csv.Error:
            problem = _csv_problem(lines[begin])
        taken = fed - begin
        if not problem and (taken > 1 or fed == len(lines)):
            problem = _record_problem(lines[begin:fed], delimiter, at_end=fed == len(lines))
        elif len(lines[begin]) > LONGEST_ROW:
            problem = too_long(len(lines[begin]))
        taken = 1 if problem else taken
        begin += taken
        yield problem, taken, cells


def _csv_problem(line: str) -> str:
    if "\r" in line.rstrip("\r\n"):
        return _RETURN
    return _UNCLOSED if len(line) <= LONGEST_ROW else too_long(len(line))


def too_long(octets: int) -> str:
    """What is wrong with a row of so many octets."""
    return f"a row of {octets} octets, more than {LONGEST_ROW}"


def _record_problem(lines: list[str], delimiter: str, *, at_end: bool) -> str:
    """Why lines that the reader took for a record are not one; empty if they are.

    The reader returns a record whose quote is still open only at the end of the lines (``at_end``).
    """
    if len(lines) > MOST_LINES:
        return _csv_problem(lines[0])
    size = sum(map(len, lines))
    if size > LONGEST_ROW:
        return too_long(size)
    if not at_end:
        return ""
    more = csv.reader([*lines, "\n", "\n"], delimiter=delimiter)
    next(more)
    return _csv_problem(lines[0]) if more.line_num > len(lines) else ""


_UNCLOSED = "a quote that is not closed"
_RETURN = "a carriage return inside a row"
_LONE_RETURN = re.compile("\r(?!\n)")
