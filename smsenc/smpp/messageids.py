"""Message ids: what a receipt calls the message that submit_sm_resp named.

Message centres repeat an id in decimal for hexadecimal or the reverse, in another case, without
leading zeros, with a NUL at its end, or a UUID without its hyphens. Ids are kept as they came;
these functions compare them.
"""

from __future__ import annotations

import re
from enum import IntEnum

_AROUND = " \t\r\n\0"
_DECIMAL = re.compile("[0-9]{1,64}")
_HEXADECIMAL = re.compile("[0-9a-f]{1,64}")
_UUID = re.compile("[{]?([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})[}]?")


class Likeness(IntEnum):
    """How much two ids are the same; of several messages the one with the highest is meant."""

    NONE = 0
    NUMBER = 1  # one in decimal, the other in hexadecimal
    WRITING = 2  # case, leading zeros, space, hyphens
    EXACT = 3


def plain(message_id: str) -> str:
    """An id in small letters, without 0x, leading zeros, space and NUL around it, hyphens."""
    text = message_id.strip(_AROUND).casefold()
    if match := _UUID.fullmatch(text):
        text = "".join(match.groups())
    return text.removeprefix("0x").lstrip("0") or text[:1]


def forms(message_id: str) -> frozenset[str]:
    """All forms of an id that a receipt may have: two ids that have one in common may be the same.

    ``=abc`` is the id itself, ``#2748`` its number: of digits both as decimal and as hexadecimal.
    An empty id has no forms.
    """
    text = plain(message_id)
    found = {f"={text}"} if text else set()
    if _DECIMAL.fullmatch(text):
        found.add(f"#{int(text)}")
    if _HEXADECIMAL.fullmatch(text):
        found.add(f"#{int(text, 16)}")
    return frozenset(found)


def likeness(sent: str, found: str) -> Likeness:
    """How much the id of a receipt is that of an answer to submit_sm."""
    if forms(sent).isdisjoint(forms(found)):
        return Likeness.NONE
    if sent == found:
        return Likeness.EXACT
    return Likeness.WRITING if plain(sent) == plain(found) else Likeness.NUMBER


def same_id(sent: str, found: str) -> bool:
    """Whether the id of a receipt may be that of an answer to submit_sm.

    ``10`` may be ``16``, which is 10 in hexadecimal: where several messages match, ``likeness``
    says which is meant.
    """
    return likeness(sent, found) > Likeness.NONE
