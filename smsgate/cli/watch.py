"""``smsenc watch``: a drop folder, converted and sent as files arrive."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smsenc import OptionError
from smsgate.cli import gateway
from smsgate.cli.app import Exit, command, note
from smsgate.cli.making import job, printer, recipients
from smsgate.cli.options import SHAPING, STRICT, ZONE, takes
from smsgate.cli.server import RETRIES, goes_to, log_in, pauses
from smsgate.cli.tally import Tally

if TYPE_CHECKING:
    from converters.pipeline import Outcome
    from smsgate.ftpclient.login import LogIn
    from smsgate.ftpclient.session import Server
    from smsgate.ftpclient.transfers import Transfer
    from smsgate.runs.dropfolder import DropFolder

#: States of a file that a later round may change.
_UNDECIDED = ("planned", "sending", "sent", "renaming")


@command("Send")
@gateway.sends
@goes_to(always=False)
@takes(STRICT, ZONE, *SHAPING)
def watch(
    drop: Annotated[Path, typer.Argument(metavar="FOLDER", help="The folder to watch.")],
    *,
    to: Annotated[list[str] | None, typer.Option(help="Recipient; may be repeated.")] = None,
    to_file: Annotated[list[str] | None, typer.Option(help="File with a number a line.")] = None,
    out: Annotated[
        str, typer.Option(help="Outbox for the message files.", show_default="FOLDER.outbox")
    ] = "",
    options: dict[str, str],
    parameters: dict[str, str | bool | None],
    pack: gateway.Pack = "parts",
    profile: gateway.Profile = "clickatell",
    flash: Annotated[bool, typer.Option("--flash", help="Show texts at once.")] = False,
    max_parts: Annotated[
        int | None, typer.Option(min=1, max=255, help="Refuse what needs more parts.")
    ] = None,
    target: Any,  # a Server or None; its module is not loaded for a page of help
    once: Annotated[bool, typer.Option("--once", help="Take what is there, and end.")] = False,
    settle: Annotated[
        float, typer.Option(min=0, max=3600, metavar="SECONDS", help="Complete after so long.")
    ] = 2,
    retries: RETRIES = 5,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a message.")] = False,
) -> None:
    """Convert and send whatever is put into a folder.

    \b
    Examples:
      smsenc watch drop/ --to 448311234567 --host ftp.example.com
      smsenc watch drop/ --to-file numbers.txt --once

    A file is taken when it is complete. It ends in FOLDER/done or, where nothing
    of it could be sent, in FOLDER/rejected; what was rejected of it stands in
    FOLDER/rejected/NAME.txt. Killed at any moment, the next run goes on.
    """
    from smsgate.runs.dropfolder import DropFolder

    if not drop.is_dir():
        raise OptionError(f"expected a folder, found none: {drop}", name="FOLDER")
    given = log_in(target) if target else None
    outbox = Path(out) if out else drop.absolute().with_name(f"{drop.absolute().name}.outbox")
    _check_apart(drop, outbox)
    show = printer(outbox, as_json=json)
    tally = Tally()
    template = job(
        recipients(to or (), to_file or (), tally, show),
        parameters=parameters,
        pack=pack,
        profile=profile,
        kind=None,
        options=options | ({"max-parts": str(max_parts)} if max_parts else {}),
        flash=flash,
        max_parts=max_parts,
    )
    unsent = 0
    with DropFolder(drop, outbox, template) as dropped:
        for _ in _rounds(drop, settle, once=once):
            _convert(dropped, settle, tally, show)
            unsent = (
                _send(dropped, target, given, retries) if target and given else _file(dropped, {})
            )
    if unsent:
        raise typer.Exit(Exit.UNFINISHED)
    raise typer.Exit(tally.code)


def _check_apart(drop: Path, outbox: Path) -> None:
    """What is written into the drop folder, the journal too, would be taken for something new."""
    if outbox.resolve().is_relative_to(drop.resolve()):
        raise OptionError(f"expected a folder outside of {drop}, found {outbox}", name="--out")


def _rounds(drop: Path, settle: float, *, once: bool) -> Iterator[None]:
    """A round at once, and one after every change and every few seconds."""
    yield
    if once:
        return
    try:
        from watchfiles import watch
    except ImportError as error:
        raise OptionError("expected the extra smsenc[watch], or --once", name="watch") from error
    # Told to end, it first brings the source in hand to its end: watchfiles would turn the usual
    # way out into an interrupt.
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    # What is not complete yet makes no further event: look again after a while.
    beat = max(500, round(1000 * settle) + 100)
    changes = watch(
        drop, recursive=False, rust_timeout=beat, yield_on_timeout=True, stop_event=told
    )
    for _ in changes:
        yield
    raise SystemExit(Exit.TERMINATED)


def _convert(
    dropped: DropFolder, settle: float, tally: Tally, show: Callable[[Outcome], None]
) -> None:
    def made(outcome: Outcome) -> None:
        tally.add(outcome)
        show(outcome)

    if ticket := dropped.interrupted():
        dropped.convert(ticket, made)
    for name in dropped.waiting(settle):
        if ticket := dropped.take(name):
            dropped.convert(ticket, made)


def _send(dropped: DropFolder, target: Server, given: LogIn, retries: int) -> int:
    """Send what is written; how many sources have yet to be filed because of the server."""
    from smsgate.ftpclient.upload import Options, upload
    from smsgate.outbox.credentials import find

    if not dropped.converted():
        return 0
    options = Options(credentials=find(os.environ), pauses=pauses(retries))
    result = upload(dropped.outbox, target, given, options)
    if result.stopped:
        note(str(result.stopped))
    return _file(dropped, {file.name: file for file in result.files})


def _file(dropped: DropFolder, sent: Mapping[str, Transfer]) -> int:
    """Put each source where it belongs, once the server has said something of all its files."""
    left = 0
    for made in dropped.converted():
        files = [sent[name] for name in made.files if name in sent]
        if any(file.state in _UNDECIDED for file in files):
            left += 1
            continue
        complaints = [f"{f.name}: {f.state}: {f.reason}" for f in files if f.state != "done"]
        note(f"{made.source.name}: {dropped.finish(made, complaints)}")
    return left
