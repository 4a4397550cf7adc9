"""From source files to payloads, and from payloads to what a phone shows."""

from converters.pipeline import convert, items

__all__ = ["convert", "items"]
