"""``smsenc log``: what the gateway says became of an outbox, and what handsets replied."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smsgate.cli.app import Exit, command, note, say
from smsgate.cli.server import goes_to, log_in

if TYPE_CHECKING:
    from smsenc.messagefile.logs import Reply
    from smsgate.ftpclient.logs import Logs
    from smsgate.ftpclient.status import MessageStatus

_COLUMNS = ("file", "to", "state", "id", "error", "status", "meaning", "charge", "time")
_REPLY_COLUMNS = ("time", "handset", "to", "text", "opt_out")


@command("Send")
@goes_to(always=True)
def log(
    outbox: Annotated[Path, typer.Argument(help="The outbox that was sent.")],
    *,
    target: Any,  # a Server; its module is not loaded for a page of help
    replies: Annotated[bool, typer.Option("--replies", help="Handsets' replies instead.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a message.")] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Comma-separated, with a header.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and show what changes.")] = False,
    every: Annotated[
        float, typer.Option(min=1, max=86400, metavar="SECONDS", help="--watch: look so often.")
    ] = 30,
) -> None:
    """Show what became of each message: accepted, refused, delivered, failed, unknown.

    \b
    Examples:
      smsenc log outbox/ --host ftp.example.com --folder in
      smsenc log outbox/ --host ftp.example.com --csv > standing.csv
      smsenc log outbox/ --host ftp.example.com --watch
      smsenc log outbox/ --host ftp.example.com --replies

    Reads <file>.log, history.log and mo.log in the server's folder.

    Exit codes: 0 all accepted or delivered; 4 some refused or failed; 5 of some
    nothing is known yet; 6 no answer from the server.
    """
    from smsenc import OptionError
    from smsgate.errors import GatewayBusyError, GatewayLostError
    from smsgate.ftpclient.logs import LogReader, recipients
    from smsgate.ftpclient.session import Session

    if json and csv:
        raise OptionError("expected one of --json and --csv, found both", name="--csv")
    given = log_in(target)
    sent = recipients(outbox)
    reader = LogReader(frozenset(sent))
    show = _Printer(as_json=json, as_csv=csv)
    while True:
        try:
            with Session(target, given) as session:
                logs = reader.fetch(session)
        except (GatewayLostError, GatewayBusyError) as error:
            if not watch:
                raise
            note(f"{error}; trying again in {every:g} s")
            time.sleep(every)
            continue
        standings = _look(sent, logs, show, replies=replies)
        if not watch or not _open(standings):
            break
        time.sleep(every)
    for name, stray in logs.strays:
        note(f"{name}:{stray.line}: neither an answer nor a reply: {stray.text[:60]!r}")
    if not replies:
        _summary(standings)
    raise typer.Exit(_code(standings))


def _look(
    sent: dict[str, tuple[str, ...]], logs: Logs, show: _Printer, *, replies: bool
) -> tuple[MessageStatus, ...]:
    from smsgate.ftpclient.logs import statuses

    found = statuses(sent, logs)
    if replies:
        show.replies(logs.replies)
    else:
        show.standings(found)
    return found


class _Printer:
    """Prints each row once, and again when it has changed."""

    def __init__(self, *, as_json: bool, as_csv: bool) -> None:
        self._json = as_json
        self._csv = as_csv
        self._shown: set[tuple[Any, ...]] = set()

    def standings(self, rows: Iterable[MessageStatus]) -> None:
        for row in rows:
            values = {name: getattr(row, name) for name in _COLUMNS}
            self._row(values, _line(row))

    def replies(self, rows: Iterable[Reply]) -> None:
        for row in rows:
            values = {name: getattr(row, name) for name in _REPLY_COLUMNS}
            stop = "  (opted out)" if row.opt_out else ""
            self._row(values, f"{row.time}  {row.handset:<15}  {row.text}{stop}")

    def _row(self, values: dict[str, Any], line: str) -> None:
        from smsgate.cli import wording

        key = tuple(values.values())
        if key in self._shown:
            return
        if self._csv and not self._shown:
            say(",".join(values))
        self._shown.add(key)
        if self._json:
            say(wording.as_json({k: _plain(v) for k, v in values.items()}))
        elif self._csv:
            say(wording.as_csv(["" if v is None else str(v) for v in values.values()]))
        else:
            say(wording.printable(line))


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, bool, type(None))) else str(value)


def _line(row: MessageStatus) -> str:
    number = row.error if row.error is not None else row.status
    why = f"{number:03} {row.meaning}" if number is not None else row.meaning
    return f"{row.file:<28}  {row.to or '':<15}  {row.state:<9}  {why}".rstrip()


def _open(standings: Sequence[MessageStatus]) -> bool:
    """Whether something may still change."""
    return any(row.state in ("accepted", "unknown") for row in standings)


def _summary(standings: Sequence[MessageStatus]) -> None:
    from smsgate.cli import wording
    from smsgate.ftpclient.status import MessageState

    counts = Counter(row.state for row in standings)
    told = ", ".join(f"{counts[state]} {state}" for state in MessageState if counts[state])
    note(f"{wording.count(len(standings), 'message')}{': ' if told else ''}{told}")


def _code(standings: Sequence[MessageStatus]) -> Exit:
    states = {row.state for row in standings}
    if states & {"refused", "failed"}:
        return Exit.SOME_REJECTED
    return Exit.UNKNOWN if "unknown" in states else Exit.OK
