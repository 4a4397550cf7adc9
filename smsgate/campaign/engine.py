"""A campaign from its table to its outbox, chunk by chunk; a killed run continues where it stopped.

Workers may finish chunks anywhere and in any order; here they are committed in the order of the
table. A chunk's files are in the outbox before the journal says so (``books.ledger`` explains why
that is safe). So the outbox of a run that was killed and resumed is the same, octet for octet, as
that of a run that was not.
"""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from converters.errors import GuardError
from smsenc.messagefile import PLACEHOLDER, Credentials, log_in
from smsgate.campaign.books import archive
from smsgate.campaign.books.ledger import Counters, FinishedChunk, Ledger, Slot
from smsgate.campaign.books.spool import FileContents, Spool
from smsgate.campaign.costs.tally import CostTally
from smsgate.campaign.rows import job
from smsgate.campaign.rows.job import Campaign
from smsgate.campaign.rows.keys import SIZE, Seen, packed, unpacked
from smsgate.campaign.rows.rejects import Reject, csv_lines
from smsgate.campaign.schedule import Map
from smsgate.campaign.tables import kinds
from smsgate.campaign.tables.model import Chunk, RejectCode
from smsgate.campaign.worker import ChunkResult, ChunkTask, work
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

    Journals of earlier runs hold the shard and ``rows``: neither may change from run to run.
    """

    credentials: Credentials = PLACEHOLDER
    shard: Shard = WHOLE
    rows: int = ROWS
    rejects: Path | None = None


@dataclass(slots=True)
class Report:
    """The results of a campaign, including chunks of earlier runs.

    ``rows`` were read. ``sent`` of them have a message, ``written`` of those by this run. Of the
    ``rejected``, ``guarded`` need too many parts; ``examples`` are the first ones.
    """

    rows: int = 0
    sent: int = 0
    written: int = 0
    rejected: int = 0
    guarded: int = 0
    duplicates: int = 0
    opted_out: int = 0
    substituted: int = 0
    files: int = 0
    tally: CostTally = field(default_factory=CostTally)
    notes: dict[str, None] = field(default_factory=dict)
    examples: tuple[Reject, ...] = ()

    def add(self, counters: Counters) -> None:
        """Add the counts of a chunk."""
        self.rows += counters["rows"]
        self.sent += counters["sent"]
        self.rejected += counters["rejected"]
        self.guarded += counters["guarded"]
        self.duplicates += counters["duplicates"]
        self.opted_out += counters["opted_out"]
        self.substituted += counters["substituted"]
        self.tally += CostTally.from_json(counters["tally"])
        self.notes.update(dict.fromkeys(counters["notes"]))


#: Called after each chunk, with the results so far.
Progress = Callable[[Report, Chunk], None]


def _silent(report: Report, chunk: Chunk) -> None:
    """Show no progress."""


@dataclass(slots=True)
class _Run:
    campaign: Campaign
    ledger: Ledger
    spool: Spool
    volumes: Volumes | None
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

    The journal is beside ``out``. ``over`` is a Map of ``schedule.workers``. Raises GuardError if
    the outbox or the journal belongs to something else, and if sent rows of the table have changed;
    OutboxError, SourceError.
    """
    secret = settings.credentials != PLACEHOLDER
    with (
        home.held(out) as found,
        Volumes(archive.folder_of(out, found), secret=secret).opened() as volumes,
        Ledger(found.journal) as ledger,
    ):
        beside = found.journal
        _guard(out, volumes.folder, ledger)
        identity = campaign.identity() | {"shard": repr((settings.shard, settings.rows))}
        ledger.claim(identity | {"log-in": repr(secret)})
        current = _begin(campaign, ledger, beside, volumes, log_in(settings.credentials))
        pieces, position = current.spool.numbers(), current.spool.position
        volumes.sweep(lambda number: number < position.number and number not in pieces)
        _run_chunks(current, settings, over, progress)
        if home.is_archive(out):
            archive.pack(out, found)
        return _report(current, settings)


def rehearse(
    campaign: Campaign,
    settings: RunSettings = RunSettings(),
    *,
    over: Map = map,
    progress: Progress = _silent,
) -> Report:
    """What ``run`` would report for a new outbox; nothing is written but the file of rejects."""
    with TemporaryDirectory(prefix="smsenc-") as folder:
        beside = Path(folder) / "journal"
        with Ledger(beside) as ledger:
            current = _begin(campaign, ledger, beside, None, b"")
            _run_chunks(current, settings, over, progress)
            return _report(current, settings)


def _guard(out: Path, folder: Path, ledger: Ledger) -> None:
    begun = ledger.identity() is not None
    found = out.is_file() or any(folder.glob("*.txt")) or any(folder.glob("[0-9]*/*.txt"))
    if found and not begun:
        raise GuardError("expected an empty outbox, found message files", source=str(out))
    if begun and not found and ledger.position.files > len(ledger.open_rows()):
        raise GuardError(
            "expected the files of this campaign, found none: use another --out",
            source=str(out),
        )


def _begin(
    campaign: Campaign, ledger: Ledger, beside: Path, volumes: Volumes | None, log_in: bytes
) -> _Run:
    contents = FileContents(
        log_in=log_in,
        template_head=partial(job.template_head, campaign),
        limit=campaign.limit,
    )
    spool = Spool(beside.with_name("pieces"), volumes, contents, ledger.position)
    spool.resume(ledger.open_rows())
    spool.forget()  # pieces that a killed run left
    seen = Seen(ledger.stored_keys)
    for keys in ledger.stored_keys():
        seen.add(keys)
    return _Run(campaign, ledger, spool, volumes, seen)


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
    report.examples = tuple(islice(ledger.rejects(), _EXAMPLES))
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
    for chunk in kinds.chunks(table, settings.rows):
        if chunk.number not in settings.shard:
            continue
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
    return GuardError(f"expected the rows that were sent before, found that {what}")


def _commit(current: _Run, task: ChunkTask, result: ChunkResult) -> None:
    """Write a chunk: first its files, then the journal, in one commit."""
    finished = current.ledger.chunk(task.chunk.number)
    before = frozenset(unpacked(finished.keys)) if finished else frozenset()
    if known := current.seen.known(array("Q", result.keys)):
        # This is rare, so the complete chunk is done again without the rows that were sent.
        result = work(task._replace(known=known))
    if not before <= known:
        first, last = task.chunk.first_row, task.chunk.first_row + task.chunk.count - 1
        raise _changed(f"some of rows {first} to {last} have changed")
    counters = _counters(result, finished, len(before))
    keys = packed((*before, *array("Q", result.keys)))
    with current.ledger.transaction():
        _write(current, result)
        chunk = FinishedChunk(result.digest, keys, counters)
        current.ledger.commit_chunk(task.chunk.number, chunk, result.rejects)
    current.spool.forget()
    current.report.add(counters)
    current.report.written += len(result.keys) // SIZE


def _counters(result: ChunkResult, finished: FinishedChunk | None, before: int) -> Counters:
    """The counts of a chunk, with what an earlier run sent of it."""
    tally, substituted = result.tally, result.substituted
    if finished:
        tally = tally + CostTally.from_json(finished.counters["tally"])
        substituted += finished.counters["substituted"]
    return {
        "rows": result.read,
        "sent": before + len(result.keys) // SIZE,
        "rejected": len(result.rejects),
        "guarded": sum(reject.code is RejectCode.MAX_PARTS for reject in result.rejects),
        "duplicates": result.repeated - before,
        "opted_out": result.opted_out,
        "substituted": substituted,
        "tally": tally.to_json(),
        "notes": list(result.notes),
    }


def _write(current: _Run, result: ChunkResult) -> None:
    if result.template:
        current.spool.add(Slot.TEMPLATE, result.template)
    for group in result.own:
        current.spool.add(Slot.OWN, group)
    _publish(current)


def _publish(current: _Run) -> None:
    """Give files their final names, then store what is open; inside a transaction."""
    current.ledger.store_open_rows(current.spool.settle())
    if current.volumes is not None:
        current.volumes.publish()
    current.ledger.store_position(current.spool.position)


def _finish(current: _Run) -> None:
    if current.spool.numbers():
        with current.ledger.transaction():
            current.spool.close()
            _publish(current)
        current.spool.forget()
