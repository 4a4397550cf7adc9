"""Reads message files; the inverse of ``writer``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from smsenc.errors import MessageFileError, NumberError
from smsenc.messagefile import numbers, rows
from smsenc.messagefile.model import CREDENTIAL_CODES, Credentials, Message
from smsenc.messagefile.parameters import (
    BLANKS,
    BY_KEY,
    CREDENTIALS,
    DESTINATION,
    INVALID_PARAMETERS,
    MOST_LINES,
    REPEATED,
    UNICODE_DATA,
    UTF8_MARK,
    canonical,
    fail,
    line_at,
    lines_of,
    octets,
)
from smsenc.messagefile.profile import CLICKATELL, Profile


def loads(octets: bytes, profile: Profile = CLICKATELL) -> Message:
    """The message in a file; ``warnings`` names odd spellings and unknown keys.

    Line ends are CR LF, CR or LF; keys may be in any case. Only charset and longest line of the
    profile matter. Raises MessageFileError with line and key; its text never has a value of the
    log-in lines.
    """
    warnings: list[str] = []
    fields: dict[str, list[tuple[int, str]]] = {}
    extra: list[tuple[str, str]] = []
    others = 0
    for line, key, value in _pairs(octets, profile):
        known = canonical(key)
        others += known not in _OF_RECIPIENTS
        if others > MOST_LINES:
            expected = f"at most {MOST_LINES} lines beside to and csv"
            raise MessageFileError(f"expected {expected}, found more", line=line)
        if known is None:
            warnings.append(f"line {line}: {key}: unknown key, kept")
            extra.append((key, value.strip(BLANKS)))
            continue
        if key != known:
            warnings.append(f"line {line}: {key}: read as {known}")
        fields.setdefault(known, []).append((line, value))
    try:
        return Message(**_values(fields, warnings), extra=tuple(extra), warnings=tuple(warnings))
    except MessageFileError as error:
        lines = fields.get(error.name or "")
        raise (error.at(line=lines[0][0]) if lines else error) from None


_OF_RECIPIENTS = ("to", "csv")


def _pairs(octets: bytes, profile: Profile) -> Iterator[tuple[int, str, str]]:
    for line, text in enumerate(lines_of(_decoded(octets, profile)), start=1):
        if not text.strip(BLANKS):
            continue
        size = len(text) if text.isascii() else len(text.encode(profile.charset))
        if size > profile.longest_line:
            raise MessageFileError(
                f"expected a line of at most {profile.longest_line} octets, found {size}",
                code=INVALID_PARAMETERS,
                line=line,
            )
        key, colon, value = text.partition(":")
        if not colon:
            # The line is not shown: it may be a log-in line without its colon.
            raise MessageFileError("expected key:value, found no colon", line=line)
        yield line, key.strip(BLANKS), value.removeprefix(" ")


def _decoded(octets: bytes, profile: Profile) -> str:
    try:
        return octets.removeprefix(UTF8_MARK).decode(profile.charset)
    except UnicodeDecodeError as error:
        raise MessageFileError(
            f"expected {profile.charset} characters, found octet {octets[error.start]:02X}",
            line=line_at(octets, error.start),
        ) from None


_Fields = dict[str, Any]  # keywords of Message, which checks their values


def _values(fields: dict[str, list[tuple[int, str]]], warnings: list[str]) -> _Fields:
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
    values["to"] = tuple(_recipient(line, v, warnings) for line, v in fields.get("to", ()))
    values["delimiter"] = single.get("delimiter", ",")
    values["rows"] = _rows(fields.get("csv", []), values["delimiter"], warnings)
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
