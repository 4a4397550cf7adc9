"""A field of octets, and the cursor that makes fields one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

_MOST_SHOWN = 16  # octets of a value in hex

#: What a field holds, for programs.
Value = int | str | bytes


@dataclass(frozen=True, slots=True)
class Field:
    """Octets ``start`` to ``end``, from 0, what they hold and what that means.

    ``bits`` is a mask over these octets, big endian; None if the field has all of their bits.
    ``value`` is for programs, ``meaning`` for people. ``fault`` says what is wrong, in the words of
    an error. ``clause`` is the place in a specification. ``children`` lie within the field.
    """

    start: int
    end: int
    name: str
    value: Value = ""
    clause: str = ""
    meaning: str = ""
    fault: str = ""
    bits: int | None = None
    children: tuple[Field, ...] = ()

    @property
    def text(self) -> str:
        """Value and meaning in a line."""
        shown = hexed(self.value) if isinstance(self.value, bytes) else str(self.value)
        if self.meaning.startswith(f"{shown} "):
            return self.meaning
        return f"{shown} ({self.meaning})" if shown and self.meaning else shown or self.meaning

    @property
    def number(self) -> int:
        """The value, if it is one; a group of bits has none."""
        return self.value if isinstance(self.value, int) else 0

    def walk(self, depth: int = 0) -> Iterator[tuple[int, Field]]:
        """The field and all below it, in order, each with its depth."""
        yield depth, self
        for child in self.children:
            yield from child.walk(depth + 1)


@dataclass(frozen=True, slots=True)
class Map:
    """Octets, and the fields that they consist of; ``title`` says as what they were read."""

    title: str
    octets: bytes
    fields: tuple[Field, ...]

    def walk(self) -> Iterator[tuple[int, Field]]:
        """All fields in order, each with its depth from 0."""
        return walk(self.fields)

    @property
    def faults(self) -> int:
        """How many fields are wrong."""
        return sum(bool(field.fault) for _, field in self.walk())

    def of(self, field: Field) -> bytes:
        """The octets of a field."""
        return self.octets[field.start : field.end]

    def shown(self, field: Field, most: int) -> str:
        """The bits of a field, or at most so many of its octets in hex."""
        if field.bits is not None and isinstance(field.value, int):
            return _pattern(self.of(field), field.bits)
        return self.of(field)[:most].hex(" ").upper()


def _pattern(octets: bytes, mask: int) -> str:
    """The bits of octets that a mask selects, such as ``.... ..01``; others are points."""
    size = 8 * len(octets)
    bits = f"{int.from_bytes(octets, 'big'):0{size}b}"
    shown = "".join(b if m == "1" else "." for b, m in zip(bits, f"{mask:0{size}b}", strict=True))
    return " ".join(shown[n : n + 4] for n in range(0, size, 4))


def walk(fields: Iterable[Field]) -> Iterator[tuple[int, Field]]:
    """All fields in order, each with its depth from 0."""
    for field in fields:
        yield from field.walk()


def leaves(fields: Iterable[Field]) -> Iterator[Field]:
    """The smallest fields that together have all octets, each once."""
    for field in fields:
        whole = [child for child in field.children if child.bits is None]
        ends = [field.start, *(child.end for child in whole)]
        starts = [*(child.start for child in whole), field.end]
        if whole and starts == ends:
            yield from leaves(whole)
        else:
            yield field


#: Explains the octets of a payload, which may be cut: what is left over is explained as data.
Explain = Callable[[bytes], Iterable[Field]]


def hexed(octets: bytes) -> str:
    """The first octets in hex."""
    more = " …" if len(octets) > _MOST_SHOWN else ""
    return f"{octets[:_MOST_SHOWN].hex(' ').upper()}{more}"


class Bits(NamedTuple):
    """Bits of an octet: their mask, their name, and what each of their values means."""

    mask: int
    name: str
    meanings: Mapping[int, str] | tuple[str, ...] = ()

    def value(self, octet: int) -> int:
        """The bits as a number."""
        return (octet & self.mask) >> (self.mask & -self.mask).bit_length() - 1

    def meaning(self, value: int) -> str:
        """What the number means; empty if nothing is known of it."""
        return named(self.meanings, value)


def counted(number: int, unit: str) -> str:
    """A number with its unit, whose plural is given."""
    return f"{number} {unit}" if number != 1 else f"{number} {unit.removesuffix('s')}"


def named(meanings: Mapping[int, str] | tuple[str, ...], value: int) -> str:
    """The meaning of a value in a table; empty if it has none."""
    if isinstance(meanings, tuple):
        return meanings[value] if value < len(meanings) else ""
    return meanings.get(value, "")


@dataclass(slots=True)
class Cursor:
    """Makes fields one after the other; ``at`` is where the next one starts.

    Those that read octets read them up to ``end``. If there are too few, the cursor is ``broken``:
    one field has what is left and says so, and no other follows.
    """

    octets: bytes = b""
    at: int = 0
    end: int = 0
    broken: bool = False

    @classmethod
    def over(cls, octets: bytes, at: int = 0, end: int | None = None) -> Cursor:
        """A cursor that reads octets."""
        return cls(octets, at, len(octets) if end is None else min(end, len(octets)))

    @property
    def left(self) -> int:
        """How many octets are still to be read."""
        return max(0, self.end - self.at)

    def peek(self, octets: int = 1) -> bytes:
        """The next octets, or as many as there are."""
        return self.octets[self.at : min(self.at + octets, self.end)]

    def field(  # noqa: PLR0913 - the parts of a field
        self,
        octets: int,
        name: str,
        value: Value,
        clause: str,
        *,
        meaning: str = "",
        fault: str = "",
        children: tuple[Field, ...] = (),
    ) -> Field:
        """The next field."""
        start, self.at = self.at, self.at + octets
        return Field(start, self.at, name, value, clause, meaning, fault, None, children)

    def number(  # noqa: PLR0913 - the parts of a field
        self,
        octets: int,
        name: str,
        clause: str,
        meanings: Mapping[int, str] | tuple[str, ...] = (),
        *,
        unit: str = "",
        bits: Iterable[Bits] = (),
    ) -> Iterator[Field]:
        """The next octets as a number, with its bits."""
        if not self.has(octets):
            yield from self.cut(name, octets, clause)
            return
        found = self.peek(octets)
        value = int.from_bytes(found, "big")
        children = tuple(self.bit(row, value, clause) for row in bits)
        meaning = named(meanings, value) or (counted(value, unit) if unit else "")
        yield self.field(octets, name, value, clause, meaning=meaning, children=children)

    def bit(self, row: Bits, octet: int, clause: str) -> Field:
        """The field of some bits of the next octet."""
        value = row.value(octet)
        return Field(
            self.at, self.at + 1, row.name, value, clause, row.meaning(value), bits=row.mask
        )

    def has(self, octets: int) -> bool:
        """Whether so many octets are left."""
        return not self.broken and self.left >= octets

    def cut(self, name: str, octets: int, clause: str) -> Iterator[Field]:
        """A field that has fewer octets than it needs; nothing follows it."""
        if not self.broken:
            self.broken = True
            fault = f"expected {counted(octets, 'octets')} ({name}), found {self.left}"
            found = self.peek(self.left)
            yield self.field(len(found), name, found, clause, fault=fault)

    def rest(self, name: str, clause: str, fault: str = "") -> Iterator[Field]:
        """What is left, if anything, as octets."""
        if self.left:
            found = self.peek(self.left)
            yield self.field(len(found), name, found, clause, fault=fault)


def moved(fields: Iterable[Field], octets: int) -> tuple[Field, ...]:
    """The same fields so many octets later."""
    return tuple(
        replace(
            one,
            start=one.start + octets,
            end=one.end + octets,
            children=moved(one.children, octets),
        )
        for one in fields
    )


def within(fields: Iterable[Field], first: int, last: int) -> Iterator[Field]:
    """What of fields lies in the octets ``first`` to ``last``; bits only if they do whole."""
    for one in fields:
        start, end = max(one.start, first), min(one.end, last)
        if start >= end or (one.bits is not None and (start, end) != (one.start, one.end)):
            continue
        yield replace(one, start=start, end=end, children=tuple(within(one.children, first, last)))


def complete(fields: Iterable[Field], cursor: Cursor, name: str, clause: str) -> Iterator[Field]:
    """Fields in order up to the cursor's end; octets that none of them has are data."""
    end = cursor.end
    for one in fields:
        if one.end > end or one.start < cursor.at or not (one.end > one.start or one.fault):
            continue
        yield from _gap(cursor, one.start, name, clause)
        cursor.at = one.end
        yield one
    yield from _gap(cursor, end, name, clause)


def _gap(cursor: Cursor, end: int, name: str, clause: str) -> Iterator[Field]:
    octets = cursor.octets[cursor.at : end]
    if octets:
        yield cursor.field(len(octets), name, octets, clause)
