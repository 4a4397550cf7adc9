"""The parts of a message as one content: a text, or octets in hex."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import NamedTuple

from smsenc import DecodeError, decode_text, udh
from smsenc.model import Coding, Element, Payload
from smsenc.smpp.userdata import UserData

#: What cannot be kept in a text of every database.
_NOTHING, _UNKNOWN = "\0", "\ufffd"


class Content(NamedTuple):
    """A whole message. ``text`` or ``data`` is None; ``data`` and ``udh`` are hex digits.

    ``note`` says which parts are missing.
    """

    text: str | None
    data: str | None
    udh: str
    note: str


def joined(parts: Mapping[int, UserData], total: int) -> Content:
    """The content of the parts by their numbers, from 1 to ``total``.

    A text says where a part is missing. The header is that of the first part that is there,
    without its place among the parts.
    """
    there = [parts[n] for n in sorted(parts)]
    header = _header(there[0].header) if there else b""
    missing = [n for n in range(1, total + 1) if n not in parts]
    note = f"missing: {_named(missing)} of {total}" if missing else ""
    if any(part.coding is Coding.OCTETS for part in there):
        octets = b"".join(part.data for part in there)
        return Content(None, octets.hex().upper(), header.hex().upper(), note)
    text = "".join(_pieces(parts, total)).replace(_NOTHING, _UNKNOWN)
    return Content(text, None, header.hex().upper(), note)


def _named(missing: list[int]) -> str:
    return f"{'part' if len(missing) == 1 else 'parts'} {', '.join(map(str, missing))}"


def _pieces(parts: Mapping[int, UserData], total: int) -> Iterator[str]:
    """Texts, and words for what is missing between them."""
    for is_there, numbers in groupby(range(1, total + 1), parts.__contains__):
        some = list(numbers)
        if is_there:
            yield from _texts(parts[n] for n in some)
        else:
            yield f"[missing: {_named(some)} of {total}]"


def _texts(parts: Iterable[UserData]) -> Iterator[str]:
    """A character may be cut between two parts: parts of one alphabet are read together."""
    for elements, some in groupby(parts, _alphabet):
        coding, *shifts = elements
        data = b"".join(part.data for part in some)
        yield decode_text(Payload(data=data, coding=coding, elements=tuple(shifts)))


def _alphabet(part: UserData) -> tuple[Coding, *tuple[Element, ...]]:
    shifts = (one for one in _elements(part.header) if one.iei in _SHIFTS)
    return (part.coding, *shifts)


_SHIFTS = (0x24, 0x25)


def _elements(header: bytes) -> tuple[Element, ...]:
    try:
        return udh.decode(header)
    except DecodeError:
        return ()


def _header(header: bytes) -> bytes:
    others = [one for one in _elements(header) if not udh.is_concatenation(one)]
    return udh.encode(tuple(others)) if others else b""
