"""The converters and viewers there are: ours and strangers', found by the same entry points."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import entry_points
from pathlib import PurePath
from typing import Any

from converters.api import AnyConverter, Viewer
from converters.errors import SourceError
from smsenc import OptionError, SmsencError

#: Options that a converter may have or not: a run over many kinds gives them to those that do.
COMMON = frozenset(("max-parts", "strict", "tz"))
#: How much of a source a sniff gets to see.
HEAD = 4096


class RegistryError(SmsencError):
    """Two installed distributions claim one name, or one cannot be loaded."""


@cache
def converters() -> Mapping[str, AnyConverter]:
    """Rows by name. Raises RegistryError where a name is taken twice."""
    return _rows("smsenc.converters", lambda row: row.name)


@cache
def viewers() -> Mapping[int, Viewer]:
    """Rows by port. Raises RegistryError where a port is taken twice."""
    return _rows("smsenc.viewers", lambda row: row.port)


def _rows(group: str, key: Any) -> Mapping[Any, Any]:
    rows: dict[Any, Any] = {}
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        try:
            row = point.load()
        except (ImportError, AttributeError) as error:
            raise RegistryError(f"expected {point.value} to load, found: {error}") from error
        if key(row) in rows:
            raise RegistryError(f"expected one {group} row for {key(row)}, found two")
        rows[key(row)] = row
    return rows


def named(name: str) -> AnyConverter:
    """The converter of that name; raises OptionError that lists those there are."""
    try:
        return converters()[name]
    except KeyError:
        names = ", ".join(converters())
        raise OptionError(f"expected one of {names}, found {name!r}", name="--as") from None


def check_options(given: Mapping[str, str], kind: str | None) -> None:
    """Refuse, before anything is read, an option that nothing takes or whose value is wrong.

    Options go to the converters that know them; with ``kind`` there is only that one.
    """
    rows = (named(kind),) if kind is not None else tuple(converters().values())
    taken = {option.name for row in rows for option in row.options}
    for name, value in given.items():
        if name in taken:
            _check_value(rows, name, value)
        elif name not in COMMON:
            raise OptionError(f"expected one of {', '.join(sorted(taken))}", name=f"-O {name}")


def _check_value(rows: Iterable[AnyConverter], name: str, value: str) -> None:
    """Refuse a value that none of the rows takes: two may have an option of one name."""
    refused: OptionError | None = None
    for row in rows:
        if name in row.option_names:
            try:
                row.settings({name: value})
            except OptionError as error:
                refused = refused or error
            else:
                return
    if refused:
        raise refused


def has_suffix(name: str) -> bool:
    """Whether some converter takes files with this name's suffix."""
    return any(PurePath(name).suffix.lower() in row.suffixes for row in converters().values())


def choose(name: str, head: bytes) -> AnyConverter:
    """The converter for a source: by suffix, confirmed by content; by content without a suffix.

    Raises SourceError when nothing takes it, or when the content is plainly another format's.
    """
    rows = converters().values()
    fitting = [row for row in rows if row.sniff(head)]
    recognised = [row for row in fitting if row.specific]
    suffix = PurePath(name).suffix.lower()
    by_suffix = next((row for row in rows if suffix in row.suffixes), None)
    if by_suffix is None:
        if not (recognised or fitting) or not head:
            raise SourceError(f"expected {_known_suffixes()}, found {suffix or 'no suffix'}")
        return (recognised or fitting)[0]
    if by_suffix not in fitting and recognised:
        other = recognised[0].name
        raise SourceError(f"expected {by_suffix.name}, found {other} (--as {other}?)")
    if by_suffix not in fitting and not by_suffix.specific:
        raise SourceError(f"expected {by_suffix.name}, found octets of another kind")
    return by_suffix  # one that recognises its own says best what is missing


def _known_suffixes() -> str:
    return "one of " + " ".join(sorted(s for row in converters().values() for s in row.suffixes))
