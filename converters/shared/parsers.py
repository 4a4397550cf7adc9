"""Parsers for the options of converters: each turns typed text into a value.

Each raises ValueError that says what was expected; ``Converter.settings`` adds what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import TypeVar

_T = TypeVar("_T")

#: Character sets as typed, and as CHARSET names them.
CHARSETS: Mapping[str, str] = MappingProxyType(
    {"utf-8": "UTF-8", "latin-1": "ISO-8859-1", "ascii": "US-ASCII"}
)


def whole_number(least: int, most: int, noun: str = "number") -> Callable[[str], int]:
    """A parser for whole numbers from ``least`` to ``most``; ``noun`` names them in the error."""
    longest = max(len(str(least)), len(str(most)))
    signs = ("+", "-") if least < 0 else ()

    def parse(text: str) -> int:
        digits = text[1:] if text[:1] in signs else text
        plain = digits.isascii() and digits.isdigit() and len(digits) <= longest
        if not (plain and least <= int(text) <= most):
            raise ValueError(f"expected {noun} {least}..{most}")
        return int(text)

    return parse


def one_of(*choices: str) -> Callable[[str], str]:
    """A parser for one of some names."""
    return choice({name: name for name in choices})


def choice(values: Mapping[str, _T]) -> Callable[[str], _T]:
    """A parser for the keys of ``values``, in any case; gives the value.

    The error names what may have been meant.
    """

    def parse(text: str) -> _T:
        if text.lower() not in values:
            near = _near(text.lower(), values)
            meant = f" (did you mean {near}?)" if near else ""
            raise ValueError(f"expected {alternatives(tuple(values))}{meant}")
        return values[text.lower()]

    return parse


def _near(text: str, names: Iterable[str]) -> str | None:
    """The name that is nearly the same, or the only one that has the text in it."""
    around = [name for name in names if text and text in name]
    near = around if len(around) == 1 else get_close_matches(text, names, n=1)
    return near[0] if near else None


def flag(text: str) -> bool:
    """Yes or no."""
    if text not in ("yes", "no"):
        raise ValueError("expected yes or no")
    return text == "yes"


def alternatives(names: tuple[str, ...]) -> str:
    """``a``, ``a or b``, ``a, b or c``."""
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
