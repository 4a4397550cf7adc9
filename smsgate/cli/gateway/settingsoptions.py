"""gateway.toml for commands: which file, and its faults."""

from __future__ import annotations

import os

from smsgate.cli import errorlines
from smsgate.cli.exits import Exit
from smsgate.cli.gateway.opening import DataOptions
from smsgate.gateway import configuration
from smsgate.gateway.configuration import ConfigurationError
from smsgate.gateway.settings import Settings


class SettingsOptions(DataOptions):
    """Which gateway, and its settings."""

    def settings(self) -> Settings:
        """The settings; raises ConfigurationError."""
        path = self.path
        if path is None:
            return Settings(data=self.folder)
        return configuration.load(path, self.folder, os.environ)


def told(error: ConfigurationError) -> None:
    """Print all faults but the last, which is raised."""
    for fault in error.faults[:-1]:
        errorlines.ending(fault, Exit.USAGE)
    raise error.faults[-1] from None
