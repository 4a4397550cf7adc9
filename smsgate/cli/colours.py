"""Whether colours are printed, and which; the one place that decides it.

NO_COLOR and FORCE_COLOR count if they are not empty, whatever their value (no-color.org,
force-color.org). NO_COLOR comes first. Otherwise a terminal has colours, unless TERM is ``dumb``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from enum import StrEnum
from typing import TextIO


class Colour(StrEnum):
    """What is coloured, and the parameter of its escape sequence (ECMA-48, 8.3.117)."""

    ERROR = "31"  # red
    WARNING = "33"  # yellow


#: What is coloured in a line for people: a loss, the severity of a finding.
_LOSS = re.compile(r"( *)(!)(?= )")
_FINDING = re.compile(r"([^\n]*?: [A-Z][0-9]{1,4} )(error|warning)(?=: )")
_OF_WORD = {"!": Colour.WARNING, "warning": Colour.WARNING, "error": Colour.ERROR}


def is_terminal(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether a person looks at it, and what is there can be written over."""
    return stream.isatty() and environ.get("TERM") != "dumb"


def wanted(stream: TextIO, environ: Mapping[str, str] = os.environ) -> bool:
    """Whether colours are printed on a stream."""
    if environ.get("NO_COLOR"):
        return False
    return bool(environ.get("FORCE_COLOR")) or is_terminal(stream, environ)


def painted(text: str, colour: Colour) -> str:
    """The text in a colour."""
    return f"\x1b[{colour}m{text}\x1b[0m"


def highlighted(line: str) -> str:
    """A line for people, with what needs attention in a colour: ``!``, ``warning``, ``error``."""
    found = _LOSS.match(line) or _FINDING.match(line)
    if not found:
        return line
    before, word = found.groups()
    return f"{before}{painted(word, _OF_WORD[word])}{line[found.end() :]}"
