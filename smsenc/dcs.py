"""TP-DCS: which alphabet and which class (3GPP TS 23.038, clause 4)."""

from __future__ import annotations

from smsenc.errors import DecodeError
from smsenc.model import Coding, MessageClass

_GROUP_BITS = {Coding.GSM7: 0x00, Coding.OCTETS: 0x04, Coding.UCS2: 0x08}
_ALPHABETS = (Coding.GSM7, Coding.OCTETS, Coding.UCS2)


def encode(coding: Coding, message_class: MessageClass | None) -> int:
    """The octet for a coding and a class.

    Octets with a class take the class group (F4..F7), which Smart Messaging senders use and every
    gateway passes; other codings take the general group.
    """
    if message_class is None:
        return _GROUP_BITS[coding]
    if coding is Coding.OCTETS:
        return 0xF4 | message_class
    return 0x10 | _GROUP_BITS[coding] | message_class


def decode(dcs: int) -> tuple[Coding, MessageClass | None]:
    """Coding and class of an octet; reserved groups read as 00, as the clause asks."""
    if not 0 <= dcs <= 0xFF:
        raise DecodeError(f"expected an octet 0..255, found {dcs}")
    group = dcs >> 4
    if group == 0xF:
        return (Coding.OCTETS if dcs & 4 else Coding.GSM7), MessageClass(dcs & 3)
    if group in (0xC, 0xD):
        return Coding.GSM7, None
    if group == 0xE:
        return Coding.UCS2, None
    if group >= 8:
        return Coding.GSM7, None
    alphabet = dcs >> 2 & 3
    coding = _ALPHABETS[alphabet] if alphabet < len(_ALPHABETS) else Coding.GSM7
    return coding, MessageClass(dcs & 3) if dcs & 0x10 else None
