"""The rows of a template: ``csv:`` lines, number first, cells without any quoting.

A cell that the format cannot hold is refused, not changed. A file may have a million rows, so
``join_rows`` checks all of them together, with ``str`` and ``re``; only if something is wrong does
it check them one by one, to find the row. A test holds both ways equal.

``messagefile.head(message, profile)`` followed by ``join_rows(rows, delimiter, profile)`` is the
file that ``dumps`` writes for a message with those rows. The rows may be joined in chunks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from smsenc.errors import MessageFileError, NumberError
from smsenc.messagefile import numbers
from smsenc.messagefile.parameters import BLANKS, DESTINATION, fail, one_line
from smsenc.messagefile.profile import CLICKATELL, LINE_ENDS, Profile

#: In order of preference; none of them occurs in a number.
DELIMITERS = (",", "|", ";", "~", "^", "!")

#: A field in a template, which the gateway fills from a row.
FIELD = re.compile("#field[0-9]+#")
_LINE = "csv:"
_NUMBER = re.compile("[1-9][0-9]{6,14}")  # the form of numbers.normalise
_CONTROL_BUT_LINE_FEED = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_WIDEST = 4  # octets of a character in UTF-8


def check_number(key: str, recipient: str) -> None:
    """Raise MessageFileError (105) for anything but a number in digits."""
    try:
        if _NUMBER.fullmatch(recipient):
            return
        digits = numbers.normalise(recipient)
    except NumberError as error:
        raise fail(key, error.message, DESTINATION) from None
    except TypeError:
        what = f"expected a number as str, found {type(recipient).__name__}"
        raise fail(key, what) from None
    raise fail(key, f"expected digits only ({digits}), found {recipient!r}", DESTINATION)


def check_delimiter(delimiter: str) -> None:
    """Raise MessageFileError for a delimiter that cannot separate cells."""
    one_line("delimiter", delimiter)
    if len(delimiter) != 1 or delimiter in BLANKS or delimiter.isdigit():
        raise fail("delimiter", f"expected one character, no digit, found {delimiter!r}")


def check_row(row: Sequence[str], delimiter: str) -> None:
    """Raise MessageFileError for a row that would not be read back with the same cells."""
    if not row:
        raise fail("csv", "expected a number, found an empty row")
    check_number("csv", row[0])
    for cell in row[1:]:
        one_line("csv", cell)
        if delimiter in cell or FIELD.search(cell):
            raise fail("csv", f"expected a cell without delimiter or #field#, found {cell!r}")
    if row[-1].endswith(" "):
        raise fail("csv", f"expected a row that does not end with a space, found {row[-1]!r}")


def first_fault(
    rows: Sequence[Sequence[str]], delimiter: str
) -> tuple[int, MessageFileError] | None:
    """Index and error of the first row that ``check_row`` refuses; None if there is none."""
    if are_sound(rows, delimiter):
        return None
    for index, row in enumerate(rows):
        try:
            check_row(row, delimiter)
        except MessageFileError as error:
            return index, error
    return None


def join_rows(
    rows: Sequence[Sequence[str]], delimiter: str = ",", profile: Profile = CLICKATELL
) -> bytes:
    """The ``csv:`` lines of ``rows`` as octets, each with its line end.

    ``delimiter`` is one that ``check_delimiter`` accepts. Raises MessageFileError whose ``line`` is
    the first bad row, from 1: one that ``check_row`` refuses, a character that the charset lacks,
    or a line that is too long.
    """
    if fault := first_fault(rows, delimiter):
        raise fault[1].at(line=fault[0] + 1)
    return written(rows, delimiter, profile)


def written(rows: Sequence[Sequence[str]], delimiter: str, profile: Profile) -> bytes:
    """As ``join_rows``, for rows that have been checked."""
    if not rows:
        return b""
    lines = [*map(delimiter.join, rows)]
    end = LINE_ENDS[profile.line_end]
    longest = profile.longest_line - len(_LINE)
    try:
        if max(map(len, lines)) * _WIDEST > longest:
            _check_lengths(lines, longest, profile)
        return f"{_LINE}{f'{end}{_LINE}'.join(lines)}{end}".encode(profile.charset)
    except UnicodeEncodeError:
        raise _unwritable(lines, profile) from None


def choose_delimiter(rows: Iterable[Sequence[str]]) -> str | None:
    """The first of ``DELIMITERS`` that is in no cell; None if each is in one."""
    found = set("".join(cell for row in rows for cell in row[1:]))
    return next((delimiter for delimiter in DELIMITERS if delimiter not in found), None)


def are_sound(rows: Sequence[Sequence[str]], delimiter: str) -> bool:
    """Whether ``check_row`` accepts every row, checked for all of them together."""
    if not (rows and all(rows)):
        return not rows
    text = "\n".join(map(delimiter.join, rows))
    recipients = "\n".join([row[0] for row in rows])
    return (
        text.count("\n") == recipients.count("\n") == len(rows) - 1
        and text.count(delimiter) == sum(map(len, rows)) - len(rows)
        and _NUMBERS.fullmatch(recipients) is not None
        and not _has_control(text)
        and not ("#field" in text and FIELD.search(text))
        and not (" \n" in text or text.endswith(" "))
    )


_NUMBERS = re.compile(f"{_NUMBER.pattern}(?:\n{_NUMBER.pattern})*")


def _has_control(text: str) -> bool:
    """Whether a text has control characters other than line feeds."""
    try:
        octets = text.encode("latin-1")
    except UnicodeEncodeError:
        return _CONTROL_BUT_LINE_FEED.search(text) is not None
    return len(octets.translate(None, _CONTROL_OCTETS)) != len(octets)


_CONTROL_OCTETS = bytes(n for n in range(256) if _CONTROL_BUT_LINE_FEED.match(chr(n)))


def _check_lengths(lines: list[str], longest: int, profile: Profile) -> None:
    for line, text in enumerate(lines, start=1):
        octets = len(text.encode(profile.charset))
        if octets > longest:
            raise fail(
                "csv",
                f"expected a line of at most {profile.longest_line} octets, "
                f"found {octets + len(_LINE)}",
            ).at(line=line)


def _unwritable(lines: list[str], profile: Profile) -> MessageFileError:
    line, character = next(
        (line, character)
        for line, text in enumerate(lines, start=1)
        for character in text
        if not profile.writable(character)
    )
    return unwritable("csv", character, profile).at(line=line)


def unwritable(key: str, character: str, profile: Profile) -> MessageFileError:
    """The error for a character that the charset lacks."""
    return fail(
        key, f"expected {profile.charset} characters, found {character!r} (U+{ord(character):04X})"
    )
