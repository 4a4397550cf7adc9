"""Errors of the world outside: outboxes that cannot be used, servers that refuse or are lost."""

from smsenc import SmsencError


class OutboxError(SmsencError):
    """An outbox that cannot be used: no right to write, no room, or not a folder."""


class GatewayError(SmsencError):
    """A gateway's server that refuses for good; ``reply`` is its code, where it gave one.

    A reply of 5xx, a certificate that does not hold, a host that does not exist: the same again
    would fail again.
    """

    def __init__(self, message: str, *, reply: int | None = None) -> None:
        super().__init__(message)
        self.reply = reply


class GatewayBusyError(GatewayError):
    """A reply of 4xx: the same command may succeed later, on the same connection (RFC 959, 4.2)."""


class GatewayLostError(GatewayError):
    """A connection that was lost or never made: whether the last command was done is not known."""


def reason(error: Exception) -> str:
    """What the system said of an error, in lower case: ``no such file or directory``."""
    return (getattr(error, "strerror", None) or str(error)).lower()
