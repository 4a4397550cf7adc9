"""TP-DCS: alphabet, class and message waiting in one octet (3GPP TS 23.038, clause 4)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from smsenc.errors import DecodeError
from smsenc.model import Coding, MessageClass, Payload, Segment


class Indication(IntEnum):
    """The kind of message that is waiting (clause 4, groups 1100 to 1110)."""

    VOICEMAIL = 0
    FAX = 1
    EMAIL = 2
    OTHER = 3


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message waiting indication: set or cleared, its text stored or discarded."""

    indication: Indication
    active: bool = True
    store: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCoding:
    """The meaning of the octet. ``delete`` asks for automatic deletion after reading."""

    coding: Coding = Coding.GSM7
    message_class: MessageClass | None = None
    compressed: bool = False
    delete: bool = False
    waiting: Waiting | None = None

    def __post_init__(self) -> None:
        if self.waiting is None:
            return
        if self.message_class is not None or self.compressed or self.delete:
            raise DecodeError(
                "expected a waiting indication alone, found a class, compression or deletion"
            )
        if self.coding is Coding.OCTETS or (self.coding is Coding.UCS2 and not self.waiting.store):
            raise DecodeError(f"expected GSM 7-bit, or UCS-2 that is stored, found {self.coding}")


def of(segment: Payload | Segment) -> DataCoding:
    """The data coding of a payload or one of its parts."""
    return DataCoding(coding=segment.coding, message_class=segment.message_class)


_GENERAL = {Coding.GSM7: 0x00, Coding.OCTETS: 0x04, Coding.UCS2: 0x08}
_BY_BITS = {bits: coding for coding, bits in _GENERAL.items()}
_CLASS_MEANT, _COMPRESSED, _DELETE = 0x10, 0x20, 0x40
_CLASS_GROUP = 0xF0
# Groups by their high nibble: coding and whether the text is stored.
_WAITING_GROUPS = {
    0xC: (Coding.GSM7, False),
    0xD: (Coding.GSM7, True),
    0xE: (Coding.UCS2, True),
}
_ACTIVE = 0x08


def encode(meaning: DataCoding) -> int:
    """The octet of a meaning.

    Octets with a class and nothing else use the class group (F4..F7), as Smart Messaging senders do
    and every gateway accepts; everything else uses the general group.
    """
    waiting = meaning.waiting
    if waiting:
        group = next(
            high
            for high, kept in _WAITING_GROUPS.items()
            if kept == (meaning.coding, waiting.store)
        )
        return group << 4 | _ACTIVE * waiting.active | waiting.indication
    octet = _GENERAL[meaning.coding] | _COMPRESSED * meaning.compressed | _DELETE * meaning.delete
    if meaning.message_class is None:
        return octet
    if octet == _GENERAL[Coding.OCTETS]:
        return _CLASS_GROUP | octet | meaning.message_class
    return octet | _CLASS_MEANT | meaning.message_class


def decode(octet: int) -> DataCoding:
    """The meaning of an octet; reserved values mean GSM 7-bit, as the clause demands."""
    if not 0 <= octet <= 0xFF:
        raise DecodeError(f"expected an octet 0..255, found {octet}")
    group = octet >> 4
    if group in _WAITING_GROUPS:
        coding, store = _WAITING_GROUPS[group]
        waiting = Waiting(Indication(octet & 3), active=bool(octet & _ACTIVE), store=store)
        return DataCoding(coding=coding, waiting=waiting)
    if octet >= _CLASS_GROUP:
        coding = Coding.OCTETS if octet & 0x04 else Coding.GSM7
        return DataCoding(coding=coding, message_class=MessageClass(octet & 3))
    if octet >= 0x80:
        return DataCoding()
    return DataCoding(
        coding=_BY_BITS.get(octet & 0x0C, Coding.GSM7),
        message_class=MessageClass(octet & 3) if octet & _CLASS_MEANT else None,
        compressed=bool(octet & _COMPRESSED),
        delete=bool(octet & _DELETE),
    )
