"""What a PDU from a message centre says: who wrote to which number, and which octets.

Any octets can be read: what is damaged is kept as octets, with a note.
"""

from __future__ import annotations

from typing import NamedTuple

from smsenc import DecodeError, udh
from smsenc.model import Coding
from smsenc.smpp import SmppError, codec, mapping
from smsenc.smpp.pdus import DataSm, DeliverSm
from smsenc.smpp.tlvs import Tag, find
from smsenc.smpp.userdata import STANDARD, CodingProfile, UserData

_LONGEST_NOTE = 200


class Place(NamedTuple):
    """The place of a part among others; ``mark`` is what all parts of a message share."""

    mark: str
    total: int
    sequence: int


class Found(NamedTuple):
    """A message from a phone, or a part; ``place`` is None for a whole one.

    ``note`` says why its octets could not be read as what they claim to be.
    """

    handset: str
    number: str
    user: UserData
    place: Place | None = None
    note: str = ""


def read(pdu: bytes, route: str, profile: CodingProfile = STANDARD) -> Found | None:
    """What is in a PDU that came by a route; None for a receipt, which nobody can read."""
    try:
        body = codec.decode(pdu).body
    except DecodeError as error:
        return Found("", "", _octets(pdu), note=_said(error))
    if not isinstance(body, DeliverSm | DataSm):
        return Found("", "", _octets(pdu), note="no deliver_sm or data_sm")
    try:
        if mapping.is_receipt(body):
            return None
        return _found(body, route, profile)
    except DecodeError as error:
        return _damaged(body, _said(error))


def _found(body: DeliverSm | DataSm, route: str, profile: CodingProfile) -> Found:
    handset, number = _addresses(body)
    user = mapping.user_data_of(body, profile)
    place = udh.find_concatenation(udh.decode(user.header))
    if place is None or place.total == 1:
        return Found(handset, number, user)
    shared = (route, handset, number, place.reference, place.total)
    mark = "\t".join(map(str, shared))
    return Found(handset, number, user, Place(mark, place.total, place.sequence))


def _damaged(body: DeliverSm | DataSm, note: str) -> Found:
    """All octets of a message that cannot be read."""
    try:
        octets = mapping.content(body)
    except SmppError:  # short_message and message_payload, and they differ
        short = b"" if isinstance(body, DataSm) else body.short_message
        longer = find(body.tlvs, Tag.MESSAGE_PAYLOAD)
        octets = short + (longer if isinstance(longer, bytes) else b"")
    return Found(*_addresses(body), _octets(octets), note=note)


def _octets(octets: bytes) -> UserData:
    return UserData(b"", octets, Coding.OCTETS)


def _addresses(body: DeliverSm | DataSm) -> tuple[str, str]:
    """The numbers of phone and service, in digits where they are international."""
    source, destination = (
        mapping.number_of(body.source_addr),
        mapping.number_of(body.destination_addr),
    )
    return source.removeprefix("+"), destination.removeprefix("+")


def _said(error: DecodeError) -> str:
    return f"cannot be read: {error.message}"[:_LONGEST_NOTE]
