"""``smsenc upload``: an outbox goes to its gateway."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from smsgate.cli import errorlines, wording
from smsgate.cli.commandline import Json, OptionGroup, command, number
from smsgate.cli.exits import Exit, of_run
from smsgate.cli.faults import code_of
from smsgate.cli.output import note, say, urge
from smsgate.cli.progress import Progress
from smsgate.cli.serveroptions import Retries, ServerOptions, log_in, pauses
from smsgate.ftpclient.planning import check_outbox, misnamed_line
from smsgate.ftpclient.session import Server
from smsgate.ftpclient.upload import Hooks, Result
from smsgate.ftpclient.upload import Options as Settings
from smsgate.ftpclient.upload import upload as send
from smsgate.outbox import credentials
from smsgate.outbox.files import State, Transfer


class Options(OptionGroup):
    """What to send, and how."""

    outbox: Annotated[
        Path, typer.Argument(metavar="OUTBOX", help="Folder or .zip with message files.")
    ]
    connections: Annotated[
        int, typer.Option(metavar="N", help="Parallel connections, 1 to 16.")
    ] = 1
    limit_rate: Annotated[
        float,
        number(0, 10**12, metavar="OCTETS", text="Maximum octets per second; 0 means no limit."),
    ] = 0
    retries: Retries = 5
    resend: Annotated[
        bool, typer.Option("--resend", help="Send again what may have been sent before.")
    ] = False
    json: Json = False

    def settings(self) -> Settings:
        """The same, with the gateway's log-in from the environment."""
        return Settings(
            connections=self.connections,
            limit_rate=self.limit_rate,
            credentials=credentials.find(os.environ),
            pauses=pauses(self.retries),
            resend=self.resend,
        )


@command
def upload(options: Options, to: ServerOptions) -> Exit:
    """Upload an outbox to its gateway; resume after a failure.

    \b
    Examples:
      smsenc upload outbox/ --host ftp.example.com --folder in
      smsenc upload campaign.zip --host ftp.example.com --connections 4
      smsenc upload outbox/ --host 192.0.2.7 --tls none

    Run it again after a failure: it sends what is left, and nothing twice.

    The FTP log-in comes from SMSENC_FTP_USER and SMSENC_FTP_PASSWORD, from a
    TOML file that SMSENC_FTP_CREDENTIALS names, or from the keyring.
    Placeholders in the files are replaced during the upload with SMSENC_API_ID,
    SMSENC_USER and SMSENC_PASSWORD, or with the log-in in a TOML file that
    SMSENC_CREDENTIALS names.

    \b
    Exit codes: 0 all files are on the server; 3 nothing was sent, or the server
    refused the log-in; 4 some were refused, or are not named as message files;
    5 the result of some is unknown; 6 the server stopped answering: run the
    command again; 7 refused: a file has changed, or was written again or
    renamed, since it was sent, the outbox is in use or was sent to another
    server, or its journal is lost.
    """
    check_outbox(options.outbox, resend=options.resend)  # before a log-in is asked for
    server = to.server()
    settings = options.settings()
    with _progress() as hooks:
        result = send(options.outbox, server, log_in(server), settings, hooks)
    if options.json:
        for file in result.files:
            say(wording.as_json(wording.transfer_record(file)))
    _say_end(result, server, as_json=options.json)
    return _code(result)


def _say_end(result: Result, server: Server, *, as_json: bool) -> None:
    """Print why it stopped, what is wrong with files, and the totals."""
    if result.stopped:
        errorlines.ending(result.stopped, _code(result), wording.stopped_hint(result.stopped))
    if not as_json:
        for line in wording.transfer_lines(result.files):
            urge(line)
    for warning in result.warnings[len(server.warnings) :]:  # those were printed before
        note(f"warning: {warning}")
    for line in wording.upload_lines(result, server.target):
        note(line)
    if result.misnamed:
        urge(misnamed_line(result.misnamed))


@contextmanager
def _progress() -> Iterator[Hooks]:
    """Hooks that count files as they are done."""
    done: set[str] = set()
    total = 0
    with Progress("files sent") as progress:

        def plan(files: int) -> None:
            nonlocal total
            total = files

        def show(transfer: Transfer) -> None:
            if transfer.state is State.DONE:
                done.add(transfer.name)
                progress(len(done), share=len(done) / total if total else None)

        yield Hooks(planned=plan, progress=show)


def _code(result: Result) -> Exit:
    """The worst decides: changed, unknown, why it stopped, refused, unfinished, misnamed."""
    if result.changed or result.again:
        return Exit.REFUSED
    if result.of(State.UNKNOWN):
        return Exit.UNKNOWN
    if result.stopped and code_of(result.stopped) is Exit.ALL_REJECTED:
        return Exit.ALL_REJECTED  # another try would fail too
    if refused := result.of(State.REFUSED):
        return of_run(len(result.of(State.DONE)), len(refused))
    if result.left:
        return Exit.UNFINISHED
    return Exit.SOME_REJECTED if result.misnamed else Exit.OK
