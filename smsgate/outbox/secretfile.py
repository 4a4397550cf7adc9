"""A log-in in a TOML file that only its owner can read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from converters.errors import SourceError
from smsenc import OptionError
from smsgate import masking
from smsgate.outbox import tomlfile
from smsgate.outbox.reading import open_file, read_stream

_LARGEST_FILE = 1 << 20  # octets


def read(path: Path, keys: tuple[str, ...]) -> dict[str, str]:
    """The values of ``keys``, empty for a missing key; integers become text.

    A password among them is masked from now on. Raises OptionError, which shows no value.
    """
    try:
        return _values(_private(path), keys)
    except SourceError as error:
        raise OptionError(f"credentials file {path}: {error.message}") from error


def log_ins(path: Path) -> dict[str, str]:
    """All users and passwords of a file with a line ``user = "password"`` for each.

    The passwords are masked from now on. Raises OptionError, which shows no value.
    """
    try:
        found = tomlfile.parse(_private(path))
    except SourceError as error:
        if error.line is None and "chmod" not in error.message:
            error = SourceError("expected TOML, found another format")
        raise OptionError(f"credentials file {path}: {error.message}") from None
    if not all(isinstance(value, str) for value in found.values()):
        raise OptionError(f'credentials file {path}: expected lines user = "password"')
    masking.remember(*found.values())
    return found


def _private(path: Path) -> bytes:
    with open_file(path, pipes=False) as file:
        if os.name == "posix" and os.fstat(file.fileno()).st_mode & _others(path):
            raise SourceError("other users can read it (chmod 600 makes it private)")
        return read_stream(file, _LARGEST_FILE)


def _others(path: Path) -> int:
    """The bits of a mode with which others can read a file.

    systemd gives a service its credentials by an access list, which shows as a bit of the group.
    """
    given = os.environ.get("CREDENTIALS_DIRECTORY")
    return 0o037 if given and path.parent == Path(given) else 0o077


def _values(octets: bytes, keys: tuple[str, ...]) -> dict[str, str]:
    try:
        table = tomlfile.parse(octets)
    except SourceError:  # not shown: the text around the fault may be the password
        raise SourceError("expected TOML, found another format") from None
    values = {key: table.get(key, "") for key in keys}
    if not all(type(value) in (str, int) for value in values.values()):
        raise SourceError(f"expected {' and '.join(keys)} as texts, found other values")
    given = {key: str(value) for key, value in values.items()}
    masking.remember(given.get("password", ""))
    return given


def advice(missing: Sequence[str], prefix: str, path: str = "") -> str:
    """How to complete a log-in: which keys to add to its file, or which variables to set."""
    if path:
        return f"add {_list(missing)} to {path}"
    return f"set {_list([prefix + key.upper() for key in missing])}"


def _list(words: Sequence[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last
