"""The installed converters and viewers: which there are, and which one fits a source or payload.

Those of this package and of other packages are found through the same entry points. Those of this
package are known from a table, and loaded when they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from functools import cache, partial
from itertools import filterfalse
from pathlib import PurePath
from typing import Any, Generic, NamedTuple, TypeVar

from converters import installed, plugins
from converters.api import AnyConverter, Converter, View, Viewer
from converters.errors import SourceError
from converters.installed import CONVERTERS, VIEWERS, Point, Row
from converters.known import Description, Known, KnownViewer, Listed, description
from converters.loading import found
from converters.plugins import Plugin
from smsenc import OptionError, Payload, SmsencError

#: How many octets of a source ``sniff`` gets.
HEAD = 4096

T = TypeVar("T")
K = TypeVar("K", bound=Hashable)


class RegistryError(SmsencError):
    """Two installed formats have the same name or port, or one cannot be loaded."""


# --- Entry points --------------------------------------------------------------------------------


class _Found(NamedTuple, Generic[T]):
    """A converter or viewer; ``plugin`` is the package that it comes from, if that is another."""

    row: T
    plugin: Plugin | None


@cache
def known() -> Mapping[str, Known]:
    """What is known of each converter, by its name.

    Only what is not in the table is loaded. Raises RegistryError if two of this package have the
    same name, or one of it cannot be loaded.
    """
    rows = (row for point in _points(CONVERTERS) for row in _known(point))
    return _by_key(rows, CONVERTERS, lambda row: row.name, "another is called {0.name}")


@cache
def converters() -> Mapping[str, AnyConverter]:
    """Converters by name, all of them loaded. Raises RegistryError as ``known`` does."""
    return {name: row.load() for name, row in known().items()}


@cache
def viewers() -> Mapping[str, Viewer]:
    """Viewers by kind, the specific ones first, all of them loaded. Raises RegistryError."""
    return {kind: row.load() for kind, row in _known_viewers().items()}


@cache
def _known_viewers() -> Mapping[str, KnownViewer]:
    found = _by_key(_viewer_rows(), VIEWERS, lambda row: row.kind, "another shows {0.kind}")
    return {row.kind: row for row in sorted(found.values(), key=lambda row: not row.specific)}


@cache
def _viewers_by_port() -> Mapping[int | None, KnownViewer]:
    rows = (row for row in _viewer_rows() if row.row.port is not None)
    return _by_key(rows, VIEWERS, lambda row: row.port, "port {0.port} is that of {0.kind}")


@cache
def _viewer_rows() -> tuple[_Found[KnownViewer], ...]:
    return tuple(row for point in _points(VIEWERS) for row in _known_viewer(point))


def skipped() -> tuple[str, ...]:
    """What is wrong with formats of other packages that were skipped, as lines for people."""
    return plugins.skipped()


def _by_key(
    rows: Iterable[_Found[T]], group: str, key: Callable[[T], K], taken: str
) -> Mapping[K, T]:
    """Rows by name, kind or port; one of this package comes before one of another.

    ``taken`` says, with the row that has a key, why a second one is not used.
    """
    found: dict[K, T] = {}
    for row, plugin in sorted(rows, key=lambda one: one.plugin is not None):
        if key(row) not in found:
            found[key(row)] = row
        elif plugin is None:
            raise RegistryError(f"expected one {group} row for {key(row)}, found two")
        else:
            plugins.skip(plugin, _role(group), taken.format(found[key(row)]))
    return found


def _role(group: str) -> str:
    return "converter" if group == CONVERTERS else "viewer"


@cache
def _table() -> Mapping[str, Mapping[str, Row]]:
    return installed.table()


@cache
def _others_may_have() -> bool:
    return installed.others_may_have(_table())


def _points(group: str) -> list[Point]:
    """The entry points of this package and of others, by name."""
    others: Iterable[Point] = ()
    if _others_may_have():
        from importlib.metadata import entry_points  # noqa: PLC0415 - see ``installed``

        others = (point for point in entry_points(group=group) if not plugins.is_ours(point))
    return sorted([*installed.ours(_table()[group]), *others], key=lambda point: point.name)


def _known(point: Point) -> Iterator[_Found[Known]]:
    if row := _table()[CONVERTERS].get(f"{point.name}={point.value}"):
        about = Description(**{key: row[key] for key in Description.__annotations__})  # type: ignore[typeddict-item]
        sniff, load = partial(_call, row["sniff"]), partial(_load, point, Converter)
        yield _Found(Known(about, row["specific"], sniff, load), None)
        return
    for one, plugin in _usable(point, Converter):
        loaded = Known(description(one), one.specific, one.sniff, partial(_itself, one), plugin)
        yield _Found(loaded, plugin)


def _known_viewer(point: Point) -> Iterator[_Found[KnownViewer]]:
    if row := _table()[VIEWERS].get(f"{point.name}={point.value}"):
        accepts = row["accepts"] and partial(_call, row["accepts"])
        load = partial(_load, point, Viewer)
        yield _Found(KnownViewer(row["kind"], row["port"], row["specific"], accepts, load), None)
        return
    for one, plugin in _usable(point, Viewer):
        about = one.kind, one.port, one.specific, one.accepts
        yield _Found(KnownViewer(*about, partial(_itself, one)), plugin)


def _call(place: str, given: object) -> Any:
    """What a function of this package answers, which is loaded when it is asked."""
    return found(place)(given)


def _itself(row: T) -> T:
    return row


def _usable(point: Point, row_class: type[T]) -> Iterator[_Found[T]]:
    """The row that an entry point names; one of another package that cannot be used is skipped."""
    if plugins.is_ours(point):
        yield _Found(_load(point, row_class), None)
        return
    plugin = plugins.plugin_of(point)
    try:
        yield _Found(plugins.load(point, row_class), plugin)
    except plugins.PluginError as error:
        plugins.skip(plugin, row_class.__name__.lower(), error)


def _load(point: Point, row_class: type[T]) -> T:
    try:
        row = point.load()
    except (ImportError, AttributeError) as error:
        raise RegistryError(f"expected {point.value} to load, found: {error}") from error
    if not isinstance(row, row_class):
        found = type(row).__name__
        raise RegistryError(f"expected {point.value} to be a {row_class.__name__}, found {found}")
    return row


# --- Descriptions --------------------------------------------------------------------------------


def descriptions() -> tuple[Listed, ...]:
    """The description of each installed format, in order of their names. Raises RegistryError."""
    found = sorted(known().values(), key=lambda row: row.name)
    return tuple({**one.description, "plugin": one.plugin and one.plugin.record} for one in found)


def faults_by_plugin() -> Mapping[Plugin, tuple[str, ...]]:
    """All plugins, each with what is wrong with it, as lines for people; loads all of them."""
    known(), _known_viewers(), _viewers_by_port()
    points = (point for group in (CONVERTERS, VIEWERS) for point in _points(group))
    others = dict.fromkeys(map(plugins.plugin_of, filterfalse(plugins.is_ours, points)))
    return {plugin: plugins.faults_of(plugin) for plugin in others}


def named(name: str) -> AnyConverter:
    """The converter of that name; otherwise raises OptionError, which lists all names."""
    try:
        return known()[name].load()
    except KeyError:
        if fault := plugins.fault_of(name):
            raise OptionError(fault, name="--as") from None
        names = ", ".join(known())
        raise OptionError(f"expected one of {names}, found {name!r}", name="--as") from None


# --- The converter of a source -------------------------------------------------------------------


def of_suffix(name: str) -> Known | None:
    """What is known of the converter for this name's suffix; None without one."""
    return _by_suffix(_suffix(name))


def has_suffix(name: str) -> bool:
    """Whether a converter reads files with this name's suffix."""
    return of_suffix(name) is not None


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
    by_suffix = of_suffix(name)
    if by_suffix is not None and by_suffix.sniff(head):
        return by_suffix.load()  # without asking the others, whose answers would change nothing
    accepting = (row for row in known().values() if row.sniff(head))
    best = min(accepting, key=lambda row: not row.specific, default=None)
    if by_suffix is None:
        return _by_content(name, head, best).load()
    if best is not None and best.specific:
        raise SourceError(f"expected {by_suffix.name}, found {best.name} (--as {best.name}?)")
    if not by_suffix.specific:
        raise SourceError(f"expected {by_suffix.name}, found octets of another kind")
    return by_suffix.load()  # its own error says best what is missing


def _by_content(name: str, head: bytes, best: Known | None) -> Known:
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


def _by_suffix(suffix: str) -> Known | None:
    return next((row for row in known().values() if suffix in row.suffixes), None)


# --- The viewer of a payload ---------------------------------------------------------------------


def viewer_of(payload: Payload) -> Viewer:
    """The viewer of a payload: by port, else the first that accepts it, else ``UNKNOWN``."""
    by_port = viewer_on(payload.port)
    if by_port is not None:
        return by_port
    accepting = (row for row in _known_viewers().values() if row.accepts and row.accepts(payload))
    found = next(accepting, None)
    return found.load() if found else UNKNOWN


def viewer_on(port: int | None) -> Viewer | None:
    """The viewer of what arrives on that port; None if no viewer has it."""
    found = _viewers_by_port().get(port)
    return found.load() if found else None


def _view_unknown(payload: Payload) -> View:
    digits = payload.data.hex().upper()
    rows = tuple(digits[n : n + 64] for n in range(0, len(digits), 64))
    return View(content={"data": digits}, lines=rows)


#: Shows octets in hex.
UNKNOWN = Viewer(kind="unknown", view=_view_unknown)
