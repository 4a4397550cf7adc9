"""What each property of a card says: one function for each, and the types of TEL, EMAIL and ADR."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from converters.api import Action, Loss
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


def _address(line: Line, value: Value, losses: list[Loss]) -> Address | None:
    fields = _exactly(7, line, value, losses)
    return Address(fields, _types(line, losses)) if any(fields) else None


def _org(line: Line, value: Value, losses: list[Loss]) -> tuple[str, ...]:
    name, unit = _exactly(2, line, value, losses)
    return (name, unit) if unit else (name,) if name else ()


def _email(line: Line, value: Value, losses: list[Loss]) -> Email | None:
    address = value.text
    if address[:7].lower() == "mailto:":
        address = address[7:]
    return Email(address, _types(line, losses)) if address else None


_SEPARATORS = str.maketrans("", "", " -.()/\t\u00a0\u2010\u2011\u2013\u2212\u200e\u202a\u202c")
#: Characters, with separators and remarks; E.164 allows 15 digits.
_MOST_NUMBER = 100
_NUMBER = re.compile("[+]?[0-9*#pPwW,]{1,99}")
_EXTENSION = re.compile(r"(?<![ ;])[ ;]*+(?:ext[.=]?|x)[0-9 -]++$", re.IGNORECASE)
_REMARK = re.compile(r"(?:(?<!\s)\s++)?+\([^()0-9]*\)\s*")
_TRUNK_ZERO = re.compile(r"(\+[0-9 ]+)\(0\)")


def _tel(line: Line, value: Value, losses: list[Loss]) -> Tel | None:
    """Number without separators and remarks; ``tel:`` URIs by RFC 3966."""
    number = value.raw.translate(_SEPARATORS)
    if not _NUMBER.fullmatch(number) or "(0)" in value.raw:
        number, others = _number_and_rest(value.text)
        why = "phones keep only the number"
        losses += [left_out(line, why, f"TEL {quoted(other)}") for other in others]
    return Tel(number, _types(line, losses)) if number else None


def _number_and_rest(text: str) -> tuple[str, tuple[str, ...]]:
    """The number in a text, and everything else: remarks, an extension, parameters."""
    if text[:4].lower() == "tel:":
        text = text[4:]
    if len(text) > _MOST_NUMBER:
        raise SourceError(f"expected a phone number, found {quoted(text)}")
    extension = _EXTENSION.search(text)
    rest = text[: extension.start()] if extension else text
    remarks = _REMARK.findall(rest)
    rest = _TRUNK_ZERO.sub(r"\1", _REMARK.sub("", rest))
    dialled, *params = [part for part in rest.split(";") if part.strip()] or [""]
    number = dialled.translate(_SEPARATORS)
    if text.strip(";") and not _NUMBER.fullmatch(number):
        raise SourceError(f"expected a phone number, found {quoted(text)}")
    tail = extension[0].strip(" ;") if extension else ""
    return number, tuple(filter(None, (*params, *map(str.strip, remarks), tail)))


_DATE = re.compile("([0-9]{4})[-/]?([0-9]{2})[-/]?([0-9]{2})(?:T.*)?", re.DOTALL)


def _birthday(_line: Line, value: Value, _losses: list[Loss]) -> date:
    match = _DATE.fullmatch(value.text)
    try:
        if match:
            return date(*map(int, match.groups()))
    except ValueError:
        pass  # for example a thirteenth month
    raise SourceError(f"expected a complete date, found {quoted(value.text)}")


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
