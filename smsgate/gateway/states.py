"""The states of messages, files, accounts, users and routes, and the status numbers of logs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType

from smsenc.smpp.receipts import MessageState


class State(StrEnum):
    """Where a message is; each message is in exactly one of these."""

    DELAYED = "delayed"  #: accepted, and its time has not come
    WAITING = "waiting"  #: accepted, and sent when its turn comes
    ANNOUNCED = "sending"  #: announced in a commit: its octets may be on their way
    SENT = "sent"  #: the message centre has all parts
    DELIVERED = "delivered"
    FAILED = "failed"
    EXPIRED = "expired"  #: its validity was over before it left
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"  #: announced and never answered: it may have gone

    @property
    def final(self) -> bool:
        """Whether the gateway does nothing more with it by itself; a receipt may still come."""
        return self not in _OPEN


_OPEN = frozenset((State.DELAYED, State.WAITING, State.ANNOUNCED))
#: Messages that nothing more is done with. One that is unknown waits for a decision.
OVER = tuple(sorted(state for state in State if state.final and state is not State.UNKNOWN))


class FileState(StrEnum):
    """How far a message file is."""

    READING = "reading"  #: some of its recipients are not handled
    READ = "read"
    REFUSED = "refused"  #: as a whole
    REPEATED = "repeated"  #: the same upload as an earlier one


class AccountState(StrEnum):
    """What an account may do."""

    OPEN = "open"
    FROZEN = "frozen"  #: its files are refused with 004; it can read its logs
    CLOSED = "closed"  #: it cannot log in


class UserRole(StrEnum):
    """What a user of the pages may do."""

    ADMIN = "admin"  #: see and change everything
    OWNER = "owner"  #: see one account, and change what is its own
    READER = "reader"  #: see everything, change nothing


class RouteState(StrEnum):
    """Whether messages are sent by a route."""

    OPEN = "open"
    PAUSED = "paused"
    UNUSED = "unused"  #: no longer configured


class InboundState(StrEnum):
    """How far a message from a phone is, or a part of one."""

    NEW = "new"
    PART = "part"  #: others are missing
    DONE = "done"  #: it is in a reply
    REPEATED = "repeated"  #: a part that came twice
    ODD = "odd"  #: a receipt that cannot be read


class NodeState(StrEnum):
    """Whether a process still works on the database."""

    ALIVE = "alive"
    ENDED = "ended"  #: in order
    LOST = "lost"  #: it was not heard of for longer than its lease


class CallbackKind(StrEnum):
    """What an account is told about."""

    STATUS = "status"  #: a change of one of its messages
    REPLY = "reply"  #: a message from a phone


class CallbackState(StrEnum):
    """How far an account has been told of something."""

    WAITING = "waiting"
    SENDING = "sending"  #: a node tries its URL
    DONE = "done"
    FAILED = "failed"  #: its timetable is over


class Status(IntEnum):
    """The numbers of ``smsenc.messagefile.logs.STATUSES``."""

    UNKNOWN = 1
    QUEUED = 2
    DELIVERED_TO_GATEWAY = 3
    RECEIVED = 4
    ERROR_WITH_MESSAGE = 5
    CANCELLED = 6
    ERROR_DELIVERING = 7
    OK = 8
    ROUTING_ERROR = 9
    EXPIRED = 10
    DELAYED = 11
    OUT_OF_CREDIT = 12


#: What a receipt makes of a message that is SENT; states that are not here change nothing.
OF_RECEIPT: Mapping[MessageState, tuple[State, Status]] = MappingProxyType(
    {
        MessageState.DELIVERED: (State.DELIVERED, Status.RECEIVED),
        MessageState.UNDELIVERABLE: (State.FAILED, Status.ERROR_DELIVERING),
        MessageState.EXPIRED: (State.FAILED, Status.ERROR_DELIVERING),
        MessageState.SKIPPED: (State.FAILED, Status.ERROR_DELIVERING),
        MessageState.REJECTED: (State.FAILED, Status.ERROR_WITH_MESSAGE),
        MessageState.DELETED: (State.CANCELLED, Status.CANCELLED),
    }
)
