"""Exit codes and what they mean."""

from __future__ import annotations

from enum import IntEnum


class Exit(IntEnum):
    """Exit codes; part of the contract with scripts."""

    OK = 0
    BUG = 1
    USAGE = 2
    ALL_REJECTED = 3
    SOME_REJECTED = 4
    UNKNOWN = 5
    UNFINISHED = 6
    REFUSED = 7
    INTERRUPTED = 130
    TERMINATED = 143


#: The same for people.
EXPLAINED = """\b
Exit codes: 0 all done; 1 internal error; 2 wrong usage; 3 all rejected;
4 some rejected; 5 result unknown for some; 6 unfinished, run it again;
7 refused: a file exists or has changed since it was sent, an outbox is in
use or its journal is lost, or a limit is exceeded; 130 interrupted;
143 terminated.
"""
