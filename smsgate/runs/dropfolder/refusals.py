"""Files that are no sources, although the text converter would take them."""

from __future__ import annotations

from converters import foreign, registry
from converters.errors import SourceError
from converters.shared import charsets
from smsenc import SmsencError
from smsenc.messagefile.recognition import is_message_file
from smsgate.outbox.reading import open_file


def refusal(path: str) -> str | None:
    """Why a file is not converted; None for a source, or for a file that cannot be read.

    Files are left out as they are in a folder given to ``convert``. A message file is recognised
    before it is moved anywhere, because it has a log-in.
    """
    if why := registry.unread(path):
        return why
    return foreign.MESSAGE_FILE if is_message_file(_head(path)) else None


def _head(path: str) -> str:
    try:
        with open_file(path, follow=False) as file:
            return charsets.decode(file.read(registry.HEAD))[0]
    except (SourceError, SmsencError, OSError):
        return ""  # the reason is given when it is read
