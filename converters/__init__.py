"""From source files to payloads, and from payloads to what a phone shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from converters.pipeline import convert, items

__all__ = ["convert", "items"]


def __getattr__(name: str) -> Any:
    # Looked up when first asked for: the command's help must not wait for the rooms behind it.
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from converters import pipeline  # noqa: PLC0415 - see above

    return getattr(pipeline, name)
