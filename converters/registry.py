"""The installed converters and viewers: which there are, and which one fits a source or payload.

Those of this package and of other packages are found through the same entry points.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path, PurePath
from typing import Generic, NamedTuple, TypedDict, TypeVar

from converters import plugins
from converters.api import AnyConverter, Converter, View, Viewer
from converters.errors import SourceError
from converters.plugins import Plugin
from smsenc import OptionError, Payload, SmsencError

#: Options that a run over sources of many kinds passes to those converters that have them.
COMMON = frozenset(("max-parts", "strict", "tz"))
#: How many octets of a source ``sniff`` gets.
HEAD = 4096

_CONVERTERS, _VIEWERS = "smsenc.converters", "smsenc.viewers"

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class RegistryError(SmsencError):
    """Two installed formats have the same name or port, or one cannot be loaded."""


# --- Entry points --------------------------------------------------------------------------------


class _Row(NamedTuple, Generic[T]):
    """A converter or viewer; ``plugin`` is the package that it comes from, if that is another."""

    row: T
    plugin: Plugin | None


@cache
def converters() -> Mapping[str, AnyConverter]:
    """Converters by name. Raises RegistryError if two of this package have the same name."""
    return _by_key(_loaded(_CONVERTERS, Converter), _CONVERTERS, lambda row: row.name)


@cache
def viewers() -> Mapping[str, Viewer]:
    """Viewers by kind, the specific ones first. Raises RegistryError if two of us have one kind."""
    return {row.kind: row for row in sorted(_viewers().values(), key=lambda row: not row.specific)}


@cache
def _viewers() -> Mapping[str, Viewer]:
    return _by_key(_loaded(_VIEWERS, Viewer), _VIEWERS, lambda row: row.kind)


@cache
def _viewers_by_port() -> Mapping[int | None, Viewer]:
    rows = (row for row in _loaded(_VIEWERS, Viewer) if row.row.port is not None)
    return _by_key(rows, _VIEWERS, lambda row: row.port)


def skipped() -> tuple[str, ...]:
    """What is wrong with formats of other packages that were skipped, as lines for people."""
    return plugins.skipped()


def _by_key(rows: Iterable[_Row[T]], group: str, key: Callable[[T], K]) -> Mapping[K, T]:
    """Rows by name, kind or port; one of this package comes before one of another."""
    found: dict[K, T] = {}
    for row, plugin in sorted(rows, key=lambda one: one.plugin is not None):
        if key(row) not in found:
            found[key(row)] = row
        elif plugin is None:
            raise RegistryError(f"expected one {group} row for {key(row)}, found two")
        else:
            plugins.skip(plugin, f"another format has {key(row)}")
    return found


@cache
def _loaded(group: str, row_class: type[T]) -> tuple[_Row[T], ...]:
    return tuple(_usable(_points(group), row_class))


def _usable(points: Iterable[EntryPoint], row_class: type[T]) -> Iterator[_Row[T]]:
    """The rows that entry points name; those of other packages that cannot be used are skipped."""
    for point in points:
        if plugins.is_ours(point):
            yield _Row(_load(point, row_class), None)
            continue
        plugin = plugins.plugin_of(point)
        try:
            yield _Row(plugins.load(point, row_class), plugin)
        except plugins.PluginError as error:
            plugins.skip(plugin, error)


def _points(group: str) -> list[EntryPoint]:
    return sorted(entry_points(group=group), key=lambda point: point.name)


def _load(point: EntryPoint, row_class: type[T]) -> T:
    try:
        row = point.load()
    except (ImportError, AttributeError) as error:
        raise RegistryError(f"expected {point.value} to load, found: {error}") from error
    if not isinstance(row, row_class):
        found = type(row).__name__
        raise RegistryError(f"expected {point.value} to be a {row_class.__name__}, found {found}")
    return row


# --- Descriptions --------------------------------------------------------------------------------

#: Descriptions of the formats of this package by entry point, because loading all formats is slower
#: than everything else that ``smsenc formats`` does. tools/format-table writes it.
TABLE = Path(__file__).with_name("formats.json")


class Description(TypedDict):
    """What a format says about itself; ``options`` are summaries by name."""

    name: str
    summary: str
    suffixes: list[str]
    options: dict[str, str]


def descriptions() -> tuple[Description, ...]:
    """The description of each installed format, in order of their names.

    Only formats that are not in ``TABLE`` are loaded. Raises RegistryError if one of this package
    cannot be, or if two have the same name.
    """
    table: dict[str, Description] = json.loads(TABLE.read_text("utf-8"))

    def described(point: EntryPoint) -> Iterator[_Row[Description]]:
        if known := table.get(f"{point.name}={point.value}"):
            yield _Row(known, None)
        else:
            for row, plugin in _usable([point], Converter):
                yield _Row(_description(row), plugin)

    rows = (row for point in _points(_CONVERTERS) for row in described(point))
    found = _by_key(rows, _CONVERTERS, lambda row: row["name"])
    return tuple(found[name] for name in sorted(found))


def description_table() -> dict[str, Description]:
    """What ``TABLE`` should hold, read from the formats themselves."""
    ours = (point for point in _points(_CONVERTERS) if point.value.startswith("converters."))
    return {f"{point.name}={point.value}": _description(_load(point, Converter)) for point in ours}


def _description(row: AnyConverter) -> Description:
    return {
        "name": row.name,
        "summary": row.summary,
        "suffixes": list(row.suffixes),
        "options": {option.name: option.summary for option in row.options},
    }


# --- Options -------------------------------------------------------------------------------------


def named(name: str) -> AnyConverter:
    """The converter of that name; otherwise raises OptionError, which lists all names."""
    try:
        return converters()[name]
    except KeyError:
        if fault := plugins.fault_of(name):
            raise OptionError(fault, name="--as") from None
        names = ", ".join(converters())
        raise OptionError(f"expected one of {names}, found {name!r}", name="--as") from None


def check_options(given: Mapping[str, str], kind: str | None, sources: Iterable[str] = ()) -> None:
    """Reject, before anything is read, an option that no converter has or a wrong value.

    Options go to the converters that have them; ``kind`` limits the check to that converter. What
    is said of a wrong value is what the converters of ``sources`` expect, as far as their names
    tell which these are.
    """
    if not given and kind is None:
        return  # without loading a converter
    rows = (named(kind),) if kind is not None else tuple(converters().values())
    known = {option.name for row in rows for option in row.options}
    for name, value in given.items():
        if name in known:
            _check_value(rows, name, value, sources)
        elif name not in COMMON:
            near = get_close_matches(name, known, n=1)
            asked = f"no such option; did you mean {near[0]}?" if near else None
            expected = f"expected one of {', '.join(sorted(known))}"
            raise OptionError(asked or expected, name=f"-O {name}")


def _check_value(
    rows: Iterable[AnyConverter], name: str, value: str, sources: Iterable[str]
) -> None:
    """Reject a value that no converter accepts; says what each that has the option expects."""
    refused: dict[str, str] = {}
    for row in rows:
        if name in row.option_names:
            try:
                row.settings({name: value})
            except OptionError as error:
                refused[row.name] = error.message
            else:
                return
    concerned = {row.name for row in map(_by_suffix, map(_suffix, sources)) if row}
    said: dict[str, list[str]] = {}
    for kind, why in refused.items():
        if not concerned & refused.keys() or kind in concerned:
            said.setdefault(why, []).append(kind)
    if len(said) == 1:
        raise OptionError(next(iter(said)), name=name)
    if said:
        several = "; ".join(f"{', '.join(kinds)}: {why}" for why, kinds in said.items())
        raise OptionError(several, name=f"-O {name}")


# --- The converter of a source -------------------------------------------------------------------


def has_suffix(name: str) -> bool:
    """Whether a converter reads files with this name's suffix."""
    return _by_suffix(_suffix(name)) is not None


def unread(name: str) -> str | None:
    """Why a file of a folder is not read: its suffix; None if a converter reads it."""
    if has_suffix(name):
        return None
    return f"no converter reads {_suffix(name) or 'files without a suffix'}"


def choose(name: str, head: bytes) -> AnyConverter:
    """The converter for a source: by suffix, confirmed by content; by content without a suffix.

    ``head`` is the first ``HEAD`` octets. A file whose suffix no converter has is never a text.
    Raises SourceError if there is no converter for it, or if the content is clearly of another
    format.
    """
    accepting = [row for row in converters().values() if row.sniff(head)]
    best = min(accepting, key=lambda row: not row.specific, default=None)
    by_suffix = _by_suffix(_suffix(name))
    if by_suffix is None:
        return _by_content(name, head, best)
    if by_suffix in accepting:
        return by_suffix
    if best is not None and best.specific:
        raise SourceError(f"expected {by_suffix.name}, found {best.name} (--as {best.name}?)")
    if not by_suffix.specific:
        raise SourceError(f"expected {by_suffix.name}, found octets of another kind")
    return by_suffix  # its own error says best what is missing


def _by_content(name: str, head: bytes, best: AnyConverter | None) -> AnyConverter:
    """The converter of a file whose suffix no converter has; ``best`` is that of its content."""
    suffix = _suffix(name)
    if best is None or not head:
        known = f"no converter reads {suffix}" if suffix else "unknown format"
        raise SourceError(f"{known}: expected a suffix that smsenc formats lists, or --as KIND")
    if suffix and not best.specific:
        raise SourceError(f"no converter reads {suffix}: --as {best.name} sends it as it is")
    return best


def _suffix(name: str) -> str:
    return PurePath(name).suffix.lower()


def _by_suffix(suffix: str) -> AnyConverter | None:
    return next((row for row in converters().values() if suffix in row.suffixes), None)


# --- The viewer of a payload ---------------------------------------------------------------------


def viewer_of(payload: Payload) -> Viewer:
    """The viewer of a payload: by port, else the first that accepts it, else ``UNKNOWN``."""
    by_port = viewer_on(payload.port)
    if by_port is not None:
        return by_port
    accepting = (row for row in viewers().values() if row.accepts and row.accepts(payload))
    return next(accepting, UNKNOWN)


def viewer_on(port: int | None) -> Viewer | None:
    """The viewer of what arrives on that port; None if no viewer has it."""
    return _viewers_by_port().get(port)


def _view_unknown(payload: Payload) -> View:
    digits = payload.data.hex().upper()
    rows = tuple(digits[n : n + 64] for n in range(0, len(digits), 64))
    return View(content={"data": digits}, lines=rows)


#: Shows octets in hex.
UNKNOWN = Viewer(kind="unknown", view=_view_unknown)
