"""Exit codes and what they mean."""

from __future__ import annotations

from enum import IntEnum, StrEnum


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


class ErrorKind(StrEnum):
    """What went wrong, for programs that read errors as JSON."""

    USAGE = "usage"  # the command line
    INPUT = "input"  # a source, or a file that is read
    GUARD = "guard"  # refused for the protection of the user
    OUTBOX = "outbox"  # an outbox or a file that is written
    SERVER = "server"  # it refuses for good
    UNFINISHED = "unfinished"  # for a reason that passes
    SYSTEM = "system"  # the operating system, or the installation
    OUTPUT = "output"  # standard output cannot be written
    INTERRUPTED = "interrupted"
    INTERNAL = "internal"


#: The exit codes for people.
EXPLAINED = """\b
Exit codes: 0 all done; 1 internal error; 2 wrong usage; 3 all rejected;
4 some rejected; 5 result unknown for some; 6 unfinished, run it again;
7 refused: a file exists or has changed since it was sent, an outbox is in
use or its journal is lost, or a limit is exceeded; 130 interrupted;
143 terminated.
"""
