"""Connections to message centres over SMPP: asyncio around ``smsenc.smpp``."""

from smsgate.smppclient.client import BindError, Client, ClosedError
from smsgate.smppclient.results import Accepted, Refused, Result, Unknown
from smsgate.smppclient.smsc import BindAs, Smsc, parse

__all__ = [
    "Accepted",
    "BindAs",
    "BindError",
    "Client",
    "ClosedError",
    "Refused",
    "Result",
    "Smsc",
    "Unknown",
    "parse",
]
