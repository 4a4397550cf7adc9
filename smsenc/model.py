"""The values that everything else is made of. Frozen; checked once, here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from smsenc.errors import DecodeError, HeaderError

#: TP-UD holds at most 140 octets (3GPP TS 23.040, 9.2.3.16). Every other limit follows from it.
USER_DATA_OCTETS = 140


class Coding(StrEnum):
    """The alphabet bits of TP-DCS (3GPP TS 23.038, clause 4)."""

    GSM7 = "gsm7"
    OCTETS = "8bit"
    UCS2 = "ucs2"


class MessageClass(IntEnum):
    """The class bits of TP-DCS (3GPP TS 23.038, clause 4)."""

    FLASH = 0  # shown at once, not stored
    ME = 1  # Smart Messaging travels in this class
    SIM = 2
    TE = 3


class Port(IntEnum):
    """Destination ports of Nokia Smart Messaging."""

    RINGTONE = 0x1581
    OPERATOR_LOGO = 0x1582
    CALLER_ICON = 0x1583
    MULTIPART = 0x158A
    VCARD = 0x23F4
    VCALENDAR = 0x23F5


class IEI(IntEnum):
    """Information element identifiers that the package itself reads (3GPP TS 23.040, 9.2.3.24)."""

    CONCATENATION_8 = 0x00
    PORTS_8 = 0x04
    PORTS_16 = 0x05
    CONCATENATION_16 = 0x08


@dataclass(frozen=True, slots=True)
class Element:
    """One information element of a user data header: identifier and data, length implied."""

    iei: int
    data: bytes

    def __post_init__(self) -> None:
        if not 0 <= self.iei <= 0xFF:
            raise HeaderError(
                f"expected an information element identifier 0..255, found {self.iei}"
            )
        if len(self.data) > USER_DATA_OCTETS - 3:
            raise HeaderError(
                f"expected at most {USER_DATA_OCTETS - 3} octets in an information element, "
                f"found {len(self.data)}"
            )


def ports(destination: int, originator: int = 0) -> Element:
    """Application port addressing with 16-bit ports (3GPP TS 23.040, 9.2.3.24.4)."""
    for port in (destination, originator):
        if not 0 <= port <= 0xFFFF:
            raise HeaderError(f"expected a port 0..65535, found {port}")
    return Element(IEI.PORTS_16, destination.to_bytes(2, "big") + originator.to_bytes(2, "big"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """A whole message before it is cut into parts.

    ``data`` is, by ``coding``: septets one an octet (GSM7), octets (OCTETS), or UTF-16 big endian
    (UCS2). ``elements`` are repeated in the header of every part; concatenation is not among them,
    ``split`` adds it.
    """

    data: bytes
    coding: Coding
    elements: tuple[Element, ...] = ()
    message_class: MessageClass | None = None

    def __post_init__(self) -> None:
        if self.coding is Coding.GSM7 and not self.data.isascii():
            raise DecodeError("expected septets 0..127, found an octet over 127")
        if self.coding is Coding.UCS2 and len(self.data) % 2:
            raise DecodeError(f"expected an even number of octets in UCS-2, found {len(self.data)}")

    @classmethod
    def to_port(cls, destination: int, data: bytes) -> Payload:
        """Octets for an application port, in class 1 as Smart Messaging phones expect them."""
        return cls(
            data=data,
            coding=Coding.OCTETS,
            elements=(ports(destination),),
            message_class=MessageClass.ME,
        )

    @property
    def port(self) -> int | None:
        """Destination port; of two port elements the last one counts (9.2.3.24)."""
        for element in reversed(self.elements):
            if element.iei == IEI.PORTS_16 and len(element.data) == 4:
                return int.from_bytes(element.data[:2], "big")
            if element.iei == IEI.PORTS_8 and len(element.data) == 2:
                return element.data[0]
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One part as it goes on the air: ``udh`` and ``data`` together fill TP-UD.

    ``udh`` starts with its length octet and is empty when there is no header. ``data`` are packed
    octets; for GSM7 they begin with the fill bits that follow the header. ``units`` counts the
    septets, octets or 16-bit units of the text itself.
    """

    udh: bytes
    data: bytes
    coding: Coding
    units: int
    message_class: MessageClass | None = None

    def __post_init__(self) -> None:
        if len(self.udh) + len(self.data) > USER_DATA_OCTETS:
            raise HeaderError(
                f"expected at most {USER_DATA_OCTETS} octets of user data, "
                f"found {len(self.udh)} + {len(self.data)}"
            )

    @property
    def udl(self) -> int:
        """TP-UDL: septets for GSM7 with header and fill bits, else octets (9.2.3.16)."""
        if self.coding is Coding.GSM7:
            return -(-len(self.udh) * 8 // 7) + self.units
        return len(self.udh) + len(self.data)
