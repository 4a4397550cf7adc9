"""What each property of a card says: one function for each, and the types of TEL, EMAIL and ADR."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from converters.api import Action, Loss
from converters.cards import numbers
from converters.cards.model import PLACE_TYPES, TEL_TYPES, Address, Email, Name, Tel
from converters.errors import SourceError
from converters.shared.contentlines import Line, Value
from converters.shared.contentlines.lines import Params, types_of
from converters.shared.words import quoted, unquoted

#: Types that mean nothing more than the property itself, in 2.1.
_DEFAULT_TYPES = {
    "TEL": frozenset[str](),
    "EMAIL": frozenset({"INTERNET"}),
    "ADR": frozenset({"INTL", "DOM", "POSTAL", "PARCEL"}),
}
_KNOWN_TYPES = {"TEL": TEL_TYPES, "EMAIL": PLACE_TYPES, "ADR": PLACE_TYPES}


def left_out(line: Line, why: str, what: str = "") -> Loss:
    """Loss of a line, or of ``what`` it contains."""
    return Loss(what=what or line.label, action=Action.LEFT_OUT, why=why, line=line.number)


# PREF: a type in 2.1 and 3.0, a parameter 1..100 in 4.0 (RFC 6350, 5.3).


@lru_cache  # a source has few different sets of parameters; saves 7 % of the time of a card
def preference(params: Params) -> int:
    """1 for the most preferred value, up to 101 for one without PREF."""
    if "PREF" in types_of(params):
        return 1
    number = next((value for key, value in params if key == "PREF"), "")
    return int(number) if re.fullmatch("[0-9]{1,3}", number) else 101


def _types(line: Line, losses: list[Loss]) -> tuple[str, ...]:
    if not line.params:
        return ()
    known, unknown = _sorted_types(line.name, line.params)
    for name in unknown:
        what = f"{line.name} type {unquoted(name)}"
        losses.append(left_out(line, "phones do not know this type", what))
    return known


@lru_cache  # as above: 9 %
def _sorted_types(name: str, params: Params) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The types that phones know, in their order, and the others."""
    given = {*types_of(params), *(("PREF",) if ("PREF", "1") in params else ())}
    known = _KNOWN_TYPES[name]
    unknown = sorted(given.difference(known, _DEFAULT_TYPES[name]))
    return tuple(type_ for type_ in known if type_ in given), tuple(unknown)


# Each function gets the line, its value and the list for losses; its result is falsy if the value
# is empty.


def _text(_line: Line, value: Value, _losses: list[Loss]) -> str:
    return value.text


def _exactly(count: int, line: Line, value: Value, losses: list[Loss]) -> tuple[str, ...]:
    """Exactly ``count`` fields; any more are a loss."""
    fields = value.fields
    if len(fields) > count and any(fields[count:]):
        why = f"expected at most {count} fields, found {len(fields)}"
        losses.append(left_out(line, why, f"{line.name} field {count + 1}"))
    return (*fields[:count], *("",) * (count - len(fields)))


def _name(line: Line, value: Value, losses: list[Loss]) -> Name | None:
    fields = value.fields
    if len(fields) > 5 and any(fields[5:]):
        fields = (*fields[:4], " ".join(filter(None, fields[4:])))
        why = "a name has five fields"
        losses.append(Loss(what="N field 6", action=Action.JOINED, why=why, line=line.number))
    return Name(*fields[:5]) if any(fields) else None


def _address(line: Line, value: Value, losses: list[Loss]) -> list[Address]:
    fields = _exactly(7, line, value, losses)
    label = line.param("LABEL")
    if label:
        losses.append(left_out(line, "phones keep no such parameter", f"ADR LABEL {quoted(label)}"))
    return [Address(fields, _types(line, losses))] if any(fields) else []


def _org(line: Line, value: Value, losses: list[Loss]) -> tuple[str, ...]:
    name, unit = _exactly(2, line, value, losses)
    return (name, unit) if unit else (name,) if name else ()


_ADDRESS = re.compile(r"[^@\s;,<>]{1,64}@[^@\s;,<>.]{1,64}\.[^@\s;,<>]{1,255}")
_NAMED = re.compile(r"[^<>]*<([^<>@]{1,200}@[^<>@]{1,200})>")


def _email(line: Line, value: Value, losses: list[Loss]) -> list[Email]:
    """The address, or the addresses; "Ana Field <ana@example.com>" is only the address."""
    text = value.text
    if not text:
        return []
    types = _types(line, losses)
    parts = [part for part in re.split(r"[;,\s]+", text) if part] if text.count("@") > 1 else []
    if not all(map(_ADDRESS.fullmatch, parts)):
        parts = []  # a name with separators, or no addresses at all
    addresses = [_address_only(part, line, losses) for part in parts or [text]]
    _report_several(line, len(addresses), "addresses", losses)
    return [Email(address, types) for address in addresses if address]


def _address_only(text: str, line: Line, losses: list[Loss]) -> str:
    if text[:7].lower() == "mailto:":
        text = text[7:]
    named = _NAMED.fullmatch(text)
    if named:
        name = text.partition("<")[0].strip(' "')
        if name:
            losses.append(left_out(line, "phones keep only the address", f"EMAIL {quoted(name)}"))
        return named[1].strip()
    return text


def _tel(line: Line, value: Value, losses: list[Loss]) -> list[Tel]:
    """The number, or the numbers; ``tel:`` URIs by RFC 3966."""
    number = numbers.plain(value.raw)
    if number:
        return [Tel(number, _types(line, losses))]
    found = numbers.read(value.text)
    why = "phones keep only the number"
    losses += [left_out(line, why, f"TEL {quoted(other)}") for other in found.rest]
    if found.changed:
        losses.append(Loss(what="TEL", action=Action.GUESSED, why=found.changed, line=line.number))
    _report_several(line, len(found.numbers), "numbers", losses)
    types = _types(line, losses) if found.numbers else ()
    return [Tel(number, types) for number in found.numbers]


def _report_several(line: Line, count: int, noun: str, losses: list[Loss]) -> None:
    if count > 1:
        why = f"{count} {noun} in one line; each is a line of its own"
        losses.append(Loss(what=line.name, action=Action.EXPANDED, why=why, line=line.number))


_DATE = re.compile("([0-9]{4})[-/.]?([0-9]{2})[-/.]?([0-9]{2})(?:[T ](.*))?", re.DOTALL)
#: The year that Apple's programs write for a birthday without one.
_NO_YEAR = 1604
#: A birthday in another year is one without a year, or by another calendar.
_FIRST_YEAR, _LAST_YEAR = 1850, 2100


def _birthday(line: Line, value: Value, losses: list[Loss]) -> date:
    calendar = line.param("CALSCALE") or "gregorian"
    if calendar.lower() != "gregorian":
        raise SourceError(f"expected the Gregorian calendar, found {quoted(calendar)}")
    match = _DATE.fullmatch(value.text)
    try:
        day = date(*map(int, match.group(1, 2, 3))) if match else None
    except ValueError:
        day = None  # for example a thirteenth month
    if day is None or match is None:
        raise SourceError(f"expected a complete date, found {quoted(value.text)}")
    if day.year == _NO_YEAR or _omits(line, day.year):
        raise SourceError("the year is not known, and phones keep only complete dates")
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise SourceError(f"expected a year {_FIRST_YEAR}..{_LAST_YEAR}, found {day.year}")
    time = re.split("[Z+-]", match[4] or "", maxsplit=1)[0]
    if time.strip("0:.,T "):
        why = "phones keep only the date, which may be another one in another zone"
        losses.append(left_out(line, why, f"BDAY {quoted(match[4])}"))
    return day


def _omits(line: Line, year: int) -> bool:
    """Whether a parameter such as X-APPLE-OMIT-YEAR says that the year stands for none."""
    years = [value for name, value in line.params if "OMIT-YEAR" in name]
    return any(not value.isdecimal() or int(value) == year for value in years)


class Property(NamedTuple):
    """How a property is read: the field of ``reader.Draft`` that keeps it, and the function."""

    field: str
    read: Callable[[Line, Value, list[Loss]], object]


PROPERTIES: Mapping[str, Property] = {
    "N": Property("name", _name),
    "FN": Property("formatted", _text),
    "TEL": Property("tels", _tel),
    "EMAIL": Property("emails", _email),
    "ADR": Property("addresses", _address),
    "ORG": Property("org", _org),
    "TITLE": Property("title", _text),
    "URL": Property("url", _text),
    "NICKNAME": Property("nickname", _text),
    "NOTE": Property("note", _text),
    "BDAY": Property("birthday", _birthday),
}
