"""How a submit ends: in exactly one of three ways, or it was never sent."""

from __future__ import annotations

from dataclasses import dataclass

from smsenc import SmsencError
from smsenc.smpp import status
from smsenc.smpp.status import Status


class ClosedError(SmsencError):
    """The client has ended: this message was not sent."""

    def __init__(self) -> None:
        super().__init__("the client has ended")


class RecalledError(SmsencError):
    """This message was withdrawn before it was sent."""

    def __init__(self) -> None:
        super().__init__("the message was withdrawn before it was sent")


@dataclass(frozen=True, slots=True)
class Accepted:
    """The message centre has the message; receipts name it with ``message_id``."""

    message_id: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The message centre does not take the message, and would not later unless ``temporary``."""

    status: int

    @property
    def temporary(self) -> bool:
        """Whether a later try may succeed."""
        return self.status in TEMPORARY

    def __str__(self) -> str:
        return status.name(self.status)


@dataclass(frozen=True, slots=True)
class Unknown:
    """It was sent and not answered: the message centre may have it or not."""

    reason: str


#: How a message that was sent ends.
Result = Accepted | Refused | Unknown

#: The whole connection waits, and the message is sent again before all others.
BUSY = frozenset((Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL))
#: Others that may pass: who sends the message decides when to try again.
TEMPORARY = BUSY | {
    Status.ESME_RSYSERR,
    Status.ESME_RSUBMITFAIL,
    Status.ESME_RX_T_APPN,
    Status.ESME_RUNKNOWNERR,
}
