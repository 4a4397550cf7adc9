"""The name, settings and notes of a tune: "name:d=4,o=5,b=125:notes".

The settings are what looks like settings, wherever it is: a name may be missing, may have colons of
its own, or no colon behind it, and "b:140" is "b=140".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from converters.errors import SourceError
from converters.tunes.rtttl.irregular import rewritten
from converters.tunes.rtttl.notes import LONGEST_CACHED, plain, short

SEPARATOR = re.compile(r"[,;\r\n]")
#: Settings that RTTTL or RTX has, with or without "=", and others for a tempo.
_KNOWN = re.compile(
    r"(?:[dobl]=?\d{1,4}(?:\.\d)?){1,5}|[dobsl]=[^=]*|(?:b|bpm|tempo)?=?\d{2,3}bpm|(?:bpm|tempo)=\d+",
    re.ASCII,
)
#: "b:140"; the number ends the token, or it would be a note.
_COLON = re.compile(
    r"(?<![^\s:,;])([dobl]) ?:(?= ?\d{1,4} ?(?:[:,;\r\n]|$))", re.IGNORECASE | re.ASCII
)
#: A setting that no colon separates from what is around it.
_LOOSE = re.compile(r"(?<![^\s,;])[dobsl]=[0-9a-z]+", re.IGNORECASE | re.ASCII)
_GAP = re.compile(r"[\s,;]*")


class Section(NamedTuple):
    """A part of a tune, and its offset there."""

    text: str
    start: int


class Reading(NamedTuple):
    """Something that is not as RTTTL has it, where it is, and what it is read as."""

    offset: int
    found: str
    read: str


class Sections(NamedTuple):
    """What a tune consists of."""

    name: str
    settings: Section
    notes: Section
    readings: tuple[Reading, ...] = ()


def split(text: str) -> Sections:
    """The sections of a tune; raises SourceError where there is no colon and no setting."""
    return _regular(text) or _irregular(text)


def _regular(text: str) -> Sections | None:
    """The sections of a tune that has two colons around its settings, and no others."""
    parts = text.split(":", 3)
    if len(parts) != 3 or "=" in parts[0] or not _cached_is_settings(parts[1]):
        return None
    name, settings, notes = parts
    start = len(name) + 1
    return Sections(name, Section(settings, start), Section(notes, start + len(settings) + 1))


def _irregular(text: str) -> Sections:
    colon = _COLON.search(text)
    readings: tuple[Reading, ...] = ()
    if colon:
        text = _COLON.sub(lambda match: match[0].replace(":", "="), text)
        readings = (Reading(colon.start(), colon[0], f"{colon[1]}="),)
    parts = _parts(text)
    found = _between_colons(text, parts) or _at_the_end(parts) or _loose(text, parts)
    if not found:
        if len(parts) == 1:
            raise SourceError(
                f"expected name:settings:notes, found {short(text.strip())}", offset=0
            )
        found = _without_settings(text, parts)
    notes, colons = _with_commas(found.notes)
    return found._replace(notes=notes, readings=(*readings, *found.readings, *colons))


def _parts(text: str) -> list[Section]:
    parts, start = [], 0
    for part in text.split(":"):
        parts.append(Section(part, start))
        start += len(part) + 1
    return parts


def tokens(section: str) -> list[str]:
    """What is between the separators of a section, without spaces and empty ones."""
    return [token for token in map(plain, SEPARATOR.split(section)) if token]


def is_settings(section: str) -> bool:
    """Whether a section has settings that RTX knows, and nothing else."""
    found = tokens(section)
    return bool(found) and all(map(_KNOWN.fullmatch, found))


_cached = lru_cache(1024)(is_settings)


def _cached_is_settings(section: str) -> bool:
    return (_cached if len(section) <= LONGEST_CACHED else is_settings)(section)


def _is_clear(section: str) -> bool:
    """Whether settings in front are no name, such as "D4"."""
    return "=" in section or len(tokens(section)) > 1


def _has_settings(section: str) -> bool:
    return any("=" in token or _KNOWN.fullmatch(token) for token in tokens(section))


def _is_notes(section: str) -> bool:
    """Whether a section is several notes, and not a name that is spelled like one."""
    found = tokens(section[:200])
    return len(found) > 1 and 2 * sum(bool(rewritten(token)) for token in found) > len(found)


def _between_colons(text: str, parts: Sequence[Section]) -> Sections | None:
    """The sections of a tune that has settings between colons, or before the first."""
    found = _run_of_settings(parts)
    if not found:
        return None
    first, last = found
    start = parts[first].start
    settings, colons = _with_commas(Section(text[start : parts[last].start - 1], start))
    name = text[: max(0, start - 1)]
    if not first and last < len(parts) - 1 and not _is_notes(parts[last].text):
        name = parts[last].text
        colons = (*colons, Reading(parts[last].start, name, "the name"))
        last += 1
    notes = Section(text[parts[last].start :], parts[last].start)
    return Sections(name, settings, notes, colons)


def _run_of_settings(parts: Sequence[Section]) -> tuple[int, int] | None:
    """The first of the sections that are settings, and the first behind them.

    Settings that RTX does not know are some only where no others are.
    """
    before = list(enumerate(parts[:-1]))
    known = {index for index, part in before if is_settings(part.text)}
    if not _is_clear(parts[0].text):
        known.discard(0)
    other = {index for index, part in before[1:] if _has_settings(part.text)}
    first = min(known or other, default=None)
    if first is None:
        return None
    last = first + 1
    while last in known:
        last += 1
    return first, last


def _at_the_end(parts: Sequence[Section]) -> Sections | None:
    """The sections of a tune whose settings come after its notes."""
    if len(parts) < 3 or not is_settings(parts[-1].text) or not _is_notes(parts[-2].text):
        return None
    name = ":".join(part.text for part in parts[:-2])
    reading = Reading(parts[-1].start, parts[-1].text.strip(), "the settings of all notes")
    return Sections(name, parts[-1], parts[-2], (reading,))


def _loose(text: str, parts: Sequence[Section]) -> Sections | None:
    """The sections of a tune with settings that no colon separates from its name or notes."""
    searched = parts[0].text
    found = list(_LOOSE.finditer(searched))
    if not found or (len(parts) == 1 and len(found) < 2):
        return None
    first, last = found[0].start(), found[0].end()
    for match in found[1:]:
        if match.start() == _after_gap(searched, last):
            last = match.end()
    after = _after_gap(searched, last)
    if len(parts) > 1 and after < len(searched):
        return None
    start = parts[1].start if len(parts) > 1 else after
    reading = Reading(first, searched[first:last], "the settings")
    return Sections(
        searched[:first].strip(" ,;"),
        Section(searched[first:last], first),
        Section(text[start:], start),
        (reading,),
    )


def _after_gap(text: str, at: int) -> int:
    """Where what follows an offset starts, behind separators and spaces."""
    gap = _GAP.match(text, at)
    return gap.end() if gap else at


def _without_settings(text: str, parts: Sequence[Section]) -> Sections:
    """The sections of a tune without settings: its name is what comes before its notes."""
    count = next(
        (index for index, part in enumerate(parts) if index and _is_notes(part.text)),
        len(parts) - 1,
    )
    start = parts[count].start
    name = text[: start - 1].removesuffix(":")
    return Sections(name, Section("", start - 1), Section(text[start:], start))


def _with_commas(section: Section) -> tuple[Section, tuple[Reading, ...]]:
    """A section with commas for its colons; what ends it may be one."""
    at = section.text.rstrip().rstrip(":").find(":")
    text = section.text.replace(":", ",")
    readings = (Reading(section.start + at, ":", "a comma"),) if at >= 0 else ()
    return Section(text, section.start), readings
