"""The gateway's log-in: from the environment or a file, never from the command line."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path

from smsenc import OptionError
from smsenc.messagefile import PLACEHOLDER, Credentials

_KEYS = ("api_id", "user", "password")


def find(environment: Mapping[str, str]) -> Credentials:
    """SMSENC_API_ID, SMSENC_USER and SMSENC_PASSWORD; else the file that SMSENC_CREDENTIALS names.

    The file is TOML with api_id, user and password. Without either the files carry placeholders.
    Raises OptionError for a log-in that is only half there; no value appears in it.
    """
    given = {key: environment.get(f"SMSENC_{key.upper()}", "") for key in _KEYS}
    path = environment.get("SMSENC_CREDENTIALS", "")
    if path and not any(given.values()):
        given = _from_file(Path(path))
    missing = [key for key in _KEYS if not given[key]]
    if len(missing) == len(_KEYS) and not path:
        return PLACEHOLDER
    if missing:
        raise OptionError(f"expected api_id, user and password, missing {', '.join(missing)}")
    return Credentials(**given)


def _from_file(path: Path) -> dict[str, str]:
    try:
        if os.name == "posix" and path.stat().st_mode & 0o077:
            raise OptionError(
                "expected a credentials file that only its owner can read (chmod 600)"
            )
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise OptionError(f"expected a credentials file, found: {reason}") from error
    except (ValueError, RecursionError):  # not shown: the text around the fault may be the password
        raise OptionError("expected a credentials file in TOML, found another format") from None
    values = {key: table.get(key, "") for key in _KEYS}
    if not all(type(value) in (str, int) for value in values.values()):
        raise OptionError("expected api_id, user and password as texts, found other values")
    return {key: str(value) for key, value in values.items()}
