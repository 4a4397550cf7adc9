"""The map of a message's octets as the rows of a table, for the studio and the inbox."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from smsenc.octetmap import Field, Map, hexed, walk
from smsgate.masking import cleaned

#: Rows of a part, and octets of a field, that a page shows.
MOST_ROWS, _MOST_OCTETS = 150, 2048
#: Deeper fields are not indented further.
_DEEPEST = 6


@dataclass(frozen=True, slots=True)
class Row:
    """A field: where it is, its octets or bits, of which ``left`` are left out, and what it says.

    ``short`` are its first octets, which are no ``value`` as well; ``own_clause`` is empty if it is
    that of the row above.
    """

    field: Field
    depth: int
    place: str
    hex: str
    short: str
    left: int
    is_bits: bool
    name: str
    value: str
    fault: str
    clause: str
    own_clause: str


@dataclass(frozen=True, slots=True)
class Rows:
    """Fields in order, of which ``more`` are left out."""

    rows: tuple[Row, ...]
    more: int


def rows(found: Map, fields: Iterable[Field]) -> Rows:
    """The rows of some fields of a map, and of those below them."""
    walked = list(walk(fields))
    clauses = ["", *(field.clause for _, field in walked)]
    shown = zip(walked[:MOST_ROWS], clauses, strict=False)
    some = [_row(found, depth, field, clause) for (depth, field), clause in shown]
    return Rows(tuple(some), len(walked) - len(some))


def _row(found: Map, depth: int, field: Field, above: str) -> Row:
    octets = found.of(field)
    shown = found.shown(field, _MOST_OCTETS)
    is_bits = field.bits is not None and isinstance(field.value, int)
    return Row(
        field=field,
        depth=min(depth, _DEEPEST),
        place=place(field),
        hex=shown,
        short=shown if is_bits else hexed(octets),
        left=0 if is_bits else max(0, len(octets) - _MOST_OCTETS),
        is_bits=is_bits,
        name=cleaned(field.name),
        value=cleaned(field.meaning if isinstance(field.value, bytes) else field.text),
        fault=cleaned(field.fault),
        clause=field.clause,
        own_clause="" if field.clause == above else field.clause,
    )


def place(field: Field) -> str:
    """The first and the last octet of a field."""
    if field.end <= field.start + 1:
        return f"{field.start}"
    return f"{field.start}\N{EN DASH}{field.end - 1}"
