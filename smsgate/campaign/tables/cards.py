"""vCards as a table: each card is a row, with the number that receives messages."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from converters.cards.kinds import GroupError
from converters.cards.model import Card, Tel
from converters.cards.reader import read
from converters.errors import SourceError
from smsgate.campaign.tables.model import (
    Chunk,
    RejectCode,
    RowError,
    Table,
    TableKind,
    TableOptions,
    roles,
)
from smsgate.outbox.reading import LARGEST_SOURCE

COLUMNS = (
    *("tel", "name", "prefix", "given", "middle", "family", "suffix", "nickname"),
    *("organisation", "unit", "title", "email", "url", "birthday", "note"),
)
#: Types of numbers that cannot receive messages.
_NOT_FOR_MESSAGES = frozenset(("FAX", "PAGER", "MODEM", "BBS", "ISDN"))


def open_cards(path: str, file: BinaryIO, options: TableOptions) -> Table:
    """The table in a file of cards; raises SourceError if it has no card."""
    next(_rows(file))
    to, aliases = roles(COLUMNS, options)
    note = "one number per card: the first mobile number, else the first that is not fax or pager"
    return Table(
        path=path, kind=TableKind.VCF, columns=COLUMNS, to=to, aliases=aliases, notes=(note,)
    )


def chunks(_table: Table, file: BinaryIO, rows: int) -> Iterator[Chunk]:
    """Chunks that hold ``rows`` rows each; a row's number is that of its card."""
    cards = _rows(file)
    number, row = 0, 1
    while taken := tuple(islice(cards, rows)):
        found = tuple(enumerate(taken, row))
        yield Chunk(number=number, first_row=row, count=len(found), rows=found)
        number, row = number + 1, row + len(found)


def _rows(file: BinaryIO) -> Iterator[list[str] | RowError]:
    octets = file.read(LARGEST_SOURCE + 1)
    if len(octets) > LARGEST_SOURCE:
        raise SourceError(f"expected at most {LARGEST_SOURCE} octets of cards, found more")
    for card, _losses in read(octets):
        if isinstance(card, Card):
            yield cells(card)
        else:
            found = card.FOUND if isinstance(card, GroupError) else card.message
            yield RowError(f"line {card.line}: {found}", code=RejectCode.UNREADABLE)


def number(card: Card) -> str:
    """The number of a card that receives messages, empty if it has none.

    It is the first mobile number in the order of the card, where preferred ones come first: a
    preferred number that is not mobile may be a landline, which receives no messages.
    """
    usable = [tel for tel in card.tels if not _NOT_FOR_MESSAGES.intersection(tel.types)]
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
