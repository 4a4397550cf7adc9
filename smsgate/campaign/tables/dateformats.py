"""Formats of dates and times, as cells of spreadsheets have them (ECMA-376-1, 18.8.31).

    dd/mm/yyyy   d mmmm yyyy   ddd d mmm   h:mm   h:mm am/pm   d. "de" mmmm

``m`` is the minute after an hour or before a second. Names of months and days are English.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

#: Built-in formats 14 and 22: the file names one order, and programs show the computer's.
_OF_THE_COMPUTER = frozenset(("mm-dd-yy", "m/d/yy h:mm"))
_ENGLISH = 0x09  # the language in the last ten bits of a locale
_LANGUAGE, _SPECIAL = 0x3FF, 0xF000  # locales from there on are settings of the computer
_TOKEN = re.compile(
    r"""
      "(?P<text>[^"]*)" | \\(?P<one>.)
    | \[\$[^]-]*-(?:(?P<locale>[0-9A-F]+)|en(?:-[A-Z]{2})?)(?:,[0-9]+)?\]
    | \[(?:black|blue|cyan|green|magenta|red|white|yellow|color\s?[0-9]+)\]
    | _(?P<space>.) | \*.
    | (?P<code>y+|m+|d+|h+|s+|am/pm)
    | (?P<plain>[^A-Za-z0-9"\\\[\];_*@#?])
    """,
    re.VERBOSE | re.IGNORECASE,
)
_LONGEST = 255  # characters of a format, and of what is read
_NOON = 12
_CENTURY = 69  # 69 is 1969, 68 is 2068
_AM_PM = "am/pm"

MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class _Piece(NamedTuple):
    text: str
    is_code: bool = False


Value = dt.datetime | dt.date | dt.time | dt.timedelta


def shown(value: Value, code: str) -> str | None:
    """A cell's value with the format ``code``; None for a format that is not applied.

    Those are formats that the file leaves to the computer, those with names in other languages than
    English, and hours that count on beyond a day.
    """
    if isinstance(value, dt.timedelta) or code.lower() in _OF_THE_COMPUTER:
        return None
    return written(value, code)


def written(value: dt.datetime | dt.date | dt.time, code: str) -> str | None:
    """A date or time in the format ``code``; None if it is no format, or not one of such values."""
    pieces = _compiled(code)
    if pieces is None:
        return None
    try:
        return "".join(_text(piece, value, pieces) for piece in pieces).strip()
    except AttributeError:  # a day of a time, or a time of a day
        return None


def read(text: str, code: str) -> dt.datetime | None:
    """The inverse: the moment that ``text`` says in the format ``code``; None if it says none."""
    pieces = _compiled(code)
    if pieces is None or len(text) > _LONGEST:
        return None
    found = re.fullmatch("".join(map(_pattern, pieces)), " ".join(text.split()), re.IGNORECASE)
    return _moment(found.groupdict()) if found else None


def is_format(code: str) -> bool:
    """Whether it is a format of dates or times."""
    return _compiled(code) is not None


def _moment(said: dict[str, str | None]) -> dt.datetime | None:
    numbers = {name: int(text) for name, text in said.items() if text and text.isdecimal()}
    if name := said.get("name"):
        numbers["month"] = 1 + [month[:3].lower() for month in MONTHS].index(name[:3].lower())
    if short := said.get("short"):
        numbers["year"] = numbers.pop("short") + (1900 if int(short) >= _CENTURY else 2000)
    try:
        return dt.datetime(**numbers)  # type: ignore[arg-type]  # noqa: DTZ001 - cells know no zones
    except (ValueError, TypeError):  # no such day, or no year
        return None


@lru_cache(maxsize=256)
def _compiled(code: str) -> tuple[_Piece, ...] | None:
    if len(code) > _LONGEST:
        return None
    pieces: list[_Piece] = []
    language, at = _ENGLISH, 0
    section = code.partition(";")[0]
    while at < len(section):
        token = _TOKEN.match(section, at)
        if token is None:
            return None
        at = token.end()
        if token["locale"]:
            language = int(token["locale"], 16)
        pieces.append(_piece(token))
    codes = [piece.text for piece in pieces if piece.is_code]
    if not codes or not _is_readable(codes, language):
        return None
    return tuple(_with_minutes(pieces))


def _piece(token: re.Match[str]) -> _Piece:
    if token["code"]:
        return _Piece(token["code"].lower(), is_code=True)
    parts = (token[name] for name in ("text", "one", "plain"))
    return _Piece(next((part for part in parts if part is not None), " " if token["space"] else ""))


def _is_readable(codes: list[str], language: int) -> bool:
    named = any(code[0] in "md" and len(code) > 2 for code in codes)
    if named and language & _LANGUAGE != _ENGLISH:
        return False
    return (language & 0xFFFF) < _SPECIAL and all(code in _CODES for code in codes)


def _with_minutes(pieces: list[_Piece]) -> list[_Piece]:
    """``m`` and ``mm`` are minutes after hours and before seconds."""
    places = [n for n, piece in enumerate(pieces) if piece.is_code]
    for index, n in enumerate(places):
        before = pieces[places[index - 1]].text if index else ""
        after = pieces[places[index + 1]].text if index + 1 < len(places) else ""
        if pieces[n].text in {"m", "mm"} and (before[:1] == "h" or after[:1] == "s"):
            pieces[n] = _Piece("minute" if pieces[n].text == "m" else "minutes", is_code=True)
    return pieces


def _text(piece: _Piece, value: Any, pieces: tuple[_Piece, ...]) -> str:
    if not piece.is_code:
        return piece.text
    if piece.text[0] == "h" and any(one.text == _AM_PM for one in pieces if one.is_code):
        return f"{(value.hour - 1) % _NOON + 1:0{len(piece.text)}}"
    return _CODES[piece.text](value)


#: What each code shows of a value.
_CODES: dict[str, Callable[[Any], str]] = {
    **dict.fromkeys(("y", "yy"), lambda t: f"{t.year % 100:02}"),
    **dict.fromkeys(("yyy", "yyyy"), lambda t: f"{t.year:04}"),
    "m": lambda t: f"{t.month}",
    "mm": lambda t: f"{t.month:02}",
    "mmm": lambda t: MONTHS[t.month - 1][:3],
    "mmmm": lambda t: MONTHS[t.month - 1],
    "mmmmm": lambda t: MONTHS[t.month - 1][:1],
    "d": lambda t: f"{t.day}",
    "dd": lambda t: f"{t.day:02}",
    "ddd": lambda t: _DAYS[t.weekday()][:3],
    "dddd": lambda t: _DAYS[t.weekday()],
    "h": lambda t: f"{t.hour}",
    "hh": lambda t: f"{t.hour:02}",
    "minute": lambda t: f"{t.minute}",
    "minutes": lambda t: f"{t.minute:02}",
    "s": lambda t: f"{t.second}",
    "ss": lambda t: f"{t.second:02}",
    _AM_PM: lambda t: "AM" if t.hour < _NOON else "PM",
}

_NAMES = "|".join(f"{month}|{month[:3]}" for month in MONTHS)
#: How each code is read.
_READ = {
    **dict.fromkeys(("y", "yy"), "(?P<short>[0-9]{2})"),
    **dict.fromkeys(("yyy", "yyyy"), "(?P<year>[0-9]{4})"),
    **dict.fromkeys(("m", "mm"), "(?P<month>[0-9]{1,2})"),
    **dict.fromkeys(("mmm", "mmmm"), f"(?P<name>{_NAMES})"),
    **dict.fromkeys(("d", "dd"), "(?P<day>[0-9]{1,2})"),
    **dict.fromkeys(("h", "hh"), "(?P<hour>[0-9]{1,2})"),
    **dict.fromkeys(("minute", "minutes"), "(?P<minute>[0-9]{1,2})"),
    **dict.fromkeys(("s", "ss"), "(?P<second>[0-9]{1,2})"),
}


def _pattern(piece: _Piece) -> str:
    return _READ[piece.text] if piece.is_code else re.escape(piece.text)


def is_readable(code: str) -> bool:
    """Whether ``read`` can read such dates: they have a day, a month and a year, each once."""
    pieces = [piece.text for piece in _compiled(code) or () if piece.is_code]
    kinds = sorted(piece if piece.startswith("minute") else piece[:1] for piece in pieces)
    return (
        {"d", "m", "y"} <= set(kinds)
        and len(set(kinds)) == len(kinds)
        and all(piece in _READ for piece in pieces)
    )
