"""What is being done, step by step: parts that work tell it, and ``--verbose`` shows it."""

from __future__ import annotations

from collections.abc import Callable

_listeners: list[Callable[[str], object]] = []


def listen(listener: Callable[[str], object]) -> None:
    """Call a function with each step from now on; it is the only one."""
    _listeners[:] = [listener]


def forget() -> None:
    """Tell nobody any more."""
    _listeners.clear()


def step(text: str, *values: object) -> None:
    """Tell a step; ``values`` fill the ``{}`` of the text, which costs nothing if nobody listens.

    No value may be a secret, or the octets of a message.
    """
    for listener in _listeners:
        listener(text.format(*values))
