"""Asking before many messages are changed."""

from __future__ import annotations

import sys

from smsenc import OptionError
from smsgate.cli.output import urge

_LONGEST = 100  # characters of an answer


def ask(question: str, without: str, no: str) -> None:
    """Go on if a person agrees; raises OptionError with ``no``, or ``without`` a terminal."""
    if not _is_terminal():
        raise OptionError(f"{without}: give --yes to do it")
    urge(f"{question}? (y/n) ")
    if sys.stdin.readline(_LONGEST).strip().lower() not in {"y", "yes"}:
        raise OptionError(no)


def _is_terminal() -> bool:
    return sys.stdin.isatty()
