"""``smsenc log``: what the gateway says about each message, and replies from phones."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Annotated

import typer

from smsenc import OptionError
from smsenc.messagefile.logs import Reply
from smsgate.cli import loglines, wording
from smsgate.cli.commandline import Json, OptionGroup, command, number
from smsgate.cli.exits import Exit
from smsgate.cli.output import note, say, urge
from smsgate.cli.serveroptions import Retries, ServerOptions, log_in, pauses
from smsgate.errors import GatewayBusyError, GatewayLostError
from smsgate.ftpclient import sentfiles
from smsgate.ftpclient.lognames import HISTORY
from smsgate.ftpclient.logrecords import LogRecords
from smsgate.ftpclient.logs import LogReader
from smsgate.ftpclient.retry import RetryingSession, UnreachableError
from smsgate.ftpclient.sentfiles import SentFiles
from smsgate.ftpclient.session import Session
from smsgate.ftpclient.status import MessageState, MessageStatus, join
from smsgate.masking import printable
from smsgate.outbox.home import Home


class Options(OptionGroup):
    """What to show, and how."""

    outbox: Annotated[Path, typer.Argument(metavar="OUTBOX", help="The outbox that was uploaded.")]
    replies: Annotated[
        bool, typer.Option("--replies", help="Show replies from phones instead.")
    ] = False
    json: Json = False
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV with a header.")] = False
    watch: Annotated[bool, typer.Option("--watch", help="Keep running, and print changes.")] = False
    every: Annotated[
        float,
        number(1, 86400, metavar="SECONDS", text="With --watch: seconds between checks, {}."),
    ] = 30
    retries: Retries = 5


@command
def log(options: Options, from_: ServerOptions) -> Exit:
    """Show what happened to each message after the upload.

    \b
    Examples:
      smsenc log outbox/ --host ftp.example.com --folder in
      smsenc log outbox/ --host ftp.example.com --csv > status.csv
      smsenc log outbox/ --host ftp.example.com --watch
      smsenc log outbox/ --host ftp.example.com --replies

    The state of a message is accepted, refused, delivered, failed or unknown.
    It is read from <file>.log, history.log and mo.log in the server's folder,
    from where the last run stopped. Answers that are older than the upload of
    their file are ignored.

    \b
    Exit codes: 0 all accepted or delivered; 3 the outbox cannot be read, or the
    server refuses; 4 some refused or failed; 5 the state of some is still
    unknown; 6 no answer from the server; 7 the journal of the outbox is lost.
    """
    server = from_.server()
    if options.json and options.csv:
        raise OptionError("cannot be combined with --json", name="--csv")
    found = sentfiles.records_of(options.outbox)
    with LogRecords(found, server.target) as records:
        if records.sent_elsewhere:
            note(f"warning: the files were sent to {records.sent_elsewhere}, not {server.target}")
        with sentfiles.opened(options.outbox, found, records) as files:
            ftp_log_in = log_in(server)
            files.remember_log_ins()
        watch = _Watch(options, found, records, lambda: Session(server, ftp_log_in))
        while not watch.round():
            time.sleep(options.every)
        return watch.end()


@dataclass(slots=True)
class _Shown:
    """What one look at the logs found."""

    states: Counter[MessageState] = field(default_factory=Counter)
    messages: int = 0  # each once, whatever its parts
    remarks: dict[str, tuple[str, ...]] = field(default_factory=dict)  # by file
    ignored: Counter[str] = field(default_factory=Counter)  # answers, by file
    faults: list[str] = field(default_factory=list)


class _Watch:
    """Looks at the logs once, or again and again."""

    def __init__(
        self,
        options: Options,
        found: Home | None,
        records: LogRecords,
        connect: Callable[[], Session],
    ) -> None:
        self._options = options
        self._found = found
        self._records = records
        self._connect = connect
        self._printer = _Printer(options)
        self._shown = _Shown()

    def round(self) -> bool:
        """Read the logs and print what is new; whether it was the last time."""
        watching = self._options.watch
        with sentfiles.opened(self._options.outbox, self._found, self._records) as files:
            try:
                faults = self._read(files)
            except (GatewayLostError, GatewayBusyError) as error:
                if not watching:
                    raise
                urge(f"{error}; trying again in {self._options.every:g} s")
                return False
            self._shown = self._show(files)
            self._shown.faults += faults
        open_states = self._shown.states.keys() & {MessageState.ACCEPTED, MessageState.UNKNOWN}
        return not (watching and open_states)

    def _read(self, files: SentFiles) -> list[str]:
        """Read what was added to the logs; raises GatewayError."""
        retries = pauses(0 if self._options.watch else self._options.retries)
        gateway = RetryingSession(self._connect, retries, threading.Event(), time.sleep)
        reader = LogReader(gateway, self._records, files.names, files.recipients_of)
        try:
            reader.read()
        except UnreachableError as unreachable:
            raise unreachable.error from None
        finally:
            gateway.close()
        return reader.faults

    def _show(self, files: SentFiles) -> _Shown:
        shown = _Shown()
        alike = files.alike()
        for file in files:
            rows, ignored = join(file, self._records.heard(file.name, HISTORY))
            shown.ignored += Counter({file.name: ignored})
            if remarks := self._records.remarks(file.name, file.step):
                shown.remarks[file.name] = remarks
            for row in rows:
                shown.states[row.state] += 1
                shown.messages += row.part == 1
                if not self._options.replies:
                    self._printer.standing(replace(row, remarks=remarks), marked=file.name in alike)
        if self._options.replies:
            for reply in self._records.replies():
                self._printer.reply(reply)
        shown.faults += files.faults
        return shown

    def end(self) -> Exit:
        """Say what else there is to know; the exit code."""
        for line in self._notes():
            note(line)
        states = self._shown.states
        if states[MessageState.REFUSED] or states[MessageState.FAILED]:
            return Exit.SOME_REJECTED
        return Exit.UNKNOWN if states[MessageState.UNKNOWN] else Exit.OK

    def _notes(self) -> Iterator[str]:
        yield from wording.few(self._shown.faults)
        for place in self._records.troubled():
            yield from loglines.log_lines(place, self._records.strays(place.log))
        yield from loglines.ignored_lines(self._shown.ignored)
        if not self._options.replies:
            yield from loglines.remark_lines(self._shown.remarks)
            yield loglines.states_line(self._shown.states, MessageState, self._shown.messages)


class _Printer:
    """Prints each row; while watching, once, and again when it has changed."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._shown: set[tuple[object, ...]] = set()
        self._begun = False

    def standing(self, row: MessageStatus, *, marked: bool) -> None:
        """Print the state of a message; ``marked`` as in ``loglines.short_name``."""
        self._row(loglines.standing_record(row), loglines.standing_line(row, marked=marked))

    def reply(self, reply: Reply) -> None:
        """Print a reply."""
        self._row(loglines.reply_record(reply), loglines.reply_line(reply))

    def _row(self, record: Mapping[str, object], line: str) -> None:
        values = tuple(record.values())
        if self._options.watch:
            if values in self._shown:
                return
            self._shown.add(values)
        if self._options.csv and not self._begun:
            say(wording.as_csv(record))
        self._begun = True
        if self._options.json:
            say(wording.as_json(record))
        elif self._options.csv:
            say(wording.as_csv("" if value is None else str(value) for value in values))
        else:
            say(printable(line))
