"""Numbers and nouns, as every message of the project words them."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """``1 part``, ``2 parts``, ``1,000 rows``."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
