"""What a phone keeps of a contact, whatever the version of vCard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from converters.errors import SourceError

#: The types of TEL in vCard 2.1, in the order they are written.
TEL_TYPES = (
    *("PREF", "HOME", "WORK", "CELL", "FAX", "VOICE", "PAGER"),
    *("MSG", "BBS", "MODEM", "CAR", "ISDN", "VIDEO"),
)
#: The types of EMAIL and ADR; the others of 2.1 are defaults or obsolete mail systems.
PLACE_TYPES = ("PREF", "HOME", "WORK")


class Name(NamedTuple):
    """The fields of N, in its order."""

    family: str = ""
    given: str = ""
    middle: str = ""
    prefix: str = ""
    suffix: str = ""

    def __str__(self) -> str:
        parts = (self.prefix, self.given, self.middle, self.family, self.suffix)
        return " ".join(part for part in parts if part)


class Tel(NamedTuple):
    """A number as phones dial it, and types of TEL_TYPES in that order."""

    number: str
    types: tuple[str, ...] = ()


class Email(NamedTuple):
    """An address, and types of PLACE_TYPES in that order."""

    address: str
    types: tuple[str, ...] = ()


class Address(NamedTuple):
    """The seven fields of ADR (box, extended, street, city, region, code, country), and types."""

    fields: tuple[str, ...]
    types: tuple[str, ...] = ()

    def __str__(self) -> str:
        return ", ".join(field for field in self.fields if field)


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
        if not any(self.name):
            raise SourceError("expected a name, found none", name="N")

    @property
    def shown_as(self) -> str:
        """The name as people read it."""
        return self.formatted or str(self.name)
