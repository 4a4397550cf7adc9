"""Logical lines to components: what is between BEGIN and END, and the components inside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from converters.errors import SourceError
from converters.shared.contentlines.lines import Line, parse_line
from converters.shared.contentlines.unfolding import logical_lines

#: Octets and lines of one outermost component; ten thousand events have about 150,000 lines.
MOST_COMPONENT_OCTETS = 32 << 20
MOST_LINES = 250_000
#: VCALENDAR, VEVENT, VALARM are three levels; cards nest through AGENT.
MOST_DEPTH = 8


@dataclass(slots=True)
class Component:
    """What is between BEGIN and END; ``number`` is the line of BEGIN.

    ``closed`` says whether END was found. ``error`` is set if a limit was passed or the source
    ended first; then the content is incomplete.
    """

    name: str
    number: int
    lines: list[Line] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)
    closed: bool = False
    error: SourceError | None = None

    def first(self, name: str) -> Line | None:
        """First property of that name."""
        return next((line for line in self.lines if line.name == name), None)


#: If one of these begins while another is open, an END is missing.
_SIBLINGS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"})
_MARK = re.compile(rb"(?:\xef\xbb\xbf)?\s*(BEGIN|END)\s*:\s*([\w-]+)\s*", re.IGNORECASE)
_MARK_STARTS = frozenset(b"BbEe \t\xef")


def components(octets: bytes) -> Iterator[Component]:
    """Outermost components, lazily. Lines outside of them belong to none and are skipped.

    Raises SourceError for damaged UTF-16, when reading reaches it.
    """
    stack: list[Component] = []  # the open components, outermost first
    size = number = 0
    for number, text in logical_lines(octets):
        mark = _MARK.fullmatch(text) if text[0] in _MARK_STARTS else None
        if mark:
            name, ends = mark[2].decode("latin-1").upper(), mark[1].upper() == b"END"
            yield from _close(stack, name) if ends else _begin(stack, name, number)
        elif stack and not stack[0].error:
            stack[-1].lines.append(parse_line(number, text))
        if stack:
            before = number - stack[0].number
            size = size + len(text) if before else len(text)
            if before > MOST_LINES:
                _refuse(stack[0], f"{MOST_LINES} lines")
            elif size > MOST_COMPONENT_OCTETS:
                _refuse(stack[0], f"{MOST_COMPONENT_OCTETS} octets")
    yield from _end_of_file(stack, number)


def _begin(stack: list[Component], name: str, number: int) -> Iterator[Component]:
    """Open a component; gives an outermost one whose END is missing before it."""
    yield from _close_rivals(stack, name)
    if not (stack and stack[0].error):
        _open(stack, Component(name, number))


def _refuse(component: Component, most: str) -> None:
    component.error = component.error or SourceError(
        f"expected at most {most} in a {component.name}, found more", line=component.number
    )


def _open(stack: list[Component], component: Component) -> None:
    if len(stack) == MOST_DEPTH:
        _refuse(stack[0], f"{MOST_DEPTH} components inside each other")
        return
    if stack:
        stack[-1].children.append(component)
    stack.append(component)


def _close_rivals(stack: list[Component], name: str) -> Iterator[Component]:
    """Close what cannot contain a component of that name: its END is missing."""
    if name == "VCARD" and stack and stack[-1].lines and stack[-1].lines[-1].name == "AGENT":
        return
    rivals = _SIBLINGS if name in _SIBLINGS else {name}
    while any(component.name in rivals for component in stack):
        component = stack.pop()
        if not stack:
            yield component


def _close(stack: list[Component], name: str) -> Iterator[Component]:
    if not any(component.name == name for component in stack):
        return
    while stack:
        component = stack.pop()
        component.closed = component.name == name
        if not stack:
            yield component
        if component.closed:
            return


def _end_of_file(stack: list[Component], number: int) -> Iterator[Component]:
    """The component that is still open. A calendar's complete events are good nevertheless.

    All others get an error: a file that was cut off may end within a number.
    """
    for component in stack:
        if component.name != "VCALENDAR" and not component.error:
            component.error = SourceError(
                f"expected END:{component.name}, found the end of the file", line=number
            )
    yield from stack[:1]
