"""User data: a header, and text or octets behind it (3GPP TS 23.040, 9.2.3.24; 23.038, 6)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from smsenc import gsm7
from smsenc.alphabets import ESCAPE
from smsenc.model import Coding, Element, Payload
from smsenc.national import Language
from smsenc.octetmap.headers import UDH, header
from smsenc.octetmap.model import Cursor, Field, complete, counted, moved

_COMPRESSED = "3GPP TS 23.042"
_SEPTETS, _UCS2, _OCTETS = "3GPP TS 23.038, 6.1.2.1", "3GPP TS 23.038, 6.2.3", UDH
DATA, TEXT, FILL = "data", "text", "fill bits"

#: Explains the octets of a payload; what it does not explain is data.
Payloads = Callable[[Payload], Iterable[Field]]


def unknown(_payload: Payload) -> tuple[Field, ...]:
    """Nothing is known of any payload."""
    return ()


class Read(NamedTuple):
    """The coding of user data, whether it has a header, and how many units it has.

    ``units`` is that of septets with header and fill bits (TP-UDL), None if it is not said;
    ``packed`` is false where each septet has an octet, as in SMPP. ``charset`` is that of text
    that has no coding of TP-DCS. What is ``compressed`` is only octets here.
    """

    coding: Coding
    has_header: bool = False
    units: int | None = None
    packed: bool = True
    charset: str = ""
    compressed: bool = False


def user_data(at: Cursor, read: Read, payloads: Payloads = unknown) -> Iterator[Field]:
    """Header and data up to the end of the cursor."""
    start = at.at
    found = header(at) if read.has_header else None
    if found:
        yield found.field
    known = found.elements if found else ()
    yield from data(at, read, at.at - start, known, payloads)


def data(
    at: Cursor,
    read: Read,
    behind: int,
    known: tuple[Element, ...] = (),
    payloads: Payloads = unknown,
) -> Iterator[Field]:
    """What follows a header of ``behind`` octets with these elements."""
    if read.compressed:
        yield from at.rest("compressed", _COMPRESSED)
    elif read.charset:
        yield from _charset(at, read.charset)
    elif read.coding is Coding.OCTETS:
        yield from _octets(at, known, payloads)
    elif read.coding is Coding.UCS2:
        yield from _utf16(at)
    elif read.packed:
        yield from _packed(at, read.units, behind, known)
    else:
        yield from _unpacked(at, known)


def _octets(at: Cursor, known: tuple[Element, ...], payloads: Payloads) -> Iterator[Field]:
    octets, start = at.peek(at.left), at.at
    payload = Payload(data=octets, coding=Coding.OCTETS, elements=known)
    inner = Cursor.over(octets)
    children = tuple(complete(payloads(payload), inner, DATA, _OCTETS))
    if len(children) == 1 and children[0].name == DATA and not children[0].fault:
        children = ()
    if octets:
        yield at.field(len(octets), DATA, octets, _OCTETS, children=moved(children, start))


def _charset(at: Cursor, charset: str) -> Iterator[Field]:
    octets = at.peek(at.left)
    if octets:
        text = octets.decode(charset, "replace")
        fault = f"expected text in {charset}" if "\N{REPLACEMENT CHARACTER}" in text else ""
        yield at.field(len(octets), TEXT, text, "SMPP 3.4, 5.2.19", meaning=charset, fault=fault)


def _utf16(at: Cursor) -> Iterator[Field]:
    octets = at.peek(at.left)
    if not octets:
        return
    text = octets.decode("utf-16-be", "surrogatepass" if _paired(octets) else "replace")
    fault = ""
    if len(octets) % 2:
        fault = f"expected an even number of octets in UCS-2, found {len(octets)}"
    elif not _paired(octets):
        fault = "expected pairs of surrogates, found half of one"
    units = len(octets) // 2
    meaning = f"{counted(units, 'units')} of 16 bits"
    yield at.field(len(octets), TEXT, text, _UCS2, meaning=meaning, fault=fault)


def _paired(octets: bytes) -> bool:
    try:
        octets.decode("utf-16-be")
    except UnicodeDecodeError:
        return False
    return True


def _languages(known: tuple[Element, ...]) -> tuple[Language, Language]:
    return Payload(data=b"", coding=Coding.GSM7, elements=known).languages


def _unpacked(at: Cursor, known: tuple[Element, ...]) -> Iterator[Field]:
    """Septets, one in each octet."""
    octets = at.peek(at.left)
    if not octets:
        return
    text, fault = "", ""
    if octets.isascii():
        text = gsm7.decode(octets, *_languages(known))
    else:
        text = octets.decode("latin-1")
        fault = f"expected septets 0 to 127, found {max(octets)}: packed septets or Latin-1?"
    yield at.field(
        len(octets), TEXT, text, _SEPTETS, meaning=counted(len(octets), "septets"), fault=fault
    )


def _packed(
    at: Cursor, units: int | None, behind: int, known: tuple[Element, ...]
) -> Iterator[Field]:
    """Septets as they are sent, after the fill bits that follow a header."""
    octets = at.peek(at.left)
    if not octets:
        return
    fill = gsm7.fill_bits(behind)
    most = (len(octets) * 8 - fill) // 7
    count = most if units is None else units - (behind * 8 + fill) // 7
    fault = ""
    if not 0 <= count <= most:
        fault = f"expected at most {most} septets after the header, found {count}"
        count = max(0, min(count, most))
    septets = gsm7.unpack(octets, count, fill=fill)
    text = gsm7.decode(septets, *_languages(known))
    children = tuple(_septets(octets, septets, fill, at.at, _languages(known)))
    meaning = counted(count, "septets") + (f", fill bits: {fill}" if fill else "")
    yield at.field(
        len(octets), TEXT, text, _SEPTETS, meaning=meaning, fault=fault, children=children
    )


def _septets(
    octets: bytes, septets: bytes, fill: int, start: int, languages: tuple[Language, Language]
) -> Iterator[Field]:
    """Fill bits, and each septet with its bits and its character; an escape has none alone."""
    if fill:
        mask = (1 << fill) - 1
        yield Field(start, start + 1, FILL, octets[0] & mask, UDH, bits=mask)
    escaped = False
    for n, septet in enumerate(septets):
        first = fill + 7 * n
        at, end = first // 8, (first + 6) // 8 + 1
        mask = int.from_bytes((0x7F << first % 8).to_bytes(end - at, "little"), "big")
        read = bytes((ESCAPE, septet)) if escaped else bytes((septet,))
        escaped = septet == ESCAPE and not escaped
        shown = "escape" if escaped else repr(gsm7.decode(read, *languages))
        yield Field(start + at, start + end, "septet", septet, _SEPTETS, meaning=shown, bits=mask)
