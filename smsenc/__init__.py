"""The parts of an SMS: alphabets, headers, message files. Pure functions on frozen values."""

from smsenc import dcs, elements, messagefile, tpdu, udh
from smsenc.errors import (
    DecodeError,
    EncodeError,
    HeaderError,
    JoinError,
    MessageFileError,
    NumberError,
    OptionError,
    SmsencError,
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
from smsenc.planning import Plan, plan
from smsenc.splitting import Limits, count, group, join, split
from smsenc.substitute import Replacement, Substitute
from smsenc.text import decode_text, encode_text

__all__ = [
    "IEI",
    "USER_DATA_OCTETS",
    "Coding",
    "DecodeError",
    "Element",
    "EncodeError",
    "HeaderError",
    "JoinError",
    "Language",
    "Limits",
    "MessageClass",
    "MessageFileError",
    "NumberError",
    "OptionError",
    "Payload",
    "Plan",
    "Port",
    "Replacement",
    "Segment",
    "SmsencError",
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
