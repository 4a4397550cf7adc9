"""Files that are no sources, although the text converter would take them."""

from __future__ import annotations

import re

from converters import registry
from converters.errors import SourceError
from smsenc.messagefile.parameters import CREDENTIALS
from smsgate.outbox.reading import open_file

_LOG_IN = re.compile(rb"(?im)^[ \t]*(?P<key>api[_-]id|user|password)[ \t]*:")


def refusal(path: str) -> str | None:
    """Why a file is not converted; None for a source, or for a file that cannot be read.

    A file that has the log-in lines of a message file is not sent as a text, even if the rest of it
    is damaged: the password would be in the text. Files without a suffix that a converter takes are
    left out as they are in a folder given to ``convert``.
    """
    if not registry.has_suffix(path):
        return "no converter takes this suffix"
    if has_log_in(_head(path)):
        return "already a message file: smsenc upload sends it"
    return None


def has_log_in(head: bytes) -> bool:
    """Whether a file that begins with ``head`` has the log-in lines of a message file."""
    found = {match["key"].lower().replace(b"-", b"_") for match in _LOG_IN.finditer(head)}
    return found == {key.encode() for key in CREDENTIALS}


def _head(path: str) -> bytes:
    try:
        with open_file(path, follow=False) as file:
            return file.read(registry.HEAD)
    except (SourceError, OSError):
        return b""  # the reason is given when it is read
