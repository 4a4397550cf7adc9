"""Optional parameters: a tag, a length and a value (SMPP 3.4, 5.3)."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import NamedTuple

from smsenc.smpp.errors import SmppError
from smsenc.smpp.status import Status


class Tag(IntEnum):
    """The tags of the specification (5.3.2); others are reserved, or a vendor's own."""

    DEST_ADDR_SUBUNIT = 0x0005
    DEST_NETWORK_TYPE = 0x0006
    DEST_BEARER_TYPE = 0x0007
    DEST_TELEMATICS_ID = 0x0008
    SOURCE_ADDR_SUBUNIT = 0x000D
    SOURCE_NETWORK_TYPE = 0x000E
    SOURCE_BEARER_TYPE = 0x000F
    SOURCE_TELEMATICS_ID = 0x0010
    QOS_TIME_TO_LIVE = 0x0017
    PAYLOAD_TYPE = 0x0019
    ADDITIONAL_STATUS_INFO_TEXT = 0x001D
    RECEIPTED_MESSAGE_ID = 0x001E
    MS_MSG_WAIT_FACILITIES = 0x0030
    PRIVACY_INDICATOR = 0x0201
    SOURCE_SUBADDRESS = 0x0202
    DEST_SUBADDRESS = 0x0203
    USER_MESSAGE_REFERENCE = 0x0204
    USER_RESPONSE_CODE = 0x0205
    SOURCE_PORT = 0x020A
    DESTINATION_PORT = 0x020B
    SAR_MSG_REF_NUM = 0x020C
    LANGUAGE_INDICATOR = 0x020D
    SAR_TOTAL_SEGMENTS = 0x020E
    SAR_SEGMENT_SEQNUM = 0x020F
    SC_INTERFACE_VERSION = 0x0210
    CALLBACK_NUM_PRES_IND = 0x0302
    CALLBACK_NUM_ATAG = 0x0303
    NUMBER_OF_MESSAGES = 0x0304
    CALLBACK_NUM = 0x0381
    DPF_RESULT = 0x0420
    SET_DPF = 0x0421
    MS_AVAILABILITY_STATUS = 0x0422
    NETWORK_ERROR_CODE = 0x0423
    MESSAGE_PAYLOAD = 0x0424
    DELIVERY_FAILURE_REASON = 0x0425
    MORE_MESSAGES_TO_SEND = 0x0426
    MESSAGE_STATE = 0x0427
    USSD_SERVICE_OP = 0x0501
    DISPLAY_TIME = 0x1201
    SMS_SIGNAL = 0x1203
    MS_VALIDITY = 0x1204
    ALERT_ON_MESSAGE_DELIVERY = 0x130C
    ITS_REPLY_TYPE = 0x1380
    ITS_SESSION_INFO = 0x1383


class _Text(NamedTuple):
    """A C-octet string; ``most`` octets with the NUL at its end."""

    most: int


class _Octets(NamedTuple):
    """Octets, so many at least and at most."""

    least: int
    most: int


_ANY = _Octets(0, 0xFFFF)
# Integers by their octets, and what is no integer.
_KINDS: dict[int, int | _Text | _Octets] = dict.fromkeys(map(int, Tag), 1)
_KINDS |= dict.fromkeys(
    (
        Tag.DEST_TELEMATICS_ID,
        Tag.USER_MESSAGE_REFERENCE,
        Tag.SOURCE_PORT,
        Tag.DESTINATION_PORT,
        Tag.SAR_MSG_REF_NUM,
        Tag.SMS_SIGNAL,
    ),
    2,
)
_KINDS |= {
    Tag.QOS_TIME_TO_LIVE: 4,
    Tag.ADDITIONAL_STATUS_INFO_TEXT: _Text(256),
    Tag.RECEIPTED_MESSAGE_ID: _Text(65),
    Tag.SOURCE_SUBADDRESS: _Octets(2, 23),
    Tag.DEST_SUBADDRESS: _Octets(2, 23),
    Tag.CALLBACK_NUM_ATAG: _Octets(0, 65),
    Tag.CALLBACK_NUM: _Octets(4, 19),
    Tag.NETWORK_ERROR_CODE: _Octets(3, 3),
    Tag.MESSAGE_PAYLOAD: _ANY,
    Tag.USSD_SERVICE_OP: _Octets(1, 1),
    Tag.ALERT_ON_MESSAGE_DELIVERY: _Octets(0, 1),  # SMPP 5 has an octet here
    Tag.ITS_SESSION_INFO: _Octets(2, 2),
}
_NAMES = {int(tag): tag.name.lower() for tag in Tag}


class Tlv(NamedTuple):
    """One parameter: an integer, a text or octets, as its tag has it; octets for unknown tags."""

    tag: int
    value: int | str | bytes

    @property
    def name(self) -> str:
        """The name of the specification, such as ``message_state``; else ``0x1401``."""
        return _NAMES.get(self.tag) or f"0x{self.tag:04X}"


Tlvs = tuple[Tlv, ...]


def find(tlvs: Iterable[Tlv], tag: Tag) -> int | str | bytes | None:
    """The value of the first parameter with a tag; None if there is none."""
    return next((one.value for one in tlvs if one.tag == tag), None)


def number(tlvs: Iterable[Tlv], tag: Tag) -> int | None:
    """The same, of a tag whose values are integers."""
    value = find(tlvs, tag)
    return value if isinstance(value, int) else None


def encode(tlvs: Tlvs) -> bytes:
    """The octets of the parameters; raises SmppError for a value that a tag cannot have."""
    return b"".join(map(_encoded, tlvs))


def _encoded(tlv: Tlv) -> bytes:
    tag, value = tlv
    kind = _KINDS.get(tag, _ANY)
    if not 0 <= tag <= 0xFFFF:
        what, status = "expected a tag of two octets", Status.ESME_RINVPARLEN
        raise SmppError(what, status=status, name=tlv.name)
    try:
        octets = _octets(kind, value)
        return tag.to_bytes(2, "big") + len(octets).to_bytes(2, "big") + octets
    except (OverflowError, TypeError, ValueError, AttributeError):
        raise _wrong(tlv.name, kind, repr(value)) from None


def _octets(kind: int | _Text | _Octets, value: int | str | bytes) -> bytes:
    """The octets of a value; raises one of the errors that ``_encoded`` knows."""
    if isinstance(kind, int):
        return value.to_bytes(kind, "big")  # type: ignore[union-attr]
    if isinstance(kind, _Text):
        octets = value.encode("latin-1") + b"\0"  # type: ignore[union-attr]
        if len(octets) > kind.most or b"\0" in octets[:-1]:
            raise ValueError
        return octets
    if not isinstance(value, bytes) or not kind.least <= len(value) <= kind.most:
        raise ValueError
    return value


def decode(octets: bytes, at: int, end: int) -> Tlvs:
    """The parameters in ``octets[at:end]``; raises SmppError for lengths that cannot be."""
    found: list[Tlv] = []
    while at < end:
        if end - at < 4:
            what = f"expected a tag and a length of two octets each, found {end - at} octets"
            raise SmppError(what, status=Status.ESME_RINVOPTPARSTREAM, offset=at)
        tag = octets[at] << 8 | octets[at + 1]
        start = at + 4
        after = start + (octets[at + 2] << 8 | octets[at + 3])
        if after > end:
            what = f"expected {after - start} octets, found {end - start}"
            status = Status.ESME_RINVOPTPARSTREAM
            raise SmppError(what, status=status, offset=start, name=Tlv(tag, b"").name)
        found.append(_decoded(tag, octets[start:after], start))
        at = after
    return tuple(found)


def _decoded(tag: int, octets: bytes, offset: int) -> Tlv:
    kind = _KINDS.get(tag, _ANY)
    if isinstance(kind, int):
        if len(octets) == kind:
            return Tlv(tag, int.from_bytes(octets, "big"))
    elif isinstance(kind, _Text):
        # Some servers leave out the NUL, others write two.
        text = octets.rstrip(b"\0")
        if len(text) < kind.most and b"\0" not in text:
            return Tlv(tag, text.decode("latin-1"))
    elif kind.least <= len(octets) <= kind.most:
        return Tlv(tag, octets)
    raise _wrong(Tlv(tag, b"").name, kind, _counted(len(octets))).at(offset=offset)


def _wrong(name: str, kind: int | _Text | _Octets, found: str) -> SmppError:
    if isinstance(kind, int):
        expected = f"an integer of {_counted(kind)}"
    elif isinstance(kind, _Text):
        expected = f"a text of at most {kind.most - 1} octets, without NUL"
    else:
        span = "" if kind.least == kind.most else f"{kind.least} to "
        expected = span + _counted(kind.most)
    status = Status.ESME_RINVPARLEN
    return SmppError(f"expected {expected}, found {found}", status=status, name=name)


def _counted(octets: int) -> str:
    return f"{octets} octet" if octets == 1 else f"{octets} octets"
