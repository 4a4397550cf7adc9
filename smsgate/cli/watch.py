"""``smsenc watch``: files are converted and sent as they arrive in a folder."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Annotated

import typer

from converters.errors import SourceError
from converters.pipeline import Outcome
from converters.shared.words import counted
from smsenc import OptionError
from smsgate.cli import stopping
from smsgate.cli.commandline import Json, OptionGroup, command, number
from smsgate.cli.converteroptions import ConverterOptions
from smsgate.cli.exits import Exit
from smsgate.cli.gatewayoptions import GatewayOptions
from smsgate.cli.jobs import JobOptions, Show, job, printer, recipients
from smsgate.cli.output import note, urge
from smsgate.cli.serveroptions import OptionalServerOptions, Retries, log_in, pauses
from smsgate.cli.tally import Tally
from smsgate.ftpclient.session import Server
from smsgate.ftpclient.upload import Options as Settings
from smsgate.outbox import credentials
from smsgate.outbox.files import Transfer
from smsgate.outbox.lock import BusyError
from smsgate.runs.dropfolder.changes import Changes
from smsgate.runs.dropfolder.folder import DropFolder
from smsgate.runs.dropfolder.places import DONE, shown
from smsgate.runs.dropfolder.rows import ConvertedSource
from smsgate.runs.dropfolder.sending import Sender, Verdict, verdict
from smsgate.runs.dropfolder.unsent import Unsent


class Options(OptionGroup):
    """What to watch, and how."""

    folder_: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to watch.")]
    out: Annotated[
        str | None,
        typer.Option(
            metavar="OUTBOX", help="Folder for the message files.  [default: FOLDER.outbox]"
        ),
    ] = None
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
            raise SourceError("no such folder", source=str(drop))
        beside = drop.absolute().with_name(f"{drop.absolute().name}.outbox")
        if self.out == "":
            raise OptionError("expected a folder, found ''", name="--out")
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
    sender = _sender(options, server.server()) if server.host else None
    show, tally = printer(outbox, as_json=options.json), Tally()
    numbers = recipients(to, tally, show)
    if not numbers:
        return Exit.ALL_REJECTED
    what = job(numbers, to, conversion, gateway)
    with DropFolder(options.folder_, outbox, what, settle=options.settle, tell=urge) as dropped:
        run = _Run(dropped, sender, tally, show)
        if not options.once:
            changes = Changes(options.folder_, options.settle)
            run.patient_round()
            while changes.wait() and not stopping.asked():
                run.patient_round()
            return Exit(128 + (stopping.asked() or signal.SIGTERM))
        run.round()
        if run.incomplete:
            time.sleep(options.settle)
            run.round()
        return run.end()


def _sender(options: Options, server: Server) -> Sender:
    settings = Settings(credentials=credentials.find(os.environ), pauses=pauses(options.retries))
    return Sender(server, log_in(server), settings, urge)


class _Run:
    """Rounds over a drop folder: convert what is complete, send it, and move it."""

    def __init__(
        self, dropped: DropFolder, sender: Sender | None, tally: Tally, show: Show
    ) -> None:
        self.incomplete = 0
        self._dropped = dropped
        self._sender = sender
        self._tally = tally
        self._show = show
        self._filed = 0
        self._done = 0  # sources, also those that an earlier run had converted
        self._waiting = 0
        self._doubtful = 0
        self._busy = False
        self._unsent = Unsent(dropped.outbox, dropped.settled)
        self._others = 0  # files of earlier runs that are still to be sent

    def round(self) -> None:
        """One look at the folder, and all that follows from it; raises GatewayError."""
        look = self._dropped.look()
        self.incomplete = len(look.incomplete)
        if look.complete or self._dropped.begun():
            self._convert(look.complete)
        self._file()
        if self._sender and self._sender.stopped:
            raise self._sender.stopped

    def patient_round(self) -> None:
        """The same; while another run uses the outbox, all is left to the next round."""
        try:
            self.round()
        except BusyError as error:
            if not self._busy:
                note(f"{error}; waiting for it")
            self._busy = True
        else:
            self._busy = False

    def _convert(self, names: Sequence[str]) -> None:
        with self._dropped.writing() as outbox:
            for source in self._dropped.interrupted():
                self._dropped.convert(source, outbox, self._count)
            for taken in map(self._dropped.take, names):
                if taken:
                    self._dropped.convert(taken, outbox, self._count)

    def _count(self, outcome: Outcome) -> None:
        self._tally.add(outcome)
        self._show(outcome)

    def _file(self) -> None:
        """Send what is converted, and move each source whose files are sent or refused."""
        converted = self._dropped.converted()
        sent = self._send({name for one in converted for name in one.files})
        self._waiting = 0
        for one in converted:
            found = Verdict(waiting=True) if sent is None else Verdict()
            if self._sender and sent is not None:
                found = verdict(one.files, sent, self._dropped.row_of)
            if found.waiting:
                self._waiting += 1
            else:
                self._finish(one, found)

    def _send(self, own: AbstractSet[str]) -> Mapping[str, Transfer] | None:
        """Send all that is unsent in the outbox, and count the files that are not ``own``."""
        self._others = 0
        if not (self._sender and (own or self._unsent)):
            return {}
        found = self._sender.send(self._dropped.outbox)
        if others := self._sender.sent - own:
            note(f"{counted(len(others), 'file')} of earlier runs sent")
        self._others = len(self._sender.left - own)
        return found

    def _finish(self, converted: ConvertedSource, found: Verdict) -> None:
        self._tally.rejected += found.messages
        self._tally.messages = max(0, self._tally.messages - found.messages)
        self._doubtful += len(found.doubtful)
        final = self._dropped.finish(converted, found.refused, found.doubtful)
        if final:
            self._filed += 1
            self._done += final.parent.name == DONE
            note(f"{shown(converted.source.name)}: moved to {shown(str(final))}")

    def end(self) -> Exit:
        """Say what is left, and the exit code."""
        left = self._waiting + self._dropped.left() + self._others
        self._tally.rejected += self._dropped.failures
        self._tally.messages = self._tally.messages or self._done
        if self.incomplete:
            what = counted(self.incomplete, "file")
            note(f"{what} changed just now or still being written: run the command again")
        elif not (self._filed or left or self._tally.rejected):
            note(f"nothing to convert in {self._dropped.folder}")
        if self._doubtful:
            return Exit.UNKNOWN
        return Exit.UNFINISHED if left or self.incomplete else self._tally.code
