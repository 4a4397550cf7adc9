"""Which messages to find."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from smsenc.smpp import SmppError, mapping

#: The state of a message, as ``view.state_of`` has it.
_STATE = """coalesce(
    (SELECT state FROM segments WHERE message = messages.id AND state = 'accepted' LIMIT 1),
    (SELECT state FROM segments WHERE message = messages.id AND state != 'delivered'
        ORDER BY id LIMIT 1), 'delivered')"""
_WORDS = "id IN (SELECT message FROM contents WHERE instr(words, ?))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """Messages that meet every condition that is given.

    ``after`` and ``before`` are ids. ``complete`` leaves out those with missing parts. ``words``
    are what the content has, as ``casefold`` writes it.
    """

    to: str | None = None
    sender: str | None = None
    after: int = 0
    before: int | None = None
    complete: bool = False
    kind: str | None = None
    state: str | None = None
    unread: bool | None = None
    tag: str | None = None
    words: tuple[str, ...] = ()

    @classmethod
    def one(cls, id_: int) -> Self:
        """The message with an id."""
        return cls(after=id_ - 1, before=id_ + 1)

    @property
    def reads_contents(self) -> bool:
        """Whether the content of all messages must be known."""
        return bool(self.words) or self.kind is not None

    def where(self) -> tuple[str, list[object]]:
        """The condition in SQL, and its values."""
        rules: dict[str, object] = {
            "id > ?": self.after,
            "id < ?": self.before,
            "recipient = ?": self.to,
            "sender = ?": self.sender,
            "missing = ?": 0 if self.complete else None,
            f"{_STATE} = ?": self.state,
            "(id IN (SELECT message FROM seen)) != ?": self.unread,
            "id IN (SELECT message FROM tags WHERE tag = ?)": self.tag,
            "id IN (SELECT message FROM contents WHERE kind = ?)": self.kind,
        }
        pairs = [(rule, value) for rule, value in rules.items() if value is not None]
        pairs += [(_WORDS, word) for word in self.words]
        return " AND ".join(rule for rule, _ in pairs), [value for _, value in pairs]


def normal(text: str) -> str:
    """A number as messages have it; a ``+`` that was not escaped has become a space."""
    try:
        return mapping.number_of(mapping.address(text.strip()))
    except SmppError:
        return text
