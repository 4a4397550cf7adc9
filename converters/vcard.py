"""vCard 2.1, 3.0 and 4.0 to contacts for phones: vCard 2.1 for port 23F4, one card a message.

Carried: N FN TEL EMAIL ORG TITLE URL NOTE NICKNAME BDAY ADR. What says nothing about the person
(BOOKKEEPING) is dropped in silence; any other property, and any part of one, is a listed loss.
"""

from __future__ import annotations

import re
from dataclasses import astuple, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from converters import contentline
from converters.api import Converter, Item, Loss, Settings, View, Viewer
from converters.contentline import Component, Line, Value, content_line, join_fields
from smsenc import Payload, Port, SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

#: The types of TEL in vCard 2.1, in the order they are written.
TEL_TYPES = (
    *("PREF", "HOME", "WORK", "CELL", "FAX", "VOICE", "PAGER"),
    *("MSG", "BBS", "MODEM", "CAR", "ISDN", "VIDEO"),
)
#: Of EMAIL and ADR; the rest of the table of 2.1 are its defaults or long gone mail systems.
PLACE_TYPES = ("PREF", "HOME", "WORK")
_DEFAULT_TYPES = {
    "TEL": frozenset[str](),
    "EMAIL": frozenset({"INTERNET"}),
    "ADR": frozenset({"INTL", "POSTAL", "PARCEL"}),
}
#: Of the card and not of the person: their loss is not reported.
BOOKKEEPING = frozenset(
    {
        *("VERSION", "PRODID", "REV", "UID", "KIND", "SOURCE", "NAME", "PROFILE", "MAILER"),
        *("CLIENTPIDMAP", "X-IRMC-LUID"),
    }
)


@dataclass(frozen=True, slots=True)
class Name:
    """The fields of N, in its order."""

    family: str = ""
    given: str = ""
    middle: str = ""
    prefix: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        parts = (self.prefix, self.given, self.middle, self.family, self.suffix)
        return " ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class Tel:
    """A number as phones dial it, and types of TEL_TYPES in that order."""

    number: str
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Email:
    """An address, and types of PLACE_TYPES in that order."""

    address: str
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Address:
    """The seven fields of ADR (box, extended, street, city, region, code, country), and types."""

    fields: tuple[str, ...]
    types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A contact as phones keep it; ``org`` is the organisation and one unit of it."""

    name: Name
    formatted: str = ""
    tels: tuple[Tel, ...] = ()
    emails: tuple[Email, ...] = ()
    org: tuple[str, ...] = ()
    title: str = ""
    addresses: tuple[Address, ...] = ()
    url: str = ""
    birthday: date | None = None
    nickname: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not any(astuple(self.name)):
            raise SourceError("expected a name, found none", name="N")


# Reading.

Found = tuple[Card | SourceError, tuple[Loss, ...]]


def read(octets: bytes) -> Iterator[Found]:
    """Each card of a source, or the error that rejects it, with its losses.

    Raises SourceError where there is no card at all.
    """
    empty = True
    for component in contentline.components(octets):
        empty = False
        try:
            yield _card(component)
        except SourceError as error:
            yield error.at(line=component.number), ()
    if empty:
        raise contentline.not_found(octets, "a vCard")


def _card(component: Component) -> Found:
    if component.name != "VCARD":
        raise SourceError(f"expected a vCard, found {component.name}")
    if component.error:
        raise component.error
    losses: list[Loss] = []
    found: dict[str, list[tuple[int, Any]]] = {}
    for line in component.lines:
        try:
            _take(line, found, losses)
        except SourceError as error:
            losses.append(_left_out(line, error.message))
    for child in component.children:
        why = "phones keep no card inside a card"
        losses.append(Loss(what=child.name, action="left out", why=why, line=child.number))
    if not component.closed:
        losses.append(Loss(what="END:VCARD", action="supplied", why="the card ends without it"))
    return _assembled(found), tuple(losses)


def _take(line: Line, found: dict[str, list[tuple[int, Any]]], losses: list[Loss]) -> None:
    """Add what a line says to ``found``, under its property's name and with its rank."""
    if line.name in BOOKKEEPING or not line.raw.strip():
        return
    if not line.name:
        raise SourceError("expected NAME:value")
    if line.name not in _READERS:
        raise SourceError("phones keep no such property")
    if line.name in found and line.name not in _MANY:
        raise SourceError("phones keep one of them, the first")
    value = contentline.value(line)
    if value.guess:
        why = f"not in the charset it should be, read as {value.guess}"
        losses.append(Loss(what=line.name, action="guessed", why=why, line=line.number))
    said = _READERS[line.name](line, value, losses)
    if said:
        found.setdefault(line.name, []).append((_rank(line), said))


def _assembled(found: Mapping[str, list[tuple[int, Any]]]) -> Card:
    one = {name: values[0][1] for name, values in found.items()}
    many = {name: _ranked(found.get(name, [])) for name in _MANY}
    formatted = one.get("FN", "")
    name = one.get("N")
    if not name:
        # N is compulsory in 2.1, and FN alone is not read by all; it is said once, not twice.
        stand_in = formatted or _stand_in(one)
        if not stand_in:
            raise SourceError(
                "expected a name, an organisation, a number or an address, found none"
            )
        name, formatted = Name(family=stand_in), ""
    return Card(
        name=name,
        formatted=formatted,
        tels=many["TEL"],
        emails=many["EMAIL"],
        org=one.get("ORG", ()),
        title=one.get("TITLE", ""),
        addresses=many["ADR"],
        url=one.get("URL", ""),
        birthday=one.get("BDAY"),
        nickname=one.get("NICKNAME", ""),
        note=one.get("NOTE", ""),
    )


def _stand_in(one: Mapping[str, Any]) -> str:
    if "NICKNAME" in one:
        return str(one["NICKNAME"])
    if "ORG" in one:
        return str(next(field for field in one["ORG"] if field))
    if "EMAIL" in one:
        return str(one["EMAIL"].address)
    return str(one["TEL"].number) if "TEL" in one else ""


def _left_out(line: Line, why: str, what: str = "") -> Loss:
    name = contentline.shown(line.name)[1:-1] or "unreadable line"
    return Loss(what=what or name, action="left out", why=why, line=line.number)


# PREF: a type in 2.1 and 3.0, a parameter 1..100 in 4.0 (RFC 6350, 5.3).


def _rank(line: Line) -> int:
    if "PREF" in line.types:
        return 1
    number = line.param("PREF")
    return int(number) if re.fullmatch("[0-9]{1,3}", number) else 101


def _ranked(values: Iterable[tuple[int, Any]]) -> tuple[Any, ...]:
    return tuple(value for _rank, value in sorted(values, key=lambda pair: pair[0]))


def _types(line: Line, known: tuple[str, ...], losses: list[Loss]) -> tuple[str, ...]:
    said = {*line.types, *(("PREF",) if line.param("PREF") == "1" else ())}
    for unknown in sorted(said.difference(known, _DEFAULT_TYPES[line.name])):
        what = f"{line.name} type {contentline.shown(unknown)[1:-1]}"
        losses.append(_left_out(line, "phones know no such type", what))
    return tuple(name for name in known if name in said)


# One function a property: the line, its value, where losses go; falsy when it says nothing.


def _text(_line: Line, value: Value, _losses: list[Loss]) -> str:
    return value.text


def _fitting(line: Line, value: Value, count: int, losses: list[Loss]) -> tuple[str, ...]:
    """Exactly ``count`` fields; more of them are a loss."""
    fields = value.fields
    if any(fields[count:]):
        why = f"expected at most {count} fields, found {len(fields)}"
        losses.append(_left_out(line, why, f"{line.name} field {count + 1}"))
    return (*fields[:count], *("",) * (count - len(fields)))


def _name(line: Line, value: Value, losses: list[Loss]) -> Name | None:
    fields = _fitting(line, value, 5, losses)
    return Name(*fields) if any(fields) else None


def _address(line: Line, value: Value, losses: list[Loss]) -> Address | None:
    fields = _fitting(line, value, 7, losses)
    return Address(fields, _types(line, PLACE_TYPES, losses)) if any(fields) else None


def _org(line: Line, value: Value, losses: list[Loss]) -> tuple[str, ...]:
    name, unit = _fitting(line, value, 2, losses)
    return (name, unit) if unit else (name,) if name else ()


def _email(line: Line, value: Value, losses: list[Loss]) -> Email | None:
    address = re.sub("^mailto:", "", value.text, flags=re.IGNORECASE)
    return Email(address, _types(line, PLACE_TYPES, losses)) if address else None


_SEPARATORS = str.maketrans("", "", " -.()/\t\u00a0\u2010\u2011\u2013")
_NUMBER = re.compile("[+]?[0-9*#pPwW,]+")
_MOST_NUMBER = 100  # characters, with what is only for the eye; E.164 has 15 digits
_EXTENSION = re.compile(r"[ ;]*(?:ext[.=]?|x) *[0-9 -]+$", re.IGNORECASE)


def _tel(line: Line, value: Value, losses: list[Loss]) -> Tel | None:
    """Number without what is only for the eye; ``tel:`` URIs by RFC 3966."""
    text = re.sub("^tel:", "", value.text, flags=re.IGNORECASE)
    if not text:
        return None
    if len(text) > _MOST_NUMBER:
        raise SourceError(f"expected a phone number, found {contentline.shown(text)}")
    extension = _EXTENSION.search(text)
    dialled, *params = text[: extension.start() if extension else None].split(";")
    number = dialled.translate(_SEPARATORS)
    if not _NUMBER.fullmatch(number):
        raise SourceError(f"expected a phone number, found {contentline.shown(text)}")
    for param in filter(None, (*params, extension and extension[0].strip(" ;"))):
        what = f"TEL {contentline.shown(param)}"
        losses.append(_left_out(line, "phones keep the number alone", what))
    return Tel(number, _types(line, TEL_TYPES, losses))


_DATE = re.compile("([0-9]{4})[-/]?([0-9]{2})[-/]?([0-9]{2})(?:T.*)?", re.DOTALL)


def _birthday(_line: Line, value: Value, _losses: list[Loss]) -> date:
    match = _DATE.fullmatch(value.text)
    try:
        if match:
            return date(*map(int, match.groups()))
    except ValueError:
        pass  # a thirteenth month
    raise SourceError(f"expected a whole date, found {contentline.shown(value.text)}")


_MANY = ("TEL", "EMAIL", "ADR")
_READERS: Mapping[str, Callable[[Line, Value, list[Loss]], Any]] = {
    "N": _name,
    "FN": _text,
    "TEL": _tel,
    "EMAIL": _email,
    "ADR": _address,
    "ORG": _org,
    "TITLE": _text,
    "URL": _text,
    "NICKNAME": _text,
    "NOTE": _text,
    "BDAY": _birthday,
}


# Writing.


def write(card: Card) -> bytes:
    """Octets of the card in vCard 2.1, ready for phones: the inverse of ``read``."""
    return b"".join(content_line(name, value, types) for name, value, types in _rows(card) if value)


def _rows(card: Card) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    escape = contentline.escape
    yield "BEGIN", "VCARD", ()
    yield "VERSION", "2.1", ()
    yield "N", join_fields(astuple(card.name)), ()
    yield "FN", escape(card.formatted), ()
    for tel in card.tels:
        yield "TEL", tel.number, tel.types
    for email in card.emails:
        yield "EMAIL", escape(email.address), email.types
    yield "ORG", join_fields(card.org), ()
    yield "TITLE", escape(card.title), ()
    for address in card.addresses:
        yield "ADR", join_fields(address.fields), address.types
    yield "URL", escape(card.url), ()
    yield "BDAY", f"{card.birthday:%Y%m%d}".zfill(8) if card.birthday else "", ()
    yield "NICKNAME", escape(card.nickname), ()
    yield "NOTE", escape(card.note), ()
    yield "END", "VCARD", ()


def convert(octets: bytes, _settings: Settings) -> Iterator[Item]:
    """One item a card. Raises SourceError where there is none."""
    for found, losses in read(octets):
        if isinstance(found, SourceError):
            yield Item(kind="vcard", error=found, losses=losses)
        else:
            payload = Payload.to_port(Port.VCARD, write(found))
            yield Item(kind="vcard", payload=payload, losses=losses)


def sniff(head: bytes) -> bool:
    """Whether a source begins with BEGIN:VCARD, in any case and in UTF-16 too."""
    return contentline.begins(head, "VCARD")


# Showing.


def view(payload: Payload) -> View:
    """Show what the phone will show; a single card's content stands alone, else under "cards".

    Raises SourceError for a card that cannot be read.
    """
    cards = []
    for found, _losses in read(contentline.received(payload)):
        if isinstance(found, SourceError):
            raise found
        cards.append(found)
    contents = [_content(card) for card in cards]
    lines = [line for card in cards for line in ("", *_lines(card))]
    return View(
        content=contents[0] if len(contents) == 1 else {"cards": contents}, lines=tuple(lines[1:])
    )


def _content(card: Card) -> dict[str, Any]:
    said = {
        "name": card.formatted or str(card.name),
        "tel": [{"types": list(tel.types), "number": tel.number} for tel in card.tels],
        "email": [{"types": list(mail.types), "address": mail.address} for mail in card.emails],
        "org": "; ".join(card.org),
        "title": card.title,
        "address": [
            {"types": list(address.types), "address": _one_line(address)}
            for address in card.addresses
        ],
        "url": card.url,
        "birthday": card.birthday.isoformat() if card.birthday else "",
        "nickname": card.nickname,
        "note": card.note,
    }
    return {key: value for key, value in said.items() if value}


def _one_line(address: Address) -> str:
    return ", ".join(field for field in address.fields if field)


def _lines(card: Card) -> Iterator[str]:
    pairs = [
        ("Name", card.formatted or str(card.name)),
        *((_label(tel.types) or "Phone", tel.number) for tel in card.tels),
        *(("Email", email.address) for email in card.emails),
        ("Company", "; ".join(card.org)),
        ("Title", card.title),
        *((_label((*address.types, "ADDRESS")), _one_line(address)) for address in card.addresses),
        ("Web", card.url),
        ("Birthday", card.birthday.isoformat() if card.birthday else ""),
        ("Nickname", card.nickname),
        ("Note", card.note),
    ]
    said = [(label, text) for label, text in pairs if text]
    width = max(len(label) for label, _text in said)
    for label, text in said:
        yield from f"{label:<{width}}  {text}".replace("\n", f"\n{'':<{width}}  ").split("\n")


def _label(types: tuple[str, ...]) -> str:
    named = [name for name in types if name not in ("PREF", "VOICE")]
    return " ".join(named).capitalize()


CONVERTER = Converter(
    name="vcard",
    summary="vCard 2.1, 3.0 and 4.0 to contacts for phones",
    suffixes=(".vcf", ".vcard"),
    sniff=sniff,
    convert=convert,
)
VIEWER = Viewer(kind="vcard", port=Port.VCARD, view=view)
