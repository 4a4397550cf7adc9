"""Files of RTTTL, which have one tune on each line, or over several lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from converters.tunes.losses import decoded
from converters.tunes.rtttl.sections import is_settings, tokens

#: What the settings between colons look like in the first line of a file.
_SETTING = re.compile(r"[a-z]+=.*")


class Source(NamedTuple):
    """One tune of a file: its text, the line that it starts on (from 1), and the offset of that."""

    text: str
    line: int
    offset: int


def sniff(start: bytes) -> bool:
    """Whether the first line has a name, then settings, and nothing else, between its colons.

    There may be no name, or one with colons, before at least two settings that RTX knows.
    """
    sections = decoded(start).lstrip().partition("\n")[0].split(":")
    if len(sections) > 2 and _are_settings(sections[1]):
        return True
    return any("=" in one and len(tokens(one)) > 1 and is_settings(one) for one in sections[:-1])


def _are_settings(section: str) -> bool:
    found = tokens(section)
    return bool(found) and all(map(_SETTING.fullmatch, found))


def sources(data: bytes) -> Iterator[Source]:
    """The tunes of a file; a line without a colon continues the tune above it."""
    lines: list[str] = []
    first = start = offset = 0
    for number, line in enumerate(decoded(data).splitlines(keepends=True), start=1):
        if lines and ":" in line and not (len(lines) == 1 and _continues(lines[0], line)):
            yield Source("".join(lines), first, start)
            lines = []
        if lines or line.strip():
            first, start = (first, start) if lines else (number, offset)
            lines.append(line)
        offset += len(line)
    if lines:
        yield Source("".join(lines), first, start)


def _continues(above: str, line: str) -> bool:
    """Whether a line with a colon has the settings or notes of a tune that starts above it."""
    before = above.rstrip().split(":")
    if len(before) != 2:
        return False
    after = line.lstrip().split(":")
    named = not before[1] and is_settings(after[0])
    return named or (not after[0] and is_settings(before[1]))
