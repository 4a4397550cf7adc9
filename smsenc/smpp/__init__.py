"""SMPP 3.4: PDUs as values and as octets, and a session without a socket."""

from smsenc.smpp import pdus
from smsenc.smpp.codec import LONGEST, decode, encode
from smsenc.smpp.connection import Connection, Timers
from smsenc.smpp.errors import SmppError, StateError
from smsenc.smpp.events import Answer, Closed, Event, Overdue, Refused, Request, Stray
from smsenc.smpp.pdus import Address, Pdu
from smsenc.smpp.states import Role, State
from smsenc.smpp.status import Status
from smsenc.smpp.tlvs import Tag, Tlv

__all__ = [
    "LONGEST",
    "Address",
    "Answer",
    "Closed",
    "Connection",
    "Event",
    "Overdue",
    "Pdu",
    "Refused",
    "Request",
    "Role",
    "SmppError",
    "State",
    "StateError",
    "Status",
    "Stray",
    "Tag",
    "Timers",
    "Tlv",
    "decode",
    "encode",
    "pdus",
]
