"""A campaign from its table to its outbox, chunk by chunk; killed, it goes on where it was.

Chunks are worked out anywhere, in any order, and committed here in theirs. A chunk's files lie in
the outbox before the journal says so (``ledger`` tells why that is safe), so the outbox of a run
that was killed and resumed is that of one that wasn't, octet for octet.
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
from typing import Any

from converters.errors import GuardError
from smsenc.messagefile import PLACEHOLDER, Credentials
from smsgate.campaign.books.archive import folder_of, is_archive, pack
from smsgate.campaign.books.ledger import Done, Ledger
from smsgate.campaign.books.spool import Spool
from smsgate.campaign.costs.tally import Tally
from smsgate.campaign.rows import job
from smsgate.campaign.rows.job import Campaign
from smsgate.campaign.rows.keys import SIZE, Seen, packed, unpacked
from smsgate.campaign.rows.model import GUARD
from smsgate.campaign.rows.rejects import Reject, written
from smsgate.campaign.schedule import Map
from smsgate.campaign.tables import kinds
from smsgate.campaign.tables.model import Chunk
from smsgate.campaign.worker import Result, Task, work
from smsgate.outbox import journal
from smsgate.outbox.folder import Volumes
from smsgate.outbox.writing import write_pieces

#: Rows of a chunk.
ROWS = 10_000
_TEMPLATE, _OWN = "template", "own"


@dataclass(frozen=True, slots=True)
class Shard:
    """One of several runs that share a table: every ``of``-th chunk, from ``number`` (1 …) on.

    What stands twice in the table is found where both rows are in chunks of one shard.
    """

    number: int = 1
    of: int = 1

    def __contains__(self, chunk: object) -> bool:
        return isinstance(chunk, int) and chunk % self.of == self.number - 1


WHOLE = Shard()


@dataclass(slots=True)
class Report:
    """What a campaign came to, chunks that an earlier run did among them.

    ``rows`` were read; ``sent`` of them have a message, ``written`` of those by this run.
    ``examples`` are the first of the rejected ones.
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
    tally: Tally = field(default_factory=Tally)
    notes: dict[str, None] = field(default_factory=dict)
    examples: tuple[Reject, ...] = ()

    def add(self, counters: dict[str, Any]) -> None:
        """Count a chunk."""
        for name in _COUNTED:
            setattr(self, name, getattr(self, name) + counters[name])
        self.tally += Tally.from_json(counters["tally"])
        self.notes.update(dict.fromkeys(counters["notes"]))


_COUNTED = ("rows", "sent", "rejected", "guarded", "duplicates", "opted_out", "substituted")
_EXAMPLES = 10  # of rejected rows in a report; a file has them all
#: Called after each chunk, with what the campaign came to so far.
Progress = Callable[[Report, Chunk], None]


def _silent(report: Report, chunk: Chunk) -> None:
    """Show nothing."""


@dataclass(slots=True)
class _Run:
    campaign: Campaign
    ledger: Ledger
    spool: Spool
    volumes: Volumes | None
    seen: Seen
    report: Report = field(default_factory=Report)


def run(  # noqa: PLR0913 - what a run is, and where it works
    campaign: Campaign,
    out: Path,
    *,
    over: Map = map,
    credentials: Credentials = PLACEHOLDER,
    shard: Shard = WHOLE,
    rejects: Path | None = None,
    progress: Progress = _silent,
    rows: int = ROWS,
) -> Report:
    """Write what is not written yet of a campaign to ``out``, a folder or an archive (``.zip``).

    The journal lies beside it.
    ``over`` is a Map of ``schedule.workers``; ``rejects`` names a file for the rows that were left
    out. Raises GuardError for an outbox or journal of
    something else and for a table whose sent rows have changed; OutboxError, SourceError.
    """
    folder, beside = folder_of(out), journal.path_of(out)
    volumes = Volumes(folder, secret=credentials != PLACEHOLDER)
    with volumes.opened(), Ledger(beside) as ledger:
        _guard(out, ledger)
        identity = campaign.identity() | {"shard": repr((shard, rows))}
        ledger.claim(identity | {"log-in": repr(credentials != PLACEHOLDER)})
        made = _begun(campaign, ledger, beside, volumes, job.log_in(credentials))
        pieces, place = made.spool.numbers(), made.spool.place
        volumes.sweep(lambda number: number < place.number and number not in pieces)
        report = _go(made, over, _chunks(campaign, shard, rows), progress)
        if is_archive(out):
            pack(out)
        _give_back(made, rejects, report)
        return report


def rehearse(  # noqa: PLR0913 - as run
    campaign: Campaign,
    *,
    over: Map = map,
    shard: Shard = WHOLE,
    rejects: Path | None = None,
    progress: Progress = _silent,
    rows: int = ROWS,
) -> Report:
    """What ``run`` would come to from the beginning; nothing is written but ``rejects``."""
    with TemporaryDirectory(prefix="smsenc-") as folder:
        beside = Path(folder) / "journal"
        with Ledger(beside) as ledger:
            made = _begun(campaign, ledger, beside, None, b"")
            report = _go(made, over, _chunks(campaign, shard, rows), progress)
            _give_back(made, rejects, report)
            return report


def _give_back(made: _Run, path: Path | None, report: Report) -> None:
    report.examples = tuple(islice(made.ledger.rejects(), _EXAMPLES))
    if path is not None:
        write_pieces(path, written(made.campaign.table.columns, made.ledger.rejects()))


def _guard(out: Path, ledger: Ledger) -> None:
    begun = ledger.kept("campaign") is not None
    folder = folder_of(out)
    found = out.is_file() or any(folder.glob("*.txt")) or any(folder.glob("[0-9]*/*.txt"))
    if found and not begun:
        raise GuardError("expected an empty outbox, found message files", source=str(out))
    if begun and not found and ledger.place.files > len(ledger.open_files()):
        raise GuardError(
            "expected the files of this campaign, found none; "
            f"remove {journal.path_of(out)} to begin again",
            source=str(out),
        )


def _begun(
    campaign: Campaign, ledger: Ledger, beside: Path, volumes: Volumes | None, log_in: bytes
) -> _Run:
    spool = Spool(
        beside.with_name(f"{beside.name}.d"),
        volumes,
        place=ledger.place,
        log_in=log_in,
        template_head=partial(job.template_head, campaign),
        limit=campaign.limit,
    )
    spool.resume(ledger.open_files())
    spool.forget()  # what a killed run left
    seen = Seen(ledger.stored_keys)
    for keys in ledger.stored_keys():
        seen.add(keys)
    return _Run(campaign, ledger, spool, volumes, seen)


def _chunks(campaign: Campaign, shard: Shard, rows: int) -> Iterator[Chunk]:
    return (chunk for chunk in kinds.chunks(campaign.table, rows) if chunk.number in shard)


def _go(made: _Run, over: Map, chunks: Iterator[Chunk], progress: Progress) -> Report:
    given: deque[Task] = deque()
    for result in over(work, _tasks(made, chunks, given, progress)):
        task = given.popleft()
        _commit(made, task, result)
        progress(made.report, task.chunk)
    _finish(made)
    made.report.files = made.spool.place.files
    return made.report


def _tasks(
    made: _Run, chunks: Iterator[Chunk], given: deque[Task], progress: Progress
) -> Iterator[Task]:
    """The chunks to be done; those that the journal knows are counted."""
    left = made.ledger.chunks()
    for chunk in chunks:
        done = made.ledger.chunk(chunk.number)
        left -= done is not None
        if done and done.digest == kinds.digest(made.campaign.table, chunk):
            made.report.add(done.counters)
            progress(made.report, chunk)
        else:
            given.append(Task(made.campaign, chunk))
            yield given[-1]
    if left > 0:
        raise _changed("the table's end is gone")


def _changed(what: str) -> GuardError:
    return GuardError(f"expected the rows that were sent before, found that {what}")


def _commit(made: _Run, task: Task, result: Result) -> None:
    """Write a chunk and say so: first the files, then the journal, at once."""
    done = made.ledger.chunk(task.chunk.number)
    before = frozenset(unpacked(done.keys)) if done else frozenset()
    if known := made.seen.known(array("Q", result.keys)):
        # Rare, so that the whole chunk may be done again without what has been sent.
        result = work(task._replace(known=known))
    if not before <= known:
        first, last = task.chunk.first_row, task.chunk.first_row + task.chunk.count - 1
        raise _changed(f"some of rows {first} to {last} have changed")
    counters = _counters(result, done, len(before))
    keys = packed((*before, *array("Q", result.keys)))
    with made.ledger.transaction():
        _write(made, result)
        made.ledger.commit_chunk(
            task.chunk.number, Done(result.digest, keys, counters), result.rejects
        )
    made.spool.forget()
    made.report.add(counters)
    made.report.written += len(result.keys) // SIZE


def _counters(result: Result, done: Done | None, before: int) -> dict[str, Any]:
    """What a chunk came to, with what an earlier run sent of it."""
    tally = result.tally + Tally.from_json(done.counters["tally"]) if done else result.tally
    return {
        "rows": result.read,
        "sent": before + len(result.keys) // SIZE,
        "rejected": len(result.rejects),
        "guarded": sum(reject.code == GUARD for reject in result.rejects),
        "duplicates": result.repeated - before,
        "opted_out": result.opted_out,
        "substituted": result.substituted + (done.counters["substituted"] if done else 0),
        "tally": tally.to_json(),
        "notes": result.notes,
    }


def _write(made: _Run, result: Result) -> None:
    if result.template:
        made.spool.add(_TEMPLATE, result.template)
    for group in result.own:
        made.spool.add(_OWN, group)
    _publish(made)


def _publish(made: _Run) -> None:
    """Files under their names, then what is open in the journal; inside a transaction."""
    made.ledger.keep_open(made.spool.settle())
    if made.volumes is not None:
        made.volumes.publish()
    made.ledger.keep("place", made.spool.place)


def _finish(made: _Run) -> None:
    if made.spool.numbers():
        with made.ledger.transaction():
            made.spool.close()
            _publish(made)
        made.spool.forget()
