"""SMS-SUBMIT and SMS-DELIVER, octet by octet (3GPP TS 23.040, 9.2.2).

The user data inside is a Segment, so that parts of other programs' messages join like ours.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from smsenc import dcs as data_coding
from smsenc import gsm7
from smsenc.errors import TpduError
from smsenc.model import USER_DATA_OCTETS, Coding, Segment

# First octet (9.2.3): message type, and the bits that both types place alike.
_TYPE, _DELIVER, _SUBMIT = 0x03, 0x00, 0x01
_REPORT, _HEADER, _REPLY_PATH = 0x20, 0x40, 0x80
# 0x04: no more messages (deliver), reject duplicates (submit); 0x18: validity form (submit).
_BIT_2, _VALIDITY_SHIFT = 0x04, 3

#: Type of number (9.1.2.5).
UNKNOWN, INTERNATIONAL, NATIONAL, ALPHANUMERIC = 0, 1, 2, 5
#: Numbering plan (9.1.2.5): 1 is E.164; a name has none.
E164 = 1

_LONGEST_ADDRESS = 20  # semi-octets
_DIGITS = "0123456789*#abc"
_FILLER = "f"


@dataclass(frozen=True, slots=True)
class Address:
    """A number of at most 20 digits (``0-9 * # a b c``), or a name of at most 11 septets."""

    number: str
    ton: int = INTERNATIONAL
    npi: int = E164

    def __post_init__(self) -> None:
        if not (0 <= self.ton <= 7 and 0 <= self.npi <= 15):
            raise TpduError(f"expected ton 0..7 and npi 0..15, found {self.ton} and {self.npi}")
        if self.ton == ALPHANUMERIC:
            if len(gsm7.encode(self.number)) > _LONGEST_ADDRESS * 4 // 7:
                raise TpduError(f"expected a name of at most 11 septets, found {self.number!r}")
        elif len(self.number) > _LONGEST_ADDRESS or set(self.number) - set(_DIGITS):
            raise TpduError(f"expected at most 20 digits, found {self.number!r}")


def address(text: str) -> Address:
    """An international number where ``text`` is digits, else a name (9.1.2.5)."""
    return Address(text) if text.isdecimal() else Address(text, ton=ALPHANUMERIC, npi=0)


class Timestamp(NamedTuple):
    """A time of the service centre (9.2.3.11): two digits each, ``quarters`` of an hour off UTC.

    Kept as the seven numbers that were sent: networks send times that no calendar has.
    """

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int
    quarters: int = 0


@dataclass(frozen=True, slots=True)
class Relative:
    """Validity of one octet (9.2.3.12.1): 5 minutes to 63 weeks from now."""

    octet: int

    @property
    def minutes(self) -> int:
        """How long the message is kept."""
        for first, base, step in reversed(_RELATIVE):
            if self.octet >= first:
                return base + (self.octet - first) * step
        raise TpduError(f"expected an octet 0..255, found {self.octet}")

    @classmethod
    def lasting(cls, minutes: int) -> Relative:
        """The shortest validity that is not shorter than ``minutes``."""
        for octet in range(256):
            if cls(octet).minutes >= minutes:
                return cls(octet)
        raise TpduError(f"expected at most 63 weeks, found {minutes} minutes")


_WEEK, _DAY, _HOUR = 7 * 24 * 60, 24 * 60, 60
# From which octet on: minutes at that octet, and minutes a step.
_RELATIVE = (
    (0, 5, 5),
    (144, 12 * _HOUR + 30, 30),
    (168, 2 * _DAY, _DAY),
    (197, 5 * _WEEK, _WEEK),
)


@dataclass(frozen=True, slots=True)
class Enhanced:
    """Validity of seven octets whose first says how to read the others (9.2.3.12.3)."""

    octets: bytes

    def __post_init__(self) -> None:
        if len(self.octets) != 7:
            raise TpduError(f"expected 7 octets of validity, found {len(self.octets)}")

    @property
    def seconds(self) -> int | None:
        """How long the message is kept; None where the form says nothing or is reserved."""
        form = self.octets[0] & 0x07
        if form == 1:
            return Relative(self.octets[1]).minutes * 60
        if form == 2:
            return self.octets[1]
        if form == 3:
            hours, minutes, seconds = map(_swapped, self.octets[1:4])
            return (hours * 60 + minutes) * 60 + seconds
        return None


#: No validity, or one of its three forms: from now, until then, or enhanced.
Validity = Relative | Timestamp | Enhanced | None
_FORMS: tuple[type, ...] = (type(None), Enhanced, Relative, Timestamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """SMS-SUBMIT, from a phone or modem to the service centre (9.2.2.2)."""

    destination: Address
    segment: Segment
    dcs: int
    reference: int = 0
    pid: int = 0
    validity: Validity = None
    status_report: bool = False
    reject_duplicates: bool = False
    reply_path: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliver:
    """SMS-DELIVER, from the service centre to a phone (9.2.2.1)."""

    originator: Address
    segment: Segment
    dcs: int
    timestamp: Timestamp
    pid: int = 0
    more_messages: bool = False
    status_report: bool = False
    reply_path: bool = False


def submit(
    segment: Segment,
    to: str,
    *,
    reference: int = 0,
    validity: Validity = None,
    status_report: bool = False,
) -> Submit:
    """The SMS-SUBMIT that sends one part to a number of digits."""
    return Submit(
        destination=Address(to),
        segment=segment,
        dcs=data_coding.encode(data_coding.of(segment)),
        reference=reference,
        validity=validity,
        status_report=status_report,
    )


# Writing -----------------------------------------------------------------------------------------


def encode(tpdu: Submit | Deliver) -> bytes:
    """Octets of a TPDU, without a service centre's address before it."""
    return _encode_submit(tpdu) if isinstance(tpdu, Submit) else _encode_deliver(tpdu)


def _encode_submit(tpdu: Submit) -> bytes:
    form = _FORMS.index(type(tpdu.validity))
    first = _SUBMIT | form << _VALIDITY_SHIFT | _BIT_2 * tpdu.reject_duplicates | _common(tpdu)
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
    first = _DELIVER | _BIT_2 * (not tpdu.more_messages) | _common(tpdu)
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
        _REPORT * tpdu.status_report
        | _HEADER * bool(tpdu.segment.udh)
        | _REPLY_PATH * tpdu.reply_path
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
    digits = "".join(f"{_DIGITS.index(digit):x}" for digit in found.number)
    return bytes((len(digits), kind)) + _swap(digits)


def _swap(digits: str) -> bytes:
    """Semi-octets, low one first, filled up with F (9.1.2.3)."""
    digits += _FILLER * (len(digits) % 2)
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
    octets[6] |= 0x08 * (time.quarters < 0)  # the sign is bit 3: the tens go up to 7
    return bytes(octets)


def _encode_user_data(segment: Segment) -> bytes:
    return bytes((segment.udl,)) + segment.udh + segment.data


# Reading -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Cursor:
    """Octets still to be read; every fault carries its offset."""

    octets: bytes
    offset: int = field(default=0)

    def take(self, count: int, what: str) -> bytes:
        taken = self.octets[self.offset : self.offset + count]
        if len(taken) < count:
            raise TpduError(
                f"expected {count} octets of {what}, found {len(taken)}", offset=self.offset
            )
        self.offset += count
        return taken

    def octet(self, what: str) -> int:
        return self.take(1, what)[0]


def decode(octets: bytes) -> Submit | Deliver:
    """The TPDU in ``octets``, which nothing may follow. Raises DecodeError with the offset."""
    cursor = _Cursor(octets)
    first = cursor.octet("TPDU")
    kind = first & _TYPE
    if kind not in (_DELIVER, _SUBMIT):
        raise TpduError(f"expected SMS-DELIVER or SMS-SUBMIT, found type {kind}", offset=0)
    found = (_decode_submit if kind == _SUBMIT else _decode_deliver)(first, cursor)
    if cursor.offset < len(octets):
        raise TpduError(
            f"expected the end, found {len(octets) - cursor.offset} octets", offset=cursor.offset
        )
    return found


def _decode_submit(first: int, cursor: _Cursor) -> Submit:
    reference = cursor.octet("reference")
    destination = _decode_address(cursor)
    pid, dcs = cursor.take(2, "protocol and data coding")
    validity = _decode_validity(first >> _VALIDITY_SHIFT & 3, cursor)
    return Submit(
        destination=destination,
        segment=_decode_user_data(dcs, cursor, header=bool(first & _HEADER)),
        dcs=dcs,
        reference=reference,
        pid=pid,
        validity=validity,
        status_report=bool(first & _REPORT),
        reject_duplicates=bool(first & _BIT_2),
        reply_path=bool(first & _REPLY_PATH),
    )


def _decode_deliver(first: int, cursor: _Cursor) -> Deliver:
    originator = _decode_address(cursor)
    pid, dcs = cursor.take(2, "protocol and data coding")
    timestamp = _decode_timestamp(cursor)
    return Deliver(
        originator=originator,
        segment=_decode_user_data(dcs, cursor, header=bool(first & _HEADER)),
        dcs=dcs,
        timestamp=timestamp,
        pid=pid,
        more_messages=not first & _BIT_2,
        status_report=bool(first & _REPORT),
        reply_path=bool(first & _REPLY_PATH),
    )


def _decode_address(cursor: _Cursor) -> Address:
    start = cursor.offset
    length, kind = cursor.take(2, "address")
    if length > _LONGEST_ADDRESS:
        raise TpduError(f"expected at most 20 semi-octets, found {length}", offset=start)
    octets = cursor.take(-(-length // 2), "address")
    ton, npi = kind >> 4 & 7, kind & 15
    if ton == ALPHANUMERIC:
        name = gsm7.decode(gsm7.unpack(octets, length * 4 // 7))
        return Address(name, ton=ton, npi=npi)
    digits = "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in octets)[:length]
    if _FILLER in digits:
        raise TpduError("expected a digit, found the filler F", offset=start)
    return Address("".join(_DIGITS[int(digit, 16)] for digit in digits), ton=ton, npi=npi)


def _decode_validity(form: int, cursor: _Cursor) -> Validity:
    if form == _FORMS.index(Relative):
        return Relative(cursor.octet("validity"))
    if form == _FORMS.index(Timestamp):
        return _decode_timestamp(cursor)
    return Enhanced(cursor.take(7, "validity")) if form else None


def _decode_timestamp(cursor: _Cursor) -> Timestamp:
    start = cursor.offset
    octets = cursor.take(7, "time")
    zone = octets[6]
    numbers = [*octets[:6], zone & ~0x08]
    if any(octet & 15 > 9 or octet >> 4 > 9 for octet in numbers):
        raise TpduError(f"expected decimal semi-octets, found {octets.hex()}", offset=start)
    values = [_swapped(octet) for octet in numbers]
    if zone & 0x08:
        values[-1] = -values[-1]
    return Timestamp(*values)


def _swapped(octet: int) -> int:
    return (octet & 15) * 10 + (octet >> 4)


def _decode_user_data(dcs: int, cursor: _Cursor, *, header: bool) -> Segment:
    meaning = data_coding.decode(dcs)
    coding = meaning.coding
    start = cursor.offset
    length = cursor.octet("user data length")
    size = -(-length * 7 // 8) if coding is Coding.GSM7 else length
    if size > USER_DATA_OCTETS:
        raise TpduError(f"expected at most 140 octets of user data, found {size}", offset=start)
    octets = cursor.take(size, "user data")
    behind = octets[0] + 1 if header and octets else 0
    if behind > len(octets):
        raise TpduError(f"expected {behind} octets of header, found {size}", offset=start + 1)
    udh, data = octets[:behind], octets[behind:]
    units = {
        Coding.GSM7: length - -(-len(udh) * 8 // 7),
        Coding.OCTETS: len(data),
        Coding.UCS2: len(data) // 2,
    }[coding]
    if units < 0:
        raise TpduError("expected the header to end before the text, found it longer", offset=start)
    return Segment(
        udh=udh, data=data, coding=coding, units=units, message_class=meaning.message_class
    )
