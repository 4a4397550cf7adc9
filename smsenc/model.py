"""The values that all other modules work with: frozen, and checked once, in their constructors."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Self

from smsenc.errors import DecodeError, HeaderError
from smsenc.national import Language

#: TP-UD holds at most 140 octets (3GPP TS 23.040, 9.2.3.16). Every other limit follows from it.
USER_DATA_OCTETS = 140


class Coding(StrEnum):
    """The alphabet bits of TP-DCS (3GPP TS 23.038, clause 4)."""

    GSM7 = "gsm7"  #: septets of the GSM 7-bit alphabet or of a national table
    OCTETS = "8bit"  #: data for an application
    UCS2 = "ucs2"  #: UTF-16, big endian


class MessageClass(IntEnum):
    """The class bits of TP-DCS (3GPP TS 23.038, clause 4)."""

    FLASH = 0  #: shown at once, not stored
    ME = 1  #: the phone's memory; the class of Smart Messaging
    SIM = 2  #: the SIM card
    TE = 3  #: what the phone is connected to, such as a computer


class Port(IntEnum):
    """Destination ports of Nokia Smart Messaging."""

    RINGTONE = 0x1581
    OPERATOR_LOGO = 0x1582
    CALLER_ICON = 0x1583
    MULTIPART = 0x158A
    VCARD = 0x23F4
    VCALENDAR = 0x23F5


def port_text(port: int) -> str:
    """A port for people, who know some in decimal and others in hex: ``5505 (0x1581)``.

    0 stands for none.
    """
    return f"{port} (0x{port:04X})" if port else "0"


class IEI(IntEnum):
    """Information element identifiers (3GPP TS 23.040, 9.2.3.24)."""

    CONCATENATION_8 = 0x00
    SPECIAL_MESSAGE = 0x01
    PORTS_8 = 0x04
    PORTS_16 = 0x05
    SMSC_CONTROL = 0x06
    SOURCE_INDICATOR = 0x07
    CONCATENATION_16 = 0x08
    WIRELESS_CONTROL = 0x09
    TEXT_FORMATTING = 0x0A
    PREDEFINED_SOUND = 0x0B
    USER_SOUND = 0x0C
    PREDEFINED_ANIMATION = 0x0D
    LARGE_ANIMATION = 0x0E
    SMALL_ANIMATION = 0x0F
    LARGE_PICTURE = 0x10
    SMALL_PICTURE = 0x11
    VARIABLE_PICTURE = 0x12
    USER_PROMPT = 0x13
    EXTENDED_OBJECT = 0x14
    REUSED_OBJECT = 0x15
    COMPRESSION_CONTROL = 0x16
    OBJECT_DISTRIBUTION = 0x17
    WVG_OBJECT = 0x18
    WVG_CHARACTER = 0x19
    OBJECT_REQUEST = 0x1A
    EMAIL_HEADER = 0x20
    HYPERLINK = 0x21
    REPLY_ADDRESS = 0x22
    VOICE_MAIL = 0x23
    SINGLE_SHIFT = 0x24
    LOCKING_SHIFT = 0x25


@dataclass(frozen=True, slots=True)
class Element:
    """One information element of a user data header; its length is that of the data."""

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


def shifts(locking: Language, single: Language) -> tuple[Element, ...]:
    """The elements that name national language tables; none for the default alphabet."""
    pairs = ((IEI.SINGLE_SHIFT, single), (IEI.LOCKING_SHIFT, locking))
    return tuple(Element(iei, bytes((language,))) for iei, language in pairs if language)


_NO_SHIFTS = (Language.DEFAULT, Language.DEFAULT)


def _language(elements: tuple[Element, ...], iei: IEI) -> Language:
    """The language that an element names; an unknown one is ignored, as 9.2.3.24.15 demands."""
    for element in reversed(elements):
        if element.iei == iei and len(element.data) == 1 and element.data[0] in _LANGUAGES:
            return Language(element.data[0])
    return Language.DEFAULT


_LANGUAGES = frozenset(Language)


# A frozen dataclass assigns its fields through ``object.__setattr__``, which takes as long as all
# else that ``split`` does for a part. ``valid_payload`` and ``valid_segment`` therefore fill the
# slots while the object still has one of the two classes with ``Fields`` in their names, which are
# not frozen, and then give it its own class.
class _PayloadFields:
    __slots__ = ("coding", "data", "elements", "message_class")

    data: bytes
    coding: Coding
    elements: tuple[Element, ...]
    message_class: MessageClass | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload(_PayloadFields):
    """A complete message before it is split into parts.

    ``data`` depends on ``coding``: septets, one in each octet (GSM7), octets (OCTETS), or UTF-16
    big endian (UCS2). ``elements`` are repeated in the header of every part. They do not include
    concatenation, which ``split`` adds. Raises DecodeError for data that the coding cannot have.
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
    def to_port(cls, destination: int, data: bytes) -> Self:
        """Octets for an application port, in class 1, which Smart Messaging phones expect."""
        return cls(
            data=data,
            coding=Coding.OCTETS,
            elements=(ports(destination),),
            message_class=MessageClass.ME,
        )

    @property
    def languages(self) -> tuple[Language, Language]:
        """The locking and single shift tables of GSM 7-bit text (9.2.3.24.15 and .16)."""
        if not self.elements:
            return _NO_SHIFTS
        return _language(self.elements, IEI.LOCKING_SHIFT), _language(
            self.elements, IEI.SINGLE_SHIFT
        )

    @property
    def port(self) -> int | None:
        """The destination port; of two port elements the last one counts (9.2.3.24)."""
        for element in reversed(self.elements):
            if element.iei == IEI.PORTS_16 and len(element.data) == 4:
                return int.from_bytes(element.data[:2], "big")
            if element.iei == IEI.PORTS_8 and len(element.data) == 2:
                return element.data[0]
        return None


class _SegmentFields:
    __slots__ = ("coding", "data", "message_class", "udh", "units")

    udh: bytes
    data: bytes
    coding: Coding
    units: int
    message_class: MessageClass | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment(_SegmentFields):
    """One part as it is sent: ``udh`` and ``data`` together fill TP-UD.

    ``udh`` starts with its length octet and is empty when there is no header. ``data`` are packed
    octets; for GSM7 they begin with the fill bits that follow the header. ``units`` counts the
    septets, octets or 16-bit units of the text itself. Raises HeaderError for more than 140 octets.
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
        """TP-UDL: septets, with header and fill bits, for GSM7; octets otherwise (9.2.3.16)."""
        if self.coding is Coding.GSM7:
            return -(-len(self.udh) * 8 // 7) + self.units
        return len(self.udh) + len(self.data)


def valid_payload(
    data: bytes,
    coding: Coding,
    elements: tuple[Element, ...],
    message_class: MessageClass | None,
) -> Payload:
    """A payload from values that are known to be valid: nothing is checked."""
    payload = _PayloadFields()
    payload.data = data
    payload.coding = coding
    payload.elements = elements
    payload.message_class = message_class
    payload.__class__ = Payload
    return payload  # type: ignore[return-value]  # it has been a Payload since the line before


def valid_segment(
    udh: bytes,
    data: bytes,
    coding: Coding,
    units: int,
    message_class: MessageClass | None,
) -> Segment:
    """A segment from values that are known to be valid: nothing is checked."""
    segment = _SegmentFields()
    segment.udh = udh
    segment.data = data
    segment.coding = coding
    segment.units = units
    segment.message_class = message_class
    segment.__class__ = Segment
    return segment  # type: ignore[return-value]  # it has been a Segment since the line before
