"""``smsenc gateway files``: what is needed to run a gateway as a service."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from smsgate.cli.commandline import OptionGroup, command, one_of
from smsgate.cli.exits import Exit
from smsgate.cli.output import say

FOLDER = Path(__file__).parents[2] / "deploy"


class File(StrEnum):
    """The files by their names."""

    SETTINGS = "gateway.toml"
    UNIT = "smsenc-gateway.service"
    CONTAINER = "Containerfile"
    IN_CONTAINER = "container.toml"


TEXTS = {
    File.SETTINGS: "all settings, with their defaults",
    File.UNIT: "a unit of systemd",
    File.CONTAINER: "an image for podman or docker, made from the source",
    File.IN_CONTAINER: "the settings in that image",
}


class Options(OptionGroup):
    """Which file."""

    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Of a file; all are listed if none.")
    ] = None


@command
def gateway_files(options: Options) -> Exit:
    """Print the settings, a unit or a container file.

    \b
    Examples:
      smsenc gateway files
      smsenc gateway files gateway.toml > gateway.toml
      smsenc gateway files smsenc-gateway.service > smsenc-gateway.service

    How they are used: see smsenc docs, The gateway as a service.
    """
    if options.name is None:
        width = max(map(len, File))
        for name, text in TEXTS.items():
            say(f"{name:{width}}  {text}")
        return Exit.OK
    path = FOLDER / one_of(File, options.name, "NAME")
    say(path.read_text("utf-8").rstrip("\n"))
    return Exit.OK
