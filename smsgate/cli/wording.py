"""What the commands found, in words for people and as JSON objects."""

from __future__ import annotations

import io
import json
import os
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from converters.shared.words import counted
from smsenc import decode_text
from smsenc.model import port_text
from smsgate.cli.exits import Exit
from smsgate.cli.faults import code_of
from smsgate.masking import masked, printable

if TYPE_CHECKING:  # a command loads only what it needs itself
    from converters.pipeline import Job, Outcome
    from converters.received.inspect import Shown
    from smsenc import SmsencError
    from smsgate.campaign.costs.bill import Bill
    from smsgate.campaign.engine import Report
    from smsgate.campaign.samples import Sample
    from smsgate.cli.tally import Tally
    from smsgate.ftpclient.upload import Result
    from smsgate.outbox.files import Transfer

#: Columns of the narrowest terminal that people still use.
WIDTH = 80
#: Columns of a message's kind.
_KIND = 13

#: For message files that contain placeholders.
NO_LOG_IN = (
    "the files contain placeholders: before upload, set SMSENC_API_ID, SMSENC_USER and "
    "SMSENC_PASSWORD"
)
#: How many entries of a list people read.
_MOST_SHOWN = 20


def as_json(record: Mapping[str, object]) -> str:
    """One line of JSON, in ASCII, so that no terminal or pipe can damage it."""
    return json.dumps(record)


def as_csv(cells: Iterable[str]) -> str:
    """One line of CSV. A cell that a spreadsheet would take for a formula starts with ``'``.

    Some take full-width signs for the same.
    """
    import csv  # noqa: PLC0415 - few commands print tables

    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(map(_harmless, cells))
    return line.getvalue()


def _harmless(cell: str) -> str:
    text = printable(cell)
    return f"'{text}" if text.startswith(tuple("=+-@\uff1d\uff0b\uff0d\uff20")) else text


def outcome_lines(outcome: Outcome, paths: tuple[str, ...]) -> Iterator[str]:
    """One converted message for people: a line, and one for each loss."""
    kind, parts = outcome.kind or "", counted(outcome.parts, "part")
    size = f"{parts:>8} {outcome.octets:>4}"
    if len(kind) > _KIND:  # the rest takes less room, so that the columns after it stay
        size = f"{parts} {outcome.octets}".rjust(len(size) - len(kind) + _KIND)
    yield f"{outcome.item:>4}  {kind:<{_KIND}} {size} octets  {_names(paths)}"
    yield from loss_lines(outcome.losses)


def loss_lines(losses: Iterable[object]) -> Iterator[str]:
    """The losses of one message for people."""
    for loss in losses:
        yield from _hanging("      ! ", printable(str(loss)), 8)


def _names(paths: tuple[str, ...]) -> str:
    """The first file without its folder, which the summary names, and the number of others."""
    more = f" +{len(paths) - 1}" if len(paths) > 1 else ""
    return f"{printable(os.path.basename(paths[0]))}{more}" if paths else ""


def shown_lines(shown: Shown) -> Iterator[str]:
    """One inspected message for people: a heading, then what the phone shows."""
    port = f" on port {port_text(shown.port)}" if shown.port is not None else ""
    recipients = shown.to[0] if len(shown.to) == 1 else counted(len(shown.to), "recipient")
    to = f", to {recipients}" if shown.to else ""
    if shown.sender is not None:
        to = f", from {printable(shown.sender)}"
    yield printable(shown.source)
    if shown.about:
        yield f"  {shown.about}"
    parts = f", {counted(shown.parts, 'part')}" if shown.parts else ""
    yield f"  {shown.kind}{port}{parts}{to}"
    yield from (f"    {printable(line)}" for line in shown.lines)
    for row in shown.shown_rows:
        yield f"  row {row.number} of {shown.rows}, to {row.to}:"
        yield from (f"    {printable(line)}" for line in decode_text(row.payload).splitlines())
    if more := shown.rows - len(shown.shown_rows):
        yield f"  {counted(more, 'more row')}: --row N shows another one, --row all shows all"
    for loss in shown.losses:
        yield from _hanging("    ! ", printable(str(loss)), 6)
    yield ""


def named(text: str) -> str:
    """``'…' (U+2026)``: characters and their code points."""
    return f"'{printable(text)}' ({' '.join(f'U+{ord(c):04X}' for c in text)})"


def format_lines(said: Mapping[str, Any]) -> Iterator[str]:
    """One format, as ``converters.registry`` describes it, for people: suffixes, then options."""
    suffixes = " ".join(said["suffixes"]) or "no suffix: chosen by content, or with --as"
    yield from _hanging(f"{said['name']:<10} ", suffixes, 11)
    yield from _hanging("", said["summary"], 11)
    if plugin := said["plugin"]:
        yield from _hanging("", f"from {plugin['distribution']} {plugin['version']}", 11)
    for name, summary in said["options"].items():
        yield from _hanging(f"{'':13}-O {name + '=…':<15} ", summary, 32)


def _hanging(head: str, text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=head or " " * indent, subsequent_indent=" " * indent
    )


def conversion_lines(
    tally: Tally, job: Job, out: str, remarks: Iterable[str], *, dry: bool
) -> Iterator[str]:
    """The end of a conversion, with ``remarks`` about the outbox."""
    recipients = len(job.recipients)
    yield (
        f"{counted(tally.messages, 'message')} in {counted(tally.files, 'file')} "
        f"{'would be written' if dry else 'written'} to {out}; "
        f"{counted(tally.parts * recipients, 'part')} for {counted(recipients, 'recipient')}"
    )
    if tally.rejected:
        yield f"{tally.rejected} rejected"
    yield from remarks
    if tally.files and not dry and job.format == "ftp" and not job.template.ready:
        yield NO_LOG_IN


def outbox_lines(out: str, *, others: int, sent: int) -> Iterator[str]:
    """What else is in an outbox, and how many files of this run were sent before."""
    if others:
        yield f"{out} also contains {counted(others, 'message file')} of other runs"
    if sent:
        yield (
            f"{counted(sent, 'file')} of these {_was(sent)} sent before and "
            "will not be sent again; --name NAME makes new ones"
        )


def _is(count: int) -> str:
    return "is" if count == 1 else "are"


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def campaign_record(report: Report, bill: Bill, out: Path) -> dict[str, object]:
    """The JSON object of a campaign."""
    counts = {name: getattr(report, name) for name in _CAMPAIGN_COUNTS}
    return {"out": str(out)} | counts | {"bill": bill.record(), "losses": sorted(report.notes)}


_CAMPAIGN_COUNTS = (
    "rows",
    "sent",
    "written",
    "rejected",
    "duplicates",
    "opted_out",
    "opted_out_late",
    "blank",
    "substituted",
    "files",
)


def campaign_lines(report: Report, out: Path, *, rejects: Path | None, dry: bool) -> Iterator[str]:
    """The end of a campaign: the totals."""
    for label, count in report.sent_before.items():
        yield f"{count:,} of these rows {_is(count)} also in the campaign of {label}"
    before = report.written < report.sent
    written = "would be in" if dry and before else f"{'would be ' if dry else ''}written to"
    rows = f"{report.sent:,} of {counted(report.rows, 'row')}"
    yield f"{rows} {written} {counted(report.files, 'file')} in {out}"
    if before:
        earlier = report.sent - report.written
        yield f"{earlier:,} of them {_was(earlier)} written by earlier runs"
    for number, what in (
        (
            report.rejected,
            f"rejected; all are in {rejects}"
            if rejects
            else "rejected (use --rejects FILE to save them)",
        ),
        (report.duplicates, "skipped: repeats an earlier row"),
        (report.opted_out, "skipped: opted out"),
        (report.opted_out_late, "sent by earlier runs before the number opted out"),
        (report.blank, "skipped: no cell has anything in it"),
        (report.substituted, "with characters substituted"),
    ):
        if number:
            yield f"{number:,} {what}"
    yield from (f"! {loss}" for loss in sorted(report.notes))


def sample_lines(found: Sequence[Sample]) -> Iterator[str]:
    """Texts of a campaign as their recipients will read them."""
    if found:
        yield "texts of some rows"
    for row in found:
        yield f"  row {row.row}, {row.number}, {counted(row.parts, 'part')}:"
        for line in masked(row.text).splitlines():
            yield from _hanging("", printable(line), 4) or [""]


def transfer_record(file: Transfer) -> dict[str, object]:
    """The JSON object of one uploaded file."""
    return {"file": file.name, "state": file.state, "reason": file.reason}


#: States of a file in words, where the name of the state says too little.
_STATES = {"planned": "not sent yet", "sent": "sent, not yet renamed"}


def transfer_lines(files: Iterable[Transfer]) -> Iterator[str]:
    """The files about which there is something to say; those still to send are only counted."""
    troubled = [file for file in files if file.reason or file.state not in ("done", "planned")]
    for file in troubled[:_MOST_SHOWN]:
        state = _STATES.get(file.state, file.state)
        yield f"{file.name}: {state}{': ' if file.reason else ''}{file.reason}"
    if len(troubled) > _MOST_SHOWN:
        yield f"and {len(troubled) - _MOST_SHOWN} more (--json lists all)"


def stopped_hint(stopped: SmsencError) -> str:
    """What helps where an upload stopped; empty if nothing is known."""
    wrong = str(stopped).startswith("cannot log in")
    return "check SMSENC_FTP_USER and SMSENC_FTP_PASSWORD" if wrong else ""


#: What to do about files in a state, after their number.
_REMEDIES = {
    "refused": "",
    "unknown": ": run smsenc log, which reads the answers, then this command again",
}


def upload_lines(result: Result, target: str) -> Iterator[str]:
    """The end of an upload."""
    yield from _sent_lines(result, target)
    states = Counter(file.state.value for file in result.files)
    for state, remedy in _REMEDIES.items():
        if states[state]:
            yield f"{states[state]} {state}{remedy}"
    if result.missing:
        was, it = ("was", "it was") if result.missing == 1 else ("were", "they were")
        gone = counted(result.missing, "file")
        yield f"{gone} {was} written and removed before {it} sent"
    if result.left:
        useful = not result.stopped or code_of(result.stopped) is Exit.UNFINISHED
        again = ": run the command again" if useful else ""
        yield f"{counted(len(result.left), 'file')} still to send{again}"


def _sent_lines(result: Result, target: str) -> Iterator[str]:
    sent = counted(result.sent, "file")
    held = result.changed | result.again  # another content or another file of that name was sent
    done = sum(file.name not in held for file in result.files if file.state == "done")
    yield f"{sent} sent to {target}; {done} of {len(result.files)} are on the server"
    if held:
        yield f"{counted(len(held), 'file')} not sent, so that nothing is sent twice"


def few(lines: Sequence[str]) -> Iterator[str]:
    """The first of many lines, and how many are left out."""
    yield from lines[:_MOST_SHOWN]
    if len(lines) > _MOST_SHOWN:
        yield f"and {len(lines) - _MOST_SHOWN} more"
