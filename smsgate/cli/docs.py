"""``smsenc docs``: the documentation in a browser."""

from __future__ import annotations

import time
import webbrowser
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

import smsgate
from converters.errors import SourceError
from smsgate import siteserver
from smsgate.cli import serving, stopping
from smsgate.cli.commandline import OptionGroup, command, number
from smsgate.cli.exits import Exit
from smsgate.cli.output import note, say

_PACKAGE = Path(smsgate.__file__).parent
_LOOK = 1.0  # seconds until a signal that a library has swallowed is seen


def folders(package: Path = _PACKAGE) -> tuple[Path, ...]:
    """Where the pages may be: in the package, or beside it in a checkout after ``make docs``."""
    return package / "site", package.parent / "build" / "site"


def site() -> Path:
    """The folder of the pages; raises SourceError where there are none."""
    for folder in folders():
        if (folder / "index.html").is_file():
            return folder
    raise SourceError("this installation has no pages: in a checkout of smsenc, run make docs")


class Options(OptionGroup):
    """Where to listen, and whether to open a browser."""

    port: Annotated[int, number(0, 65535, metavar="PORT", text="Port, {}; 0 takes a free one.")] = 0
    open: Annotated[bool, typer.Option("--open", help="Open the pages in a browser.")] = False


@command
def docs(options: Options) -> Exit:
    """Read the documentation in a browser, without a network.

    \b
    Examples:
      smsenc docs --open
      smsenc docs --port 8027

    The pages are served to this machine only, at the address that is printed.
    Ctrl-C ends it.
    """
    with siteserver.serving(site(), options.port) as port:
        url = serving.url((siteserver.HOST, port), "/")
        say(url)
        if options.open and not webbrowser.open(url):
            note("no browser found: open the address yourself")
        with suppress(KeyboardInterrupt, SystemExit):  # what a signal raises
            while not stopping.asked():
                time.sleep(_LOOK)
    return Exit(128 + stopping.asked())
