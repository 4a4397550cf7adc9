"""The message file of an FTP SMS gateway: ``key:value`` lines, read, written, packed, checked."""

from smsenc.messagefile.file import (
    PLACEHOLDER,
    Credentials,
    Message,
    check_schedule,
    dumps,
    loads,
    template_head,
)

__all__ = [
    "PLACEHOLDER",
    "Credentials",
    "Message",
    "check_schedule",
    "dumps",
    "loads",
    "template_head",
]
