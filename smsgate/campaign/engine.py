"""A campaign from its table to its outbox, chunk by chunk; a killed run continues where it stopped.

Workers may finish chunks anywhere and in any order; here they are committed in the order of the
table. A chunk's files are in the outbox before the journal says so (``books.ledger`` explains why
that is safe). So the outbox of a run that was killed and resumed is the same, octet for octet, as
that of a run that was not.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from converters.errors import GuardError
from smsenc.messagefile import PLACEHOLDER, Credentials, log_in
from smsgate.campaign import checks, continuing, lateoptouts, waiting
from smsgate.campaign.books import archive
from smsgate.campaign.books.ledger import Ledger
from smsgate.campaign.books.records import Counters, FinishedChunk, Slot
from smsgate.campaign.books.spool import FileContents, Spool
from smsgate.campaign.costs.tally import CostTally
from smsgate.campaign.rows import job
from smsgate.campaign.rows.job import Campaign
from smsgate.campaign.rows.keys import SIZE, Seen, packed, unpacked
from smsgate.campaign.rows.rejects import Reject, csv_lines
from smsgate.campaign.schedule import Map
from smsgate.campaign.tables import kinds
from smsgate.campaign.tables.model import Chunk, RejectCode, Table
from smsgate.campaign.worker import ChunkResult, ChunkTask, work
from smsgate.masking import masked
from smsgate.outbox import home
from smsgate.outbox.folder import Volumes
from smsgate.outbox.writing import write_pieces

#: Rows of a chunk.
ROWS = 10_000
_EXAMPLES = 10  # rejected rows in a report; a file of rejects has all of them


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several runs that share a table: every ``of``-th chunk, beginning with ``number``.

    A row that is in the table twice is recognised only if both are in chunks of the same shard.
    """

    number: int = 1
    of: int = 1

    def __contains__(self, chunk: object) -> bool:
        return isinstance(chunk, int) and chunk % self.of == self.number - 1


WHOLE = Shard()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How a campaign is run: its log-in, its shard, rows of a chunk, and a file for rejected rows.

    The identity of a run has its ``name``, the shard and ``rows``: with others it is another run.
    With ``force``, files of other runs that wait may hold numbers of the opt-out list.
    """

    credentials: Credentials = PLACEHOLDER
    shard: Shard = WHOLE
    rows: int = ROWS
    rejects: Path | None = None
    name: str = ""
    force: bool = False

    def chunks(self, table: Table) -> Iterator[Chunk]:
        """The chunks of the shard."""
        return (chunk for chunk in kinds.chunks(table, self.rows) if chunk.number in self.shard)


@dataclass(slots=True)
class Report:
    """The results of a campaign, including chunks of earlier runs.

    ``rows`` were read. ``sent`` of them have a message, ``written`` of those by this run. Of the
    ``rejected``, ``guarded`` need too many parts; ``examples`` are the first ones. ``sent_before``
    counts rows that other campaigns in the outbox have too, by the label of these.
    ``opted_out_late`` rows were sent by earlier runs, before their numbers opted out.
    """

    rows: int = 0
    sent: int = 0
    written: int = 0
    rejected: int = 0
    guarded: int = 0
    duplicates: int = 0
    opted_out: int = 0
    opted_out_late: int = 0
    blank: int = 0
    substituted: int = 0
    files: int = 0
    tally: CostTally = field(default_factory=CostTally)
    notes: dict[str, None] = field(default_factory=dict)
    examples: tuple[Reject, ...] = ()
    sent_before: dict[str, int] = field(default_factory=dict)

    def add(self, counters: Counters) -> None:
        """Add the counts of a chunk."""
        self.rows += counters["rows"]
        self.sent += counters["sent"]
        self.rejected += counters["rejected"]
        self.guarded += counters["guarded"]
        self.duplicates += counters["duplicates"]
        self.opted_out += counters["opted_out"]
        self.blank += counters["blank"]
        self.substituted += counters["substituted"]
        self.tally += CostTally.from_json(counters["tally"])
        self.notes.update(dict.fromkeys(counters["notes"]))

    def add_late(self, late: tuple[int, str]) -> None:
        """Add what was found of numbers that opted out late."""
        self.opted_out_late, said = late
        self.notes.update(dict.fromkeys(filter(None, (said,))))


#: Called after each chunk, with the results so far.
Progress = Callable[[Report, Chunk], None]


def _silent(report: Report, chunk: Chunk) -> None:
    """Show no progress."""


@dataclass(slots=True)
class _Run:
    campaign: Campaign
    ledger: Ledger
    spool: Spool
    seen: Seen
    report: Report = field(default_factory=Report)


def run(
    campaign: Campaign,
    out: Path,
    settings: RunSettings = RunSettings(),
    *,
    over: Map = map,
    progress: Progress = _silent,
) -> Report:
    """Write the rows of a campaign that are not written yet to ``out``, a folder or a zip archive.

    ``over`` is a Map of ``schedule.workers``. Raises GuardError if another run holds the outbox, if
    sent rows of the table have changed, if files that an earlier run wrote are not as they were,
    and if numbers of rows in them, of rows that wait for one, or in files of other runs have opted
    out since; OutboxError, SourceError.
    """
    secret = settings.credentials != PLACEHOLDER
    checks.check_out(out)
    with (
        home.held(out) as records,
        Ledger(records) as ledger,
        Volumes(archive.folder_of(out, records), secret=secret).opened() as volumes,
    ):
        _continue(campaign, ledger, settings)
        volumes.sweep(checks.wanted_in(ledger), ledger.sent_files())
        checks.check_files(out, ledger, volumes)
        late = _check_opt_outs(campaign, ledger, settings, out, over)
        current = _begin(campaign, ledger, volumes, log_in(settings.credentials))
        current.report.add_late(late)
        _run_chunks(current, settings, over, progress)
        if home.is_archive(out):
            archive.pack(out, records)
        ledger.finish()
        return _report(current, settings)


def rehearse(
    campaign: Campaign,
    out: Path,
    settings: RunSettings = RunSettings(),
    *,
    over: Map = map,
    progress: Progress = _silent,
) -> Report:
    """What ``run`` would report; nothing is written but the file of rejects.

    It works on a copy of the outbox's journal. Raises what ``run`` raises, except for files that
    are not as they were.
    """
    checks.check_out(out)
    with (
        TemporaryDirectory(prefix="smsenc-") as folder,
        Ledger(home.copied(out, Path(folder))) as ledger,
    ):
        _continue(campaign, ledger, settings)
        late = _check_opt_outs(campaign, ledger, settings, out, over)
        current = _begin(campaign, ledger, None, b"")
        current.report.add_late(late)
        _run_chunks(current, settings, over, progress)
        return _report(current, settings)


def _continue(campaign: Campaign, ledger: Ledger, settings: RunSettings) -> None:
    """Continue the run of the campaign in the ledger, or begin it."""
    how = f"{settings.shard.number}/{settings.shard.of}, {settings.rows} rows"
    chunks = partial(settings.chunks, campaign.table)
    continuing.begin(ledger, campaign, chunks, how=how, name=settings.name)


def _check_opt_outs(
    campaign: Campaign, ledger: Ledger, settings: RunSettings, out: Path, over: Map
) -> tuple[int, str]:
    """How many rows were sent before their numbers opted out, and what to tell of other files.

    Raises GuardError for those that were not sent.
    """
    found = lateoptouts.find(campaign, ledger, settings.chunks(campaign.table), over)
    lateoptouts.check(found, out)
    others = waiting.find(campaign, ledger, out)
    return found.sent, waiting.check(others, out, force=settings.force)


def _begin(campaign: Campaign, ledger: Ledger, volumes: Volumes | None, log_in: bytes) -> _Run:
    contents = FileContents(
        log_in=log_in,
        template_head=partial(job.template_head, campaign),
        limit=campaign.limit,
    )
    spool = Spool(ledger, volumes, contents)
    seen = Seen(ledger.stored_keys)
    for keys in ledger.stored_keys():
        seen.add(keys)
    return _Run(campaign, ledger, spool, seen)


def _run_chunks(current: _Run, settings: RunSettings, over: Map, progress: Progress) -> None:
    given: deque[ChunkTask] = deque()
    for result in over(work, _tasks(current, settings, given, progress)):
        task = given.popleft()
        _commit(current, task, result)
        progress(current.report, task.chunk)
    _finish(current)


def _report(current: _Run, settings: RunSettings) -> Report:
    """The report of a run at its end; writes the file of rejects."""
    report, ledger = current.report, current.ledger
    report.files = current.spool.position.files
    ledger.check_rejects(report.rejected)
    report.examples = tuple(islice(ledger.rejects(), _EXAMPLES))
    if report.written and ledger.mark:
        report.sent_before = continuing.sent_before(ledger)
    if settings.rejects is not None:
        columns = current.campaign.table.columns
        write_pieces(settings.rejects, csv_lines(columns, ledger.rejects()))
    return report


def _tasks(
    current: _Run, settings: RunSettings, given: deque[ChunkTask], progress: Progress
) -> Iterator[ChunkTask]:
    """The chunks to work on; chunks that the journal has are counted."""
    left = current.ledger.chunks()
    table = current.campaign.table
    for chunk in settings.chunks(table):
        finished = current.ledger.chunk(chunk.number)
        left -= finished is not None
        if finished and finished.digest == kinds.digest(table, chunk):
            current.report.add(finished.counters)
            progress(current.report, chunk)
        else:
            given.append(ChunkTask(current.campaign, chunk))
            yield given[-1]
    if left > 0:
        raise _changed("the table's end is gone")


def _changed(what: str) -> GuardError:
    return GuardError(
        f"expected the rows that were sent before, found that {what}: "
        "use --name NAME to send this table as a separate campaign"
    )


def _commit(current: _Run, task: ChunkTask, result: ChunkResult) -> None:
    """Write a chunk: its files, then what the journal says of it, in one commit."""
    finished = current.ledger.chunk(task.chunk.number)
    before = frozenset(unpacked(finished.keys)) if finished else frozenset()
    if known := current.seen.known(unpacked(result.keys)):
        # This is rare, so the complete chunk is done again without the rows that were sent.
        result = work(task._replace(known=known))
    late = frozenset() if before <= known else lateoptouts.keys_among(task, before)
    if not before <= known | late:
        first, last = task.chunk.first_row, task.chunk.first_row + task.chunk.count - 1
        one = f"row {first} has changed"
        raise _changed(f"some of rows {first} to {last} have changed" if last > first else one)
    counters = _counters(result, finished, len(before), len(late))
    keys = packed((*before, *unpacked(result.keys))) if before else result.keys
    with current.ledger.transaction():
        chunk = FinishedChunk(result.digest, keys, counters)
        current.ledger.commit_chunk(task.chunk.number, chunk, result.rejects)
        _write(current, result)
    current.report.add(counters)
    current.report.written += len(result.keys) // SIZE


def _counters(
    result: ChunkResult, finished: FinishedChunk | None, before: int, late: int
) -> Counters:
    """The counts of a chunk, with what an earlier run sent of it: ``late`` of that opted out."""
    tally, substituted = result.tally, result.substituted
    if finished:
        tally = tally + CostTally.from_json(finished.counters["tally"])
        substituted += finished.counters["substituted"]
    return {
        "rows": result.read,
        "sent": before + len(result.keys) // SIZE,
        "rejected": len(result.rejects),
        "guarded": sum(reject.code is RejectCode.MAX_PARTS for reject in result.rejects),
        "duplicates": result.repeated - (before - late),
        "opted_out": result.opted_out - late,
        "blank": result.blank,
        "substituted": substituted,
        "tally": tally.to_json(),
        "notes": [masked(note) for note in result.notes],
    }


def _write(current: _Run, result: ChunkResult) -> None:
    if result.template:
        current.spool.add(Slot.TEMPLATE, result.template)
    for group in result.own:
        current.spool.add(Slot.OWN, group)
    current.spool.settle()


def _finish(current: _Run) -> None:
    if not current.spool.is_empty():
        with current.ledger.transaction():
            current.spool.close()
            current.spool.settle()
