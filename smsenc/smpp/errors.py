"""What is wrong with a PDU, and what to answer."""

from __future__ import annotations

from smsenc.errors import DecodeError
from smsenc.smpp.status import Status


class SmppError(DecodeError):
    """A PDU that SMPP does not allow, at ``offset`` from its first octet.

    ``status`` is the command_status to answer. If the length in a header is wrong, nothing that
    follows can be read: the answer is a generic_nack, and the connection ends.
    """

    def __init__(
        self, message: str, *, status: int, offset: int | None = None, name: str | None = None
    ) -> None:
        super().__init__(message, offset=offset, name=name)
        self.status = status


class StateError(DecodeError):
    """Something that a connection in this state cannot send."""


#: What a field without a status of its own is answered with.
INVALID = Status.ESME_RINVCMDLEN
