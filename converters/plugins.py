"""Formats of other packages: loaded with a time-out, and their faults caught and named.

Whatever is wrong with such a package, the formats of this one work; but one that ends the process
(``os._exit``) or closes its descriptors cannot be stopped, as it is loaded in this process.
"""

from __future__ import annotations

import io
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from converters import checks
from converters.api import AnyConverter, Converter, Item, Loss, Option, View, Viewer, Writer
from converters.errors import SourceError
from converters.installed import Point
from smsenc import Payload, SmsencError

if TYPE_CHECKING:
    from smsenc.octetmap import Field

#: Seconds. The slowest format of this package takes a tenth of one.
PATIENCE = 5.0

T = TypeVar("T")

#: What each plugin was caught at in this process, as lines for people, in order.
_faults: dict[str, Plugin] = {}
#: Which entry points of a plugin are not used, "converter" or "viewer", by plugin and reason.
_skips: dict[tuple[Plugin, str], list[str]] = {}
_hanging: set[str] = set()  # modules: another attempt would wait as long again


class PluginError(SmsencError):
    """A format of another package cannot be used."""


class Plugin(NamedTuple):
    """An entry point of another package."""

    name: str
    distribution: str
    version: str
    package: str  #: the module that it names, without those below

    @property
    def record(self) -> dict[str, str]:
        """For JSON."""
        return {"name": self.name, "distribution": self.distribution, "version": self.version}

    def __str__(self) -> str:
        return f"plugin {self.name} (distribution {self.distribution})"


def is_ours(point: Point) -> bool:
    """Whether an entry point is one of this package."""
    return point.value.startswith("converters.")


def plugin_of(point: Point) -> Plugin:
    """What to call the package of an entry point."""
    dist = getattr(point, "dist", None)
    name, version = (dist.name, dist.version) if dist else ("unknown", "")
    return Plugin(point.name, name, version, point.value.partition(":")[0].partition(".")[0])


def skipped() -> tuple[str, ...]:
    """What is wrong with the plugins that were not used, as lines for people."""
    return (*_faults, *(_line(*one) for one in _skips.items()))


def fault_of(name: str) -> str | None:
    """What is wrong with the plugin of that name, if something is."""
    skips = (_line(*one) for one in _skips.items() if one[0][0].name == name)
    faults = (fault for fault, plugin in _faults.items() if plugin.name == name)
    return next(skips, None) or next(faults, None)


def faults_of(plugin: Plugin) -> tuple[str, ...]:
    """What is wrong with a plugin, as lines for people."""
    skips = (_line(*one) for one in _skips.items() if one[0][0] == plugin)
    return (*(fault for fault, its in _faults.items() if its == plugin), *skips)


def _line(skip: tuple[Plugin, str], roles: list[str]) -> str:
    plugin, reason = skip
    return f"{' and '.join(roles)} of {plugin} skipped: {reason}"


def skip(plugin: Plugin, role: str, reason: object) -> None:
    """Remember that a converter or viewer, which ``role`` says, of a plugin is not used."""
    roles = _skips.setdefault((plugin, str(reason)), [])
    if role not in roles:
        roles.append(role)
        roles.sort()


def forget() -> None:
    """Forget the faults of all plugins."""
    _faults.clear()
    _skips.clear()
    _hanging.clear()


def load(point: Point, row_class: type[T]) -> T:
    """What an entry point names, made safe to call; raises PluginError, whatever goes wrong."""
    try:
        with _undoing(plugin_of(point)):
            row = _in_time(point)
        if not isinstance(row, row_class):
            raise TypeError(f"expected a {row_class.__name__}, found {checks.kind_of(row)}")
        checks.check_row(row)
        return cast("T", _GUARDED[row_class](plugin_of(point), row))
    except PluginError:
        raise
    except (Exception, SystemExit) as error:
        raise PluginError(_described(error)) from error


@contextmanager
def _undoing(plugin: Plugin) -> Iterator[None]:
    """Undo and name what a plugin does to the current folder and the standard streams.

    Meanwhile others stand in for the streams, so that it can close, replace and write to them.
    """
    folder = _folder()
    output, errors = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in "oe")
    changes: list[str] = []
    try:
        with redirect_stdout(output), redirect_stderr(errors):
            try:
                yield
            finally:
                changes += _change("standard output", sys.stdout, output)
                changes += _change("standard error", sys.stderr, errors)
    finally:
        if folder is not None and folder != _folder():
            changes.append("changed the current folder")
            with suppress(OSError):
                os.chdir(folder)
        for change in changes:
            _faults[f"{plugin} {change} when it was loaded; this was undone"] = plugin


def _folder() -> str | None:
    try:
        return os.getcwd()
    except OSError:  # it was removed
        return None


def _change(name: str, now: object, before: io.TextIOWrapper) -> Iterator[str]:
    if now is not before:
        yield f"replaced {name}"
    try:
        if before.tell():
            yield f"wrote to {name}"
    except ValueError:
        yield f"closed {name}"


def _in_time(point: Point) -> object:
    """Load an entry point in a thread of its own, which is left alone when time is up."""
    result: list[object] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(point.load())
        except BaseException as error:  # noqa: BLE001 - raised again below
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    module = point.value.partition(":")[0]
    if module not in _hanging:
        thread.start()
        thread.join(PATIENCE)
    if failure:  # whatever it is: an interrupt in a thread is not the user's
        raise PluginError(_described(failure[0])) from failure[0]
    if not result:
        _hanging.add(module)
        raise TimeoutError(f"not loaded in {PATIENCE:g} s")
    return result[0]


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


# --- Functions of plugins ------------------------------------------------------------------------


@contextmanager
def _named(
    plugin: Plugin, function: object, passing: tuple[type[Exception], ...] = (SmsencError,)
) -> Iterator[None]:
    """Raise a SourceError that names the plugin, for whatever it raises but our own errors."""
    try:
        try:
            yield
        except SmsencError as error:
            checks.check_error(error)
            raise
    except passing:
        raise
    except (Exception, SystemExit) as error:
        raise _fault(plugin, error, function) from error


def _fault(plugin: Plugin, error: BaseException, function: object) -> SourceError:
    """The error that names the plugin and the place in it; prints the traceback for SMSENC_DEBUG.

    What is wrong with a result is found when the plugin has returned: then the place is where the
    function begins.
    """
    if os.environ.get("SMSENC_DEBUG"):
        traceback.print_exception(error)
    places = [
        (code.co_filename, line, code.co_name)
        for frame, line in traceback.walk_tb(error.__traceback__)
        for code in [frame.f_code]
        if frame.f_globals.get("__name__", "").partition(".")[0] == plugin.package
    ]
    if code := getattr(function, "__code__", None):
        places.insert(0, (code.co_filename, code.co_firstlineno, code.co_name))
    place = ""
    if places:
        path, line, name = places[-1]
        place = f" ({os.path.basename(path)}:{line}, {name})"
    return SourceError(f"a fault in {plugin}: {_described(error)}{place}")


def _call(
    plugin: Plugin,
    function: Callable[..., Any],  # of any plugin, with whatever arguments its field has
    returns: type[T],
    *given: object,
    **named: object,
) -> T:
    with _named(plugin, function):
        result = function(*given, **named)
        if not isinstance(result, returns):
            raise TypeError(f"expected {returns.__name__}, found {checks.kind_of(result)}")
        if isinstance(result, View):
            checks.check_view(result)
        return result


def _yes(plugin: Plugin, function: Callable[[Any], object], given: object) -> bool:
    """The answer of a plugin that is asked whether it wants something; no if it fails."""
    try:
        return _call(plugin, function, bool, given)
    except SmsencError as error:
        _faults[str(error)] = plugin
        return False


def _parse(plugin: Plugin, option: Option, text: str) -> object:
    with _named(plugin, option.parse, passing=(SmsencError, ValueError)):
        return option.parse(text)


def _items(plugin: Plugin, row: AnyConverter, octets: bytes, settings: object) -> Iterator[Item]:
    with _named(plugin, row.convert):
        item = None
        for item in row.convert(octets, settings):
            checks.check_item(item)
            yield item
        if item is None:
            raise SourceError("nothing in it to convert")


def _losses(plugin: Plugin, writer: Writer, payload: Payload) -> tuple[Loss, ...]:
    with _named(plugin, writer.losses):
        losses = writer.losses(payload)
        checks.check_losses(losses)
        return losses


def _fields(plugin: Plugin, row: Viewer, octets: bytes) -> tuple[Field, ...]:
    with _named(plugin, row.explain):
        found = tuple(row.explain(octets))
        checks.check_explained(found, 0, len(octets))
        return found


def _converter(plugin: Plugin, row: AnyConverter) -> AnyConverter:
    def safe(function: Callable[..., Any] | None, returns: type) -> Callable[..., Any] | None:
        return function and partial(_call, plugin, function, returns)

    return replace(
        row,
        sniff=partial(_yes, plugin, row.sniff),
        convert=partial(_items, plugin, row),
        options=tuple(
            replace(option, parse=partial(_parse, plugin, option)) for option in row.options
        ),
        settings_class=safe(row.settings_class, object),
        describe=safe(row.describe, View),
        sheet=safe(row.sheet, bytes),
    )


def _viewer(plugin: Plugin, row: Viewer) -> Viewer:
    def writers(rows: tuple[Writer, ...]) -> tuple[Writer, ...]:
        return tuple(
            replace(
                one,
                write=partial(_call, plugin, one.write, bytes),
                losses=partial(_losses, plugin, one),
            )
            for one in rows
        )

    return replace(
        row,
        accepts=row.accepts and partial(_yes, plugin, row.accepts),
        view=partial(_call, plugin, row.view, View),
        in_zone=row.in_zone and partial(_call, plugin, row.in_zone, View),
        writers=writers(row.writers),
        previews=writers(row.previews),
        explain=partial(_fields, plugin, row),
    )


_GUARDED: dict[type, Callable[[Plugin, Any], object]] = {Converter: _converter, Viewer: _viewer}
