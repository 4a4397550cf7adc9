"""The octets of a message and its data_coding, both ways (SMPP 3.4, 5.2.19; 3GPP TS 23.038)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from smsenc import dcs, gsm7, udh
from smsenc.errors import OptionError
from smsenc.model import (
    USER_DATA_OCTETS,
    Coding,
    MessageClass,
    Payload,
    valid_payload,
)
from smsenc.national import Language
from smsenc.smpp.errors import SmppError
from smsenc.smpp.pdus import DataSm, DeliverSm, SubmitMulti, SubmitSm
from smsenc.smpp.status import Status
from smsenc.smpp.tlvs import Tag, Tlv, Tlvs, find, number


class Gsm7(StrEnum):
    """How a route wants GSM 7-bit text."""

    UNPACKED = "unpacked"  #: data_coding 0, one septet in each octet
    PACKED = "packed"  #: data_coding 0, as in a TPDU, with fill bits after a header
    LATIN1_0 = "latin1-0"  #: data_coding 0, where the default alphabet of the route is Latin-1
    LATIN1_1 = "latin1-1"  #: data_coding 1
    LATIN1_3 = "latin1-3"  #: data_coding 3


class Classes(StrEnum):
    """Where a route wants the message class of text, such as that of a flash message.

    A route that takes Latin-1 gets the class of GSM 7-bit text in dest_addr_subunit anyway.
    """

    GENERAL = "general"  #: in data_coding: 0x10 to 0x13 for GSM 7-bit, 0x18 to 0x1B for UCS-2
    GROUP = "group"  #: the same, but 0xF0 to 0xF3 for GSM 7-bit
    SUBUNIT = "subunit"  #: in the parameter dest_addr_subunit (5.3.2.1)


_GROUP = 0xF0
_BINARY = (None, 0x02, 0x04, 0xF4, 0xF5, 0xF6, 0xF7)


@dataclass(frozen=True, slots=True, kw_only=True)
class CodingProfile:
    """What a route wants in data_coding.

    ``binary`` is that of octets: by default 0x04 without a class and 0xF4 to 0xF7 with one. With
    0x02 or 0x04, the class goes into dest_addr_subunit; 0xF4 to 0xF7 are for octets without a
    class, which get that one. Raises OptionError for another ``binary``.
    """

    gsm7: Gsm7 = Gsm7.UNPACKED
    classes: Classes = Classes.GENERAL
    binary: int | None = None

    def __post_init__(self) -> None:
        if self.binary not in _BINARY:
            what = f"expected 0x02, 0x04 or 0xF4 to 0xF7, found {self.binary}"
            raise OptionError(what, name="binary")


#: The data_coding of most routes.
STANDARD = CodingProfile()


class UserData(NamedTuple):
    """A header with its length octet (or nothing), and data as in ``Payload.data``."""

    header: bytes
    data: bytes
    coding: Coding
    message_class: MessageClass | None = None


class Coded(NamedTuple):
    """A header, octets, what data_coding says of them, and the parameter with the class."""

    header: bytes
    octets: bytes
    data_coding: int
    tlvs: Tlvs = ()


#: The PDUs that carry a message.
Message = SubmitSm | SubmitMulti | DeliverSm | DataSm


def content(body: Message) -> bytes:
    """The octets of short_message or message_payload, with their header; raises SmppError."""
    short = b"" if isinstance(body, DataSm) else body.short_message
    longer = find(body.tlvs, Tag.MESSAGE_PAYLOAD)
    if not isinstance(longer, bytes):
        return short
    if short and longer and short != longer:
        what = "expected short_message or message_payload, found both (5.3.2.32)"
        raise SmppError(what, status=Status.ESME_RINVOPTPARAMVAL)
    return longer or short


def _refused(what: str) -> SmppError:
    return SmppError(what, status=Status.ESME_RSUBMITFAIL)


# Writing ------------------------------------------------------------------------------------------

_LATIN1 = {Gsm7.LATIN1_0: 0x00, Gsm7.LATIN1_1: 0x01, Gsm7.LATIN1_3: 0x03}


def coded(user: UserData, profile: CodingProfile) -> Coded:
    """User data for a route; raises SmppError for characters that it does not have."""
    if user.coding is not Coding.GSM7:
        return _with_class(user, user.data, profile)
    if profile.gsm7 in _LATIN1:
        return _latin1(user, _LATIN1[profile.gsm7])
    packed = profile.gsm7 is Gsm7.PACKED
    return _with_class(user, _packed(user) if packed else user.data, profile)


def _with_class(user: UserData, octets: bytes, profile: CodingProfile) -> Coded:
    octet, said = _data_coding(user.coding, user.message_class, profile)
    return Coded(user.header, octets, octet, () if said else _subunit(user.message_class))


def _data_coding(
    coding: Coding, message_class: MessageClass | None, profile: CodingProfile
) -> tuple[int, bool]:
    """data_coding, and whether it says the class."""
    if coding is Coding.OCTETS:
        if profile.binary is not None and (message_class is None or profile.binary < _GROUP):
            return profile.binary, message_class is None
    elif profile.classes is Classes.SUBUNIT:
        return dcs.encode(dcs.DataCoding(coding=coding)), False
    octet = dcs.encode(dcs.DataCoding(coding=coding, message_class=message_class))
    if profile.classes is Classes.GROUP and coding is Coding.GSM7 and message_class is not None:
        octet |= _GROUP
    return octet, True


def _subunit(message_class: MessageClass | None) -> Tlvs:
    if message_class is None:
        return ()
    return (Tlv(Tag.DEST_ADDR_SUBUNIT, message_class + 1),)


def _latin1(user: UserData, data_coding: int) -> Coded:
    """National tables are for septets: their elements are left out, and the text is the same."""
    found, locking, single = _languages(user.header)
    text = gsm7.decode(user.data, locking, single)
    try:
        octets = text.encode("latin-1")
    except UnicodeEncodeError as error:
        character = text[error.start]
        what = (
            f"expected characters of Latin-1, which this route takes, "
            f"found {character!r} (U+{ord(character):04X})"
        )
        raise _refused(what) from None
    return Coded(found, octets, data_coding, _subunit(user.message_class))


def _languages(header: bytes) -> tuple[bytes, Language, Language]:
    """A header without the elements of national tables, and the locking and single shift table."""
    elements = udh.decode(header)
    payload = valid_payload(b"", Coding.GSM7, elements, None)
    locking, single = payload.languages
    if not (locking or single):
        return header, locking, single
    others = tuple(one for one in elements if one.iei not in _SHIFTS)
    return udh.encode(others), locking, single


_SHIFTS = (0x24, 0x25)
_CR = 0x0D
_LOT = 160  # septets, which are packed in 140 octets


def _packed(user: UserData) -> bytes:
    """Septets as in a TPDU.

    Where the last seven bits would be free, they are a carriage return, so that they are not read
    as another ``@`` (3GPP TS 23.038, 6.1.2.3.1).
    """
    fill = gsm7.fill_bits(len(user.header))
    if not user.data:
        return b""
    free = -(len(user.data) * 7 + fill) % 8
    septets = user.data + bytes((_CR,)) * (free == 7)
    packed = b"".join(gsm7.pack(septets[n : n + _LOT]) for n in range(0, len(septets), _LOT))
    size = len(septets) * 7 + fill + 7 >> 3
    return (int.from_bytes(packed, "little") << fill).to_bytes(size, "little")


# Reading ------------------------------------------------------------------------------------------

#: Alphabets that TP-DCS does not have (5.2.19).
CHARSETS = {
    0x01: "latin-1",
    0x03: "latin-1",
    0x06: "iso8859-5",
    0x07: "iso8859-8",
    0x0A: "iso2022_jp",
    0x0E: "euc_kr",
}
#: Binary data, and alphabets whose octets are kept as they are: JIS, pictograms, extended Kanji.
KEPT = frozenset((0x02, 0x05, 0x09, 0x0D))
_BY_SUBUNIT = {one + 1: one for one in MessageClass}


def read(found: Coded, profile: CodingProfile) -> UserData:
    """User data of the octets; raises SmppError for what the data_coding does not allow."""
    header, octets, data_coding, tlvs = found
    subunit = number(tlvs, Tag.DEST_ADDR_SUBUNIT)
    message_class = _BY_SUBUNIT.get(subunit) if subunit is not None else None
    charset = CHARSETS.get(data_coding)
    if charset:
        return _from_charset(found, charset, message_class)
    if data_coding in KEPT:
        return UserData(header, octets, Coding.OCTETS, message_class)
    meaning = dcs.decode(data_coding)
    if meaning.compressed:
        raise _refused(f"expected text that is not compressed, found {_named(data_coding)}")
    if meaning.message_class is not None:
        message_class = meaning.message_class
    if meaning.coding is Coding.GSM7:
        return _from_septets(found, profile, message_class)
    if meaning.coding is Coding.UCS2 and len(octets) % 2:
        what = f"expected an even number of octets ({_named(data_coding)}), found {len(octets)}"
        raise _refused(what)
    return UserData(header, octets, meaning.coding, message_class)


def _named(data_coding: int) -> str:
    return f"data_coding 0x{data_coding:02X}"


def _from_septets(
    found: Coded, profile: CodingProfile, message_class: MessageClass | None
) -> UserData:
    header, octets, data_coding, _ = found
    if profile.gsm7 is Gsm7.LATIN1_0:
        return _from_charset(found, "latin-1", message_class)
    if profile.gsm7 is Gsm7.PACKED:
        octets = _unpacked(header, octets)
    if not octets.isascii():
        what = (
            f"expected septets 0 to 127 ({_named(data_coding)}), found {max(octets)}: "
            "the route may send packed septets or Latin-1"
        )
        raise _refused(what)
    return UserData(header, octets, Coding.GSM7, message_class)


def _unpacked(header: bytes, octets: bytes) -> bytes:
    """The septets; not the padding of seven bits, which is a CR, or ``@`` in a part with room."""
    fill = gsm7.fill_bits(len(header))
    count = max(0, len(octets) * 8 - fill) // 7
    whole = (int.from_bytes(octets, "little") >> fill).to_bytes(len(octets), "little")
    septets = b"".join(
        gsm7.unpack(whole[n * 7 // 8 : n * 7 // 8 + USER_DATA_OCTETS], min(_LOT, count - n))
        for n in range(0, count, _LOT)
    )
    if count and (len(octets) * 8 - fill) % 7 == 0:
        room = len(header) + len(octets) < USER_DATA_OCTETS
        if septets[-1] == _CR or (room and septets[-1] == 0):
            return septets[:-1]
    return septets


def _from_charset(found: Coded, charset: str, message_class: MessageClass | None) -> UserData:
    """Septets where the alphabet has all characters, otherwise UCS-2."""
    header, octets, data_coding, _ = found
    try:
        text = octets.decode(charset)
    except UnicodeDecodeError as error:
        what = f"expected text in {charset} ({_named(data_coding)}), found octet {error.start}"
        raise _refused(f"{what} that is none") from None
    _, *languages = _languages(header)
    septets = gsm7.try_encode(text, *languages)
    if septets is not None:
        return UserData(header, septets, Coding.GSM7, message_class)
    return UserData(header, text.encode("utf-16-be"), Coding.UCS2, message_class)


def payload(user: UserData) -> Payload:
    """The payload of a whole message; raises HeaderError for a damaged header."""
    header, data, coding, message_class = user
    elements = tuple(one for one in udh.decode(header) if not udh.is_concatenation(one))
    return Payload(data=data, coding=coding, elements=elements, message_class=message_class)
