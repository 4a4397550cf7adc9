"""The files of messages in several parts: whether a set is complete and named correctly."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from smsenc import udh
from smsenc.errors import SmsencError
from smsenc.messagefile import names
from smsenc.messagefile.lint.scan import Place
from smsenc.messagefile.reader import loads


class PartOf(NamedTuple):
    """One file of a set.

    ``set`` is the part of the name before ``.pI-N``, or the recipients, reference and ports of the
    header. ``name`` has sequence number and total from the file's name, ``header`` those from its
    header.
    """

    file: str
    set: object
    name: tuple[int, int] | None
    header: tuple[int, int] | None


def part_of(file: str, octets: bytes) -> PartOf | None:
    """The part that a file is; None for a complete message."""
    found = names.of_a_set(file)
    named = found[1:] if found else None
    mark, key = _header(octets)
    if named is None and mark is None:
        return None
    return PartOf(file, found[0] if found else key, named, mark)


def _header(octets: bytes) -> tuple[tuple[int, int] | None, object]:
    try:
        message = loads(octets)
        elements = udh.decode(message.udh or b"")
    except SmsencError:
        return None, None
    mark = udh.find_concatenation(elements)
    if mark is None:
        return None, None
    others = tuple(element for element in elements if not udh.is_concatenation(element))
    return (mark.sequence, mark.total), (message.to, mark.reference, mark.total, others)


def incomplete(parts: Iterable[PartOf]) -> tuple[tuple[str, str, Place], ...]:
    """File, code and place of each fault: D602 in a file, D601 at the first file of a set."""
    found: list[tuple[str, str, Place]] = []
    sets: dict[object, list[PartOf]] = {}
    for part in parts:
        sets.setdefault(part.set, []).append(part)
        if part.name and part.header and part.name != part.header:
            text = f"{_counted(part.header)} in the header, {_counted(part.name)} in the name"
            found.append((part.file, "D602", Place(0, 0, text)))
    for members in sets.values():
        if missing := _missing(members):
            named = ", ".join(map(str, missing))
            text = f"part {named} of {_total(members)} is missing"
            found.append((members[0].file, "D601", Place(0, 0, text)))
    return tuple(found)


def _counted(mark: tuple[int, int]) -> str:
    return f"{mark[0]} of {mark[1]}"


def _missing(members: list[PartOf]) -> list[int]:
    there = {(part.name or part.header or (0, 0))[0] for part in members}
    return [n for n in range(1, _total(members) + 1) if n not in there]


def _total(members: list[PartOf]) -> int:
    return max((part.name or part.header or (0, 0))[1] for part in members)
