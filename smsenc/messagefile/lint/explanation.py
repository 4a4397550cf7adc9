"""What a rule means, for people."""

from __future__ import annotations

from typing import NamedTuple


class Explanation(NamedTuple):
    r"""A rule by its code: what it finds, why that matters, and how to repair it.

    ``bad`` breaks the rule and ``good`` does not. They are lines of a message file after its
    log-in, or files of a folder. ``\xFC`` is an octet; ``{x*9}`` is x nine times, and / in it a
    line end.
    """

    code: str
    means: str
    why: str
    bad: str
    good: str
    repair: str
