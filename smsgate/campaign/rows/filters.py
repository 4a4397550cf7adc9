"""Filters, which change a cell before it is put into a text.

    filter = "upper" | "lower" | "title" | "cut:" number | "default:" text
           | "money" [ ":" example ] | "date:" format [ " from " format ] ;

An example shows how 1234.5 is written, such as ``£1,234.50``; a format is that of a spreadsheet,
such as ``dd/mm/yyyy``. A filter raises ValueError for a cell that it cannot read.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, localcontext
from functools import partial
from itertools import accumulate
from typing import NamedTuple

from converters.shared.words import quoted
from smsenc.graphemes import cut_characters
from smsgate.campaign.tables import dateformats

Filter = Callable[[str], str]

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_](?![^\W\d_]))?")


def _title(text: str) -> str:
    """ANNE-MARIE O'NEIL as Anne-Marie O'Neil; a final S after an apostrophe becomes small."""
    return _WORD.sub(lambda word: word[0][0].title() + word[0][1:].lower(), text)


def _cut(most: int, text: str) -> str:
    """At most ``most`` characters; no character is separated from its combining marks."""
    if len(text) <= most:
        return text
    return text[: cut_characters(text, list(accumulate((1 for _ in text), initial=0)), most)[0]]


def _default(replacement: str, text: str) -> str:
    return text or replacement


def _cutting(argument: str) -> Filter:
    if not re.fullmatch("[1-9][0-9]{0,3}", argument):
        raise ValueError("expected cut:1 to cut:9999")
    return partial(_cut, int(argument))


def _defaulting(argument: str) -> Filter:
    if not argument.strip():
        raise ValueError("expected a text after default:")
    return partial(_default, argument.strip())


# Amounts ------------------------------------------------------------------------------------------

_EXAMPLE = re.compile(
    r"(?P<before>\D*)1(?P<group>[,.'\u2019 \xa0\u202f]?)234(?:(?P<point>[,.])(?P<digits>50*))?"
    r"(?P<after>\D*)"
)
_PLAIN_EXAMPLE = "1,234.50"
_NUMBER = re.compile(
    r"(?P<whole>[1-9][0-9]{0,2}(?P<group>[,.'\u2019 \xa0\u202f])[0-9]{3}(?:(?P=group)[0-9]{3})*"
    r"|[0-9]+)"
    r"(?:(?P<point>[,.])(?P<digits>[0-9]+))?"
)
#: May be a number with thousands, or with a fraction.
_TWO_WAYS = re.compile(r"[1-9][0-9]{0,2}([,.])[0-9]{3}")
_MINUS = re.compile(r"[-\u2212](?P<after>.+)|(?P<before>.+)[-\u2212]|\((?P<inside>.+)\)")
_LONGEST_AMOUNT = 100


class _Style(NamedTuple):
    """How amounts are written; ``places`` is the number of digits after the point."""

    before: str
    group: str
    point: str
    places: int
    after: str


def _money(style: _Style, text: str) -> str:
    if not text:
        return text
    amount = _amount(style, text)
    with localcontext(prec=2 * _LONGEST_AMOUNT):
        rounded = amount.quantize(Decimal(1).scaleb(-style.places), ROUND_HALF_UP)
    whole, _, digits = f"{abs(rounded):,f}".partition(".")
    minus = "-" if rounded < 0 else ""
    number = f"{whole.replace(',', style.group)}{style.point}{digits}"
    return f"{minus}{style.before}{number}{style.after}"


def _amount(style: _Style, text: str) -> Decimal:
    """The amount in a cell, which may have the currency of the style; raises ValueError."""
    rest, negative = _without_minus(text) if len(text) <= _LONGEST_AMOUNT else ("", False)
    rest = rest.removeprefix(style.before.strip()).removesuffix(style.after.strip()).strip()
    if not negative:
        rest, negative = _without_minus(rest)
    found = _NUMBER.fullmatch(rest)
    if not found or found["group"] == found["point"] is not None:
        raise ValueError(f"expected an amount such as 1234.50, found {quoted(text)}")
    if (two := _TWO_WAYS.fullmatch(rest)) and two[1] != style.group:
        raise ValueError(
            f"expected an amount, found {quoted(text)}, which may be "
            f"{rest.replace(two[1], '')} or {rest.replace(two[1], '.')}"
        )
    whole = re.sub("[^0-9]", "", found["whole"])
    amount = Decimal(f"{whole}.{found['digits'] or 0}")
    return -amount if negative else amount


def _without_minus(text: str) -> tuple[str, bool]:
    found = _MINUS.fullmatch(text)
    inside = found and (found["after"] or found["before"] or found["inside"])
    return (inside.strip(), True) if inside else (text, False)


def _as_money(argument: str) -> Filter:
    found = _EXAMPLE.fullmatch(argument.strip())
    if not found or found["group"] == found["point"]:
        raise ValueError("expected 1234.50 as it is to be written after money:, as in £1,234.50")
    point, digits = found["point"] or "", found["digits"] or ""
    return partial(
        _money, _Style(found["before"], found["group"], point, len(digits), found["after"])
    )


# Dates --------------------------------------------------------------------------------------------

_FROM = " from "


def _date(code: str, written: str, text: str) -> str:
    if not text:
        return text
    moment = _iso(text) or (dateformats.read(text, written) if written else None)
    shown = dateformats.written(moment, code) if moment else None
    if shown is None:
        like = written or "2026-12-31"
        more = "" if written else " (or, say, date:d mmm yyyy from dd/mm/yyyy)"
        raise ValueError(f"expected a date such as {like}{more}, found {quoted(text)}")
    return shown


def _iso(text: str) -> dt.datetime | dt.time | None:
    for kind in (dt.datetime, dt.time):
        try:
            return kind.fromisoformat(text) if re.match(r"[0-9]+[-:]", text) else None
        except ValueError:
            continue
    return None


def _as_date(argument: str) -> Filter:
    code, _, written = map(str.strip, argument.partition(_FROM))
    if not dateformats.is_format(code):
        raise ValueError("expected a format such as dd/mm/yyyy after date:")
    if _FROM in argument and not dateformats.is_readable(written):
        raise ValueError("expected a format with day, month and year after from")
    return partial(_date, code, written)


# All ----------------------------------------------------------------------------------------------

_PLAIN: dict[str, Filter] = {
    "upper": str.upper,
    "lower": str.lower,
    "title": _title,
    "money": _as_money(_PLAIN_EXAMPLE),
}
_WITH_ARGUMENT: dict[str, Callable[[str], Filter]] = {
    "cut": _cutting,
    "default": _defaulting,
    "money": _as_money,
    "date": _as_date,
}
_OF_VALUES = ("money", "date")


def find(source: str) -> Filter:
    """The filter that ``source`` writes; raises ValueError."""
    name, colon, argument = source.strip().partition(":")
    if name in _PLAIN and not colon:
        return _PLAIN[name]
    if name in _WITH_ARGUMENT and colon:
        return _WITH_ARGUMENT[name](argument)
    raise ValueError(
        "expected upper, lower, title, cut:N, default:TEXT, money, money:EXAMPLE or date:FORMAT, "
        f"found {source!r}"
    )


def needs_value(source: str) -> bool:
    """Whether a filter reads the value of a cell, and not what a spreadsheet shows of it."""
    return source.strip().partition(":")[0] in _OF_VALUES
