"""Writes TPDUs (3GPP TS 23.040, 9.2.2); the inverse of ``reader``."""

from __future__ import annotations

from smsenc import gsm7
from smsenc.errors import TpduError
from smsenc.model import Coding, Segment
from smsenc.tpdu.model import (
    ALPHANUMERIC,
    BIT_2,
    DELIVER,
    DIGITS,
    FILLER,
    FORMS,
    HEADER,
    REPLY_PATH,
    REPORT,
    SUBMIT,
    VALIDITY_SHIFT,
    Address,
    Deliver,
    Enhanced,
    Relative,
    Submit,
    Timestamp,
    Validity,
)


def encode(tpdu: Submit | Deliver) -> bytes:
    """Octets of a TPDU, without the address of a service centre before it."""
    return _encode_submit(tpdu) if isinstance(tpdu, Submit) else _encode_deliver(tpdu)


def _encode_submit(tpdu: Submit) -> bytes:
    form = FORMS.index(type(tpdu.validity))
    first = SUBMIT | form << VALIDITY_SHIFT | BIT_2 * tpdu.reject_duplicates | _common(tpdu)
    return b"".join(
        (
            bytes((first, _octet("reference", tpdu.reference))),
            _encode_address(tpdu.destination),
            bytes((_octet("pid", tpdu.pid), _octet("dcs", tpdu.dcs))),
            _encode_validity(tpdu.validity),
            _encode_user_data(tpdu.segment),
        )
    )


def _encode_deliver(tpdu: Deliver) -> bytes:
    first = DELIVER | BIT_2 * (not tpdu.more_messages) | _common(tpdu)
    return b"".join(
        (
            bytes((first,)),
            _encode_address(tpdu.originator),
            bytes((_octet("pid", tpdu.pid), _octet("dcs", tpdu.dcs))),
            _encode_timestamp(tpdu.timestamp),
            _encode_user_data(tpdu.segment),
        )
    )


def _common(tpdu: Submit | Deliver) -> int:
    return (
        REPORT * tpdu.status_report | HEADER * bool(tpdu.segment.udh) | REPLY_PATH * tpdu.reply_path
    )


def _octet(name: str, value: int) -> int:
    if not 0 <= value <= 0xFF:
        raise TpduError(f"expected {name} 0..255, found {value}")
    return value


def _encode_address(found: Address) -> bytes:
    kind = 0x80 | found.ton << 4 | found.npi
    if found.ton == ALPHANUMERIC:
        septets = gsm7.encode(found.number)
        return bytes((-(-len(septets) * 7 // 4), kind)) + gsm7.pack(septets)
    digits = "".join(f"{DIGITS.index(digit):x}" for digit in found.number)
    return bytes((len(digits), kind)) + _swap(digits)


def _swap(digits: str) -> bytes:
    """Semi-octets, low one first, with F after an odd number of them (9.1.2.3)."""
    digits += FILLER * (len(digits) % 2)
    return bytes.fromhex("".join(digits[n + 1] + digits[n] for n in range(0, len(digits), 2)))


def _encode_validity(validity: Validity) -> bytes:
    if isinstance(validity, Relative):
        return bytes((_octet("validity", validity.octet),))
    if isinstance(validity, Enhanced):
        return validity.octets
    return _encode_timestamp(validity) if validity else b""


def _encode_timestamp(time: Timestamp) -> bytes:
    if not all(0 <= value <= 99 for value in time[:6]) or abs(time.quarters) > 79:
        raise TpduError(f"expected a time of two digits each, found {tuple(time)}")
    zone = f"{abs(time.quarters):02}"
    octets = bytearray(_swap("".join(f"{value:02}" for value in time[:6]) + zone))
    octets[6] |= 0x08 * (time.quarters < 0)  # the sign is bit 3: the tens are at most 7
    return bytes(octets)


def _encode_user_data(segment: Segment) -> bytes:
    """TP-UDL counts the fill bits of a header even if no text follows, so that they are written."""
    data = segment.data
    if segment.coding is Coding.GSM7 and not data:
        data = gsm7.pack(b"", gsm7.fill_bits(len(segment.udh)))
    return bytes((segment.udl,)) + segment.udh + data
