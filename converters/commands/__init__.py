"""The commands. Each module registers its own; the help lists them in the order of this import."""

from converters.commands import convert, files, look  # noqa: F401 - importing registers
from converters.commands.app import main

__all__ = ["main"]
