"""Objects that are loaded when they are used, because a command needs few of them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any


def found(place: str) -> Any:
    """The object of a module, from their names with a colon between; raises what loading raises."""
    module, _, name = place.partition(":")
    return getattr(import_module(module), name)


def later(place: str) -> Callable[..., Any]:
    """The function with that place, which is loaded when it is called."""
    return partial(_called, place)


def _called(place: str, *given: object) -> Any:
    return found(place)(*given)
