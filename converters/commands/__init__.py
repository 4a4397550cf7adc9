"""The commands. Each module registers its own; the help lists them in the order of this import."""

from converters.commands import (  # noqa: F401 - importing registers
    batch,
    convert,
    files,
    lint,
    log,
    look,
    upload,
    watch,
)
from converters.commands.app import main

__all__ = ["main"]
