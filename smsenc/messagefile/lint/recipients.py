"""Checks of recipients and of a template's rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smsenc.errors import MessageFileError, NumberError
from smsenc.messagefile import numbers, rows
from smsenc.messagefile.lint.scan import Line, Place, Scan, at, shown
from smsenc.messagefile.parameters import BLANKS, NO_ROWS

_FIELD = re.compile("#field([0-9]+)#")
_MOST_DIGITS = 6


def recipient_kinds(scanned: Scan) -> Iterator[Place]:
    """R204: to and csv, or neither."""
    to, csv = scanned.named("to"), scanned.named("csv")
    if to and csv:
        yield Place(max(to[0].number, csv[0].number), 1, "both to and csv")
    elif not to and not csv:
        yield Place(0, 0, "neither to nor csv")


def too_many(scanned: Scan) -> Iterator[Place]:
    """R205: too many messages."""
    count, most = scanned.recipients, scanned.profile.most_messages
    if count > most:
        yield Place(0, 0, f"{count} messages in a file of at most {most}{scanned.unchecked}")


def delimiter_of(scanned: Scan) -> str:
    """The character between cells, as far as it is known."""
    return scanned.value("delimiter")[:1] or ","


def _numbers(scanned: Scan) -> Iterator[tuple[Line, str]]:
    delimiter = delimiter_of(scanned)
    for line in scanned.lines:
        if line.key == "to":
            yield line, line.trimmed
        elif line.key == "csv":
            yield line, line.trimmed.partition(delimiter)[0].strip(BLANKS)


def bad_number(scanned: Scan) -> Iterator[Place]:
    """R201: not a recipient's number."""
    for line, text in _numbers(scanned):
        try:
            numbers.normalise(text)
        except NumberError as error:
            yield at(line, error.message)


def decorated(scanned: Scan) -> Iterator[Place]:
    """R202: number with +, 00, spaces or punctuation."""
    for line, text in _numbers(scanned):
        digits = digits_of(text)
        if digits and digits != text:
            yield at(line, f"{shown(text)} instead of {digits}")


def digits_of(text: str) -> str | None:
    """The number in ``text``; None if it is not a number."""
    try:
        return numbers.normalise(text)
    except NumberError:
        return None


def repeated_recipient(scanned: Scan) -> Iterator[Place]:
    """R203: repeated recipient."""
    seen: dict[str, int] = {}
    for line, text in _numbers(scanned):
        if line.key == "to" and (digits := digits_of(text)):
            if digits in seen:
                yield at(line, f"{digits} again, after line {seen[digits]}")
            seen.setdefault(digits, line.number)


def bad_delimiter(scanned: Scan) -> Iterator[Place]:
    """T304: unusable delimiter."""
    for line in scanned.named("delimiter")[:1]:
        try:
            rows.check_delimiter(line.trimmed)
        except MessageFileError as error:
            yield at(line, error.message)


def unfilled_field(scanned: Scan) -> Iterator[Place]:
    """T301: field that no row fills."""
    delimiter = delimiter_of(scanned)
    csv = scanned.named("csv")
    cells = min((one.value.count(delimiter) for one in csv), default=0)
    for line in scanned.named("text"):
        for field in _FIELD.finditer(line.value):
            if len(field[1]) > _MOST_DIGITS or not 1 <= int(field[1]) <= cells:
                why = "a row does not fill" if csv else "no row fills"
                error = None if csv else NO_ROWS
                yield at(line, f"{field[0]}, which {why}", field.start(), error)


def unused_cells(scanned: Scan) -> Iterator[Place]:
    """T302: more cells than fields."""
    delimiter = delimiter_of(scanned)
    places = _FIELD.findall(" ".join(line.value for line in scanned.named("text")))
    most = max((int(place) for place in places if len(place) <= _MOST_DIGITS), default=0)
    for line in scanned.named("csv"):
        cells = line.value.count(delimiter)
        if cells > most:
            yield at(line, f"{cells} cells for {most} fields")


def cell_field(scanned: Scan) -> Iterator[Place]:
    """T303: #field# in a cell."""
    for line in scanned.named("csv"):
        if field := _FIELD.search(line.value):
            yield at(line, f"{field[0]} in a cell", field.start())
