"""Components whose BEGIN or END is damaged or missing, and what can be made of them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from converters.api import Action
from converters.shared.contentlines.lines import Line
from converters.shared.words import counted, quoted


class Damaged(Protocol):
    """What is used of a ``tree.Component``."""

    name: str
    lines: list[Line]
    closed: bool

    def lose(self, what: str, action: Action, why: str, line: int) -> None:
        """List a loss."""


#: Nothing to report behind BEGIN and END: blanks, byte order marks, the end of a DOS file.
_NOTHING = re.compile(rb"(?:[\s\x00\x1a]|\xef\xbb\xbf|\xc2\xa0|\xe2\x80[\x8b-\x8f])*+")


def behind(component: Damaged, mark: str, octets: bytes, number: int) -> None:
    """Report what follows BEGIN or END on its line."""
    if octets and not _NOTHING.fullmatch(octets):
        found = quoted(octets.decode("utf-8", "replace").strip())
        component.lose(mark, Action.IGNORED, f"expected nothing after it, found {found}", number)


def alike(name: str, expected: str) -> bool:
    """Whether a name is that of the open component with letters missing, added or exchanged."""
    return (
        (len(name) > 1 and expected.startswith(name))
        or name.startswith(expected)
        or (name[:1] == expected[:1] and sorted(name) == sorted(expected))
    )


_LAST_END = re.compile(rb"END\s*:\s*(V[A-Z]{3,12})\W{0,20}\Z", re.IGNORECASE)
#: Octets at the end of a value that are searched for END.
_MOST_END = 60


def end_in_last_line(component: Damaged) -> None:
    """Close a component whose END stands behind its last value instead of on its own line."""
    last = component.lines[-1] if component.lines else None
    found = _LAST_END.search(last.raw, max(len(last.raw) - _MOST_END, 0)) if last else None
    if last is None or found is None or found[1].decode().upper() != component.name:
        return
    component.lines[-1] = replace(last, raw=last.raw[: found.start()])
    component.closed = True
    why = "expected a line of its own, found it after a value"
    component.lose(f"END:{component.name}", Action.GUESSED, why, last.number)


def lines_before(component: Damaged, lines: Sequence[Line]) -> None:
    """Report properties that stand before a component and belong to none."""
    first = lines[0]
    why = f"{counted(len(lines), 'line')} outside of BEGIN and END"
    component.lose(first.label, Action.LEFT_OUT, why, first.number)


#: What an event has and a calendar has not.
_OF_EVENTS = frozenset(
    {
        *("UID", "DTSTAMP", "DTSTART", "DTEND", "DUE", "SUMMARY", "DESCRIPTION", "LOCATION"),
        *("CATEGORIES", "RRULE", "CLASS", "CREATED", "DCREATED", "STATUS", "PRIORITY", "ATTENDEE"),
    }
)


def lines_of_event(lines: list[Line]) -> list[Line]:
    """Remove the lines of an event from those of the calendar, and give them."""
    start = next((at for at, line in enumerate(lines) if line.name in _OF_EVENTS), len(lines))
    taken = lines[start:]
    del lines[start:]
    return taken
