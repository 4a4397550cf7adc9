"""Work on one chunk: from its octets to lines and messages.

The same campaign, chunk and known keys give the same result in any process. Nothing is written.
"""

from __future__ import annotations

import gc
from functools import partial
from typing import NamedTuple

from smsenc import Coding
from smsgate.campaign.costs.tally import CostTally
from smsgate.campaign.rows.attachments import Attachment, attachment_messages, content_of
from smsgate.campaign.rows.job import Campaign, template_of
from smsgate.campaign.rows.model import ChunkMessages, Group
from smsgate.campaign.rows.recipients import Recipients, find_recipients
from smsgate.campaign.rows.rejects import Reject
from smsgate.campaign.rows.texts import text_messages
from smsgate.campaign.tables import kinds
from smsgate.campaign.tables.model import Chunk, one_by_one


class ChunkTask(NamedTuple):
    """A chunk to work on; ``known`` are keys of rows that were sent before."""

    campaign: Campaign
    chunk: Chunk
    known: frozenset[int] = frozenset()


class ChunkResult(NamedTuple):
    """A chunk's lines and messages, ready to be written, and their counts.

    ``keys`` are those of the rows that are sent, as the octets of an array. ``template`` has the
    rows that are lines of the template, ``own`` the messages of the others. ``read`` rows were
    read; ``opted_out`` of them have opted out, ``blank`` have only empty cells, ``repeated`` were
    sent before or are in the chunk twice. ``notes`` are the losses, each once. In ``substituted``
    rows characters were substituted.
    """

    digest: bytes
    keys: bytes
    template: Group | None
    own: tuple[Group, ...]
    rejects: tuple[Reject, ...]
    read: int
    opted_out: int
    blank: int
    repeated: int
    tally: CostTally
    notes: tuple[str, ...] = ()
    substituted: int = 0


def work(task: ChunkTask) -> ChunkResult:
    """The result of a chunk; raises SourceError if the table is no longer there."""
    # A chunk's rows are fifty thousand objects without reference cycles. Without the garbage
    # collector a row takes 3.8 us, with it 4.7 (50,000 rows of benchmarks/batch.py).
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _result(task)
    finally:
        if collecting:
            gc.enable()


def _result(task: ChunkTask) -> ChunkResult:
    campaign, chunk, known = task
    if campaign.text is not None:
        found = find_recipients(campaign, chunk, template_of(campaign).columns, known)
        messages = text_messages(campaign, found)
    else:
        seen: dict[str, Attachment] = {}
        content = partial(one_by_one, partial(content_of, campaign, seen))
        found = find_recipients(campaign, chunk, content, known)
        messages = attachment_messages(campaign, found, seen)
    tally, read = _tally(campaign, found, messages), found.read
    if len(sent := messages.sent()) < len(found.rows):
        found.keep(sent)
    return ChunkResult(
        digest=kinds.digest(campaign.table, chunk),
        keys=found.keys.tobytes(),
        template=messages.template,
        own=tuple(messages.own),
        rejects=tuple(sorted((*found.rejects, *messages.rejects))),
        read=read,
        opted_out=found.opted_out,
        blank=found.blank,
        repeated=found.repeated,
        tally=tally,
        notes=messages.notes,
        substituted=messages.substituted,
    )


def _tally(campaign: Campaign, found: Recipients, messages: ChunkMessages) -> CostTally:
    tally = CostTally()
    add, apart, filled = tally.add, messages.apart, template_of(campaign).filled
    counted = zip(found.rows, found.countries, messages.parts, strict=True)
    for index, (row, country, parts) in enumerate(counted):
        if parts is None:
            continue
        if index in apart and apart[index].coding is Coding.UCS2:
            tally.add_unicode(row, country, parts, filled(found.contents[index]))
        else:
            add(row, country, parts)
    return tally
