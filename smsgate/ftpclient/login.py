"""The FTP log-in: from the environment, a file or the system's keyring, never an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from smsenc import OptionError
from smsgate.outbox import secretfile

_KEYS = ("user", "password")
_LONGEST = 255  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """User and password; the password stays out of every representation. Raises OptionError."""

    user: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        for key in _KEYS:
            value = getattr(self, key)
            # The value may be a secret: the error does not show it. A line end in it would end the
            # command, and what follows would be a command of its own.
            if not 0 < len(value) <= _LONGEST or not value.isprintable():
                raise OptionError(
                    f"expected an FTP {key} of 1 to {_LONGEST} printable characters", name=key
                )


def find(environment: Mapping[str, str], host: str) -> LogIn:
    """SMSENC_FTP_USER and SMSENC_FTP_PASSWORD; else a file; else the keyring.

    The file is TOML with user and password, named by SMSENC_FTP_CREDENTIALS. The keyring's service
    is ``smsenc:HOST``; SMSENC_FTP_USER picks one of several accounts. Raises OptionError for a
    log-in that is missing or only half there; no value appears in it.
    """
    given = {key: environment.get(f"SMSENC_FTP_{key.upper()}", "") for key in _KEYS}
    path = environment.get("SMSENC_FTP_CREDENTIALS", "")
    if path and not given["password"]:
        given = secretfile.read(Path(path), _KEYS)
    elif not given["password"]:
        given = _from_keyring(host, given["user"]) or given
    if missing := [key for key in _KEYS if not given[key]]:
        raise OptionError(f"expected an FTP user and password, missing {' and '.join(missing)}")
    return LogIn(**given)


def _from_keyring(host: str, user: str) -> dict[str, str] | None:
    """What the keyring has, None where there is no keyring or nothing in it."""
    try:
        import keyring  # noqa: PLC0415 - an extra, and slow to find its backend
        from keyring.errors import KeyringError, NoKeyringError  # noqa: PLC0415 - as above
    except ImportError:
        return None
    try:
        found = keyring.get_credential(f"smsenc:{host}", user or None)
    except NoKeyringError:
        return None
    except KeyringError as error:  # locked, or its service gone
        raise OptionError(f"expected a keyring, found: {type(error).__name__}") from None
    return {"user": found.username, "password": found.password} if found else None
