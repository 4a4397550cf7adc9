"""``smsenc watch``: files are converted and sent as they arrive in a folder."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from converters.pipeline import Outcome
from smsenc import OptionError
from smsgate.cli.commandline import Json, OptionGroup, command, number
from smsgate.cli.converteroptions import ConverterOptions
from smsgate.cli.exits import Exit
from smsgate.cli.gatewayoptions import GatewayOptions
from smsgate.cli.jobs import JobOptions, Show, job, printer, recipients
from smsgate.cli.output import note
from smsgate.cli.serveroptions import OptionalServerOptions, Retries, log_in, pauses
from smsgate.cli.tally import Tally
from smsgate.ftpclient.session import Server
from smsgate.ftpclient.upload import Options as Settings
from smsgate.ftpclient.upload import upload
from smsgate.outbox import credentials
from smsgate.outbox.files import State, Transfer
from smsgate.runs.dropfolder import DropFolder

#: States of a file that a later round may change.
_UNDECIDED = (State.PLANNED, State.SENDING, State.SENT, State.RENAMING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options(OptionGroup):
    """What to watch, and how."""

    folder_: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to watch.")]
    out: Annotated[
        str,
        typer.Option(
            metavar="OUTBOX", help="Folder for the message files.  [default: FOLDER.outbox]"
        ),
    ] = ""
    once: Annotated[
        bool,
        typer.Option(
            "--once", help="Process the files that are complete (see --settle), then end."
        ),
    ] = False
    settle: Annotated[
        float,
        number(
            0,
            3600,
            metavar="SECONDS",
            text="A file unchanged for this long is complete; {}.",
        ),
    ] = 2
    retries: Retries = 5
    json: Json = False

    def outbox(self) -> Path:
        """The outbox, which must not be in the drop folder: it would be converted again."""
        drop = self.folder_
        if not drop.is_dir():
            raise OptionError(f"no such folder: {drop}", name="FOLDER")
        beside = drop.absolute().with_name(f"{drop.absolute().name}.outbox")
        outbox = Path(self.out) if self.out else beside
        if outbox.resolve().is_relative_to(drop.resolve()):
            raise OptionError(f"expected a folder outside of {drop}, found {outbox}", name="--out")
        return outbox


@command
def watch(
    options: Options,
    to: JobOptions,
    conversion: ConverterOptions,
    gateway: GatewayOptions,
    server: OptionalServerOptions,
) -> Exit:
    """Convert and send every file that is put into a folder.

    \b
    Examples:
      smsenc watch drop/ --to 448311234567 --host ftp.example.com
      smsenc watch drop/ --to-file numbers.txt --once

    Each file is moved to FOLDER/done when it is sent (without --host: when it
    is converted), or to FOLDER/rejected if nothing in it could be converted or
    sent; FOLDER/rejected/NAME.txt lists what was rejected and why. If the
    command is stopped at any moment, the next run continues where it stopped.
    """
    outbox = options.outbox()
    sender = _Sender(options.retries, server.server()) if server.host else None
    show, tally = printer(outbox, as_json=options.json), Tally()
    numbers = recipients(to, tally, show)
    if not numbers:
        return Exit.ALL_REJECTED
    unsent = 0
    with DropFolder(options.folder_, outbox, job(numbers, to, conversion, gateway)) as dropped:
        for _ in _rounds(options):
            _convert(dropped, options.settle, tally, show)
            unsent = _file(dropped, sender.send(dropped) if sender else {})
    return Exit.UNFINISHED if unsent else tally.code


def _rounds(options: Options) -> Iterator[None]:
    """A round at once, and one after every change and every few seconds."""
    yield
    if not options.once:
        yield from _changes(options)
        raise SystemExit(Exit.TERMINATED)


def _changes(options: Options) -> Iterator[None]:
    """Changes of the folder, until the process is asked to end."""
    try:
        from watchfiles import watch as changes  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise OptionError(
            "watchfiles is missing: install smsenc[watch], or use --once", name="watch"
        ) from error
    # Asked to end, the run first finishes the current source: watchfiles would raise an interrupt.
    asked = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked.set())
    # A file that is not complete yet causes no further event: look again after a while.
    pause = max(500, round(1000 * options.settle) + 100)
    for _ in changes(
        options.folder_,
        recursive=False,
        rust_timeout=pause,
        yield_on_timeout=True,
        stop_event=asked,
    ):
        yield


def _convert(dropped: DropFolder, settle: float, tally: Tally, show: Show) -> None:
    def count(outcome: Outcome) -> None:
        tally.add(outcome)
        show(outcome)

    if ticket := dropped.interrupted():
        dropped.convert(ticket, count)
    for name in dropped.waiting(settle):
        if ticket := dropped.take(name):
            dropped.convert(ticket, count)


class _Sender:
    """Uploads what is in the outbox of a drop folder."""

    def __init__(self, retries: int, server: Server) -> None:
        self._server = server
        self._log_in = log_in(server)
        self._settings = Settings(credentials=credentials.find(os.environ), pauses=pauses(retries))

    def send(self, dropped: DropFolder) -> Mapping[str, Transfer]:
        """Send what is new; what became of each file."""
        if not dropped.converted():
            return {}
        result = upload(dropped.outbox, self._server, self._log_in, self._settings)
        if result.stopped:
            note(str(result.stopped))
        return {file.name: file for file in result.files}


def _file(dropped: DropFolder, sent: Mapping[str, Transfer]) -> int:
    """Move each source to its folder when its files are sent or refused; how many must wait."""
    left = 0
    for made in dropped.converted():
        files = [sent[name] for name in made.files if name in sent]
        if any(file.state in _UNDECIDED for file in files):
            left += 1
            continue
        refused = [f"{f.name}: {f.state}: {f.reason}" for f in files if f.state is not State.DONE]
        note(f"{made.source.name}: moved to {dropped.finish(made, refused)}")
    return left
