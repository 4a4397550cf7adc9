"""The ``smsenc`` command: one module per command, loaded when the command is called."""

from smsgate.cli.app import main

__all__ = ["main"]
