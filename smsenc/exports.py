"""Names that a package has from its modules, which are loaded on first use (PEP 562).

A command needs few of a package's modules, and to load the others takes longer than its work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib import import_module


def lazily(package: str, modules: Mapping[str, str]) -> Callable[[str], object]:
    """The ``__getattr__`` of a package; ``modules`` has the names of each module in it."""
    places = {name: module for module, names in modules.items() for name in names.split()}

    @cache
    def get(name: str) -> object:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{places[name]}"), name)

    return get
