"""``smsenc config``: settings that are used without being typed."""

from __future__ import annotations

import os
from dataclasses import dataclass

from smsgate.cli import settingsfile
from smsgate.cli.commandline import OptionGroup, command
from smsgate.cli.exits import Exit
from smsgate.cli.output import say


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(OptionGroup):
    """No options."""


@command
def config(options: Options) -> Exit:  # noqa: ARG001 - every command has a group
    """Show the settings in smsenc.toml or in your own config.toml.

    \b
    Examples:
      smsenc config
      echo 'host = "ftp.example.com"' >> smsenc.toml

    A key is an option without its dashes: host, port, tls, folder, ca-file,
    timeout, retries, temporary, profile, region, to, to-file, from, tz,
    max-parts, prices. A table such as [batch] holds for that command alone.
    The file in the current folder comes before ~/.config/smsenc/config.toml;
    it must belong to you. Log-ins are not read from it.
    """
    for line in settingsfile.load(os.environ).lines():
        say(line)
    return Exit.OK
