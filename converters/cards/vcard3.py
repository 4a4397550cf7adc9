"""Contacts to vCard 3.0 (RFC 2426) for programs, through vobject's tree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from converters.cards.model import Card, Name

if TYPE_CHECKING:
    from collections.abc import Iterable


def vcf(cards: Iterable[Card]) -> bytes:
    """Octets of a file with these cards, in UTF-8, CR LF at the end of lines."""
    return "".join(map(_serialized, cards)).encode()


def _serialized(card: Card) -> str:
    import vobject  # noqa: PLC0415 - heavy, wanted only here

    tree = vobject.vCard()
    parts = vobject.vcard
    _add(tree, "n", _name(parts, card.name))
    _add(tree, "fn", card.shown_as)  # compulsory here, unlike in 2.1
    for tel in card.tels:
        _add(tree, "tel", tel.number, tel.types)
    for email in card.emails:
        _add(tree, "email", email.address, email.types)
    _add(tree, "org", list(card.org))
    _add(tree, "title", card.title)
    for address in card.addresses:
        box, extended, *place = address.fields
        _add(tree, "adr", parts.Address(*place, box=box, extended=extended), address.types)
    _add(tree, "url", card.url)
    _add(tree, "bday", card.birthday.isoformat() if card.birthday else "")
    _add(tree, "nickname", card.nickname)
    _add(tree, "note", card.note)
    return str(tree.serialize())


def _name(parts: Any, name: Name) -> Any:
    return parts.Name(name.family, name.given, name.middle, name.prefix, name.suffix)


def _add(tree: Any, name: str, value: Any, types: tuple[str, ...] = ()) -> None:
    if value:
        line = tree.add(name)
        line.value = value
        if types:
            line.type_param = list(types)
