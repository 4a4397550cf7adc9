"""Contacts to vCard 2.1 as phones read it, in at most a number of octets."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from converters.api import Action, Loss
from converters.cards.model import Card, Name
from converters.shared import fitting
from converters.shared.contentlines import Row, escape, join_fields
from converters.shared.contentlines.payloads import Written
from converters.shared.contentlines.rows import RowFields, lines
from converters.shared.fitting import Field
from converters.shared.transliterate import Transliteration
from converters.shared.words import quoted

_BEGIN, _END = b"BEGIN:VCARD\r\n", b"END:VCARD\r\n"
_VERSION = b"VERSION:2.1\r\n"
_FRAME_OCTETS = len(_BEGIN) + len(_VERSION) + len(_END)
#: A beginning of these is useful, unlike a beginning of a number or an address.
_CUTTABLE = frozenset({"TITLE", "NOTE"})


def write(card: Card, charset: str = "UTF-8") -> bytes:
    """Octets of the card in vCard 2.1: the inverse of ``read``."""
    return b"".join((_BEGIN, _VERSION, *lines(_rows(card), charset), _END))


def _rows(card: Card) -> list[RowFields]:
    """What the card says, in written order. Rank 0 is compulsory: the name and a number."""
    rows: list[RowFields] = [
        ("N", join_fields(card.name), 0, ()),
        ("FN", escape(card.formatted), 6, ()),
        *[("TEL", tel.number, min(index, 1), tel.types) for index, tel in enumerate(card.tels)],
        *[
            ("EMAIL", escape(email.address), 10 if index else 2, email.types)
            for index, email in enumerate(card.emails)
        ],
        ("ORG", join_fields(card.org), 3, ()),
        ("TITLE", escape(card.title), 4, ()),
        *[
            ("ADR", join_fields(address.fields), 10 if index else 5, address.types)
            for index, address in enumerate(card.addresses)
        ],
        ("URL", escape(card.url), 7, ()),
        ("BDAY", f"{card.birthday:%Y%m%d}".zfill(8) if card.birthday else "", 8, ()),
        ("NICKNAME", escape(card.nickname), 9, ()),
        ("NOTE", escape(card.note), 11, ()),
    ]
    return [row for row in rows if row[1]]


def fitted(card: Card, room: int, *, charset: str, strict: bool) -> Written:
    """Octets of the card in at most ``room``, and what is lost; fields go in by their rank.

    Raises GuardError if the name and a number do not fit, and with ``strict`` if anything does not.
    """
    card, losses = _in_charset(card, charset)
    rows = _rows(card)
    written = lines(rows, charset)
    complete = b"".join((_BEGIN, _VERSION, *written, _END))
    if len(complete) <= room:
        return complete, losses
    pairs = zip(map(Row._make, rows), written, strict=True)
    fields = [_field(row, line, charset) for row, line in pairs]
    if card.formatted == str(card.name):
        fields = [field for field in fields if field.what != "FN"]
        losses += (Loss(what="FN", action=Action.LEFT_TO_N, why="N says the same"),)
    octets, more = fitting.fit(fields, room, _FRAME_OCTETS, strict=strict)
    return b"".join((_BEGIN, _VERSION, octets, _END)), losses + more


def _field(row: Row, octets: bytes, charset: str) -> Field:
    shorter = partial(row.beginning, charset) if row.name in _CUTTABLE else None
    return Field(_label(row), octets, row.rank, shorter)


def _label(row: Row) -> str:
    """Name of a property in a loss; with its value if the card may have several."""
    return f"{row.name} {quoted(row.text)}" if row.rank in (1, 10) else row.name


def name_and_number(card: Card, room: int, *, charset: str, strict: bool) -> Written:
    """Octets for phones of 1998 to 2000, which know N and one TEL, without types or VERSION."""
    card, losses = _in_charset(card, charset)
    rows = [Row._make(row) for row in _rows(card)]
    others = [_label(row) for row in rows if row.rank != 0]
    if card.formatted == str(card.name):
        others.remove("FN")
    fields = [
        Field(row.name, row._replace(types=()).line(charset), 0) for row in rows if row.rank == 0
    ]
    octets, more = fitting.fit(fields, room, len(_BEGIN) + len(_END), strict=strict)
    why = "the form holds a name and a number"
    left_out = tuple(Loss(what=what, action=Action.LEFT_OUT, why=why) for what in others)
    return b"".join((_BEGIN, octets, _END)), losses + more + left_out


def _in_charset(card: Card, charset: str) -> tuple[Card, tuple[Loss, ...]]:
    """The card in letters that the charset holds, before anything is escaped."""
    if charset == "UTF-8":
        return card, ()
    letters = Transliteration(charset)
    written = replace(
        card,
        name=Name(*[letters.text("N", text) for text in card.name]),
        formatted=letters.text("FN", card.formatted),
        emails=tuple(
            one._replace(address=letters.text("EMAIL", one.address)) for one in card.emails
        ),
        org=tuple(letters.text("ORG", text) for text in card.org),
        title=letters.text("TITLE", card.title),
        addresses=tuple(
            one._replace(fields=tuple(letters.text("ADR", text) for text in one.fields))
            for one in card.addresses
        ),
        url=letters.text("URL", card.url),
        nickname=letters.text("NICKNAME", card.nickname),
        note=letters.text("NOTE", card.note),
    )
    return written, tuple(letters.losses)
