"""The values of a TPDU: addresses, times, validity periods, SMS-SUBMIT and SMS-DELIVER."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from smsenc import dcs as data_coding
from smsenc import gsm7
from smsenc.errors import TpduError
from smsenc.model import Segment

# First octet (9.2.3): message type, and the bits that both types have in the same place.
TYPE, DELIVER, SUBMIT, STATUS_REPORT = 0x03, 0x00, 0x01, 0x02
REPORT, HEADER, REPLY_PATH = 0x20, 0x40, 0x80
# 0x04: no more messages (deliver), reject duplicates (submit); 0x18: validity form (submit).
BIT_2, VALIDITY_SHIFT = 0x04, 3

#: Type of number (9.1.2.5).
UNKNOWN, INTERNATIONAL, NATIONAL, ALPHANUMERIC = 0, 1, 2, 5
#: Numbering plan (9.1.2.5): 1 is E.164; a name has none.
E164 = 1

LONGEST_ADDRESS = 20  # semi-octets
_FIRST_YEAR = 90
DIGITS = "0123456789*#abc"
FILLER = "f"


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
            if len(gsm7.encode(self.number)) > LONGEST_ADDRESS * 4 // 7:
                raise TpduError(f"expected a name of at most 11 septets, found {self.number!r}")
        elif len(self.number) > LONGEST_ADDRESS or set(self.number) - set(DIGITS):
            without = " without +" if "+" in self.number else ""
            raise TpduError(f"expected at most 20 digits{without}, found {self.number!r}")


def address(text: str) -> Address:
    """An international number if ``text`` is digits, otherwise a name (9.1.2.5)."""
    return Address(text) if text.isdecimal() else Address(text, ton=ALPHANUMERIC, npi=0)


def full_year(year: int) -> int:
    """The year of two digits, which have no century (9.2.3.11): 90 to 99 are before 2000."""
    return year + (1900 if year >= _FIRST_YEAR else 2000)


class Timestamp(NamedTuple):
    """A time of the service centre (9.2.3.11): two digits each, ``quarters`` of an hour from UTC.

    It has the seven numbers that were sent, because networks also send times that no calendar has.
    ``year`` is 0 to 99, without a century: ``smsenc.tpdu.full_year(year)`` has four digits. Local
    time is what is sent; 4 ``quarters`` are one hour ahead of UTC.
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
# The first octet of a range, its minutes, and the minutes that each further octet adds.
_RELATIVE = (
    (0, 5, 5),
    (144, 12 * _HOUR + 30, 30),
    (168, 2 * _DAY, _DAY),
    (197, 5 * _WEEK, _WEEK),
)


@dataclass(frozen=True, slots=True)
class Enhanced:
    """Validity of seven octets; the first says what the others mean (9.2.3.12.3)."""

    octets: bytes

    def __post_init__(self) -> None:
        if len(self.octets) != 7:
            raise TpduError(f"expected 7 octets of validity, found {len(self.octets)}")

    @property
    def seconds(self) -> int | None:
        """How long the message is kept; None if the form does not say or is reserved."""
        form = self.octets[0] & 0x07
        if form == 1:
            return Relative(self.octets[1]).minutes * 60
        if form == 2:
            return self.octets[1]
        if form == 3:
            hours, minutes, seconds = map(swapped, self.octets[1:4])
            return (hours * 60 + minutes) * 60 + seconds
        return None


def swapped(octet: int) -> int:
    """The number of two semi-octets, the low one first (9.1.2.3)."""
    return (octet & 15) * 10 + (octet >> 4)


#: No validity, or one of its three forms: from now, until then, or enhanced.
Validity = Relative | Timestamp | Enhanced | None
FORMS: tuple[type, ...] = (type(None), Enhanced, Relative, Timestamp)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """SMS-STATUS-REPORT, which tells a phone what became of its message (9.2.2.3).

    ``reference`` is that of the message, ``sent`` when the service centre received it, and
    ``discharged`` the time of what ``status`` says. It has no text of its own.
    """

    recipient: Address
    reference: int
    sent: Timestamp
    discharged: Timestamp
    status: int

    @property
    def meaning(self) -> str:
        """What ``status`` says (9.2.3.15)."""
        return next(text for first, text in reversed(_STATUS) if self.status >= first)


# The first status of a range, and what the range means.
_STATUS = (
    (0x00, "delivered"),
    (0x01, "forwarded, not known whether delivered"),
    (0x02, "replaced by a later message"),
    (0x03, "ended, in a way of the service centre's own"),
    (0x20, "not delivered yet, still tried"),
    (0x40, "not delivered, not tried again"),
    (0x60, "not delivered in time, not tried again"),
    (0x80, "reserved"),
)


def submit(
    segment: Segment,
    to: str,
    *,
    reference: int = 0,
    validity: Validity = None,
    status_report: bool = False,
) -> Submit:
    """The SMS-SUBMIT that sends one part to an international number, in digits without ``+``."""
    return Submit(
        destination=Address(to),
        segment=segment,
        dcs=data_coding.encode(data_coding.of(segment)),
        reference=reference,
        validity=validity,
        status_report=status_report,
    )
