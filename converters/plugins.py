"""Formats of other packages: loaded with a time-out, and their faults caught and named.

Whatever is wrong with such a package, the formats of this one work; but one that ends the process
(``os._exit``) or closes its descriptors cannot be stopped, as it is loaded in this process.
"""

from __future__ import annotations

import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import EntryPoint
from typing import Any, TypeVar, cast

from converters.api import (
    AnyConverter,
    Converter,
    Item,
    Loss,
    Option,
    View,
    Viewer,
    Writer,
)
from converters.errors import SourceError
from smsenc import Payload, SmsencError

#: Seconds. The slowest format of this package takes a tenth of one.
PATIENCE = 5.0

T = TypeVar("T")

#: What each plugin was caught at in this process, as lines for people, in order.
_faults: dict[str, Plugin] = {}
_hanging: set[str] = set()  # modules: another attempt would wait as long again


class PluginError(SmsencError):
    """A format of another package cannot be used."""


@dataclass(frozen=True, slots=True)
class Plugin:
    """An entry point of another package."""

    name: str
    distribution: str

    def __str__(self) -> str:
        return f"plugin {self.name} (distribution {self.distribution})"


def is_ours(point: EntryPoint) -> bool:
    """Whether an entry point is one of this package."""
    return point.value.startswith("converters.")


def plugin_of(point: EntryPoint) -> Plugin:
    """What to call the package of an entry point."""
    return Plugin(point.name, point.dist.name if point.dist else "unknown")


def skipped() -> tuple[str, ...]:
    """What is wrong with the plugins that were not used, as lines for people."""
    return tuple(_faults)


def fault_of(name: str) -> str | None:
    """What is wrong with the plugin of that name, if something is."""
    faults = [fault for fault, plugin in _faults.items() if plugin.name == name]
    return next((fault for fault in faults if _SKIPPED in fault), next(iter(faults), None))


def skip(plugin: Plugin, reason: object) -> None:
    """Remember that a plugin is not used."""
    _faults[f"{plugin}{_SKIPPED}{reason}"] = plugin


_SKIPPED = " is skipped: "


def forget() -> None:
    """Forget the faults of all plugins."""
    _faults.clear()
    _hanging.clear()


def load(point: EntryPoint, row_class: type[T]) -> T:
    """What an entry point names, made safe to call; raises PluginError, whatever goes wrong."""
    try:
        with _undoing(plugin_of(point)):
            row = _in_time(point)
        if not isinstance(row, row_class):
            raise TypeError(f"expected a {row_class.__name__}, found {_kind(row)}")
        _check_fields(row)
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


def _in_time(point: EntryPoint) -> object:
    """Load an entry point in a thread of its own, which is left alone when time is up."""
    result: list[object] = []
    failure: list[BaseException] = []

    def run() -> None:
        try:
            result.append(point.load())
        except BaseException as error:  # noqa: BLE001 - raised again below
            failure.append(error)

    thread = threading.Thread(target=run, daemon=True)
    if point.module not in _hanging:
        thread.start()
        thread.join(PATIENCE)
    if failure:  # whatever it is: an interrupt in a thread is not the user's
        raise PluginError(_described(failure[0])) from failure[0]
    if not result:
        _hanging.add(point.module)
        raise TimeoutError(f"not loaded in {PATIENCE:g} s")
    return result[0]


#: Types of the fields that registry and commands rely on; functions are checked as they are called.
_FIELDS: dict[str, type] = {
    "name": str,
    "summary": str,
    "kind": str,
    "suffix": str,
    "suffixes": tuple,
    "options": tuple,
    "writers": tuple,
    "previews": tuple,
}


def _check_fields(row: object) -> None:
    for name, kind in _FIELDS.items():
        value = getattr(row, name, None)
        if hasattr(row, name):
            _check(name, value, kind)
        if isinstance(value, tuple):
            for part in value:
                if name == "suffixes":
                    _check(name, part, str)
                _check_fields(part)


def _check(name: str, value: object, kind: type) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"{name}: expected {kind.__name__}, found {_kind(value)}")


def _kind(value: object) -> str:
    return type(value).__name__


def _described(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


# --- Functions of plugins ------------------------------------------------------------------------


@contextmanager
def _named(plugin: Plugin, passing: tuple[type[Exception], ...] = (SmsencError,)) -> Iterator[None]:
    """Raise a SourceError that names the plugin, for whatever it raises but our own errors."""
    try:
        yield
    except passing:
        raise
    except (Exception, SystemExit) as error:
        raise SourceError(f"a fault in {plugin}: {_described(error)}") from error


def _call(
    plugin: Plugin,
    function: Callable[..., Any],  # of any plugin, with whatever arguments its field has
    returns: type[T],
    *given: object,
    **named: object,
) -> T:
    with _named(plugin):
        result = function(*given, **named)
        if not isinstance(result, returns):
            raise TypeError(f"expected {returns.__name__}, found {_kind(result)}")
        return result


def _yes(plugin: Plugin, function: Callable[[Any], object], given: object) -> bool:
    """The answer of a plugin that is asked whether it wants something; no if it fails."""
    try:
        return bool(_call(plugin, function, object, given))
    except SmsencError as error:
        _faults[str(error)] = plugin
        return False


def _parse(plugin: Plugin, option: Option, text: str) -> object:
    with _named(plugin, passing=(SmsencError, ValueError)):
        return option.parse(text)


def _items(plugin: Plugin, row: AnyConverter, octets: bytes, settings: object) -> Iterator[Item]:
    with _named(plugin):
        for item in row.convert(octets, settings):
            _check("item", item, Item)
            _check("kind", item.kind, str)
            _check_losses(item.losses)
            if item.payload is not None:
                _check("payload", item.payload, Payload)
            if item.error is not None:
                _check("error", item.error, SmsencError)
            yield item


def _losses(plugin: Plugin, writer: Writer, payload: Payload) -> tuple[Loss, ...]:
    with _named(plugin):
        losses = writer.losses(payload)
        _check_losses(losses)
        return losses


def _check_losses(losses: object) -> None:
    _check("losses", losses, tuple)
    for loss in cast("tuple[object, ...]", losses):
        _check("losses", loss, Loss)


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
        writers=writers(row.writers),
        previews=writers(row.previews),
    )


_GUARDED: dict[type, Callable[[Plugin, Any], object]] = {Converter: _converter, Viewer: _viewer}
