"""What happens on a connection, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from smsenc.smpp.errors import SmppError
from smsenc.smpp.pdus import GenericNack, Pdu
from smsenc.smpp.status import Status


class Request(NamedTuple):
    """The peer asks for something: answer it with ``Connection.answer``, if it has an answer."""

    pdu: Pdu


class Answer(NamedTuple):
    """The peer answers ``request``.

    With ``error`` the status can be read, and of the body what is before the error.
    """

    request: Pdu
    pdu: Pdu
    error: SmppError | None = None

    @property
    def status(self) -> int:
        """The command_status: 0 if the peer has accepted; a generic_nack never accepts."""
        nack = type(self.pdu.body) is GenericNack
        return self.pdu.command_status or (Status.ESME_RUNKNOWNERR if nack else 0)


@dataclass(frozen=True, slots=True)
class Overdue:
    """No answer came in time. Whether the peer has done what it was asked for is unknown."""

    request: Pdu


@dataclass(frozen=True, slots=True)
class Refused:
    """The peer sent what it may not, or what cannot be read; a request has been answered."""

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


#: What ``Connection.receive`` and ``Connection.tick`` return.
Event = Request | Answer | Overdue | Refused | Stray | Closed
