"""PDUs as octets (SMPP 3.4, clauses 3 to 5). The table of layouts has one row for each PDU."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import lru_cache
from itertools import groupby
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from smsenc.smpp import pdus, tlvs
from smsenc.smpp.errors import SmppError
from smsenc.smpp.fields import (
    Field,
    Put,
    Take,
    address,
    addresses,
    instant,
    octet,
    short_message,
    text,
    unsuccessful,
)
from smsenc.smpp.pdus import Body, Pdu
from smsenc.smpp.status import Status

HEADER_OCTETS = 16
#: Octets of a PDU: message_payload has 65,535 at most, and there may be other parameters.
LONGEST = 0x12000
#: This bit of a command_id says that the PDU answers another one (5.1.2).
RESPONSE = 0x80000000
_NUMBERS = struct.Struct(">4I")


class Header(NamedTuple):
    """The four numbers that every PDU begins with (3.2)."""

    command_length: int
    command_id: int
    command_status: int
    sequence_number: int


_SERVICE_TYPE = text("service_type", 6, Status.ESME_RINVSERTYP)
_SOURCE = address("source_addr", 21, Status.ESME_RINVSRCADR)
_DESTINATION = address("destination_addr", 21, Status.ESME_RINVDSTADR)
_MESSAGE_ID = text("message_id", 65, Status.ESME_RINVMSGID)
_SYSTEM_ID = text("system_id", 16, Status.ESME_RINVSYSID)
_PASSWORD = text("password", 9, Status.ESME_RINVPASWD)
_SCHEDULE = instant("schedule_delivery_time", Status.ESME_RINVSCHED)
_VALIDITY = instant("validity_period", Status.ESME_RINVEXPIRY)
_RECEIPT = octet("registered_delivery", Status.ESME_RINVREGDLVFLG)
_ESM_CLASS = octet("esm_class", Status.ESME_RINVESMCLASS)
_PREDEFINED = octet("sm_default_msg_id", Status.ESME_RINVDFTMSGID)
_TEXT = short_message("short_message")

_HOW: tuple[Field, ...] = (
    _ESM_CLASS,
    octet("protocol_id"),
    octet("priority_flag", Status.ESME_RINVPRTFLG),
    _SCHEDULE,
    _VALIDITY,
    _RECEIPT,
    octet("replace_if_present_flag", Status.ESME_RINVREPFLAG),
    octet("data_coding"),
    _PREDEFINED,
    _TEXT,
)
_SENT = (_SERVICE_TYPE, _SOURCE, _DESTINATION, *_HOW)
#: Fields of a submit_sm or deliver_sm that do not vary from message to message.
_ALIKE = frozenset((_SERVICE_TYPE, _SOURCE, *_HOW[:-1]))
_BIND: tuple[Field, ...] = (
    _SYSTEM_ID,
    _PASSWORD,
    text("system_type", 13, Status.ESME_RINVSYSTYP),
    octet("interface_version"),
    address("address_range", 41, Status.ESME_RBINDFAIL),
)

#: command_id and fields of every PDU (5.1.2.1 and 4).
LAYOUTS: Mapping[type[Body], tuple[int, tuple[Field, ...]]] = MappingProxyType(
    {
        pdus.GenericNack: (0x80000000, ()),
        pdus.BindReceiver: (0x01, _BIND),
        pdus.BindReceiverResp: (0x80000001, (_SYSTEM_ID,)),
        pdus.BindTransmitter: (0x02, _BIND),
        pdus.BindTransmitterResp: (0x80000002, (_SYSTEM_ID,)),
        pdus.QuerySm: (0x03, (_MESSAGE_ID, _SOURCE)),
        pdus.QuerySmResp: (
            0x80000003,
            (
                _MESSAGE_ID,
                instant("final_date", Status.ESME_RINVEXPIRY),
                octet("message_state"),
                octet("error_code"),
            ),
        ),
        pdus.SubmitSm: (0x04, _SENT),
        pdus.SubmitSmResp: (0x80000004, (_MESSAGE_ID,)),
        pdus.DeliverSm: (0x05, _SENT),
        pdus.DeliverSmResp: (0x80000005, (_MESSAGE_ID,)),
        pdus.Unbind: (0x06, ()),
        pdus.UnbindResp: (0x80000006, ()),
        pdus.ReplaceSm: (
            0x07,
            (_MESSAGE_ID, _SOURCE, _SCHEDULE, _VALIDITY, _RECEIPT, _PREDEFINED, _TEXT),
        ),
        pdus.ReplaceSmResp: (0x80000007, ()),
        pdus.CancelSm: (0x08, (_SERVICE_TYPE, _MESSAGE_ID, _SOURCE, _DESTINATION)),
        pdus.CancelSmResp: (0x80000008, ()),
        pdus.BindTransceiver: (0x09, _BIND),
        pdus.BindTransceiverResp: (0x80000009, (_SYSTEM_ID,)),
        pdus.Outbind: (0x0B, (_SYSTEM_ID, _PASSWORD)),
        pdus.EnquireLink: (0x15, ()),
        pdus.EnquireLinkResp: (0x80000015, ()),
        pdus.SubmitMulti: (
            0x21,
            (_SERVICE_TYPE, _SOURCE, addresses("dest_addresses"), *_HOW),
        ),
        pdus.SubmitMultiResp: (0x80000021, (_MESSAGE_ID, unsuccessful("unsuccess_smes"))),
        pdus.AlertNotification: (
            0x0102,
            (
                address("source_addr", 65, Status.ESME_RINVSRCADR),
                address("esme_addr", 65, Status.ESME_RINVDSTADR),
            ),
        ),
        pdus.DataSm: (
            0x0103,
            (
                _SERVICE_TYPE,
                address("source_addr", 65, Status.ESME_RINVSRCADR),
                address("destination_addr", 65, Status.ESME_RINVDSTADR),
                _ESM_CLASS,
                _RECEIPT,
                octet("data_coding"),
            ),
        ),
        pdus.DataSmResp: (0x80000103, (_MESSAGE_ID,)),
    }
)


#: What gets a value, or the values of several fields, from a body; and what encodes it.
_Step = tuple[Callable[[Body], Any], Put]


class _Writer(NamedTuple):
    command_id: int
    steps: tuple[_Step, ...]


class _Reader(NamedTuple):
    kind: type[Body]
    takes: tuple[tuple[str, Take], ...]
    response: bool


def _writer(command_id: int, fields: tuple[Field, ...]) -> _Writer:
    return _Writer(command_id, tuple(_steps(fields)))


def _steps(fields: tuple[Field, ...]) -> Iterator[_Step]:
    for alike, run in groupby(fields, _ALIKE.__contains__):
        if alike:
            yield _alike(tuple(run))
        else:
            yield from ((attrgetter(one.name), one.put) for one in run)


def _alike(fields: tuple[Field, ...]) -> _Step:
    """Fields that have the same values in many messages: their octets are kept."""
    puts = [one.put for one in fields]

    @lru_cache(maxsize=256)
    def put(values: Any) -> bytes:
        found = (values,) if len(puts) == 1 else values
        return b"".join([put(value) for put, value in zip(puts, found, strict=True)])

    return attrgetter(*(one.name for one in fields)), put


_WRITERS = {kind: _writer(*layout) for kind, layout in LAYOUTS.items()}
_READERS = {
    command_id: _Reader(
        kind, tuple((one.name, one.take) for one in fields), bool(command_id & RESPONSE)
    )
    for kind, (command_id, fields) in LAYOUTS.items()
}

_RESPONSES = frozenset(one.kind for one in _READERS.values() if one.response)
_ANSWERS = {
    one.kind: _READERS[number | RESPONSE].kind
    for number, one in _READERS.items()
    if not one.response and number | RESPONSE in _READERS
}


def command_id(kind: type[Body]) -> int:
    """The command_id of a PDU."""
    return LAYOUTS[kind][0]


def kind_of(command_id: int) -> type[Body] | None:
    """The kind of PDU with a command_id; None if SMPP 3.4 has none."""
    reader = _READERS.get(command_id)
    return reader.kind if reader else None


def response_to(kind: type[Body]) -> type[Body] | None:
    """What answers a request; None for a PDU that has no answer."""
    return _ANSWERS.get(kind)


def is_response(kind: type[Body]) -> bool:
    """Whether a PDU answers another one; a generic_nack does."""
    return kind in _RESPONSES


def encode(pdu: Pdu) -> bytes:
    """The octets of a PDU; raises SmppError for a value that a field cannot have.

    So it does for a value of the wrong type, and for more than LONGEST octets. An answer with an
    error has no fields, unless they say something (4.4.2).
    """
    try:
        return _encoded(pdu)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise _of_type(pdu, error) from error


def _encoded(pdu: Pdu) -> bytes:
    body = pdu.body
    kind = type(body)
    command, steps = _WRITERS[kind]
    if pdu.command_status and command & RESPONSE and body == kind():
        octets = b""
    else:
        octets = b"".join([put(value(body)) for value, put in steps])
        if body.tlvs:
            octets += tlvs.encode(body.tlvs)
    if len(octets) > LONGEST - HEADER_OCTETS:
        raise _wrong_length(LONGEST, HEADER_OCTETS + len(octets))
    try:
        length = HEADER_OCTETS + len(octets)
        return _NUMBERS.pack(length, command, pdu.command_status, pdu.sequence_number) + octets
    except struct.error:
        what = f"expected numbers of four octets, found {pdu.command_status}, {pdu.sequence_number}"
        raise SmppError(what, status=Status.ESME_RSYSERR) from None


def _of_type(pdu: Any, error: Exception) -> SmppError:
    """The error for a value of the wrong type: encoding found it, this finds its field."""
    if not isinstance(pdu, Pdu):
        return _mistyped("a Pdu, such as Pdu(body, sequence_number=1)", pdu, None)
    kind = type(pdu.body)
    if kind not in LAYOUTS:
        return _mistyped("a body of smsenc.smpp.pdus", pdu.body, "body")
    for one in LAYOUTS[kind][1]:
        value = getattr(pdu.body, one.name)
        try:
            one.put(value)
            if one in _ALIKE:
                hash(value)
        except (AttributeError, IndexError, TypeError, ValueError) as found:
            expected = type(getattr(kind(), one.name))
            if isinstance(value, expected):
                return SmppError(str(found), status=Status.ESME_RSYSERR, name=one.name)
            return _mistyped(expected.__name__, value, one.name)
    return SmppError(str(error), status=Status.ESME_RSYSERR, name="tlvs")


def _mistyped(expected: str, found: object, name: str | None) -> SmppError:
    # The value may be a secret: the error does not show it.
    what = f"expected {expected}, found {type(found).__name__}"
    return SmppError(what, status=Status.ESME_RSYSERR, name=name)


def header(octets: bytes | bytearray, at: int = 0, longest: int = LONGEST) -> Header:
    """The header of the PDU that begins at ``at``; raises SmppError for a length that cannot be."""
    numbers = Header._make(_NUMBERS.unpack_from(octets, at))
    if not HEADER_OCTETS <= numbers.command_length <= longest:
        raise _wrong_length(longest, numbers.command_length).at(offset=0)
    return numbers


def _wrong_length(longest: int, found: int) -> SmppError:
    what = f"expected {HEADER_OCTETS} to {longest}, found {found}"
    return SmppError(what, status=Status.ESME_RINVCMDLEN, name="command_length")


def decode(octets: bytes) -> Pdu:
    """The PDU that ``octets`` are; raises SmppError."""
    if len(octets) < HEADER_OCTETS:
        what = f"expected a header of {HEADER_OCTETS} octets, found {len(octets)}"
        raise SmppError(what, status=Status.ESME_RINVCMDLEN, offset=len(octets))
    found = header(octets)
    if found.command_length != len(octets):
        what = f"expected {found.command_length} octets, found {len(octets)}"
        raise SmppError(what, status=Status.ESME_RINVCMDLEN, offset=0, name="command_length")
    return Pdu(body(found, octets), found.sequence_number, found.command_status)


def body(found: Header, octets: bytes) -> Body:
    """The body of a PDU whose header is known; raises SmppError.

    Answers without any field are read as such, also where there is no error.
    """
    reader = _READERS.get(found.command_id)
    if reader is None:
        what = f"expected a command_id of SMPP 3.4, found 0x{found.command_id:08X}"
        raise SmppError(what, status=Status.ESME_RINVCMDID, offset=4, name="command_id")
    at, end = HEADER_OCTETS, len(octets)
    if at == end and reader.response:
        return reader.kind()
    values: dict[str, Any] = {}
    for name, take in reader.takes:
        values[name], at = take(octets, at, end)
    if at < end:
        values["tlvs"] = tlvs.decode(octets, at, end)
    return reader.kind(**values)


def readable(found: Header, octets: bytes) -> Body:
    """What can be read of a body: the fields before its first error; ``found`` has a known kind."""
    reader = _READERS[found.command_id]
    at, end = HEADER_OCTETS, len(octets)
    values: dict[str, Any] = {}
    with suppress(SmppError):
        for name, take in reader.takes:
            values[name], at = take(octets, at, end)
    return reader.kind(**values)
