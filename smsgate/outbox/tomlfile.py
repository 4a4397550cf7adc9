"""TOML read in one place: everything that tomllib raises becomes one error, with key or line."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from converters.errors import SourceError
from converters.shared.words import shortened

#: TOML promises 64 bits; numbers as texts (a log-in without quotes) may be a little longer.
_MOST_DIGITS = 38
#: Python refuses to read a longer number in decimals, since that takes time by its square.
_LONG_NUMBER = re.compile(rb"[0-9_]{4300}")
_MOST_SHOWN = 80


def parse(octets: bytes, parse_float: Callable[[str], Any] = float) -> dict[str, Any]:
    """The table in the octets of a TOML file; raises SourceError.

    ``parse_float`` reads a number with a point, and may raise ValueError or ArithmeticError.
    """
    import tomllib  # noqa: PLC0415 - most commands read no TOML

    try:
        table = tomllib.loads(octets.decode("utf-8-sig"), parse_float=parse_float)
    except RecursionError:
        raise SourceError("expected TOML, found it nested too deep") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SourceError(f"expected TOML, found: {shortened(str(error), _MOST_SHOWN)}") from None
    except (ValueError, ArithmeticError):
        raise _unreadable_number(octets) from None
    _check_numbers(table)
    return table


def _check_numbers(table: dict[str, Any]) -> None:
    """Raise SourceError for a whole number (hex, too) that is too long to be shown."""
    values = list(table.items())
    while values:
        key, value = values.pop()
        if isinstance(value, int) and abs(value) >= 10**_MOST_DIGITS:
            raise _too_long(key)
        if isinstance(value, dict):
            values += [
                (shortened(f"{key}.{inner}", _MOST_SHOWN), one) for inner, one in value.items()
            ]
        elif isinstance(value, list):
            values += [(key, one) for one in value]


def _too_long(key: str, line: int | None = None) -> SourceError:
    message = f"expected a number of at most {_MOST_DIGITS} digits, found more"
    return SourceError(message, line=line, name=shortened(key, _MOST_SHOWN) or None)


def _unreadable_number(octets: bytes) -> SourceError:
    found = _LONG_NUMBER.search(octets)
    if found is None:
        return SourceError("expected TOML, found a number that cannot be read")
    before = octets[: found.start()]
    key = before[before.rfind(b"\n") + 1 :].partition(b"=")[0].strip()
    return _too_long(key.decode("utf-8", "replace"), before.count(b"\n") + 1)
