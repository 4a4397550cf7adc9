"""The parts of an SMS: alphabets, headers, message files. Pure functions on frozen values."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from smsenc import elements, udh
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
from smsenc.planning import Offender, Plan, plan
from smsenc.splitting import Limits, count, group, join, split
from smsenc.substitute import Replacement, Substitute
from smsenc.text import decode_text, encode_text

if TYPE_CHECKING:
    from smsenc import dcs, messagefile, tpdu

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
    "Offender",
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


def __getattr__(name: str) -> object:
    # Loaded on first use: most commands need no TPDU, and some no message file.
    if name not in ("dcs", "messagefile", "tpdu"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"smsenc.{name}")
