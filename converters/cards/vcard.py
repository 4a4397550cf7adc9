"""vCard 2.1, 3.0 and 4.0 to contacts for phones: vCard 2.1 for port 23F4, one card a message.

Carried: N FN TEL EMAIL ORG TITLE URL NOTE NICKNAME BDAY ADR. What says nothing about the person
(BOOKKEEPING) is dropped in silence; any other property, and any part of one, is a listed loss.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import lru_cache, partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from converters.api import Action, Converter, Item, Loss, Option, Settings, View, Viewer, Writer
from converters.cards.model import PLACE_TYPES, TEL_TYPES, Address, Card, Email, Name, Tel
from converters.cards.vcard3 import vcf
from converters.errors import SourceError
from converters.shared import contentlines, fitting
from converters.shared.contentlines import Component, Line, Value, content_line, join_fields
from converters.shared.fitting import Field
from converters.shared.transliterate import transliterated
from smsenc import Payload, Port, SmsencError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

#: What can be left unsaid of a property, in 2.1.
_DEFAULT_TYPES = {
    "TEL": frozenset[str](),
    "EMAIL": frozenset({"INTERNET"}),
    "ADR": frozenset({"INTL", "DOM", "POSTAL", "PARCEL"}),
}
_KNOWN_TYPES = {"TEL": TEL_TYPES, "EMAIL": PLACE_TYPES, "ADR": PLACE_TYPES}
#: Of the card and not of the person: their loss is not reported.
BOOKKEEPING = frozenset(
    {
        *("VERSION", "PRODID", "REV", "UID", "KIND", "SOURCE", "NAME", "PROFILE", "MAILER"),
        *("CLIENTPIDMAP", "X-IRMC-LUID"),
    }
)


#: Of one property in a card: far more than phones keep, and few enough to be read at once.
MOST_VALUES = 100


# Reading.

Found = tuple[Card | SourceError, tuple[Loss, ...]]


def read(octets: bytes) -> Iterator[Found]:
    """Each card of a source, or the error that rejects it, with its losses.

    Raises SourceError where there is no card at all.
    """
    empty = True
    for component in contentlines.components(octets):
        empty = False
        try:
            yield _card(component)
        except SourceError as error:
            yield error.at(line=component.number), ()
    if empty:
        raise contentlines.not_found(octets, "a vCard")


def _card(component: Component) -> Found:
    if component.name != "VCARD":
        raise SourceError(f"expected a vCard, found {component.name}")
    if component.error:
        raise component.error
    losses: list[Loss] = []
    found: dict[str, Any] = {}
    for line in component.lines:
        try:
            _take(line, component, found, losses)
        except SourceError as error:
            losses.append(_left_out(line, error.message))
    for child in component.children:
        why = "phones keep no card inside a card"
        losses.append(Loss(what=child.name, action=Action.LEFT_OUT, why=why, line=child.number))
    if not component.closed:
        losses.append(
            Loss(what="END:VCARD", action=Action.SUPPLIED, why="the card ends without it")
        )
    return _assembled(found), tuple(losses)


def _take(line: Line, card: Component, found: dict[str, Any], losses: list[Loss]) -> None:
    """Add what a line says to ``found`` under its property's name; with its rank, where many."""
    name = line.name
    if not line.raw.strip():
        return
    reader = _READERS.get(name)
    if reader is None:
        if name not in BOOKKEEPING:
            raise SourceError("phones keep no such property" if name else "expected NAME:value")
        return
    if name in found:
        _check_room(name, found)
    value = contentlines.value(line, card.lines)
    if value.guess:
        why = f"not in the charset it should be, read as {value.guess}"
        losses.append(Loss(what=name, action=Action.GUESSED, why=why, line=line.number))
    said = reader(line, value, losses)
    if said and name in _MANY:
        found.setdefault(name, []).append((_rank(line.params), said))
    elif said:
        found[name] = said


def _check_room(name: str, found: Mapping[str, Any]) -> None:
    if name not in _MANY:
        raise SourceError("phones keep one of them, the first")
    if len(found[name]) == MOST_VALUES:
        raise SourceError(f"phones keep at most {MOST_VALUES} of them")


def _assembled(found: Mapping[str, Any]) -> Card:
    formatted = found.get("FN", "")
    name = found.get("N")
    if not name:
        # N is compulsory in 2.1, and FN alone is not read by all; it is said once, not twice.
        stand_in = formatted or _stand_in(found)
        if not stand_in:
            raise SourceError(
                "expected a name, an organisation, a number or an address, found none"
            )
        name, formatted = Name(family=stand_in), ""
    return Card(
        name=name,
        formatted=formatted,
        tels=_ranked(found.get("TEL", ())),
        emails=_ranked(found.get("EMAIL", ())),
        org=found.get("ORG", ()),
        title=found.get("TITLE", ""),
        addresses=_ranked(found.get("ADR", ())),
        url=found.get("URL", ""),
        birthday=found.get("BDAY"),
        nickname=found.get("NICKNAME", ""),
        note=found.get("NOTE", ""),
    )


def _stand_in(found: Mapping[str, Any]) -> str:
    if "NICKNAME" in found:
        return str(found["NICKNAME"])
    if "ORG" in found:
        return str(next(field for field in found["ORG"] if field))
    if "EMAIL" in found:
        return str(_ranked(found["EMAIL"])[0].address)
    return str(_ranked(found["TEL"])[0].number) if "TEL" in found else ""


def _left_out(line: Line, why: str, what: str = "") -> Loss:
    name = contentlines.shown(line.name)[1:-1] or "unreadable line"
    return Loss(what=what or name, action=Action.LEFT_OUT, why=why, line=line.number)


# PREF: a type in 2.1 and 3.0, a parameter 1..100 in 4.0 (RFC 6350, 5.3).


@lru_cache
def _rank(params: tuple[tuple[str, str], ...]) -> int:
    if "PREF" in Line("", params, b"", 0).types:
        return 1
    number = next((value for key, value in params if key == "PREF"), "")
    return int(number) if re.fullmatch("[0-9]{1,3}", number) else 101


def _ranked(values: Sequence[tuple[int, Any]]) -> tuple[Any, ...]:
    if len(values) == 1:
        return (values[0][1],)
    return tuple([value for _rank, value in sorted(values, key=_by_rank)])


_by_rank = itemgetter(0)


def _types(line: Line, losses: list[Loss]) -> tuple[str, ...]:
    if not line.params:
        return ()
    known, unknown = _sorted_types(line.name, line.params)
    for name in unknown:
        what = f"{line.name} type {contentlines.shown(name)[1:-1]}"
        losses.append(_left_out(line, "phones know no such type", what))
    return known


@lru_cache
def _sorted_types(
    name: str, params: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The types that phones know, in their order, and the others."""
    said = {*Line(name, params, b"", 0).types, *(("PREF",) if ("PREF", "1") in params else ())}
    known = _KNOWN_TYPES[name]
    unknown = sorted(said.difference(known, _DEFAULT_TYPES[name]))
    return tuple(type_ for type_ in known if type_ in said), tuple(unknown)


# One function a property: the line, its value, where losses go; falsy when it says nothing.


def _text(_line: Line, value: Value, _losses: list[Loss]) -> str:
    return value.text


def _fitting(line: Line, value: Value, count: int, losses: list[Loss]) -> tuple[str, ...]:
    """Exactly ``count`` fields; more of them are a loss."""
    fields = value.fields
    if len(fields) > count and any(fields[count:]):
        why = f"expected at most {count} fields, found {len(fields)}"
        losses.append(_left_out(line, why, f"{line.name} field {count + 1}"))
    return (*fields[:count], *("",) * (count - len(fields)))


def _name(line: Line, value: Value, losses: list[Loss]) -> Name | None:
    fields = value.fields
    if len(fields) > 5 and any(fields[5:]):
        fields = (*fields[:4], " ".join(filter(None, fields[4:])))
        why = "a name has five fields"
        losses.append(Loss(what="N field 6", action=Action.JOINED, why=why, line=line.number))
    return Name(*fields[:5]) if any(fields) else None


def _address(line: Line, value: Value, losses: list[Loss]) -> Address | None:
    fields = _fitting(line, value, 7, losses)
    return Address(fields, _types(line, losses)) if any(fields) else None


def _org(line: Line, value: Value, losses: list[Loss]) -> tuple[str, ...]:
    name, unit = _fitting(line, value, 2, losses)
    return (name, unit) if unit else (name,) if name else ()


def _email(line: Line, value: Value, losses: list[Loss]) -> Email | None:
    address = value.text
    if address[:7].lower() == "mailto:":
        address = address[7:]
    return Email(address, _types(line, losses)) if address else None


_SEPARATORS = str.maketrans("", "", " -.()/\t\u00a0\u2010\u2011\u2013\u2212\u200e\u202a\u202c")
#: Characters, with what is only for the eye; E.164 has 15 digits.
_MOST_NUMBER = 100
_NUMBER = re.compile("[+]?[0-9*#pPwW,]{1,99}")
_EXTENSION = re.compile(r"[ ;]*(?:ext[.=]?|x) *[0-9 -]+$", re.IGNORECASE)
_REMARK = re.compile(r"\s*\([^()0-9]*\)\s*")
_TRUNK_ZERO = re.compile(r"(\+[0-9 ]+)\(0\)")


def _tel(line: Line, value: Value, losses: list[Loss]) -> Tel | None:
    """Number without what is only for the eye; ``tel:`` URIs by RFC 3966."""
    number = value.raw.translate(_SEPARATORS)
    if not _NUMBER.fullmatch(number) or "(0)" in value.raw:
        number, others = _number(value.text)
        for other in others:
            what = f"TEL {contentlines.shown(other)}"
            losses.append(_left_out(line, "phones keep the number alone", what))
    return Tel(number, _types(line, losses)) if number else None


def _number(text: str) -> tuple[str, tuple[str, ...]]:
    """The number in a text, and what else is said there: remarks, an extension, parameters."""
    if text[:4].lower() == "tel:":
        text = text[4:]
    if len(text) > _MOST_NUMBER:
        raise SourceError(f"expected a phone number, found {contentlines.shown(text)}")
    extension = _EXTENSION.search(text)
    said = text[: extension.start()] if extension else text
    remarks = _REMARK.findall(said)
    said = _TRUNK_ZERO.sub(r"\1", _REMARK.sub("", said))
    dialled, *params = [part for part in said.split(";") if part.strip()] or [""]
    number = dialled.translate(_SEPARATORS)
    if text.strip(";") and not _NUMBER.fullmatch(number):
        raise SourceError(f"expected a phone number, found {contentlines.shown(text)}")
    tail = extension[0].strip(" ;") if extension else ""
    return number, tuple(filter(None, (*params, *map(str.strip, remarks), tail)))


_DATE = re.compile("([0-9]{4})[-/]?([0-9]{2})[-/]?([0-9]{2})(?:T.*)?", re.DOTALL)


def _birthday(_line: Line, value: Value, _losses: list[Loss]) -> date:
    match = _DATE.fullmatch(value.text)
    try:
        if match:
            return date(*map(int, match.groups()))
    except ValueError:
        pass  # a thirteenth month
    raise SourceError(f"expected a whole date, found {contentlines.shown(value.text)}")


_MANY = frozenset(("TEL", "EMAIL", "ADR"))
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

_BEGIN, _END = b"BEGIN:VCARD\r\n", b"END:VCARD\r\n"
_VERSION = b"VERSION:2.1\r\n"


def write(card: Card, charset: str = "UTF-8") -> bytes:
    """Octets of the card in vCard 2.1, ready for phones: the inverse of ``read``."""
    lines = [content_line(name, text, types, charset) for name, text, types, _rank in _rows(card)]
    return b"".join((_BEGIN, _VERSION, *lines, _END))


#: A property as it is written: name, value with its escapes, types, rank of importance.
_Row = tuple[str, str, tuple[str, ...], int]


def _rows(card: Card) -> list[_Row]:
    """What the card says, in written order. Rank 0 is compulsory: the name and a number."""
    escape = contentlines.escape
    rows: list[_Row] = [
        ("N", join_fields(card.name), (), 0),
        ("FN", escape(card.formatted), (), 6),
        *[("TEL", tel.number, tel.types, min(index, 1)) for index, tel in enumerate(card.tels)],
        *[
            ("EMAIL", escape(email.address), email.types, 10 if index else 2)
            for index, email in enumerate(card.emails)
        ],
        ("ORG", join_fields(card.org), (), 3),
        ("TITLE", escape(card.title), (), 4),
        *[
            ("ADR", join_fields(address.fields), address.types, 10 if index else 5)
            for index, address in enumerate(card.addresses)
        ],
        ("URL", escape(card.url), (), 7),
        ("BDAY", f"{card.birthday:%Y%m%d}".zfill(8) if card.birthday else "", (), 8),
        ("NICKNAME", escape(card.nickname), (), 9),
        ("NOTE", escape(card.note), (), 11),
    ]
    return [row for row in rows if row[1]]


def convert(octets: bytes, settings: Settings) -> Iterator[Item]:
    """One item a card. Raises SourceError where there is none."""
    form = _FORMS[settings["form"]]
    room = fitting.room(settings["max-parts"], port=Port.VCARD)
    for found, losses in read(octets):
        if isinstance(found, SourceError):
            yield Item(kind="vcard", error=found, losses=losses)
            continue
        try:
            written, more = form(found, settings["charset"], room, settings["strict"])
        except SmsencError as error:
            yield Item(kind="vcard", error=error, losses=losses)
        else:
            payload = Payload.to_port(Port.VCARD, written)
            yield Item(kind="vcard", payload=payload, losses=losses + more)


_Written = tuple[bytes, tuple[Loss, ...]]


def _full(card: Card, charset: str, room: int, strict: bool) -> _Written:  # noqa: FBT001 - a setting
    """Octets of the card in at most ``room``; fields go in by their rank."""
    card, losses = _in_charset(card, charset)
    rows = _rows(card)
    lines = [content_line(name, text, types, charset) for name, text, types, _rank in rows]
    whole = b"".join((_BEGIN, _VERSION, *lines, _END))
    if len(whole) <= room:
        return whole, losses
    fields = [_field(*pair, charset) for pair in zip(rows, lines, strict=True)]
    if card.formatted == str(card.name):
        fields = [field for field in fields if field.what != "FN"]
        losses += (Loss(what="FN", action=Action.LEFT_TO_N, why="N says the same"),)
    frame = len(_BEGIN) + len(_VERSION) + len(_END)
    fitted, more = fitting.fit(fields, room, frame, strict=strict)
    return b"".join((_BEGIN, _VERSION, fitted, _END)), losses + more


def _field(row: _Row, octets: bytes, charset: str) -> Field:
    name, text, _types, rank = row
    shorter = partial(_shortened, name, text, charset) if name in _CUTTABLE else None
    return Field(_called(row), octets, rank, shorter)


def _called(row: _Row) -> str:
    """Name of a property in a loss; of which there are many, with its value."""
    name, text, _types, rank = row
    return f"{name} {contentlines.shown(text)}" if rank in (1, 10) else name


#: A beginning of these is of use, of a number or an address it is not.
_CUTTABLE = frozenset({"TITLE", "NOTE"})


def _shortened(name: str, text: str, charset: str, most: int) -> bytes | None:
    plain = contentlines.unescape(text)

    def line(beginning: str) -> bytes:
        return content_line(name, contentlines.escape(beginning), (), charset)

    return fitting.shortened(plain, line, most)


def _name_and_number(card: Card, charset: str, room: int, strict: bool) -> _Written:  # noqa: FBT001 - a setting
    """Octets for phones of 1998 to 2000, which know N and one TEL, without types or VERSION."""
    card, losses = _in_charset(card, charset)
    rows = _rows(card)
    kept = [row for row in rows if row[3] == 0]
    others = [_called(row) for row in rows if row[3] != 0]
    if card.formatted == str(card.name):
        others.remove("FN")
    fields = [Field(name, content_line(name, text, (), charset), 0) for name, text, _, _ in kept]
    fitted, more = fitting.fit(fields, room, len(_BEGIN) + len(_END), strict=strict)
    why = "the form holds a name and a number"
    left_out = tuple(Loss(what=what, action=Action.LEFT_OUT, why=why) for what in others)
    return b"".join((_BEGIN, fitted, _END)), losses + more + left_out


_FORMS = {"full": _full, "name-number": _name_and_number}


# Characters. What a charset does not hold is replaced before anything is escaped.


def _in_charset(card: Card, charset: str) -> tuple[Card, tuple[Loss, ...]]:
    if charset == "UTF-8":
        return card, ()
    losses: list[Loss] = []

    def plain(what: str, text: str) -> str:
        found = transliterated(text, charset)
        if found != text:
            why = f"{charset} does not hold all of {contentlines.shown(text)}"
            losses.append(Loss(what=what, action=Action.REPLACED, why=why))
        return found

    written = replace(
        card,
        name=Name(*[plain("N", text) for text in card.name]),
        formatted=plain("FN", card.formatted),
        emails=tuple(one._replace(address=plain("EMAIL", one.address)) for one in card.emails),
        org=tuple(plain("ORG", text) for text in card.org),
        title=plain("TITLE", card.title),
        addresses=tuple(
            one._replace(fields=tuple(plain("ADR", text) for text in one.fields))
            for one in card.addresses
        ),
        url=plain("URL", card.url),
        nickname=plain("NICKNAME", card.nickname),
        note=plain("NOTE", card.note),
    )
    return written, tuple(losses)


#: As typed, and as CHARSET names them.
CHARSETS = {"utf-8": "UTF-8", "latin-1": "ISO-8859-1", "ascii": "US-ASCII"}


def _choice(choices: Mapping[str, str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError(f"expected {' or '.join(choices)}")
        return choices[text.lower()]

    return parse


OPTIONS = (
    *fitting.OPTIONS,
    Option(
        "charset", "utf-8, latin-1 or ascii: how letters are written", _choice(CHARSETS), "UTF-8"
    ),
    Option(
        "form",
        "full, or name-number for phones of before 2000",
        _choice({name: name for name in _FORMS}),
        "full",
    ),
)


def sniff(head: bytes) -> bool:
    """Whether a source begins with BEGIN:VCARD, in any case and in UTF-16 too."""
    return contentlines.begins(head, "VCARD")


# Showing.


def view(payload: Payload) -> View:
    """Show what the phone will show; a single card's content stands alone, else under "cards".

    Raises SourceError for a card that cannot be read.
    """
    cards = list(contentlines.accepted(read, payload))
    contents = [_content(card) for card in cards]
    lines = [line for card in cards for line in ("", *_lines(card))]
    return View(
        content=contents[0] if len(contents) == 1 else {"cards": contents}, lines=tuple(lines[1:])
    )


def write_vcf(payload: Payload) -> bytes:
    """Cards of a payload as a file of vCard 3.0; raises SourceError where one cannot be read."""
    return vcf(contentlines.accepted(read, payload))


def _content(card: Card) -> dict[str, Any]:
    said = {
        "name": card.shown_as,
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
        ("Name", card.shown_as),
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
    options=OPTIONS,
)
VIEWER = Viewer(
    kind="vcard",
    port=Port.VCARD,
    view=view,
    writers=(Writer(".vcf", write_vcf, joins=True),),
)
