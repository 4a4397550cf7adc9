"""Logical lines to components: what is between BEGIN and END, and the components inside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from converters.api import Action, Loss
from converters.errors import SourceError
from converters.shared.contentlines import damage
from converters.shared.contentlines.continuation import STRAY, Folding, begins_property
from converters.shared.contentlines.lines import Line, parse_line
from converters.shared.contentlines.unfolding import logical_lines

#: Octets and lines of one outermost component; ten thousand events have about 150,000 lines.
MOST_COMPONENT_OCTETS = 32 << 20
MOST_LINES = 250_000
#: VCALENDAR, VEVENT, VALARM are three levels; cards nest through AGENT.
MOST_DEPTH = 8
#: Lines outside of components that are kept until an END shows what they are.
_MOST_LOOSE = 1000


@dataclass(slots=True)
class Component:
    """What is between BEGIN and END; ``number`` is the line of BEGIN.

    ``closed`` says whether END was found. ``error`` is set if a limit was passed or the source
    ended first; then the content is incomplete. ``losses`` are what its lines themselves had.
    """

    name: str
    number: int
    lines: list[Line] = field(default_factory=list)
    children: list[Component] = field(default_factory=list)
    closed: bool = False
    error: SourceError | None = None
    losses: list[Loss] = field(default_factory=list)
    indented: bool = False

    def first(self, name: str) -> Line | None:
        """First property of that name."""
        return next((line for line in self.lines if line.name == name), None)

    def lose(self, what: str, action: Action, why: str, line: int) -> None:
        """List a loss of a line of the component."""
        self.losses.append(Loss(what=what, action=action, why=why, line=line))


#: If one of these begins while another is open, an END is missing.
_SIBLINGS = frozenset({"VEVENT", "VTODO", "VJOURNAL", "VFREEBUSY", "VTIMEZONE"})
#: BEGIN or END; before it a byte order mark or the mark at the end of a DOS file, behind it what
#: is no letter and perhaps the next BEGIN.
_MARK = re.compile(
    rb"(?:[\s\x00\x1a]|\xef\xbb\xbf|\xc2\xa0|\xe2\x80[\x8b-\x8f])*+"
    rb"(?P<mark>BEGIN|END)\s*+:\s*+(?P<name>\w[\w-]*)(?P<behind>(?:[^\w-]\W*+)?)"
    rb"(?:BEGIN\s*+:\s*+(?P<next>\w[\w-]*)\W*+)?",
    re.IGNORECASE,
)
_MARK_STARTS = frozenset(b"BbEe \t\xef\x00\x1a\xc2\xe2")
_SPACES = frozenset(b" \t")
#: A blank, or the first letter of AGENT.
_UNUSUAL_STARTS = frozenset(b" \tAa")


def components(octets: bytes) -> Iterator[Component]:
    """Outermost components, lazily. Lines outside of them are skipped.

    Raises SourceError for damaged UTF-16, when reading reaches it.
    """
    reading = _Reading()
    stack, folding = reading.stack, reading.folding
    size = number = 0
    for number, text in logical_lines(octets, folding):
        mark = _MARK.fullmatch(text) if text[0] in _MARK_STARTS else None
        if mark:
            yield from reading.mark(mark, number)
        elif not stack:
            reading.outside(number, text)
        elif not stack[0].error:
            line = parse_line(number, text)
            stack[-1].lines.append(line)
            if folding.notes or text[0] in _UNUSUAL_STARTS:
                reading.unusual(line, text)
        if stack:
            before = number - stack[0].number
            size = size + len(text) if before else len(text)
            if before > MOST_LINES or size > MOST_COMPONENT_OCTETS:
                _refuse_large(stack[0], before)
    yield from reading.end(number)


def _refuse_large(component: Component, lines: int) -> None:
    long = lines > MOST_LINES
    _refuse(component, f"{MOST_LINES} lines" if long else f"{MOST_COMPONENT_OCTETS} octets")


def _refuse(component: Component, most: str) -> None:
    component.error = component.error or SourceError(
        f"expected at most {most} in a {component.name}, found more", line=component.number
    )


class _Reading:
    """The open components, outermost first, and the lines outside of any."""

    def __init__(self) -> None:
        self.stack: list[Component] = []
        self.folding = Folding()
        self.loose: list[Line] = []

    def outside(self, number: int, text: bytes) -> None:
        """A line outside of components: kept if it can be of one whose BEGIN is missing."""
        self.folding.notes.clear()
        if len(self.loose) < _MOST_LOOSE and begins_property(text, short=True):
            self.loose.append(parse_line(number, text))

    def unusual(self, line: Line, text: bytes) -> None:
        """A line that may have notes, a blank in front, or a card inside."""
        component = self.stack[-1]
        for note in self.folding.notes:
            action = Action.IGNORED if note is STRAY else Action.GUESSED
            component.lose(line.label, action, note, line.number)
        self.folding.notes.clear()
        if text[0] in _SPACES and not component.indented:
            component.indented = True
            why = "a blank stands before it; read as a line of its own"
            component.lose(line.label, Action.GUESSED, why, line.number)
        if line.name == "AGENT" and line.raw.strip().upper() == b"BEGIN:VCARD":
            self._open(Component("VCARD", line.number))

    def mark(self, mark: re.Match[bytes], number: int) -> Iterator[Component]:
        """Open or close a component; gives an outermost one that is complete by that."""
        name = mark["name"].decode("latin-1").upper()
        if mark["mark"].upper() == b"END":
            yield from self._close(name, mark, number)
            following = mark["next"]
        else:
            yield from self._begin(name, mark, number)
            following = None
        if following:
            yield from self._begin(following.decode("latin-1").upper(), None, number)

    def _begin(self, name: str, mark: re.Match[bytes] | None, number: int) -> Iterator[Component]:
        yield from self._close_rivals(name)
        stack = self.stack
        if stack and stack[0].error:
            return
        component = Component(name, number)
        if mark:
            component.indented = mark.string[0] in _SPACES
            damage.behind(component, f"BEGIN:{name}", mark["behind"], number)
        if self.loose and not stack:
            damage.lines_before(component, self.loose)
            self.loose = []
        self._open(component)

    def _open(self, component: Component) -> None:
        stack = self.stack
        if len(stack) == MOST_DEPTH:
            _refuse(stack[0], f"{MOST_DEPTH} components inside each other")
            return
        if stack:
            stack[-1].children.append(component)
        stack.append(component)

    def _close_rivals(self, name: str) -> Iterator[Component]:
        """Close what cannot contain a component of that name: its END is missing."""
        stack = self.stack
        if name == "VCARD" and stack and stack[-1].lines and stack[-1].lines[-1].name == "AGENT":
            return
        rivals = _SIBLINGS if name in _SIBLINGS else {name}
        while any(component.name in rivals for component in stack):
            yield from self._pop()

    def _pop(self) -> Iterator[Component]:
        """Close the innermost component without its END."""
        component = self.stack.pop()
        damage.end_in_last_line(component)
        if not self.stack:
            yield component

    def _close(self, name: str, mark: re.Match[bytes], number: int) -> Iterator[Component]:
        stack = self.stack
        if not any(component.name == name for component in stack):
            if stack and damage.alike(name, stack[-1].name):
                stack[-1].lose(f"END:{name}", Action.GUESSED, f"read as {stack[-1].name}", number)
                name = stack[-1].name
            else:
                yield from self._without_begin(name, number)
                return
        while stack[-1].name != name:
            yield from self._pop()
        component = stack.pop()
        component.closed = True
        damage.behind(component, f"END:{name}", mark["behind"], number)
        if not stack:
            yield component

    def _without_begin(self, name: str, number: int) -> Iterator[Component]:
        """A component whose END has no BEGIN: the lines before it."""
        if not self.stack:
            lines, self.loose = self.loose, []
        elif name in _SIBLINGS and self.stack[-1].name == "VCALENDAR":
            lines = damage.lines_of_event(self.stack[-1].lines)
        else:
            return
        if not lines:
            return
        component = Component(name, lines[0].number, lines, closed=True)
        component.lose(f"BEGIN:{name}", Action.SUPPLIED, "the lines begin without it", number)
        if self.stack:
            self.stack[-1].children.append(component)
        else:
            yield component

    def end(self, number: int) -> Iterator[Component]:
        """The component that is still open. A calendar's complete events are good nevertheless.

        All others get an error: a file that was cut off may end within a number.
        """
        for component in self.stack:
            damage.end_in_last_line(component)
            if component.name != "VCALENDAR" and not component.error and not component.closed:
                component.error = SourceError(
                    f"expected END:{component.name}, found the end of the file", line=number
                )
        yield from self.stack[:1]
