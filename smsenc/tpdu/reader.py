"""Reads TPDUs (3GPP TS 23.040, 9.2.2); the inverse of ``writer``."""

from __future__ import annotations

from dataclasses import dataclass

from smsenc import dcs as data_coding
from smsenc import gsm7
from smsenc.errors import TpduError
from smsenc.model import USER_DATA_OCTETS, Coding, Segment, valid_segment
from smsenc.tpdu.model import (
    ALPHANUMERIC,
    BIT_2,
    DELIVER,
    DIGITS,
    FILLER,
    FORMS,
    HEADER,
    LONGEST_ADDRESS,
    REPLY_PATH,
    REPORT,
    STATUS_REPORT,
    SUBMIT,
    TYPE,
    VALIDITY_SHIFT,
    Address,
    Deliver,
    Enhanced,
    Relative,
    StatusReport,
    Submit,
    Timestamp,
    Validity,
    swapped,
)


@dataclass(slots=True)
class _Cursor:
    """Octets that are still to be read; errors have their offset."""

    octets: bytes
    offset: int = 0

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

    def end(self) -> None:
        left = len(self.octets) - self.offset
        if left:
            raise TpduError(f"expected the end, found {left} octets", offset=self.offset)


def decode(octets: bytes) -> Submit | Deliver:
    """The TPDU in ``octets``, and nothing after it. Raises DecodeError with the offset.

    The PDU of a modem (``AT+CMGR``, ``AT+CMGL``) begins with the address of a service centre: cut
    it off first. Its first octet says how many octets follow, so that ``pdu[1 + pdu[0] :]`` is the
    TPDU. For an SMS-STATUS-REPORT there is ``decode_report``.
    """
    cursor = _Cursor(octets)
    first = cursor.octet("TPDU")
    kind = first & TYPE
    if kind not in (DELIVER, SUBMIT):
        raise TpduError(f"expected SMS-DELIVER or SMS-SUBMIT, {_UNEXPECTED[kind]}", offset=0)
    found = (_decode_submit if kind == SUBMIT else _decode_deliver)(first, cursor)
    cursor.end()
    return found


_UNEXPECTED = {
    STATUS_REPORT: "found an SMS-STATUS-REPORT: use decode_report",
    3: "found type 3: cut off the service centre's address first",
}


def decode_report(octets: bytes) -> StatusReport:
    """The SMS-STATUS-REPORT in ``octets``, and nothing after it; raises DecodeError.

    What may come after the status (9.2.3.27) is checked, and is no part of the value. The address
    of a service centre must be cut off first, as for ``decode``.
    """
    cursor = _Cursor(octets)
    first = cursor.octet("TPDU")
    if first & TYPE != STATUS_REPORT:
        raise TpduError(f"expected SMS-STATUS-REPORT, found type {first & TYPE}", offset=0)
    found = StatusReport(
        reference=cursor.octet("reference"),
        recipient=_decode_address(cursor),
        sent=_decode_timestamp(cursor),
        discharged=_decode_timestamp(cursor),
        status=cursor.octet("status"),
    )
    if cursor.offset < len(octets):
        _decode_optional(cursor, header=bool(first & HEADER))
    cursor.end()
    return found


def _decode_optional(cursor: _Cursor, *, header: bool) -> None:
    """The parameters that TP-PI announces: protocol, data coding, user data."""
    present = further = cursor.octet("parameter indicator")
    while further & 0x80:
        further = cursor.octet("parameter indicator")
    if present & 0x01:
        cursor.octet("protocol")
    dcs = cursor.octet("data coding") if present & 0x02 else 0
    if present & 0x04:
        _decode_user_data(dcs, cursor, header=header)


def _decode_submit(first: int, cursor: _Cursor) -> Submit:
    reference = cursor.octet("reference")
    destination = _decode_address(cursor)
    pid, dcs = cursor.take(2, "protocol and data coding")
    validity = _decode_validity(first >> VALIDITY_SHIFT & 3, cursor)
    return Submit(
        destination=destination,
        segment=_decode_user_data(dcs, cursor, header=bool(first & HEADER)),
        dcs=dcs,
        reference=reference,
        pid=pid,
        validity=validity,
        status_report=bool(first & REPORT),
        reject_duplicates=bool(first & BIT_2),
        reply_path=bool(first & REPLY_PATH),
    )


def _decode_deliver(first: int, cursor: _Cursor) -> Deliver:
    originator = _decode_address(cursor)
    pid, dcs = cursor.take(2, "protocol and data coding")
    timestamp = _decode_timestamp(cursor)
    return Deliver(
        originator=originator,
        segment=_decode_user_data(dcs, cursor, header=bool(first & HEADER)),
        dcs=dcs,
        timestamp=timestamp,
        pid=pid,
        more_messages=not first & BIT_2,
        status_report=bool(first & REPORT),
        reply_path=bool(first & REPLY_PATH),
    )


def _decode_address(cursor: _Cursor) -> Address:
    start = cursor.offset
    length, kind = cursor.take(2, "address")
    if length > LONGEST_ADDRESS:
        raise TpduError(f"expected at most 20 semi-octets, found {length}", offset=start)
    octets = cursor.take(-(-length // 2), "address")
    ton, npi = kind >> 4 & 7, kind & 15
    if ton == ALPHANUMERIC:
        name = gsm7.decode(gsm7.unpack(octets, length * 4 // 7))
        return Address(name, ton=ton, npi=npi)
    digits = "".join(f"{octet & 15:x}{octet >> 4:x}" for octet in octets)[:length]
    if FILLER in digits:
        raise TpduError("expected a digit, found the filler F", offset=start)
    return Address("".join(DIGITS[int(digit, 16)] for digit in digits), ton=ton, npi=npi)


def _decode_validity(form: int, cursor: _Cursor) -> Validity:
    if form == FORMS.index(Relative):
        return Relative(cursor.octet("validity"))
    if form == FORMS.index(Timestamp):
        return _decode_timestamp(cursor)
    return Enhanced(cursor.take(7, "validity")) if form else None


def _decode_timestamp(cursor: _Cursor) -> Timestamp:
    start = cursor.offset
    octets = cursor.take(7, "time")
    zone = octets[6]
    numbers = [*octets[:6], zone & ~0x08]
    if any(octet & 15 > 9 or octet >> 4 > 9 for octet in numbers):
        raise TpduError(f"expected decimal semi-octets, found {octets.hex()}", offset=start)
    values = [swapped(octet) for octet in numbers]
    if zone & 0x08:
        values[-1] = -values[-1]
    return Timestamp(*values)


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
    return valid_segment(udh, data, coding, units, meaning.message_class)
