"""The message file that an FTP SMS gateway picks up: lines of ``key:value``."""

from typing import TYPE_CHECKING

from smsenc.exports import lazily

if TYPE_CHECKING:
    from smsenc.messagefile.model import PLACEHOLDER, Credentials, Message, check_schedule
    from smsenc.messagefile.profile import CLICKATELL, Profile
    from smsenc.messagefile.reader import loads
    from smsenc.messagefile.writer import dumps, head, log_in

__all__ = [
    "CLICKATELL",
    "PLACEHOLDER",
    "Credentials",
    "Message",
    "Profile",
    "check_schedule",
    "dumps",
    "head",
    "loads",
    "log_in",
]

__getattr__ = lazily(
    __name__,
    {
        "model": "PLACEHOLDER Credentials Message check_schedule",
        "profile": "CLICKATELL Profile",
        "reader": "loads",
        "writer": "dumps head log_in",
    },
)
