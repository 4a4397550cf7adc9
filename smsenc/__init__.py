"""What an SMS is: alphabets, headers, parts, message files; pure functions on frozen values."""

from smsenc import dcs, elements, messagefile, tpdu, udh
from smsenc.errors import (
    DecodeError,
    EncodeError,
    GuardError,
    HeaderError,
    JoinError,
    MessageFileError,
    NumberError,
    OptionError,
    OutboxError,
    SmsencError,
    SourceError,
    SplitError,
    TpduError,
)
from smsenc.model import (
    IEI,
    USER_DATA_OCTETS,
    Coding,
    Element,
    MessageClass,
    Payload,
    Port,
    Segment,
    ports,
    shifts,
)
from smsenc.national import Language
from smsenc.plan import Plan, plan
from smsenc.split import Limits, count, group, join, split
from smsenc.substitute import Replacement, Substitute
from smsenc.text import decode_text, encode_text

__all__ = [
    "IEI",
    "USER_DATA_OCTETS",
    "Coding",
    "DecodeError",
    "Element",
    "EncodeError",
    "GuardError",
    "HeaderError",
    "JoinError",
    "Language",
    "Limits",
    "MessageClass",
    "MessageFileError",
    "NumberError",
    "OptionError",
    "OutboxError",
    "Payload",
    "Plan",
    "Port",
    "Replacement",
    "Segment",
    "SmsencError",
    "SourceError",
    "SplitError",
    "Substitute",
    "TpduError",
    "count",
    "dcs",
    "decode_text",
    "elements",
    "encode_text",
    "group",
    "join",
    "messagefile",
    "plan",
    "ports",
    "shifts",
    "split",
    "tpdu",
    "udh",
]
