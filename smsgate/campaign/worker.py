"""Work on one chunk: from its octets to lines and messages.

The same campaign, chunk and known keys give the same result in any process. Nothing is written.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

from converters.shared.words import shortened
from smsenc import Coding
from smsgate.campaign.costs.tally import CostTally
from smsgate.campaign.rows.attachments import Attachment, attachment_messages, content_of
from smsgate.campaign.rows.job import Campaign, template_in, template_of
from smsgate.campaign.rows.keys import packed
from smsgate.campaign.rows.model import ChunkMessages, Group
from smsgate.campaign.rows.recipients import Content, Recipients, find_recipients, picked
from smsgate.campaign.rows.rejects import Reject
from smsgate.campaign.rows.texts import text_messages
from smsgate.campaign.tables import kinds
from smsgate.campaign.tables.model import Chunk, RowError, one_by_one

_LONGEST_FORMAT = 30
_FILTERS = "use |money or |date:dd/mm/yyyy in the text"


class ChunkTask(NamedTuple):
    """A chunk to work on; ``known`` are keys of rows that were sent before."""

    campaign: Campaign
    chunk: Chunk
    known: frozenset[int] = frozenset()


class ChunkResult(NamedTuple):
    """A chunk's lines and messages, ready to be written, and their counts.

    ``keys`` are those of the rows that are sent, as the journal has them. ``template`` has the
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
    # A chunk's rows are fifty thousand objects without reference cycles; the garbage collector
    # would search them again and again.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _result(task)
    finally:
        if collecting:
            gc.enable()


def _result(task: ChunkTask) -> ChunkResult:
    campaign, chunk, known = task
    seen: dict[str, Attachment] = {}
    found = find_recipients(campaign, chunk, _content(campaign, seen), known)
    messages = (
        attachment_messages(campaign, found, seen)
        if campaign.text is None
        else text_messages(campaign, found)
    )
    tally, read = _tally(campaign, found, messages), found.read
    if len(sent := messages.sent()) < len(found.rows):
        found.keep(sent)
    return ChunkResult(
        digest=kinds.digest(campaign.table, chunk),
        keys=packed(found.keys),
        template=messages.template,
        own=tuple(messages.own),
        rejects=tuple(sorted((*found.rejects, *messages.rejects))),
        read=read,
        opted_out=found.opted_out,
        blank=found.blank,
        repeated=found.repeated,
        tally=tally,
        notes=(*messages.notes, *_unformatted(campaign, chunk)),
        substituted=messages.substituted,
    )


def _unformatted(campaign: Campaign, chunk: Chunk) -> Iterator[str]:
    """The columns of the text whose number formats were not applied, each with one of them."""
    used = template_of(campaign).indices if campaign.text is not None else ()
    for column, code in dict(reversed(chunk.unformatted)).items():
        if column in used:
            name = campaign.table.columns[column]
            yield f"{name}: format {shortened(code, _LONGEST_FORMAT)} not applied: {_FILTERS}"


def _content(campaign: Campaign, seen: dict[str, Attachment]) -> Content:
    if campaign.text is not None:
        return template_of(campaign).columns
    return partial(one_by_one, partial(content_of, campaign, seen))


def opted_out_recipients(task: ChunkTask, *, contents: bool = True) -> Recipients:
    """The rows of a chunk whose numbers have opted out, as they would be sent otherwise.

    The campaign has a list of such numbers. Without ``contents``, keys and lines mean nothing.
    """
    content = _content(task.campaign, {}) if contents else _no_content
    return find_recipients(task.campaign, task.chunk, content, opted_out=True)


def _no_content(columns: list[list[str]]) -> tuple[Iterable[tuple[str]], dict[int, RowError]]:
    """A different one for each row, so that no row repeats another."""
    return zip(map(str, range(len(columns[0]))), strict=True), {}


def _tally(campaign: Campaign, found: Recipients, messages: ChunkMessages) -> CostTally:
    tally = CostTally()
    sent, parts = messages.sent(), filter(None, messages.parts)
    keys = list(zip(picked(found.countries, sent), parts, strict=True))
    tally.add(picked(found.rows, sent), keys)
    for index, cost in messages.apart.items():
        if cost.coding is Coding.UCS2:
            text = template_in(campaign, cost.coding).filled(found.content(index))
            tally.add_unicode(found.countries[index], cost.parts, text)
    return tally
