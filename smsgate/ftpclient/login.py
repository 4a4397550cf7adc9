"""The FTP log-in: from the environment, a file or the system's keyring, never an argument."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from smsenc import OptionError
from smsenc.extras import needed
from smsgate import masking
from smsgate.outbox import secretfile

_KEYS = ("user", "password")
_PREFIX = "SMSENC_FTP_"
_LONGEST = 255  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class LogIn:
    """User and password; ``repr`` does not show the password. Raises OptionError."""

    user: str
    password: str = field(repr=False)

    def __post_init__(self) -> None:
        for key in _KEYS:
            value = getattr(self, key)
            # The error does not show the value, which may be a secret. A line end in it would end
            # the command and begin another.
            if not 0 < len(value) <= _LONGEST or not value.isprintable():
                raise OptionError(
                    f"expected an FTP {key} of 1 to {_LONGEST} printable characters", name=key
                )


def find(environment: Mapping[str, str], host: str) -> LogIn:
    """SMSENC_FTP_USER and SMSENC_FTP_PASSWORD, or a file, or the keyring.

    SMSENC_FTP_CREDENTIALS names the file, TOML with user and password. The keyring's service is
    ``smsenc:HOST``; SMSENC_FTP_USER chooses an account. Raises OptionError without showing values.
    """
    given = {key: environment.get(_PREFIX + key.upper(), "") for key in _KEYS}
    masking.remember(given["password"])
    path = "" if given["password"] else environment.get("SMSENC_FTP_CREDENTIALS", "")
    if path:
        given = secretfile.read(Path(path), _KEYS)
    elif not given["password"]:
        given = _from_keyring(host, given["user"]) or given
        masking.remember(given["password"])
    if missing := [key for key in _KEYS if not given[key]]:
        what = missing[0] if len(missing) == 1 else "log-in"
        advice = secretfile.advice(missing, _PREFIX, path)
        raise OptionError(f"no FTP {what}: {advice}{'' if path else _without_keyring()}")
    return LogIn(**given)


def _without_keyring() -> str:
    """What to add to an advice where there is no library to read the keyring with."""
    return "" if find_spec("keyring") else f"; {needed('a log-in in the keyring', 'keyring')}"


def _from_keyring(host: str, user: str) -> dict[str, str] | None:
    """The keyring's log-in for a host, None if there is no keyring or no log-in in it."""
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
        raise OptionError(f"cannot read the keyring: {type(error).__name__}") from None
    return {"user": found.username, "password": found.password} if found else None
