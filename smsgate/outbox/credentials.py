"""The gateway's log-in: where it comes from, and how it gets into a message file.

It comes from the environment or a file, never from the command line. A message file may hold
placeholders instead, which are replaced when the file is sent; nothing else in it is changed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from smsenc import MessageFileError, OptionError
from smsenc.messagefile import PLACEHOLDER, Credentials, Message, dumps
from smsgate import masking, tracing
from smsgate.outbox import secretfile

_KEYS = ("api_id", "user", "password")
_PREFIX = "SMSENC_"
# Keys are read in any case, api-id for api_id, lines ended by CR LF, CR or LF.
_LINE = re.compile(
    rb"(?i)(?<![^\r\n])(?P<head>[ \t]*(?P<key>api[_-]id|user|password)[ \t]*:)[ \t]*"
    + PLACEHOLDER.password.encode("ascii")
    + rb"[ \t]*(?=[\r\n]|\Z)"
)


def find(environment: Mapping[str, str]) -> Credentials:
    """SMSENC_API_ID, SMSENC_USER and SMSENC_PASSWORD, or the file that SMSENC_CREDENTIALS names.

    The file is TOML with api_id, user and password. Without either, the placeholders are returned.
    Raises OptionError, which shows no value, if part of the log-in is missing.
    """
    given = {key: environment.get(_PREFIX + key.upper(), "") for key in _KEYS}
    masking.remember(given["password"])
    path = "" if any(given.values()) else environment.get("SMSENC_CREDENTIALS", "")
    if path:
        given = secretfile.read(Path(path), _KEYS)
    missing = [key for key in _KEYS if not given[key]]
    if len(missing) == len(_KEYS) and not path:
        tracing.step("log-in of message files: none, so they get placeholders")
        return PLACEHOLDER
    if missing:
        raise OptionError(f"incomplete gateway log-in: {secretfile.advice(missing, _PREFIX, path)}")
    tracing.step("log-in of message files: from {}", path or "the environment")
    return Credentials(**given)


def fill_in(octets: bytes, credentials: Credentials) -> bytes:
    """The message file with ``credentials`` in place of its placeholders.

    A password that it contains already is masked from now on. Raises MessageFileError, which shows
    no value, if there are placeholders and no credentials to replace them, or a value that no line
    can hold.
    """
    masking.remember_login(octets)
    if not _LINE.search(octets):
        return octets
    if credentials == PLACEHOLDER:
        raise MessageFileError(f"no gateway log-in: {secretfile.advice(_KEYS, _PREFIX)}")
    values = _lines(credentials)
    return _LINE.sub(lambda found: found["head"] + values[_key(found["key"])], octets)


def _key(found: bytes) -> bytes:
    return found.lower().replace(b"-", b"_")


def _lines(credentials: Credentials) -> dict[bytes, bytes]:
    # ``dumps`` checks the values: a line end in a password must not add a recipient.
    checked = dumps(Message(to=("447700900000",), text="", credentials=credentials))
    lines = (line.partition(b":") for line in checked.splitlines())
    return {key: value for key, _, value in lines if key.decode() in _KEYS}
