"""``smsenc config``: settings that are used without being typed."""

from __future__ import annotations

import os

from smsgate.cli import settingsfile
from smsgate.cli.answers import answer
from smsgate.cli.commandline import Json, OptionGroup, command
from smsgate.cli.exits import Exit


class Options(OptionGroup):
    """How to print."""

    json: Json = False


@command
def config(options: Options) -> Exit:
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
    found = settingsfile.load(os.environ)
    answer(found.records(), found.lines(), as_json=options.json)
    return Exit.OK
