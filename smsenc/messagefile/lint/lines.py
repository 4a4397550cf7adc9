"""Checks of a file's lines and keys."""

from __future__ import annotations

from collections.abc import Iterator

from smsenc.errors import MessageFileError
from smsenc.messagefile.lint.scan import Place, Scan, at, shown
from smsenc.messagefile.model import CREDENTIAL_CODES, PLACEHOLDER
from smsenc.messagefile.parameters import (
    BY_KEY,
    CONTROL,
    CREDENTIALS,
    MOST_LINES,
    REPEATED,
    UTF8_MARK,
)

_MOST_SHOWN = 120


def no_colon(scanned: Scan) -> Iterator[Place]:
    """F001: line without a colon."""
    # The line is not shown: it may be a log-in line without its colon.
    return (Place(one.number, 1, "a line without a colon") for one in scanned.lines if not one.name)


def undecodable(scanned: Scan) -> Iterator[Place]:
    """F002: octets outside the charset."""
    if scanned.broken_at is not None:
        yield Place(scanned.broken_at, 0, f"octets that are not {scanned.profile.charset}")


def byte_order_mark(scanned: Scan) -> Iterator[Place]:
    """F006: byte order mark."""
    if scanned.octets.startswith(UTF8_MARK):
        yield Place(1, 1, "the byte order mark EF BB BF")


def line_ends(scanned: Scan) -> Iterator[Place]:
    """F007: mixed line ends."""
    octets = scanned.octets
    both = octets.count(b"\r\n")
    counts = {"\n": octets.count(b"\n") - both, "\r": octets.count(b"\r") - both, "\r\n": both}
    found = [end for end, count in counts.items() if count]
    if len(found) > 1:
        yield Place(0, 0, f"line ends {', '.join(map(repr, found))}")


def too_many_lines(scanned: Scan) -> Iterator[Place]:
    """F008: more lines than a message can have; the reader refuses as many."""
    if scanned.others > MOST_LINES:
        what = f"{scanned.others} lines beside to and csv in a file of at most {MOST_LINES}"
        yield Place(0, 0, f"{what}{scanned.unchecked}")


def too_long(scanned: Scan, *, data: bool) -> Iterator[Place]:
    """F004: data line that is too long."""
    longest = scanned.profile.longest_line
    for line in scanned.lines:
        text = line.text
        size = len(text) if text.isascii() else len(text.encode(scanned.profile.charset, "replace"))
        if size > longest and (line.key == "data") == data:
            yield Place(line.number, longest + 1, f"{size} octets in a line of at most {longest}")


def control_character(scanned: Scan) -> Iterator[Place]:
    """F005: control character."""
    for line in () if scanned.utf8_at else scanned.lines:
        found = CONTROL.search(line.value if line.key == "text" else line.trimmed)
        if line.name and found:
            yield at(line, f"U+{ord(found[0]):04X} in {shown(line.name)}", found.start())


def utf8(scanned: Scan) -> Iterator[Place]:
    """F009: file in UTF-8."""
    if scanned.utf8_at is not None:
        charset = scanned.profile.charset
        yield Place(scanned.utf8_at, 0, f"the file is UTF-8, but is read as {charset}")


def unknown_key(scanned: Scan) -> Iterator[Place]:
    """K101: unknown key."""
    for line in scanned.lines:
        if line.name and line.key is None:
            yield Place(line.number, 1, shown(line.name))


def unsupported_key(scanned: Scan) -> Iterator[Place]:
    """K104: key that the gateway does not know."""
    for line in scanned.lines:
        if line.key and line.key not in scanned.profile.keys:
            yield Place(line.number, 1, f"{line.key}, which {scanned.profile.name} does not know")


def spelling(scanned: Scan) -> Iterator[Place]:
    """K102: spelling of a key."""
    for line in scanned.lines:
        if line.key and line.name != line.key:
            yield Place(line.number, 1, f"{shown(line.name)} instead of {line.key!r}")


def repeated_key(scanned: Scan) -> Iterator[Place]:
    """K103: repeated key."""
    seen: dict[str, str] = {}
    for line in scanned.lines:
        if line.key and line.key not in REPEATED:
            value = line.trimmed
            if line.key in seen:
                same = "with the same value" if seen[line.key] == value else "with another value"
                yield Place(line.number, 1, f"{line.key} again, {same}")
            seen.setdefault(line.key, value)


def missing_login(scanned: Scan) -> Iterator[Place]:
    """K105: missing log-in line."""
    present = {line.key for line in scanned.lines}
    for key in CREDENTIALS:
        if key not in present:
            yield Place(0, 0, f"no {key}", CREDENTIAL_CODES[key])
        elif not scanned.value(key):
            line = scanned.named(key)[0].number
            yield Place(line, 0, f"an empty {key}", CREDENTIAL_CODES[key])


def placeholder(scanned: Scan) -> Iterator[Place]:
    """K106: placeholder log-in."""
    for key in CREDENTIALS:
        for line in scanned.named(key)[:1]:
            if line.trimmed == getattr(PLACEHOLDER, key):
                yield at(line, f"{key} is a placeholder")


def bad_value(scanned: Scan) -> Iterator[Place]:
    """K107: value out of range."""
    for line in scanned.lines:
        row = BY_KEY.get(line.key or "")
        if row is None:
            continue
        try:
            row.value(line.trimmed)
        except MessageFileError as error:
            yield at(line, f"{row.key}: {_cut(error.message)}", error=error.code)


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"
