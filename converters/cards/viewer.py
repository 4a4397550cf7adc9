"""Contacts in payloads: what the phone shows, and the file they are saved to."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from converters.api import View, Viewer, Writer
from converters.cards.model import Card
from converters.cards.reader import read
from converters.cards.vcard3 import vcf
from converters.loading import later
from converters.shared import contentlines
from converters.shared.glass import TextScreen, screen_of
from converters.shared.views import view_of
from smsenc import Payload, Port

#: A phone shows every card that it gets.
_read = partial(read, groups=True)


def view(payload: Payload) -> View:
    """Cards as the phone shows them. The content is that of a single card, or under "cards".

    Raises SourceError for a card that cannot be read.
    """
    cards = list(contentlines.accepted(_read, payload))
    return view_of("cards", list(map(_content, cards)), map(_labelled, cards))


def _content(card: Card) -> dict[str, object]:
    content = {
        "name": card.shown_as,
        "tel": [{"types": list(tel.types), "number": tel.number} for tel in card.tels],
        "email": [{"types": list(mail.types), "address": mail.address} for mail in card.emails],
        "org": "; ".join(card.org),
        "title": card.title,
        "address": [
            {"types": list(address.types), "address": str(address)} for address in card.addresses
        ],
        "url": card.url,
        "birthday": card.birthday.isoformat() if card.birthday else "",
        "nickname": card.nickname,
        "note": card.note,
    }
    return {key: value for key, value in content.items() if value}


def _labelled(card: Card) -> Iterator[tuple[str, str]]:
    yield "Name", card.shown_as
    yield from ((_label(tel.types) or "Phone", tel.number) for tel in card.tels)
    yield from (("Email", email.address) for email in card.emails)
    yield "Company", "; ".join(card.org)
    yield "Title", card.title
    yield from ((_label((*one.types, "ADDRESS")), str(one)) for one in card.addresses)
    yield "Web", card.url
    yield "Birthday", card.birthday.isoformat() if card.birthday else ""
    yield "Nickname", card.nickname
    yield "Note", card.note


def _label(types: tuple[str, ...]) -> str:
    return " ".join(name for name in types if name not in ("PREF", "VOICE")).capitalize()


def screen(payload: Payload) -> TextScreen:
    """Names, and what is known of each, as the phone shows business cards that arrive."""
    cards = [_fields(card) for card in contentlines.accepted(_read, payload)]
    return TextScreen("\n\n".join(cards), title="Business card", key="Save")


def _fields(card: Card) -> str:
    name, *others = ((label, text) for label, text in _labelled(card) if text)
    return "\n".join((name[1], *(f"{label}:\n{text}" for label, text in others)))


def write_vcf(payload: Payload) -> bytes:
    """Cards of a payload as a file of vCard 3.0; raises SourceError if one cannot be read."""
    return vcf(contentlines.accepted(_read, payload))


VIEWER = Viewer(
    kind="vcard",
    port=Port.VCARD,
    view=view,
    writers=(Writer(".vcf", write_vcf, joins=True),),
    previews=(screen_of(screen),),
    explain=partial(later("converters.shared.contentlines.explaining:lines"), "vCard 2.1"),
)
