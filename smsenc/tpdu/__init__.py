"""SMS-SUBMIT, SMS-DELIVER and SMS-STATUS-REPORT, octet by octet (3GPP TS 23.040, 9.2.2).

The user data inside is a Segment, so that the parts of other programs' messages can be joined, too.
"""

from smsenc.tpdu.model import (
    ALPHANUMERIC,
    E164,
    INTERNATIONAL,
    NATIONAL,
    UNKNOWN,
    Address,
    Deliver,
    Enhanced,
    Relative,
    StatusReport,
    Submit,
    Timestamp,
    Validity,
    address,
    full_year,
    submit,
)
from smsenc.tpdu.reader import decode, decode_report
from smsenc.tpdu.writer import encode

__all__ = [
    "ALPHANUMERIC",
    "E164",
    "INTERNATIONAL",
    "NATIONAL",
    "UNKNOWN",
    "Address",
    "Deliver",
    "Enhanced",
    "Relative",
    "StatusReport",
    "Submit",
    "Timestamp",
    "Validity",
    "address",
    "decode",
    "decode_report",
    "encode",
    "full_year",
    "submit",
]
