"""SMPP PDUs of any octets, field by field (SMPP 3.4, 4). Nothing is raised: faults are marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from smsenc import dcs
from smsenc.errors import DecodeError
from smsenc.model import Coding
from smsenc.octetmap.model import Cursor, Field, Map
from smsenc.octetmap.parameters import parameters
from smsenc.octetmap.smppwords import (
    BITS,
    MEANINGS,
    NPI,
    SERVICES,
    SMPP,
    TON,
    clause,
    data_coding,
    data_coding_bits,
)
from smsenc.octetmap.userdata import TEXT, Payloads, Read, unknown, user_data
from smsenc.smpp import codec, receipts, status, times
from smsenc.smpp import fields as smpp_fields
from smsenc.smpp.mapping import KIND, RECEIPTS, UDHI
from smsenc.smpp.pdus import Body
from smsenc.smpp.userdata import CHARSETS, KEPT

#: The fields of the first level.
HEADER, MANDATORY, OPTIONAL = "header", "mandatory parameters", "optional parameters"
#: Names of fields that have children.
MESSAGES = ("short_message", "message_payload")
_TIMES = ("schedule_delivery_time", "validity_period", "final_date")
_ADDRESSES = ("source_addr", "destination_addr", "esme_addr", "address_range")
_LISTS = {"dest_addresses": "number_of_dests", "unsuccess_smes": "no_unsuccess"}


def spelled(kind: type[Body]) -> str:
    """SubmitSm as submit_sm."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.__name__).lstrip("_")


def pdu(octets: bytes, payloads: Payloads = unknown) -> Map:
    """The map of octets as an SMPP PDU."""
    at = Cursor.over(octets)
    command = int.from_bytes(octets[4:8], "big")
    kind = codec.kind_of(command) if len(octets) >= 8 else None
    fields = tuple(_fields(at, kind, payloads))
    return Map(f"SMPP {spelled(kind)}" if kind else "SMPP PDU", octets, fields)


def _fields(at: Cursor, kind: type[Body] | None, payloads: Payloads) -> Iterator[Field]:
    start = at.at
    header = tuple(_header(at, kind))
    yield Field(start, at.at, HEADER, "", f"{SMPP}, 3.2", children=header)
    if kind is None or at.broken:
        yield from at.rest("body", SMPP)
        return
    reader = _Reader(at, payloads)
    start = at.at
    empty_answer = codec.is_response(kind) and not at.left
    children = () if empty_answer else tuple(reader.mandatory(kind))
    if children:
        yield Field(start, at.at, MANDATORY, "", f"{SMPP}, 4", children=children)
    start = at.at
    if at.left and not at.broken:
        children = tuple(_once(parameters(at, reader.message), has_short=reader.has_short))
        yield Field(start, at.at, OPTIONAL, "", f"{SMPP}, 5.3", children=children)
    yield from at.rest("unreadable", SMPP)


def _once(found: Iterator[Field], *, has_short: bool) -> Iterator[Field]:
    """The parameters; a message is in one of two places."""
    for field in found:
        is_second = has_short and field.name == "message_payload" and field.end - field.start > _TLV
        yield replace(field, fault=field.fault or _BOTH) if is_second else field


_TLV = 4  # octets of tag and length
_BOTH = "expected short_message or message_payload, found both (5.3.2.32)"


def _header(at: Cursor, kind: type[Body] | None) -> Iterator[Field]:
    size = len(at.octets)
    for field in at.number(4, "command_length", clause("command_length"), unit="octets"):
        what = "" if field.number == size else f"expected {field.number} octets, found {size}"
        yield replace(field, fault=field.fault or what)
    for field in at.number(4, "command_id", clause("command_id")):
        what = "" if kind else "expected a command_id of SMPP 3.4"
        yield replace(field, meaning=spelled(kind) if kind else "", fault=field.fault or what)
    code = int.from_bytes(at.peek(4), "big")
    yield from at.number(4, "command_status", clause("command_status"), {code: status.name(code)})
    yield from at.number(4, "sequence_number", clause("sequence_number"))


@dataclass(slots=True)
class _Reader:
    """The octets of a body, and what has been read of how to read its message."""

    at: Cursor
    payloads: Payloads
    esm_class: int = 0
    coding: int = 0
    has_short: bool = False

    def mandatory(self, kind: type[Body]) -> Iterator[Field]:
        """The parameters of a PDU in order; the first that cannot be read is the last."""
        for row in codec.LAYOUTS[kind][1]:
            if self.at.broken:
                return
            yield from self._row(row)

    def _row(self, row: smpp_fields.Field) -> Iterator[Field]:
        at, name = self.at, row.name
        if name in _LISTS:
            yield from self._several(name)
            return
        try:
            value, after = row.take(at.octets, at.at, at.end)
        except DecodeError as error:
            yield from self._unreadable(name, error.message)
            return
        if name in _ADDRESSES:
            yield from _address(at, name, after)
        elif name == "short_message":
            yield from at.number(1, "sm_length", clause("sm_length"), unit="octets")
            yield from self._short(after)
        elif isinstance(value, int):
            yield from self._octet(name)
        else:
            yield _text(at, name, value, after)

    def _unreadable(self, name: str, fault: str) -> Iterator[Field]:
        """The rest, as the parameter that cannot be read."""
        found = self.at.peek(self.at.left)
        self.at.broken = True
        yield self.at.field(len(found), name, found, clause(name), fault=fault)

    def _octet(self, name: str) -> Iterator[Field]:
        octet = self.at.peek()[0]
        meanings, bits = MEANINGS.get(name, ()), BITS.get(name, ())
        if name == "data_coding":
            self.coding = octet
            meanings, bits = {octet: data_coding(octet)}, data_coding_bits(octet)
        elif name == "esm_class":
            self.esm_class = octet
        for field in self.at.number(1, name, clause(name), meanings, bits=bits):
            said = [bit.meaning for bit in field.children if bit.value and name == "esm_class"]
            yield replace(field, meaning=field.meaning or ", ".join(filter(None, said)))

    def _short(self, end: int) -> Iterator[Field]:
        start = self.at.at
        inner = Cursor.over(self.at.octets, start, end)
        octets = inner.peek(inner.left)
        children = tuple(self.message(inner))
        self.at.at = end
        self.has_short = bool(octets)
        if octets:
            yield Field(
                start, end, "short_message", octets, clause("short_message"), children=children
            )

    def message(self, at: Cursor) -> Iterator[Field]:
        """The user data of short_message or message_payload."""
        start = at.at
        octets = at.peek(at.left)
        read = _reading(self.coding, has_header=bool(self.esm_class & UDHI))
        kind = self.esm_class & KIND
        is_receipt = kind in RECEIPTS if kind else receipts.is_text(octets)
        for field in user_data(at, read, self.payloads):
            if is_receipt and field.name == TEXT and field.start == start:
                yield replace(field, children=tuple(_receipt(octets, start)))
            else:
                yield field

    def _several(self, name: str) -> Iterator[Field]:
        """A count, and so many addresses."""
        count = self.at.peek()[0] if self.at.has(1) else 0
        counter = _LISTS[name]
        yield from self.at.number(1, counter, clause(counter))
        for _ in range(count):
            if self.at.broken:
                return
            yield from self._one(name)

    def _one(self, name: str) -> Iterator[Field]:
        at, start = self.at, self.at.at
        children = list(self._destination() if name == "dest_addresses" else self._failed())
        what = next((child.fault for child in children if child.fault), "")
        value = next((c.value for c in children if c.name in ("destination_addr", "dl_name")), "")
        title = "destination" if name == "dest_addresses" else "unsuccessful"
        if children:
            yield Field(start, at.at, title, value, SMPP, children=tuple(children))
        at.broken = at.broken or bool(what)

    def _destination(self) -> Iterator[Field]:
        flag = self.at.peek()[0] if self.at.has(1) else 0
        meanings = MEANINGS["dest_flag"]
        for field in self.at.number(1, "dest_flag", clause("dest_flag"), meanings):
            wrong = "" if flag in (1, 2) else f"expected dest_flag 1 or 2, found {flag}"
            yield replace(field, fault=field.fault or wrong)
        if flag == 1:
            yield from self._row(_DESTINATION)
        elif flag == 2:
            yield from self._row(_LIST)

    def _failed(self) -> Iterator[Field]:
        yield from self._row(_DESTINATION)
        code = int.from_bytes(self.at.peek(4), "big")
        yield from self.at.number(4, "error_status_code", SMPP, {code: status.name(code)})


_DESTINATION = smpp_fields.address("destination_addr", 21, status.Status.ESME_RINVDSTADR)
_LIST = smpp_fields.text("dl_name", 21, status.Status.ESME_RINVDLNAME)


def _address(at: Cursor, name: str, end: int) -> Iterator[Field]:
    prefix = {"destination_addr": "dest_addr", "address_range": "addr"}.get(name, name)
    yield from at.number(1, f"{prefix}_ton", clause("addr_ton"), TON)
    yield from at.number(1, f"{prefix}_npi", clause("addr_npi"), NPI)
    digits = at.octets[at.at : end - 1].decode("latin-1")
    yield at.field(end - at.at, name, digits, clause(name))


def _text(at: Cursor, name: str, value: str, end: int) -> Field:
    meaning = fault = ""
    if name in _TIMES:
        meaning, fault = _time(value)
    elif name == "service_type":
        meaning = SERVICES.get(value, "")
    return at.field(end - at.at, name, value, clause(name), meaning=meaning, fault=fault)


def _time(value: str) -> tuple[str, str]:
    """A time in words, and what is wrong with it."""
    try:
        found = times.read(value)
    except DecodeError as error:
        return "", error.message
    return ("" if found is None else f"{found}"), ""


def _reading(coding: int, *, has_header: bool) -> Read:
    """How data_coding says that a message is read."""
    if coding in CHARSETS:
        return Read(Coding.GSM7, has_header, charset=CHARSETS[coding])
    if coding in KEPT:
        return Read(Coding.OCTETS, has_header)
    found = dcs.decode(coding)
    return Read(found.coding, has_header, packed=False, compressed=found.compressed)


def _receipt(octets: bytes, start: int) -> Iterator[Field]:
    """The keys of a receipt's text (SMPP 3.4, appendix B)."""
    for key, first, end, value in receipts.spans(octets):
        yield Field(start + first, start + end, key, value, f"{SMPP}, appendix B")
