"""``smsenc log``: what the gateway says about each message, and replies from phones."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from smsenc import OptionError, SmsencError
from smsgate.cli import wording
from smsgate.cli.commandline import Json, OptionGroup, command, number
from smsgate.cli.exits import Exit
from smsgate.cli.output import note, say
from smsgate.cli.serveroptions import ServerOptions, log_in
from smsgate.errors import GatewayBusyError, GatewayLostError
from smsgate.ftpclient.logs import LogReader, Logs, recipients, statuses
from smsgate.ftpclient.session import Session
from smsgate.ftpclient.status import MessageState, MessageStatus
from smsgate.masking import printable


@dataclass(frozen=True, slots=True, kw_only=True)
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
    It is read from <file>.log, history.log and mo.log in the server's folder.

    \b
    Exit codes: 0 all accepted or delivered; 3 the outbox cannot be read, or the
    server refuses; 4 some refused or failed; 5 the state of some is still
    unknown; 6 no answer from the server.
    """
    server = from_.server()
    if options.json and options.csv:
        raise OptionError("cannot be combined with --json", name="--csv")
    sent = recipients(options.outbox)
    if not sent:
        raise SmsencError(f"no message files in {options.outbox} that were sent")
    reader, printer = LogReader(frozenset(sent)), _Printer(options)
    ftp_log_in = log_in(server)
    for logs in _rounds(lambda: Session(server, ftp_log_in), reader, options):
        found = statuses(sent, logs)
        printer.show(found, logs)
        if not _open(found):
            break
    return _end(found, logs, options)


def _rounds(connect: Callable[[], Session], reader: LogReader, options: Options) -> Iterator[Logs]:
    """The logs, once or again and again."""
    while True:
        try:
            with connect() as session:
                logs = reader.fetch(session)
        except (GatewayLostError, GatewayBusyError) as error:
            if not options.watch:
                raise
            note(f"{error}; trying again in {options.every:g} s")
        else:
            yield logs
            if not options.watch:
                return
        time.sleep(options.every)


class _Printer:
    """Prints each row once, and again when it has changed."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._shown: set[tuple[object, ...]] = set()

    def show(self, found: Sequence[MessageStatus], logs: Logs) -> None:
        """Print what is new."""
        if self._options.replies:
            for reply in logs.replies:
                self._row(wording.reply_record(reply), wording.reply_line(reply))
        else:
            for row in found:
                self._row(wording.standing_record(row), wording.standing_line(row))

    def _row(self, record: Mapping[str, object], line: str) -> None:
        values = tuple(record.values())
        if values in self._shown:
            return
        if self._options.csv and not self._shown:
            say(wording.as_csv(record))
        self._shown.add(values)
        if self._options.json:
            say(wording.as_json(record))
        elif self._options.csv:
            say(wording.as_csv("" if value is None else str(value) for value in values))
        else:
            say(printable(line))


def _open(found: Sequence[MessageStatus]) -> bool:
    """Whether something may still change."""
    return any(row.state in ("accepted", "unknown") for row in found)


def _end(found: Sequence[MessageStatus], logs: Logs, options: Options) -> Exit:
    for name, stray in logs.strays:
        note(f"{name}:{stray.line}: neither an answer nor a reply: {stray.text[:60]!r}")
    if not options.replies:
        note(wording.states_line([row.state for row in found], MessageState))
    states = {row.state for row in found}
    if states & {"refused", "failed"}:
        return Exit.SOME_REJECTED
    return Exit.UNKNOWN if "unknown" in states else Exit.OK
