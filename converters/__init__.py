"""From source files to payloads, and from payloads to what a phone shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from converters import loading

if TYPE_CHECKING:
    from converters.errors import GuardError, SourceError
    from converters.pipeline import convert, items

__all__ = ["GuardError", "SourceError", "convert", "items"]

_MODULES = {
    "GuardError": "converters.errors",
    "SourceError": "converters.errors",
    "convert": "converters.pipeline",
    "items": "converters.pipeline",
}


def __getattr__(name: str) -> object:
    # Loaded on first use, so that the command's help need not wait for modules it does not use.
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = loading.found(f"{_MODULES[name]}:{name}")
    return value
