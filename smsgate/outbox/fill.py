"""The gateway's log-in lines, put into a message file on its way out.

Only those three lines are touched: what is sent is what lies on disk, but for them.
"""

from __future__ import annotations

import re

from smsenc import MessageFileError
from smsenc.messagefile import PLACEHOLDER, Credentials, Message, dumps

_KEYS = (b"api_id", b"user", b"password")
# Keys are read in any case, api-id for api_id, lines ended by CR LF, CR or LF.
_LINE = re.compile(
    rb"(?i)(?<![^\r\n])(?P<head>[ \t]*(?P<key>api[_-]id|user|password)[ \t]*:)[ \t]*"
    + PLACEHOLDER.password.encode("ascii")
    + rb"[ \t]*(?=[\r\n]|\Z)"
)


def put_in(octets: bytes, credentials: Credentials) -> bytes:
    """The file with real values where placeholders stand; others stay as they are.

    Raises MessageFileError where a placeholder stands and ``credentials`` are none either, or
    hold what no line can; no value appears in it.
    """
    if not _LINE.search(octets):
        return octets
    if credentials == PLACEHOLDER:
        raise MessageFileError("expected log-in lines, found placeholders and no credentials")
    values = _values(credentials)
    return _LINE.sub(lambda m: m["head"] + values[_key(m["key"])], octets)


def _key(found: bytes) -> bytes:
    return found.lower().replace(b"-", b"_")


def _values(credentials: Credentials) -> dict[bytes, bytes]:
    # Written by the one that checks: a line end in a password must not add a recipient.
    checked = dumps(Message(to=("447700900000",), text="", credentials=credentials))
    lines = (line.partition(b":") for line in checked.splitlines())
    return {key: value for key, _, value in lines if key in _KEYS}
