"""vCards as a table: a row a card, with the number that gets messages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from converters.cards.model import Card, Tel
from converters.cards.reader import read
from converters.errors import SourceError
from smsgate.campaign.tables.model import Chunk, RowError, Table, Wanted, roles
from smsgate.outbox.reading import LARGEST_SOURCE

COLUMNS = (
    *("tel", "name", "prefix", "given", "middle", "family", "suffix", "nickname"),
    *("organisation", "unit", "title", "email", "url", "birthday", "note"),
)
#: Types of numbers that take no messages.
_MUTE = frozenset(("FAX", "PAGER", "MODEM", "BBS", "ISDN"))


def open_cards(path: str, file: BinaryIO, wanted: Wanted) -> Table:
    """The table in a file of cards; raises SourceError where there is no card."""
    next(_cards(file))
    to, aliases = roles(COLUMNS, wanted)
    note = "one number a card: the first mobile one, else the first that is no fax or pager"
    return Table(path=path, kind="vcf", columns=COLUMNS, to=to, aliases=aliases, notes=(note,))


def chunks(_table: Table, file: BinaryIO, rows: int) -> Iterator[Chunk]:
    """The rows themselves, so many to a chunk; a row's number is that of its card."""
    cards = _cards(file)
    number, row = 0, 1
    while taken := tuple(islice(cards, rows)):
        found = tuple(enumerate(taken, row))
        yield Chunk(number=number, first_row=row, count=len(found), rows=found)
        number, row = number + 1, row + len(found)


def _cards(file: BinaryIO) -> Iterator[list[str] | RowError]:
    octets = file.read(LARGEST_SOURCE + 1)
    if len(octets) > LARGEST_SOURCE:
        raise SourceError(f"expected at most {LARGEST_SOURCE} octets of cards, found more")
    for card, _losses in read(octets):
        if isinstance(card, Card):
            yield cells(card)
        else:
            yield RowError(f"line {card.line}: {card.message}", code="unreadable")


def number(card: Card) -> str:
    """The number of a card that gets messages, empty where there is none.

    The first mobile one in the card's own order, where preferred ones come first; a preferred
    number at a desk takes no messages.
    """
    usable = [tel for tel in card.tels if not _MUTE.intersection(tel.types)]
    mobile = [tel for tel in usable if "CELL" in tel.types]
    return (mobile or usable or [Tel("")])[0].number


def cells(card: Card) -> list[str]:
    """A card as a row of COLUMNS."""
    name, given = card.name, card.name.given
    organisation, unit = (*card.org, "", "")[:2]
    return [
        *(number(card), card.shown_as, name.prefix, given, name.middle, name.family, name.suffix),
        *(card.nickname, organisation, unit, card.title),
        *(card.emails[0].address if card.emails else "", card.url),
        *(card.birthday.isoformat() if card.birthday else "", card.note),
    ]
