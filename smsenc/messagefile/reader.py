"""Reads message files; the inverse of ``writer``."""

from __future__ import annotations

from typing import Any, NamedTuple

from smsenc.errors import MessageFileError, NumberError
from smsenc.messagefile import numbers, rows
from smsenc.messagefile.model import CREDENTIAL_CODES, Credentials, Message
from smsenc.messagefile.pairs import pairs
from smsenc.messagefile.parameters import (
    BLANKS,
    BY_KEY,
    CREDENTIALS,
    DESTINATION,
    INVALID_PARAMETERS,
    MOST_LINES,
    MOST_OCTETS,
    REPEATED,
    UNICODE_DATA,
    canonical,
    fail,
    octets,
)
from smsenc.messagefile.profile import CLICKATELL, Profile


def loads(octets: bytes, profile: Profile = CLICKATELL) -> Message:
    """The message in a file; ``warnings`` names odd spellings and unknown keys.

    Line ends are CR LF, CR or LF; keys may be in any case. Only charset and longest line of the
    profile matter. Raises MessageFileError with line and key; its text never has a value of the
    log-in lines.
    """
    draft = Draft()
    recipients: dict[str, list[tuple[int, str]]] = {key: [] for key in OF_RECIPIENTS}
    chunks = (octets[start : start + _CHUNK] for start in range(0, len(octets), _CHUNK))
    for pair in pairs(chunks, profile):
        if isinstance(pair, MessageFileError):
            raise pair
        if key := draft.add(*pair):
            recipients[key].append((pair[0], pair[2]))
    return draft.message(recipients["to"], recipients["csv"])


OF_RECIPIENTS = ("to", "csv")
_CHUNK = 1 << 16  # octets


class OddKey(NamedTuple):
    """A key that is not spelled as it is written; ``known`` is what it is read as, if anything."""

    line: int
    key: str
    known: str | None

    def __str__(self) -> str:
        meant = f"read as {self.known}" if self.known else "unknown key, kept"
        return f"line {self.line}: {self.key}: {meant}"


class Draft:
    """The lines of a file beside those of recipients, as they are read."""

    def __init__(self) -> None:
        self.odd_keys: list[OddKey] = []
        self._fields: dict[str, list[tuple[int, str]]] = {}
        self._extra: list[tuple[str, str]] = []
        self._first: dict[str, int] = {}  # the first lines of recipients
        self._others = self._octets = 0

    def add(self, line: int, key: str, value: str) -> str | None:
        """Take a line; the key of one of recipients, to or csv, whose value is not kept.

        Raises MessageFileError for more than MOST_LINES others, or MOST_OCTETS in them.
        """
        known = key if key in OF_RECIPIENTS else canonical(key)
        if known in OF_RECIPIENTS:
            if key != known:
                self.odd_keys.append(OddKey(line, key, known))
            self._first.setdefault(known, line)
            return known
        self._others += 1
        self._octets += len(key) + len(value)
        for found, most, unit in (
            (self._others, MOST_LINES, "lines"),
            (self._octets, MOST_OCTETS, "octets"),
        ):
            if found > most:
                expected = f"at most {most} {unit} beside to and csv"
                raise MessageFileError(f"expected {expected}, found more", line=line)
        if key != known:
            self.odd_keys.append(OddKey(line, key, known))
        if known is None:
            self._extra.append((key, value.strip(BLANKS)))
            return None
        self._fields.setdefault(known, []).append((line, value))
        return None

    def has(self, key: str) -> bool:
        """Whether there is a line of that key, in its own spelling."""
        return key in self._fields or key in self._first

    def value(self, key: str) -> str:
        """The value of the only line of that key; empty without one, or with several."""
        found = self._fields.get(key, ())
        return found[0][1].strip(BLANKS) if len(found) == 1 else ""

    def message(self, to: list[tuple[int, str]], csv: list[tuple[int, str]]) -> Message:
        """The message for these lines of recipients; raises MessageFileError."""
        warnings = [str(one) for one in self.odd_keys]
        try:
            values = _values(self._fields)
            values["to"] = tuple(_recipient(line, value, warnings) for line, value in to)
            values["rows"] = _rows(csv, values["delimiter"], warnings)
            return Message(**values, extra=tuple(self._extra), warnings=tuple(warnings))
        except MessageFileError as error:
            raise error.at(line=self.line(error.name or "")) from None

    def line(self, key: str) -> int | None:
        """The first line of that key, in its own spelling; None without one."""
        found = self._fields.get(key)
        return found[0][0] if found else self._first.get(key)


_Fields = dict[str, Any]  # keywords of Message, which checks their values


def _values(fields: dict[str, list[tuple[int, str]]]) -> _Fields:
    single = {k: _single(k, v) for k, v in fields.items() if k not in REPEATED}
    values: _Fields = {"credentials": _credentials(single)}
    for key, text in single.items():
        if row := BY_KEY.get(key):
            values[row.field] = row.value(text)
    if "text" in fields:
        lines = [value for _, value in fields["text"]]
        values["text"] = _utf16(lines) if values.get("unicode") else "\n".join(lines)
    if "data" in fields:
        values["data"] = _octets("data", [value for _, value in fields["data"]])
    values["delimiter"] = single.get("delimiter", ",")
    return values


def _single(key: str, found: list[tuple[int, str]]) -> str:
    if len(found) > 1:
        raise MessageFileError(
            "expected the key once, found it again",
            code=INVALID_PARAMETERS,
            line=found[1][0],
            name=key,
        )
    return found[0][1].strip(BLANKS)


def _credentials(single: dict[str, str]) -> Credentials:
    for key in CREDENTIALS:
        if key not in single:
            raise fail(
                key, f"expected a line that begins with {key}:, found none", CREDENTIAL_CODES[key]
            )
    return Credentials(**{key: single[key] for key in CREDENTIALS})


def _octets(key: str, lines: list[str], code: int = INVALID_PARAMETERS) -> bytes:
    digits = "".join(line.strip(BLANKS) for line in lines)
    try:
        return octets(digits)
    except ValueError as error:
        shown = repr(digits) if len(digits) <= _MOST_SHOWN else f"{len(digits)} characters"
        raise fail(key, f"{error}, found {shown}", code) from None


_MOST_SHOWN = 60


def _utf16(lines: list[str]) -> str:
    found = _octets("text", lines, UNICODE_DATA)
    if len(found) % 2:
        raise fail(
            "text",
            f"expected groups of four hex digits, found {len(found) * 2} digits",
            UNICODE_DATA,
        )
    return found.decode("utf-16-be", "surrogatepass")


def _recipient(line: int, value: str, warnings: list[str], key: str = "to") -> str:
    text = value.strip(BLANKS)
    try:
        digits = numbers.normalise(text)
    except NumberError as error:
        raise MessageFileError(error.message, code=DESTINATION, line=line, name=key) from None
    if digits != text:
        warnings.append(f"line {line}: {key}: {text!r} read as {digits}")
    return digits


def _rows(
    lines: list[tuple[int, str]], delimiter: str, warnings: list[str]
) -> tuple[tuple[str, ...], ...]:
    if not lines:
        return ()
    rows.check_delimiter(delimiter)
    found = [tuple(value.strip(BLANKS).split(delimiter)) for _, value in lines]
    if rows.first_fault(found, delimiter):
        found = [
            (_recipient(line, cells[0], warnings, "csv"), *cells[1:])
            for (line, _), cells in zip(lines, found, strict=True)
        ]
    if fault := rows.first_fault(found, delimiter):
        raise fault[1].at(line=lines[fault[0]][0])
    return tuple(found)
