"""Parts of messages <-> submit_sm, deliver_sm and data_sm.

    body = submit(segment, source=address("smsenc"), destination=address("447700900123"))
    assert segment_of(body) == segment

``CodingProfile`` says which data_coding a route wants, ``Carry`` where it wants the place of a part
in its message. What is read is understood whatever the route: in every data_coding, with or without
a user data header, sar_ parameters, ports, message_payload.
"""

from __future__ import annotations

from enum import StrEnum

from smsenc import gsm7, udh
from smsenc.errors import DecodeError
from smsenc.model import Coding, Payload, Segment, ports
from smsenc.smpp import userdata
from smsenc.smpp.addresses import address, number_of
from smsenc.smpp.errors import SmppError
from smsenc.smpp.fields import LONGEST_SHORT_MESSAGE
from smsenc.smpp.pdus import Address, DataSm, DeliverSm, SubmitSm
from smsenc.smpp.receipts import is_text
from smsenc.smpp.status import Status
from smsenc.smpp.tlvs import Tag, Tlv, Tlvs, find, number
from smsenc.smpp.userdata import (
    STANDARD,
    Classes,
    Coded,
    CodingProfile,
    Gsm7,
    Message,
    UserData,
    content,
)
from smsenc.splitting import capacity

__all__ = [
    "STANDARD",
    "Carry",
    "Classes",
    "CodingProfile",
    "Gsm7",
    "UserData",
    "address",
    "content",
    "data",
    "deliver",
    "is_receipt",
    "number_of",
    "payload_of",
    "segment_of",
    "submit",
    "user_data_of",
]

#: Bits of esm_class (5.2.12).
UDHI = 0x40
KIND = 0x3C
#: Delivery receipt, delivery and manual acknowledgement of a phone, intermediate notification.
RECEIPTS = frozenset((0x04, 0x08, 0x10, 0x20))


class Carry(StrEnum):
    """Where a route wants the octets of a part and its place in the message."""

    UDHI = "udhi"  #: a user data header in short_message
    SAR = "sar"  #: the sar_ parameters; other elements in a user data header
    PAYLOAD = "payload"  #: a user data header in message_payload


def _as_smpp(error: DecodeError) -> SmppError:
    """An error of headers or septets with a status."""
    if isinstance(error, SmppError):
        return error
    return SmppError(error.message, status=Status.ESME_RSUBMITFAIL, offset=error.offset)


# Writing ------------------------------------------------------------------------------------------


def submit(  # noqa: PLR0913 - the fields of the PDU that vary
    part: Segment | Payload,
    *,
    source: Address,
    destination: Address,
    profile: CodingProfile = STANDARD,
    carry: Carry = Carry.UDHI,
    registered_delivery: int = 0,
    validity: str = "",
    schedule: str = "",
    priority: int = 0,
    service_type: str = "",
) -> SubmitSm:
    """The submit_sm of a part, or of a message that the message centre is to split.

    More than 254 octets go into message_payload, whatever ``carry`` is. Raises SmppError for
    characters that the route does not have, for a damaged header, and for a source or destination
    that is no Address: ``address`` makes one of a number.
    """
    _check(part, source, destination)
    esm_class, found, short, tlvs = _carried(part, profile, carry)
    return SubmitSm(
        service_type=service_type,
        source_addr=source,
        destination_addr=destination,
        esm_class=esm_class,
        priority_flag=priority,
        schedule_delivery_time=schedule,
        validity_period=validity,
        registered_delivery=registered_delivery,
        data_coding=found.data_coding,
        short_message=short,
        tlvs=tlvs,
    )


def deliver(
    part: Segment | Payload,
    *,
    source: Address,
    destination: Address,
    profile: CodingProfile = STANDARD,
    carry: Carry = Carry.UDHI,
) -> DeliverSm:
    """The deliver_sm of a part or message that a phone sent; the rest is as in ``submit``."""
    _check(part, source, destination)
    esm_class, found, short, tlvs = _carried(part, profile, carry)
    return DeliverSm(
        source_addr=source,
        destination_addr=destination,
        esm_class=esm_class,
        data_coding=found.data_coding,
        short_message=short,
        tlvs=tlvs,
    )


def data(  # noqa: PLR0913 - as for submit
    part: Segment | Payload,
    *,
    source: Address,
    destination: Address,
    profile: CodingProfile = STANDARD,
    carry: Carry = Carry.PAYLOAD,
    registered_delivery: int = 0,
) -> DataSm:
    """The data_sm of a part or message, whose octets are always in message_payload (4.7.1)."""
    _check(part, source, destination)
    esm_class, found, short, tlvs = _carried(part, profile, carry)
    if short or find(tlvs, Tag.MESSAGE_PAYLOAD) is None:
        tlvs = (*tlvs, Tlv(Tag.MESSAGE_PAYLOAD, short))
    return DataSm(
        source_addr=source,
        destination_addr=destination,
        esm_class=esm_class,
        registered_delivery=registered_delivery,
        data_coding=found.data_coding,
        tlvs=tlvs,
    )


def _check(part: object, source: object, destination: object) -> None:
    """Raise SmppError for what has the wrong type."""
    if not isinstance(part, Segment | Payload):
        what = f"expected a Segment or a Payload, found {type(part).__name__}"
        raise SmppError(what, status=Status.ESME_RSYSERR, name="part")
    for name, found in (("source", source), ("destination", destination)):
        if not isinstance(found, Address):
            what = f"expected an Address, as address() returns, found {type(found).__name__}"
            raise SmppError(what, status=Status.ESME_RSYSERR, name=name)


def _carried(
    part: Segment | Payload, profile: CodingProfile, carry: Carry
) -> tuple[int, Coded, bytes, Tlvs]:
    """esm_class, what is coded, short_message and optional parameters."""
    place: Tlvs = ()
    try:
        user = _user_data(part)
        if carry is Carry.SAR:
            user, place = _with_sar(user)
        found = userdata.coded(user, profile)
    except DecodeError as error:
        raise _as_smpp(error) from None
    octets = found.header + found.octets
    tlvs = (*found.tlvs, *place)
    esm_class = UDHI if found.header else 0
    if carry is Carry.PAYLOAD or len(octets) > LONGEST_SHORT_MESSAGE:
        return esm_class, found, b"", (*tlvs, Tlv(Tag.MESSAGE_PAYLOAD, octets))
    return esm_class, found, octets, tlvs


def _user_data(part: Segment | Payload) -> UserData:
    if isinstance(part, Payload):
        header = udh.encode(part.elements)
        return UserData(header, part.data, part.coding, part.message_class)
    octets = part.data
    if part.coding is Coding.GSM7:
        octets = gsm7.unpack(octets, part.units, fill=gsm7.fill_bits(len(part.udh)))
    return UserData(part.udh, octets, part.coding, part.message_class)


def _with_sar(user: UserData) -> tuple[UserData, Tlvs]:
    """User data without its concatenation element, and the parameters that replace it."""
    elements = udh.decode(user.header)
    found = udh.find_concatenation(elements)
    if not found:
        return user, ()
    others = tuple(one for one in elements if not udh.is_concatenation(one))
    return user._replace(header=udh.encode(others)), (
        Tlv(Tag.SAR_MSG_REF_NUM, found.reference),
        Tlv(Tag.SAR_TOTAL_SEGMENTS, found.total),
        Tlv(Tag.SAR_SEGMENT_SEQNUM, found.sequence),
    )


# Reading ------------------------------------------------------------------------------------------


def segment_of(body: Message, profile: CodingProfile = STANDARD) -> Segment:
    """The part that a PDU carries.

    sar_ parameters become a concatenation element after the others, with a 16-bit reference if it
    is over 255; port parameters become an element too. Text in an alphabet that TP-DCS does not
    have becomes septets or UCS-2. Raises SmppError for what is damaged, and for more than fits in
    a part: ``payload_of`` reads that.
    """
    try:
        return _segment(_read(body, profile))
    except DecodeError as error:
        raise _as_smpp(error) from None


def payload_of(body: Message, profile: CodingProfile = STANDARD) -> Payload:
    """The whole message that a PDU carries, of any length.

    Raises SmppError for what is damaged, and for a part of several.
    """
    try:
        user = _read(body, profile)
        place = udh.find_concatenation(udh.decode(user.header))
        if place and place.total > 1:
            what = f"expected a whole message, found part {place.sequence} of {place.total}"
            raise SmppError(what, status=Status.ESME_RINVMSGLEN)
        return userdata.payload(user)
    except DecodeError as error:
        raise _as_smpp(error) from None


def user_data_of(body: Message, profile: CodingProfile = STANDARD) -> UserData:
    """Header and data of a whole message or of a part, of any length.

    The header is as in ``segment_of``. Raises SmppError for what is damaged.
    """
    try:
        return _read(body, profile)
    except DecodeError as error:
        raise _as_smpp(error) from None


def _read(body: Message, profile: CodingProfile) -> UserData:
    octets = content(body)
    behind = octets[0] + 1 if body.esm_class & UDHI and octets else 0
    if behind > len(octets):
        what = f"expected {behind} octets of header, found {len(octets)}"
        raise SmppError(what, status=Status.ESME_RINVMSGLEN)
    found = Coded(octets[:behind], octets[behind:], body.data_coding, body.tlvs)
    user = userdata.read(found, profile)
    return user._replace(header=_placed(_addressed(user.header, body.tlvs), body.tlvs))


def _addressed(header: bytes, tlvs: Tlvs) -> bytes:
    """A header with the ports of the parameters, if it has none."""
    destination = number(tlvs, Tag.DESTINATION_PORT)
    if destination is None:
        return header
    elements = udh.decode(header)
    if Payload(data=b"", coding=Coding.OCTETS, elements=elements).port is not None:
        return header
    return udh.encode((*elements, ports(destination, number(tlvs, Tag.SOURCE_PORT) or 0)))


_SAR = (Tag.SAR_MSG_REF_NUM, Tag.SAR_TOTAL_SEGMENTS, Tag.SAR_SEGMENT_SEQNUM)


def _placed(header: bytes, tlvs: Tlvs) -> bytes:
    """A header with the place that the sar_ parameters say, if it has none.

    They are ignored if one of them is missing or cannot be (5.3.2.22 to 5.3.2.24).
    """
    reference, total, sequence = (number(tlvs, tag) for tag in _SAR)
    if reference is None or total is None or sequence is None or not 1 <= sequence <= total:
        return header
    elements = udh.decode(header)
    if udh.find_concatenation(elements):
        return header
    wide = reference > 0xFF
    return udh.encode((*elements, udh.concatenation(reference, total, sequence, wide=wide)))


def _segment(user: UserData) -> Segment:
    header, octets, coding, message_class = user
    room = capacity(len(header), coding)
    if len(octets) > room:
        unit = "septets" if coding is Coding.GSM7 else "octets"
        what = f"expected at most {max(room, 0)} {unit} in a part, found {len(octets)}"
        raise SmppError(what, status=Status.ESME_RINVMSGLEN)
    units = len(octets)
    if coding is Coding.GSM7:
        octets = gsm7.pack(octets, gsm7.fill_bits(len(header)))
    elif coding is Coding.UCS2:
        units //= 2
    return Segment(udh=header, data=octets, coding=coding, units=units, message_class=message_class)


def is_receipt(body: Message) -> bool:
    """Whether a PDU says what became of a message.

    esm_class says so (5.2.12). Where it does not, a PDU is a receipt if it has the parameters
    message_state or receipted_message_id, and both of them or the text of a receipt.
    """
    kind = body.esm_class & KIND
    if kind:
        return kind in RECEIPTS
    found = [find(body.tlvs, t) for t in (Tag.RECEIPTED_MESSAGE_ID, Tag.MESSAGE_STATE)]
    if None not in found:
        return True
    return found != [None, None] and is_text(content(body))
