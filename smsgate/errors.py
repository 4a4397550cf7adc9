"""Errors outside the program: outboxes that cannot be used, servers that refuse or are lost."""

from smsenc import SmsencError


class OutboxError(SmsencError):
    """An outbox that cannot be used: no right to write, a full disk, or not a folder."""


class GatewayError(SmsencError):
    """A gateway's server refuses permanently; ``reply`` is its code, if it sent one.

    A reply of 5xx, an invalid certificate or an unknown host: another try would fail too.
    """

    def __init__(self, message: str, *, reply: int | None = None) -> None:
        super().__init__(message)
        self.reply = reply


class GatewayLogInError(GatewayError):
    """A log-in that is refused: a wrong password, or no TLS. More tries may lock the account."""


class GatewayBusyError(GatewayError):
    """A reply of 4xx: the same command may succeed later, on the same connection (RFC 959, 4.2)."""


class GatewayLostError(GatewayError):
    """A connection that was lost or never made: the last command may or may not have been done."""


def reason(error: Exception) -> str:
    """What the system says about an error, in lower case: ``permission denied``."""
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()
