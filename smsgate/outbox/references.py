"""Concatenation references: 1 to 255, and again from 1.

0 is left out, because some phones take it for a message without a reference.
"""

_LAST = 255


def reference_after(reference: int, messages: int = 1) -> int:
    """The reference of the message that comes ``messages`` after one with ``reference``."""
    return (reference + messages - 1) % _LAST + 1
