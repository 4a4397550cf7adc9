"""The gateway's log-in: from the environment or a file, never from the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from smsenc import OptionError
from smsenc.messagefile import PLACEHOLDER, Credentials
from smsgate.outbox import secretfile

_KEYS = ("api_id", "user", "password")


def find(environment: Mapping[str, str]) -> Credentials:
    """SMSENC_API_ID, SMSENC_USER and SMSENC_PASSWORD; else the file that SMSENC_CREDENTIALS names.

    The file is TOML with api_id, user and password. Without either the files carry placeholders.
    Raises OptionError for a log-in that is only half there; no value appears in it.
    """
    given = {key: environment.get(f"SMSENC_{key.upper()}", "") for key in _KEYS}
    path = environment.get("SMSENC_CREDENTIALS", "")
    if path and not any(given.values()):
        given = secretfile.read(Path(path), _KEYS)
    missing = [key for key in _KEYS if not given[key]]
    if len(missing) == len(_KEYS) and not path:
        return PLACEHOLDER
    if missing:
        raise OptionError(f"expected api_id, user and password, missing {', '.join(missing)}")
    return Credentials(**given)
