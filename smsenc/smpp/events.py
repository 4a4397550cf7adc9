"""What happens on a connection, as values."""

from __future__ import annotations

from dataclasses import dataclass

from smsenc.smpp.errors import SmppError
from smsenc.smpp.pdus import Pdu


@dataclass(frozen=True, slots=True)
class Request:
    """The peer asks for something: answer it with ``Connection.answer``, if it has an answer."""

    pdu: Pdu


@dataclass(frozen=True, slots=True)
class Answer:
    """The peer answers ``request``; with ``error`` its status can be read, and its body not."""

    request: Pdu
    pdu: Pdu
    error: SmppError | None = None


@dataclass(frozen=True, slots=True)
class Overdue:
    """No answer came in time. Whether the peer has done what it was asked for is unknown."""

    request: Pdu


@dataclass(frozen=True, slots=True)
class Refused:
    """The peer sent what it may not, or what cannot be read; it has been answered."""

    error: SmppError
    sequence_number: int


@dataclass(frozen=True, slots=True)
class Stray:
    """An answer to nothing that waits for one, such as one that comes too late."""

    pdu: Pdu


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing more can be sent or read: close the socket when the last octets are written.

    ``unanswered`` are requests of which nobody knows what became of them.
    """

    reason: str
    unanswered: tuple[Pdu, ...] = ()


Event = Request | Answer | Overdue | Refused | Stray | Closed
