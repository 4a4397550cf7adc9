"""Errors that end a command: the exit code of each, and what it says when the world is at fault.

``RULES`` is read from the top; an error that no rule has is an internal error. docs/exit-codes.md
shows it, and tests/project/test_faults.py raises all of them in every command.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from typing import NamedTuple

from converters.errors import GuardError, SourceError
from smsenc import SmsencError
from smsgate.cli.codes import ErrorKind, Exit
from smsgate.errors import (
    GatewayBusyError,
    GatewayError,
    GatewayLostError,
    OutboxError,
    UnfinishedError,
    reason,
)
from smsgate.outbox.sqlitefaults import Meaning, meaning

#: What passes: the same command can be run again, as it is or after somebody has made room.
PASSING = frozenset(
    getattr(errno, name)
    for name in (
        *("EAGAIN", "EBUSY", "EDQUOT", "EINTR", "EMFILE", "ENFILE", "ENOBUFS", "ENOLCK", "ENOMEM"),
        *("ENOSPC", "ESTALE", "ETIMEDOUT", "ETXTBSY", "ECONNREFUSED", "ECONNRESET", "ENETDOWN"),
        *("ENETUNREACH", "EHOSTUNREACH", "EPIPE", "ECONNABORTED"),
    )
    if hasattr(errno, name)
)


class Rule(NamedTuple):
    """Errors, the exit code that they end with, their kind, and what is said of them."""

    errors: Callable[[BaseException], bool]
    code: Exit
    kind: ErrorKind
    said: Callable[[BaseException], str]
    summary: str


def _a(*kinds: type[BaseException]) -> Callable[[BaseException], bool]:
    return lambda error: isinstance(error, kinds)


def _passes(error: BaseException | None) -> bool:
    """Whether the cause of an error is one that passes."""
    if isinstance(error, OSError):
        return error.errno in PASSING or isinstance(error, TimeoutError | ConnectionError)
    return error is not None and meaning(error) is Meaning.PASSES


def _is_sqlite(error: BaseException) -> bool:
    """Whether sqlite3 raised this; without loading it, because few commands do."""
    sqlite = sys.modules.get("sqlite3")
    return sqlite is not None and isinstance(error, sqlite.Error)


def _system(error: BaseException) -> str:
    name = getattr(error, "filename", None)
    place = f"{os.fsdecode(name)}: " if isinstance(name, str | bytes) else ""
    return f"{place}the system says: {reason(error) if isinstance(error, Exception) else ''}"


RULES = (
    Rule(
        _a(GatewayLostError, GatewayBusyError, UnfinishedError),
        Exit.UNFINISHED,
        ErrorKind.UNFINISHED,
        str,
        "a server that is lost, busy or not there, or a worker process that died",
    ),
    Rule(_a(GuardError), Exit.REFUSED, ErrorKind.GUARD, str, "something that a guard refuses"),
    Rule(
        lambda error: isinstance(error, OutboxError) and _passes(error.__cause__),
        Exit.UNFINISHED,
        ErrorKind.UNFINISHED,
        str,
        "an outbox or file that cannot be written for now, such as a full disk",
    ),
    Rule(
        _a(OutboxError),
        Exit.ALL_REJECTED,
        ErrorKind.OUTBOX,
        str,
        "an outbox or file that cannot be written",
    ),
    Rule(
        _a(GatewayError), Exit.ALL_REJECTED, ErrorKind.SERVER, str, "a server that refuses for good"
    ),
    Rule(
        _a(SourceError),
        Exit.ALL_REJECTED,
        ErrorKind.INPUT,
        str,
        "an input that is not there or cannot be read, if it is the only one",
    ),
    Rule(_a(SmsencError), Exit.USAGE, ErrorKind.USAGE, str, "a wrong option, or nothing to do"),
    Rule(
        _passes,
        Exit.UNFINISHED,
        ErrorKind.UNFINISHED,
        _system,
        "an error of the system that passes",
    ),
    Rule(
        _a(OSError), Exit.ALL_REJECTED, ErrorKind.SYSTEM, _system, "any other error of the system"
    ),
    Rule(
        _is_sqlite,
        Exit.ALL_REJECTED,
        ErrorKind.OUTBOX,
        lambda error: f"the journal cannot be used: {error}",
        "a journal that is damaged",
    ),
    Rule(
        _a(MemoryError),
        Exit.ALL_REJECTED,
        ErrorKind.SYSTEM,
        lambda _error: "not enough memory: use smaller files, or run less at once",
        "too little memory",
    ),
    Rule(
        _a(RecursionError),
        Exit.ALL_REJECTED,
        ErrorKind.INPUT,
        lambda _error: "an input is nested too deeply",
        "an input that is nested too deeply",
    ),
    Rule(
        _a(UnicodeError),
        Exit.ALL_REJECTED,
        ErrorKind.INPUT,
        lambda error: f"a text or name has characters that cannot be used here: {error}",
        "characters that a charset lacks",
    ),
    Rule(
        _a(ImportError),
        Exit.ALL_REJECTED,
        ErrorKind.SYSTEM,
        lambda error: f"a part of the installation cannot be loaded: {error}",
        "an incomplete installation, or a library that cannot be loaded",
    ),
)


def rule_of(error: BaseException) -> Rule | None:
    """The first rule that has an error; None for an internal error."""
    return next((rule for rule in RULES if rule.errors(error)), None)


def code_of(error: BaseException) -> Exit:
    """The exit code of an error."""
    rule = rule_of(error)
    return rule.code if rule else Exit.BUG
