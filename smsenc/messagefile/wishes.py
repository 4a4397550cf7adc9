"""What a phone asks for with a reply that is one word."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum

#: The words that opt a handset out, in any case, and the one that opts it in again.
OPT_OUT = frozenset({"STOP", "END", "CANCEL", "UNSUBSCRIBE", "QUIT"})
OPT_IN = "START"

_LONGEST = 100  # characters, with spaces and punctuation around
_WORD = re.compile(r"[\W_]*+([^\W_]++)[\W_]*+")


class Wish(Enum):
    """To get no more messages, or to get them again."""

    STOP = "stop"
    START = "start"


def wish(text: str) -> Wish | None:
    """What a reply asks for, whatever spaces and punctuation are around the word; None: nothing."""
    if len(text) > _LONGEST:
        return None
    found = _WORD.fullmatch(unicodedata.normalize("NFKC", text))
    word = found[1].upper() if found else ""
    if word in OPT_OUT:
        return Wish.STOP
    return Wish.START if word == OPT_IN else None
