"""What an SMS is: alphabets, headers, parts, message files; pure functions on frozen values."""

from smsenc import dcs, messagefile, udh
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
)
from smsenc.split import join, split
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
    "MessageClass",
    "MessageFileError",
    "NumberError",
    "OptionError",
    "OutboxError",
    "Payload",
    "Port",
    "Segment",
    "SmsencError",
    "SourceError",
    "SplitError",
    "dcs",
    "decode_text",
    "encode_text",
    "join",
    "messagefile",
    "ports",
    "split",
    "udh",
]
