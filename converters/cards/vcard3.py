"""Contacts to vCard 3.0 (RFC 2426) for other programs, written by vobject."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from converters.cards.model import Card


def vcf(cards: Iterable[Card]) -> bytes:
    """Octets of a file with these cards, in UTF-8 with CR LF at line ends."""
    return "".join(map(_serialized, cards)).encode()


def _serialized(card: Card) -> str:
    import vobject  # noqa: PLC0415 - heavy, needed only here

    tree = vobject.vCard()
    _add(tree, "n", vobject.vcard.Name(*card.name))
    _add(tree, "fn", card.shown_as)  # compulsory here, unlike in 2.1
    for tel in card.tels:
        _add(tree, "tel", tel.number, tel.types)
    for email in card.emails:
        _add(tree, "email", email.address, email.types)
    _add(tree, "org", list(card.org))
    _add(tree, "title", card.title)
    for address in card.addresses:
        box, extended, *place = address.fields
        parts = vobject.vcard.Address(*place, box=box, extended=extended)
        _add(tree, "adr", parts, address.types)
    _add(tree, "url", card.url)
    _add(tree, "bday", card.birthday.isoformat() if card.birthday else "")
    _add(tree, "nickname", card.nickname)
    _add(tree, "note", card.note)
    return str(tree.serialize())


def _add(
    tree: Any,  # vobject has no types
    name: str,
    value: object,
    types: tuple[str, ...] = (),
) -> None:
    if value:
        line = tree.add(name)
        line.value = value
        if types:
            line.type_param = list(types)
