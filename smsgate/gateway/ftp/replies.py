"""What replies to clients say: the same cause has the same words, whatever the reply's code."""

from __future__ import annotations

SHUTTING_DOWN = "The gateway is shutting down: try again later."
FULL = "Too many messages are waiting: try again later."
NO_FOLDERS = "There are no folders here: store files without a path."


def sentence(why: str) -> str:
    """A reason as a sentence: with a capital letter and one full stop."""
    return f"{why[:1].upper()}{why[1:].removesuffix('.')}."
