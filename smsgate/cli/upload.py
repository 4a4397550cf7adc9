"""``smsenc upload``: an outbox goes to its gateway."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smsgate.cli.app import Exit, command, note, say
from smsgate.cli.server import RETRIES, goes_to, log_in, pauses

if TYPE_CHECKING:
    from smsgate.ftpclient.transfers import Transfer
    from smsgate.ftpclient.upload import Result

_MOST_NAMED = 20  # files that are named for people; --json names all


@command("Send")
@goes_to(always=True)
def upload(
    outbox: Annotated[Path, typer.Argument(help="Folder or .zip with message files.")],
    *,
    target: Any,  # a Server; its module is not loaded for a page of help
    connections: Annotated[int, typer.Option(help="Side by side, 1 to 16.")] = 1,
    limit_rate: Annotated[
        float, typer.Option(metavar="OCTETS", help="Octets a second at most.")
    ] = 0,
    retries: RETRIES = 5,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a file.")] = False,
) -> None:
    """Send an outbox to its gateway; again, and what is left goes, nothing twice.

    \b
    Examples:
      smsenc upload outbox/ --host ftp.example.com --folder in
      smsenc upload campaign.zip --host ftp.example.com --connections 4
      smsenc upload outbox/ --host 192.0.2.7 --tls none

    The log-in comes from SMSENC_FTP_USER and SMSENC_FTP_PASSWORD, a TOML file
    that SMSENC_FTP_CREDENTIALS names, or the keyring. Placeholders in the files
    are filled in on the way from SMSENC_API_ID, SMSENC_USER, SMSENC_PASSWORD.

    Exit codes: 0 all is there; 3 none was sent; 4 some was refused; 5 of some it
    cannot be known; 6 the server stopped answering, run it again; 7 a guard.
    """
    from smsgate.cli.progress import Progress
    from smsgate.ftpclient.transfers import State
    from smsgate.ftpclient.upload import Hooks, Options, upload
    from smsgate.outbox.credentials import find

    progress = Progress("files sent")
    done: set[str] = set()

    def tell(transfer: Transfer) -> None:
        if transfer.state is State.DONE:
            done.add(transfer.name)
            progress(len(done))

    options = Options(
        connections=connections,
        limit_rate=limit_rate,
        credentials=find(os.environ),
        pauses=pauses(retries),
    )
    try:
        result = upload(outbox, target, log_in(target), options, Hooks(progress=tell))
    finally:
        progress.close()
    _show(result, as_json=json)
    _summary(result, target.target)
    raise typer.Exit(_code(result))


def _show(result: Result, *, as_json: bool) -> None:
    from smsgate.cli import wording
    from smsgate.ftpclient.transfers import State

    if as_json:
        for file in result.files:
            say(wording.as_json({"file": file.name, "state": file.state, "reason": file.reason}))
        return
    troubled = [f for f in result.files if f.state is not State.DONE or f.reason]
    for file in troubled[:_MOST_NAMED]:
        note(f"{file.name}: {file.state}{': ' if file.reason else ''}{file.reason}")
    if len(troubled) > _MOST_NAMED:
        note(f"and {len(troubled) - _MOST_NAMED} more (--json names all)")


def _summary(result: Result, target: str) -> None:
    from smsgate.cli.wording import count
    from smsgate.ftpclient.transfers import State

    done = len(result.of(State.DONE))
    note(f"{count(result.sent, 'file')} sent to {target}; {done} of {len(result.files)} are there")
    for state in (State.REFUSED, State.UNKNOWN):
        if found := len(result.of(state)):
            note(f"{found} {state}")
    if result.left:
        note(f"{len(result.left)} left to send: run it again")
    if result.stopped:
        note(f"stopped: {result.stopped}")


def _code(result: Result) -> Exit:
    """What is worst decides: unknown, then refused, then unfinished."""
    from smsgate.ftpclient.transfers import State

    if result.of(State.UNKNOWN):
        return Exit.UNKNOWN
    if result.of(State.REFUSED):
        return Exit.SOME_REJECTED if result.of(State.DONE) else Exit.ALL_REJECTED
    return Exit.UNFINISHED if result.left else Exit.OK
