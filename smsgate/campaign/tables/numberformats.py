"""Number formats of cells: what a spreadsheet program shows of a number (ECMA-376-1, 18.8.31).

    format  = section { ";" section } ;        for positive, negative, zero
    section = { literal } [ digits ] { literal }
    digits  = { "#" | "0" | "?" | "," } [ "." { "0" | "#" | "?" } ] { "," } | "General" | "@"

The decimal point and the comma between thousands are those of the format; a program shows those of
its computer instead, of which the file says nothing. What is not common gives None: fractions,
exponents, conditions, digits in several groups.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import lru_cache

from smsgate.campaign.tables import dateformats

Value = int | float | dt.datetime | dt.date | dt.time | dt.timedelta

_GENERAL = frozenset(("general", "@"))
_TOKEN = re.compile(
    r"""
      "(?P<text>[^"]*)" | \\(?P<one>.)
    | \[\$(?P<currency>[^]-]*)(?:-[0-9A-F]+)?\]
    | \[(?:black|blue|cyan|green|magenta|red|white|yellow|color\s?[0-9]+)\]
    | _(?P<space>.) | \*.                         # as wide as a character; filled with one
    | (?P<digits>[#0?,]*[#0?](?:\.[#0?]*)?,*|\.[#0?]+,*|General|@)
    | (?P<plain>[^A-Za-z0-9;"\\\[\]_*@#?.])       # also %
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SECTION = re.compile(r'(?:[^;"\\]|"[^"]*"|\\.)*')
_MOST_SECTIONS = 3  # for numbers; a fourth is for texts
_DIGITS = 15  # that a spreadsheet program shows
_LONGEST = 255  # characters of a format


@dataclass(frozen=True, slots=True)
class _Section:
    """Literals before and after the digits; no ``digits`` for a section that is only a text."""

    before: str
    digits: str | None
    after: str
    percent: int


def shown(value: Value, code: str) -> str | None:
    """A cell's value with the number format ``code``; None for a format that is not common."""
    if isinstance(value, (int, float)):
        return _number(value, code)
    return dateformats.shown(value, code)


def plain(value: float) -> str:
    """A number as it is shown without a format: at most 15 digits, and no fraction of zero."""
    if isinstance(value, int):
        return str(value)
    if value.is_integer() and abs(value) < 2**53:  # a float holds no larger whole number exactly
        return str(int(value))
    return f"{value:.{_DIGITS}g}"


def _number(value: float, code: str) -> str | None:
    if code.lower() in _GENERAL:
        return plain(value)
    sections = _sections(code)
    if sections is None:
        return None
    if value < 0 and len(sections) > 1:
        return _filled(sections[1], abs(value))
    if value == 0 and len(sections) == _MOST_SECTIONS:
        return _filled(sections[2], value)
    text = _filled(sections[0], abs(value))
    return f"-{text}" if value < 0 and any(digit in text for digit in "123456789") else text


@lru_cache(maxsize=256)
def _sections(code: str) -> tuple[_Section, ...] | None:
    """The sections of a format, None if one of them is not common."""
    if len(code) > _LONGEST:
        return None
    found = [_section(text) for text in _split(code)[:_MOST_SECTIONS]]
    known = tuple(section for section in found if section is not None)
    return known if len(known) == len(found) else None


def _split(code: str) -> list[str]:
    texts, at = [], 0
    while at <= len(code):
        end = match.end() if (match := _SECTION.match(code, at)) else at
        texts.append(code[at:end])
        if end < len(code) and code[end] != ";":
            return ["E"]  # a quote that is not closed
        at = end + 1
    return texts


def _section(text: str) -> _Section | None:
    literals, digits, percent = ["", ""], None, 0
    for token in _tokens(text):
        if token is None:
            return None
        if found := token["digits"]:
            if digits is not None:
                return None  # several groups
            digits = found
            continue
        percent += token["plain"] == "%"
        literals[digits is not None] += _literal(token)
    return _Section(literals[0], digits, literals[1], percent)


def _tokens(text: str) -> Iterator[re.Match[str] | None]:
    at = 0
    while at < len(text):
        token = _TOKEN.match(text, at)
        yield token
        if token is None:
            return
        at = token.end()


def _literal(token: re.Match[str]) -> str:
    if token["space"]:
        return " "
    parts = (token[name] for name in ("text", "one", "currency", "plain"))
    return next((part for part in parts if part is not None), "")


def _filled(section: _Section, value: float) -> str:
    """A section with the digits of a value that is not negative, without spaces at its ends."""
    digits = "" if section.digits is None else _written(section.digits, value, section.percent)
    return f"{section.before}{digits}{section.after}".strip()


def _written(pattern: str, value: float, percent: int) -> str:
    if pattern.lower() in _GENERAL:
        return plain(value)
    bare = pattern.rstrip(",")
    whole, _, fraction = bare.partition(".")
    exact = Decimal(value) if isinstance(value, int) else Decimal(f"{value:.{_DIGITS}g}")
    with localcontext(prec=400):  # more than the digits of any float
        scaled = exact.scaleb(2 * percent - 3 * (len(pattern) - len(bare)))
        rounded = scaled.quantize(Decimal(1).scaleb(-len(fraction)), ROUND_HALF_UP)
    left, _, right = f"{rounded:f}".partition(".")
    least = whole.count("0")
    left = left.lstrip("0").rjust(least, "0")
    if "," in whole:
        left = _in_thousands(left)
    right = _shortened(right, len(fraction.rstrip("#?")))
    return f"{left}.{right}" if right or fraction != bare.partition(".")[2] else left


def _in_thousands(digits: str) -> str:
    first = len(digits) % 3
    groups = [digits[:first], *(digits[n : n + 3] for n in range(first, len(digits), 3))]
    return ",".join(filter(None, groups))


def _shortened(digits: str, least: int) -> str:
    """Digits of a fraction without zeros at its end, but at least so many."""
    return digits[:least] + digits[least:].rstrip("0")
