"""Secrets that people type, or give on standard input; never as an argument, which others see."""

from __future__ import annotations

import getpass
import sys

from smsenc import OptionError
from smsgate import masking

_LONGEST = 1000  # characters of a line


def password() -> str:
    """A password from a terminal, typed twice, or from standard input; masked from now on."""
    if sys.stdin.isatty():
        found = getpass.getpass("New password: ")
        if found != getpass.getpass("The same again: "):
            raise OptionError("the two passwords are not the same")
    else:
        found = sys.stdin.readline(_LONGEST).rstrip("\r\n")
        if not found:
            raise OptionError(
                "no password in the first line of standard input: --generate makes one"
            )
    masking.remember(found)
    return found
