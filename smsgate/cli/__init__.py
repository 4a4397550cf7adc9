"""The commands. Each module registers its own; the help lists them in the order of this import."""

from smsgate.cli import (  # noqa: F401 - importing registers
    batch,
    convert,
    files,
    lint,
    log,
    look,
    upload,
    watch,
)
from smsgate.cli.app import main

__all__ = ["main"]
