"""Words of messages: numbers with nouns, and text of a source in quotes."""

from __future__ import annotations

#: Characters of a quoted text.
_MOST_QUOTED = 40


def counted(count: int, noun: str) -> str:
    """``1 part``, ``2 parts``, ``1,000 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def quoted(text: str) -> str:
    """Text of a source for a message: in quotes, escaped, and cut after 40 characters."""
    return repr(shortened(text, _MOST_QUOTED))


def shortened(text: str, most: int) -> str:
    """At most that many characters. The mark of a cut also tells a mask that more was there."""
    return text if len(text) <= most else text[: most - 1] + "…"


def unquoted(text: str) -> str:
    """The same as ``quoted``, without the quotes."""
    return quoted(text)[1:-1]
