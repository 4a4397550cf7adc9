"""The bits of TP-PID, TP-DCS, TP-Status and TP-FCS (3GPP TS 23.040, 9.2.3; 3GPP TS 23.038, 4)."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from smsenc import dcs
from smsenc.model import Coding
from smsenc.octetmap.model import Bits, Cursor, Field

_PID, _DCS = "3GPP TS 23.040, 9.2.3.9", "3GPP TS 23.038, 4"
_ST, _FCS = "3GPP TS 23.040, 9.2.3.15", "3GPP TS 23.040, 9.2.3.22"
CODINGS = MappingProxyType(
    {Coding.GSM7: "GSM 7-bit", Coding.OCTETS: "8-bit data", Coding.UCS2: "UCS-2"}
)

# TP-PID -------------------------------------------------------------------------------------------

_FORMAT = Bits(
    0xC0, "format", ("telematic interworking", "message type", "reserved", "service centre's own")
)
_TELEMATIC = Bits(0x20, "telematic interworking", ("no", "yes"))
_PROTOCOL = Bits(0x1F, "protocol", {0: "between phones"})
_DEVICES = Bits(
    0x1F,
    "device",
    {
        0x00: "specific to the centre, or known",
        0x01: "telex",
        0x02: "group 3 fax",
        0x03: "group 4 fax",
        0x04: "voice telephone",
        0x05: "ERMES",
        0x06: "national paging",
        0x07: "videotex",
        0x08: "teletex",
        0x09: "teletex in PSPDN",
        0x0A: "teletex in CSPDN",
        0x0B: "teletex in PSTN",
        0x0C: "teletex in ISDN",
        0x0D: "UCI",
        0x10: "message handling facility",
        0x11: "X.400 message handling",
        0x12: "Internet mail",
        0x1F: "mobile station",
    },
)
_TYPES = Bits(
    0x3F,
    "message type",
    {
        0x00: "short message type 0: not shown",
        **{n: f"replace short message type {n}" for n in range(1, 8)},
        0x08: "device triggering",
        0x1E: "enhanced message service",
        0x1F: "return call",
        0x3C: "ANSI-136 R-DATA",
        0x3D: "ME data download",
        0x3E: "ME depersonalization",
        0x3F: "SIM data download",
    },
)
_REST = Bits(0x3F, "value")


def protocol(at: Cursor, name: str = "TP-PID") -> Iterator[Field]:
    """TP-PID with its bits."""
    octet = at.peek()[0] if at.has(1) else 0
    yield from at.number(1, name, _PID, bits=_protocol_bits(octet))


def _protocol_bits(octet: int) -> tuple[Bits, ...]:
    form = octet >> 6
    if form == 0:
        return (_FORMAT, _TELEMATIC, _DEVICES if octet & _TELEMATIC.mask else _PROTOCOL)
    return (_FORMAT, _TYPES if form == 1 else _REST)


# TP-DCS -------------------------------------------------------------------------------------------

_GENERAL = Bits(0xC0, "coding group", ("general", "marked for automatic deletion", "reserved"))
_GROUP = Bits(
    0xF0,
    "coding group",
    {
        **dict.fromkeys(range(0x8, 0xC), "reserved"),
        0xC: "message waiting: discard message",
        0xD: "message waiting: store message",
        0xE: "message waiting: store message, UCS-2",
        0xF: "data coding and message class",
    },
)
_CLASSES = (
    "class 0: shown at once",
    "class 1: to the phone",
    "class 2: to the SIM",
    "class 3: to a terminal",
)
_COMPRESSED = Bits(0x20, "compression", ("not compressed", "compressed"))
_HAS_CLASS = Bits(0x10, "class present", ("no class", "bits 1 and 0 are a class"))
_ALPHABET = Bits(0x0C, "alphabet", ("GSM 7-bit", "8-bit data", "UCS-2", "reserved"))
_CLASS = Bits(0x03, "message class", _CLASSES)
_NO_CLASS = Bits(0x03, "message class", ("not used",) * 4)
_SENSE = Bits(0x08, "indication", ("inactive", "active"))
_SPARE = Bits(0x04, "reserved")
_WAITING = Bits(0x03, "waiting", ("voicemail", "fax", "email", "other"))
_SPARE_F = Bits(0x08, "reserved")
_CODING = Bits(0x04, "coding", ("GSM 7-bit", "8-bit data"))
_RESERVED = Bits(0x0F, "reserved")


def coding(octet: int) -> str:
    """TP-DCS in words, such as ``8-bit data, class 1``."""
    found = dcs.decode(octet)
    words = [CODINGS[found.coding]]
    if found.message_class is not None:
        words.append(f"class {int(found.message_class)}")
    if found.compressed:
        words.append("compressed")
    if found.waiting:
        words.append(f"{found.waiting.indication.name.lower()} waiting")
    return ", ".join(words)


def coding_bits(octet: int) -> tuple[Bits, ...]:
    """The bits of TP-DCS, which depend on its group."""
    if octet < 0x80:
        last = _CLASS if octet & _HAS_CLASS.mask else _NO_CLASS
        return (_GENERAL, _COMPRESSED, _HAS_CLASS, _ALPHABET, last)
    if octet < 0xC0:
        return (_GROUP, _RESERVED)
    if octet < 0xF0:
        return (_GROUP, _SENSE, _SPARE, _WAITING)
    return (_GROUP, _SPARE_F, _CODING, _CLASS)


def data_coding(at: Cursor, name: str = "TP-DCS") -> Iterator[Field]:
    """TP-DCS with its bits."""
    octet = at.peek()[0] if at.has(1) else 0
    yield from at.number(1, name, _DCS, {octet: coding(octet)}, bits=coding_bits(octet))


# TP-Status and TP-Failure-Cause -------------------------------------------------------------------

_TEMPORARY = (
    "congestion",
    "receiver busy",
    "no answer of the receiver",
    "service rejected",
    "quality of service not available",
    "error in the receiver",
)
_PERMANENT = (
    "remote procedure error",
    "incompatible destination",
    "connection rejected by the receiver",
    "not obtainable",
    "quality of service not available",
    "no interworking",
    "validity period expired",
    "deleted by the sender",
    "deleted by the service centre",
    "does not exist",
)
STATUSES = MappingProxyType(
    {
        0x00: "received by the phone",
        0x01: "forwarded, not known whether delivered",
        0x02: "replaced by the service centre",
        **{0x20 + n: f"{text}, still tried" for n, text in enumerate(_TEMPORARY)},
        **{0x40 + n: f"{text}, not tried again" for n, text in enumerate(_PERMANENT)},
        **{0x60 + n: f"{text}, not tried any more" for n, text in enumerate(_TEMPORARY)},
    }
)
_STATUS_BITS = (
    Bits(0x80, "definition of bits 0 to 6", ("as follows", "reserved")),
    Bits(
        0x60,
        "outcome",
        (
            "completed",
            "temporary error, still tried",
            "permanent error",
            "temporary error, not tried again",
        ),
    ),
    Bits(0x1F, "reason"),
)


def status(at: Cursor) -> Iterator[Field]:
    """TP-ST with its bits."""
    yield from at.number(1, "TP-ST", _ST, STATUSES, bits=_STATUS_BITS)


FAILURES = MappingProxyType(
    {
        0x80: "telematic interworking not supported",
        0x81: "short message type 0 not supported",
        0x82: "cannot replace short message",
        0x8F: "unspecified TP-PID error",
        0x90: "data coding scheme not supported",
        0x91: "message class not supported",
        0x9F: "unspecified TP-DCS error",
        0xA0: "command cannot be actioned",
        0xA1: "command unsupported",
        0xAF: "unspecified TP-Command error",
        0xB0: "TPDU not supported",
        0xC0: "service centre busy",
        0xC1: "no subscription to the service centre",
        0xC2: "failure of the service centre",
        0xC3: "invalid address",
        0xC4: "destination barred",
        0xC5: "duplicate message rejected",
        0xC6: "TP-VPF not supported",
        0xC7: "TP-VP not supported",
        0xD0: "SIM storage full",
        0xD1: "no SMS storage in the SIM",
        0xD2: "error in the phone",
        0xD3: "memory full",
        0xD4: "SIM application toolkit busy",
        0xD5: "SIM data download error",
        0xFF: "unspecified error",
    }
)


def failure(at: Cursor) -> Iterator[Field]:
    """TP-FCS."""
    yield from at.number(1, "TP-FCS", _FCS, FAILURES)
