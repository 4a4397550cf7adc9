"""Secrets in a TOML file that only its owner can read."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from smsenc import OptionError


def read(path: Path, keys: tuple[str, ...]) -> dict[str, str]:
    """The values of ``keys``, empty where there is none; whole numbers are taken as text.

    Raises OptionError; no value appears in it.
    """
    try:
        with open(path, "rb") as file:
            if os.name == "posix" and os.fstat(file.fileno()).st_mode & 0o077:
                raise OptionError(
                    "expected a credentials file that only its owner can read (chmod 600)"
                )
            table = tomllib.loads(file.read(1 << 20).decode("utf-8-sig"))
    except OSError as error:
        reason = (error.strerror or "unreadable").lower()
        raise OptionError(f"expected a credentials file, found: {reason}") from error
    except (ValueError, RecursionError):  # not shown: the text around the fault may be the password
        raise OptionError("expected a credentials file in TOML, found another format") from None
    values = {key: table.get(key, "") for key in keys}
    if not all(type(value) in (str, int) for value in values.values()):
        raise OptionError(f"expected {' and '.join(keys)} as texts, found other values")
    return {key: str(value) for key, value in values.items()}
