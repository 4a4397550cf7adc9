"""Which run of an outbox a campaign continues, or that it is a new one.

The runs of the same campaign (options, text, columns) are told apart by the rows that they sent. A
table that still has some of them continues its run. A table that has none is another one: its mark
is made from its first chunk too, so that two tables never have the same mark.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from smsgate.campaign.books.ledger import Ledger
from smsgate.campaign.rows.job import Campaign
from smsgate.campaign.rows.keys import Seen, unpacked
from smsgate.campaign.tables import kinds
from smsgate.campaign.tables.model import Chunk
from smsgate.campaign.worker import ChunkTask, work
from smsgate.outbox import runs
from smsgate.outbox.runs import RunKind

#: The chunks of a table, from the first.
Chunks = Callable[[], Iterator[Chunk]]


def begin(ledger: Ledger, campaign: Campaign, chunks: Chunks, *, how: str, name: str) -> None:
    """Continue the campaign's run in the ledger, or begin one.

    ``how`` says how the table is divided. ``name`` is what the user called the run, or "".
    """
    key = runs.key_of(campaign.identity() | {"divided": how})
    first = next(chunks(), None)
    rows = kinds.digest(campaign.table, first).hex() if first else ""
    identity = runs.identity(RunKind.BATCH, runs.key_of({"campaign": key, "rows": rows}), name)
    for earlier in ledger.earlier(key, identity):
        if earlier.run_key == identity.key or _has_sent_rows(
            ledger, campaign, chunks, earlier.mark
        ):
            identity = identity._replace(key=earlier.run_key, label=earlier.label)
            break
    ledger.begin(key, identity)


def _has_sent_rows(ledger: Ledger, campaign: Campaign, chunks: Chunks, mark: str) -> bool:
    """Whether a table has a row that the run sent."""
    everybody = replace(campaign, opt_out=None)  # who opted out since was sent something, too
    seen = Seen(lambda: ledger.stored_keys(mark))
    for keys in ledger.stored_keys(mark):
        seen.add(keys)
    for chunk in chunks():
        finished = ledger.chunk(chunk.number, mark)
        if finished and finished.keys and finished.digest == kinds.digest(campaign.table, chunk):
            return True
        if seen.known(unpacked(work(ChunkTask(everybody, chunk)).keys)):
            return True
    return False


def sent_before(ledger: Ledger) -> dict[str, int]:
    """How many rows of this run other campaigns of the outbox have sent too, by their label."""
    others = [row for row in ledger.campaigns() if row.mark != ledger.mark]
    own = {key for keys in ledger.stored_keys() for key in keys} if others else set()
    found: dict[str, int] = {}
    for other in others:
        count = sum(len(own.intersection(keys)) for keys in ledger.stored_keys(other.mark))
        if count:
            found[f"{other.label} (run {other.mark})"] = count
    return found
