"""Reads a message file of any size in bounded memory: first what it says, then its recipients.

    head = read_head(chunks())
    message = head.message()              # to nobody; raises what ``loads`` raises
    for recipient in recipients(chunks(), head): ...

``chunks()`` gives the file's octets from the start, in pieces of any size. ``loads`` finds the same
message, and refuses a file exactly if ``message`` raises or a recipient has an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from smsenc.errors import MessageFileError, NumberError
from smsenc.messagefile import numbers, rows
from smsenc.messagefile.model import Message
from smsenc.messagefile.pairs import Pair, pairs
from smsenc.messagefile.parameters import BLANKS, DESTINATION, canonical
from smsenc.messagefile.profile import CLICKATELL, Profile
from smsenc.messagefile.reader import OF_RECIPIENTS, Draft, OddKey

#: The recipient of ``Head.message``: nobody's number.
NOBODY = "10000000"
_LOT = 256  # lines that are checked together


class Recipient(NamedTuple):
    """One ``to:`` or ``csv:`` line.

    ``number`` is in digits; with an ``error`` (105, or 101 for a cell) it is what the line has.
    ``cells`` are those after the number.
    """

    line: int
    number: str
    cells: tuple[str, ...] = ()
    error: MessageFileError | None = None


class Head:
    """All lines but those of recipients, which are only counted; ``fault`` is the first bad one."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(OF_RECIPIENTS, 0)
        self.fault: MessageFileError | None = None
        self._draft = Draft()

    @property
    def recipients(self) -> int:
        """How many lines of recipients there are."""
        return sum(self.counts.values())

    def has(self, key: str) -> bool:
        """Whether there is a line of that key, in its own spelling."""
        return self._draft.has(key)

    def value(self, key: str) -> str:
        """The value of the only line of that key; empty without one, or with several."""
        return self._draft.value(key)

    def line(self, key: str) -> int | None:
        """The first line of that key, in its own spelling; None without one."""
        return self._draft.line(key)

    @property
    def odd_keys(self) -> tuple[OddKey, ...]:
        """Unknown keys and odd spellings, up to ``fault``; of recipients only the first."""
        return tuple(self._draft.odd_keys)

    def add(self, found: Pair | MessageFileError) -> None:
        """Take the next line."""
        if isinstance(found, MessageFileError):
            self.fault = self.fault or found
            return
        line, key, value = found
        known = key if key in self.counts else canonical(key)
        if known in self.counts:
            if not self.counts[known]:
                self._draft.add(line, key, "")
            self.counts[known] += 1
        elif not self.fault:
            try:
                self._draft.add(line, key, value)
            except MessageFileError as error:
                self.fault = error

    def message(self) -> Message:
        """The message, to NOBODY or with an empty row for it; raises MessageFileError."""
        if self.fault:
            raise self.fault
        kinds = (bool(self.counts[key]) * [(0, NOBODY)] for key in OF_RECIPIENTS)
        return self._draft.message(*kinds)


def read_head(chunks: Iterable[bytes], profile: Profile = CLICKATELL) -> Head:
    """What a file says beside its recipients."""
    head = Head()
    for found in pairs(chunks, profile):
        head.add(found)
    return head


def recipients(
    chunks: Iterable[bytes], head: Head, *, profile: Profile = CLICKATELL, prefix: str = ""
) -> Iterator[Recipient]:
    """The recipients of a file one by one; other lines are skipped, also damaged ones.

    ``prefix`` replaces the 0 of a number that begins with a single one.
    """
    delimiter = (head.value("delimiter") or ",")[:1]
    lines = _of_recipients(chunks, profile)
    while lot := list(islice(lines, _LOT)):
        yield from _checked(lot, delimiter, prefix)


def _of_recipients(chunks: Iterable[bytes], profile: Profile) -> Iterator[tuple[int, str, bool]]:
    """Line, value, and whether the line is a row."""
    for found in pairs(chunks, profile):
        if not isinstance(found, MessageFileError):
            line, key, value = found
            known = key if key in OF_RECIPIENTS else canonical(key)
            if known in OF_RECIPIENTS:
                yield line, value.strip(BLANKS), known == "csv"


def _checked(lot: list[tuple[int, str, bool]], delimiter: str, prefix: str) -> Iterator[Recipient]:
    found = [(line, value.split(delimiter) if row else [value], row) for line, value, row in lot]
    if rows.are_sound([cells for _, cells, _ in found], delimiter):
        for line, (number, *cells), _ in found:
            yield Recipient(line, number, tuple(cells))
    else:
        for line, cells, row in found:
            yield _recipient(line, cells, delimiter if row else None, prefix)


def _recipient(line: int, cells: list[str], delimiter: str | None, prefix: str) -> Recipient:
    """A recipient whose line is not known to be in order; ``delimiter`` is that of a row."""
    key, (text, *fields) = "to" if delimiter is None else "csv", cells
    try:
        number = numbers.normalise(_with_prefix(text, prefix))
        if delimiter is not None:
            rows.check_row((number, *fields), delimiter)
    except NumberError as error:
        fault = MessageFileError(error.message, code=DESTINATION, line=line, name=key)
        return Recipient(line, text, (), fault)
    except MessageFileError as error:
        return Recipient(line, number, (), error.at(line=line))
    return Recipient(line, number, tuple(fields))


def _with_prefix(text: str, prefix: str) -> str:
    national = prefix and text.startswith("0") and not text.startswith("00")
    return prefix + text[1:] if national else text
