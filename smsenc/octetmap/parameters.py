"""Optional parameters, each a tag, a length and a value (SMPP 3.4, 5.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from smsenc.errors import DecodeError
from smsenc.octetmap.model import Bits, Cursor, Field
from smsenc.octetmap.smppwords import BITS, MEANINGS, NPI, SMPP, TON, parameter_clause
from smsenc.smpp import tlvs
from smsenc.smpp.tlvs import Tag, Tlv

_TLV = f"{SMPP}, 5.3"
_NETWORKS = {1: "ANSI-136", 2: "IS-95", 3: "GSM"}
_SESSION = (Bits(0xFE, "sequence"), Bits(0x01, "end of session", ("no", "yes")))
_USSD = {
    0: "PSSD indication",
    1: "PSSR indication",
    2: "USSR request",
    3: "USSN request",
    16: "PSSD response",
    17: "PSSR response",
    18: "USSR confirm",
    19: "USSN confirm",
}
_DIGIT_MODE = ("DTMF", "ASCII")


def parameters(at: Cursor, payload: Callable[[Cursor], Iterator[Field]]) -> Iterator[Field]:
    """All parameters up to the end; ``payload`` explains the value of message_payload."""
    while at.left:
        yield _parameter(at, payload)


def _parameter(at: Cursor, payload: Callable[[Cursor], Iterator[Field]]) -> Field:
    start = at.at
    if at.left < 4:
        what = f"expected a tag and a length of two octets each, found {at.left} octets"
        (field,) = at.rest("optional parameter", _TLV, what)
        return field
    tag, size = (int.from_bytes(at.octets[n : n + 2], "big") for n in (start, start + 2))
    name = Tlv(tag, b"").name
    clause = parameter_clause(name)
    children = [
        *at.number(2, "tag", _TLV, {tag: name}),
        *at.number(2, "length", _TLV, unit="octets"),
    ]
    found = min(size, at.left)
    fault = "" if found == size else f"expected {size} octets, found {found}"
    inner = Cursor.over(at.octets, at.at, at.at + found)
    octets = inner.peek(found)
    at.at += found
    if not fault:
        fault = _fault(tag, octets)
    value = tuple(_value(tag, name, inner, payload)) if found else ()
    shown = value[0] if len(value) == 1 and not value[0].children else None
    whole = Field(start, at.at, name, "", clause, fault=fault, children=(*children, *value))
    return replace(whole, value=shown.value, meaning=shown.meaning) if shown else whole


def _fault(tag: int, octets: bytes) -> str:
    """What is wrong with a value."""
    whole = tag.to_bytes(2, "big") + len(octets).to_bytes(2, "big") + octets
    try:
        tlvs.decode(whole, 0, len(whole))
    except DecodeError as error:
        return error.message
    return ""


def _value(
    tag: int, name: str, at: Cursor, payload: Callable[[Cursor], Iterator[Field]]
) -> Iterator[Field]:
    clause = parameter_clause(name)
    if tag == Tag.MESSAGE_PAYLOAD:
        yield from payload(at)
    elif tag in _PARTS:
        yield from _PARTS[tag](at, clause)
        yield from at.rest("value", clause)
    else:
        yield from _simple(name, tag, at, clause)


def _simple(name: str, tag: int, at: Cursor, clause: str) -> Iterator[Field]:
    octets = at.peek(at.left)
    if isinstance(_read(tag, octets), int):
        meanings = MEANINGS.get(name, ())
        yield from at.number(len(octets), "value", clause, meanings, bits=BITS.get(name, ()))
    elif isinstance(text := _read(tag, octets), str):
        yield at.field(len(octets), "value", text, clause)
    else:
        yield at.field(len(octets), "value", octets, clause)


def _read(tag: int, octets: bytes) -> int | str | bytes:
    whole = tag.to_bytes(2, "big") + len(octets).to_bytes(2, "big") + octets
    try:
        (found,) = tlvs.decode(whole, 0, len(whole))
    except DecodeError:
        return octets
    return found.value


def _network_error(at: Cursor, clause: str) -> Iterator[Field]:
    yield from at.number(1, "network", clause, _NETWORKS)
    yield from at.number(2, "code", clause)


def _session(at: Cursor, clause: str) -> Iterator[Field]:
    yield from at.number(1, "session", clause)
    yield from at.number(1, "sequence and end", clause, bits=_SESSION)


def _ussd(at: Cursor, clause: str) -> Iterator[Field]:
    yield from at.number(1, "value", clause, _USSD)


def _alert(at: Cursor, clause: str) -> Iterator[Field]:
    yield from at.number(1, "value", clause)


def _callback(at: Cursor, clause: str) -> Iterator[Field]:
    """Digit mode, type of number, numbering plan and digits (5.3.2.36)."""
    yield from at.number(1, "digit mode", clause, _DIGIT_MODE)
    yield from at.number(1, "type of number", clause, TON)
    yield from at.number(1, "numbering plan", clause, NPI)
    octets = at.peek(at.left)
    if octets:
        yield at.field(len(octets), "digits", octets.decode("latin-1"), clause)


def _subaddress(at: Cursor, clause: str) -> Iterator[Field]:
    kinds = {0x80: "NSAP, even", 0x88: "NSAP, odd", 0xA0: "user specified"}
    yield from at.number(1, "type", clause, kinds)


_PARTS: dict[int, Callable[[Cursor, str], Iterator[Field]]] = {
    Tag.NETWORK_ERROR_CODE: _network_error,
    Tag.ITS_SESSION_INFO: _session,
    Tag.USSD_SERVICE_OP: _ussd,
    Tag.ALERT_ON_MESSAGE_DELIVERY: _alert,
    Tag.CALLBACK_NUM: _callback,
    Tag.SOURCE_SUBADDRESS: _subaddress,
    Tag.DEST_SUBADDRESS: _subaddress,
}
