"""Errors of converters: a source is wrong, or something is refused to protect the sender."""

from smsenc import SmsencError


class SourceError(SmsencError):
    """A source file that its converter cannot read."""


class GuardError(SmsencError):
    """Something possible that is refused to protect the sender from cost, loss or overwriting."""
