"""Connections to message centres over SMPP: asyncio around ``smsenc.smpp``."""

from smsgate.smppclient.client import Client
from smsgate.smppclient.connecting import BindError
from smsgate.smppclient.results import (
    Accepted,
    ClosedError,
    RecalledError,
    Refused,
    Result,
    Unknown,
)
from smsgate.smppclient.smsc import BindAs, Smsc, parse

__all__ = [
    "Accepted",
    "BindAs",
    "BindError",
    "Client",
    "ClosedError",
    "RecalledError",
    "Refused",
    "Result",
    "Smsc",
    "Unknown",
    "parse",
]
