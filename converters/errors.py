"""Errors of converters: what is wrong with a source, and what is refused to protect its sender."""

from smsenc import SmsencError


class SourceError(SmsencError):
    """A source file that is not what its converter reads."""


class GuardError(SmsencError):
    """Something that was possible but is refused to protect the sender: cost, loss, overwriting."""
