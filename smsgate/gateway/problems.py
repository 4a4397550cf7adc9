"""What went wrong, in words for people."""

from __future__ import annotations

from smsenc import SmsencError
from smsgate.errors import reason
from smsgate.masking import cleaned


def said(error: BaseException) -> str:
    """An error's text: what the system says of an OSError, and our own texts as they are."""
    text = reason(error) if isinstance(error, OSError) else str(error) or type(error).__name__
    return cleaned(text)


def is_of_system(error: Exception) -> bool:
    """Whether the system refused something, by itself or as the cause of one of our errors."""
    return isinstance(error, OSError) or (
        isinstance(error, SmsencError) and isinstance(error.__cause__, OSError)
    )
