"""The message file that an FTP SMS gateway picks up: lines of ``key:value``."""

from smsenc.messagefile.model import PLACEHOLDER, Credentials, Message, check_schedule
from smsenc.messagefile.reader import loads
from smsenc.messagefile.writer import dumps, head, log_in

__all__ = [
    "PLACEHOLDER",
    "Credentials",
    "Message",
    "check_schedule",
    "dumps",
    "head",
    "loads",
    "log_in",
]
