"""What a card is about: a person, a group of people, an organisation, a place, a device.

KIND is from vCard 4.0 (RFC 6350, 6.1.4); Apple's programs write X-ADDRESSBOOKSERVER-KIND, Evolution
marks its lists. A group has members and no number of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from converters.errors import SourceError
from converters.shared.contentlines import Line
from converters.shared.contentlines.values import value
from converters.shared.words import quoted

GROUP = "a group"
_NAMES = frozenset({"KIND", "X-ADDRESSBOOKSERVER-KIND", "X-KIND", "X-KADDRESSBOOK-KIND"})
#: Properties that only a group has.
_MEMBERS = frozenset({"MEMBER", "X-ADDRESSBOOKSERVER-MEMBER"})
_LISTS = frozenset({"X-EVOLUTION-LIST"})
_TELLING = _NAMES | _LISTS
#: Kinds by name, as a loss calls them; empty for a person.
_KINDS: Mapping[str, str] = {
    "individual": "",
    "person": "",
    "": "",
    "group": GROUP,
    "list": GROUP,
    "org": "an organisation",
    "organization": "an organisation",
    "organisation": "an organisation",
    "location": "a place",
    "device": "a device",
    "application": "a program",
    "thing": "a thing",
}


def said(line: Line) -> str | None:
    """The kind that a line gives: empty for a person; None if the line says nothing of it."""
    if line.name in _NAMES:
        text = value(line).text
        return _KINDS.get(text.lower(), f"the kind {quoted(text)}")
    if line.name in _LISTS:
        return GROUP if value(line).text.upper() == "TRUE" else ""
    return None


class GroupError(SourceError):
    """A line that says that the card is one of a group."""

    FOUND = "expected a person, found a group of contacts"

    def __init__(self, line: Line) -> None:
        super().__init__(
            f"{self.FOUND} (groups=yes sends its name)",
            line=line.number,
            name=line.label,
        )


def check_person(line: Line) -> None:
    """Raise GroupError if a line says that its card is no person's but a group's."""
    if line.name in _TELLING and said(line) == GROUP:
        raise GroupError(line)


def check_members(lines: Iterable[Line]) -> None:
    """Raise GroupError if a card without numbers and addresses has members.

    Only a group may have them, but some programs give every property to every card.
    """
    for line in lines:
        if line.name in _MEMBERS:
            raise GroupError(line)
