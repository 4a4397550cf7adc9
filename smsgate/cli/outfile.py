"""The file that a command writes: where to, in which format, and whether it may be there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smsenc import OptionError
from smsgate.cli.commandline import Force, OptionGroup
from smsgate.cli.output import say_octets
from smsgate.outbox.reading import STDIN
from smsgate.outbox.writing import write_file

STDOUT = STDIN  # a hyphen


class OutOptions(OptionGroup):
    """How to write the file."""

    suffix: Annotated[
        str | None,
        typer.Option(metavar=".EXT", help="Format to write; by default the suffix of OUT."),
    ] = None
    force: Force = False

    def name(self, out: Path) -> str:
        """A name whose suffix is the format to write; raises OptionError."""
        if self.suffix is None:
            if str(out) == STDOUT:
                raise OptionError(
                    "standard output needs a format, for example .vcf", name="--suffix"
                )
            return out.name
        if not self.suffix.startswith("."):
            raise OptionError(f"expected .EXT, found {self.suffix!r}", name="--suffix")
        return f"{out.stem}{self.suffix}"

    def write(self, out: Path, octets: bytes) -> None:
        """Write the file, or to standard output for ``-``; raises GuardError, OutboxError."""
        if str(out) == STDOUT:
            say_octets(octets)
        else:
            write_file(out, octets, force=self.force)
