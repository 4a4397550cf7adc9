"""Parsers for the options of converters: each turns typed text into a value.

Each raises ValueError that says what was expected; ``Converter.settings`` adds what was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from types import MappingProxyType
from typing import Generic, TypeVar

_T = TypeVar("_T")

#: Character sets as typed, and as CHARSET names them.
CHARSETS: Mapping[str, str] = MappingProxyType(
    {"utf-8": "UTF-8", "latin-1": "ISO-8859-1", "ascii": "US-ASCII"}
)


class WholeNumber:
    """A parser for whole numbers from ``least`` to ``most``; ``noun`` names them in the error."""

    def __init__(self, least: int, most: int, noun: str = "number") -> None:
        self.least, self.most, self.noun = least, most, noun

    def __call__(self, text: str) -> int:
        """The number; raises ValueError."""
        longest = max(len(str(self.least)), len(str(self.most)))
        signs = ("+", "-") if self.least < 0 else ()
        digits = text[1:] if text[:1] in signs else text
        plain = digits.isascii() and digits.isdigit() and len(digits) <= longest
        if not (plain and self.least <= int(text) <= self.most):
            raise ValueError(f"expected {self.noun} {self.least}..{self.most}")
        return int(text)


def whole_number(least: int, most: int, noun: str = "number") -> WholeNumber:
    """A parser for whole numbers from ``least`` to ``most``; ``noun`` names them in the error."""
    return WholeNumber(least, most, noun)


class Choice(Generic[_T]):
    """A parser for the keys of ``values``, in any case; gives the value.

    The error names what may have been meant; ``noun`` says what the values are.
    """

    def __init__(self, values: Mapping[str, _T], noun: str = "") -> None:
        self.values, self.noun = values, noun

    def __call__(self, text: str) -> _T:
        """The value; raises ValueError."""
        if text.lower() not in self.values:
            near = _near(text.lower(), self.values)
            meant = f" (did you mean {near}?)" if near else ""
            known = alternatives(tuple(self.values))
            expected = f"{self.noun} ({known})" if self.noun else known
            raise ValueError(f"expected {expected}{meant}")
        return self.values[text.lower()]


def one_of(*choices: str) -> Choice[str]:
    """A parser for one of some names."""
    return Choice({name: name for name in choices})


def choice(values: Mapping[str, _T], noun: str = "") -> Choice[_T]:
    """A parser for the keys of ``values``, in any case; gives the value."""
    return Choice(values, noun)


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
