"""One chunk, from its octets to lines and messages: pure but for reading what it is given.

The same campaign, chunk and known keys give the same result, in whatever process.
"""

from __future__ import annotations

import gc
from functools import partial
from typing import NamedTuple

from smsenc import Coding
from smsgate.campaign.costs.tally import Tally
from smsgate.campaign.rows.attachments import Attachment, attached, content_of
from smsgate.campaign.rows.job import Campaign, template_of
from smsgate.campaign.rows.model import Group, Made
from smsgate.campaign.rows.recipients import Recipients, recipients
from smsgate.campaign.rows.rejects import Reject
from smsgate.campaign.rows.texts import texts
from smsgate.campaign.tables import kinds
from smsgate.campaign.tables.model import Chunk, one_by_one


class Task(NamedTuple):
    """A chunk to be done; ``known`` are keys of rows that have been sent."""

    campaign: Campaign
    chunk: Chunk
    known: frozenset[int] = frozenset()


class Result(NamedTuple):
    """A chunk's lines and messages, ready to be written, and what they come to.

    ``keys`` are those of the rows that are sent, eight octets each; ``template`` are the rows that
    stay text, ``own`` the messages of the others. Of ``read`` rows, ``opted_out`` want nothing and
    ``repeated`` are known or stand twice in the chunk. ``notes`` are losses, each said once; in
    so many rows characters were ``substituted``.
    """

    digest: bytes
    keys: bytes
    template: Group | None
    own: tuple[Group, ...]
    rejects: tuple[Reject, ...]
    read: int
    opted_out: int
    repeated: int
    tally: Tally
    notes: tuple[str, ...] = ()
    substituted: int = 0


def work(task: Task) -> Result:
    """What becomes of a chunk; raises SourceError where the table is no longer there."""
    # Its rows are fifty thousand objects without a cycle: looking for cycles among them, again and
    # again while they are made, takes a seventh of the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return _worked(task)
    finally:
        if collecting:
            gc.enable()


def _worked(task: Task) -> Result:
    campaign, chunk, known = task
    if campaign.text is not None:
        found = recipients(campaign, chunk, template_of(campaign).columns, known)
        made = texts(campaign, found)
    else:
        seen: dict[str, Attachment] = {}
        content = partial(one_by_one, partial(content_of, campaign, seen))
        found = recipients(campaign, chunk, content, known)
        made = attached(campaign, found, seen)
    tally, read = _tally(campaign, found, made), found.read
    if len(sent := made.places()) < len(found.rows):
        found.keep(sent)
    return Result(
        digest=kinds.digest(campaign.table, chunk),
        keys=found.keys.tobytes(),
        template=made.template,
        own=tuple(made.own),
        rejects=tuple(sorted((*found.rejects, *made.rejects))),
        read=read,
        opted_out=found.opted_out,
        repeated=found.repeated,
        tally=tally,
        notes=made.notes,
        substituted=made.substituted,
    )


def _tally(campaign: Campaign, found: Recipients, made: Made) -> Tally:
    tally = Tally()
    add, apart, filled = tally.add, made.apart, template_of(campaign).filled
    counted = zip(found.rows, found.countries, made.parts, strict=True)
    for place, (row, country, parts) in enumerate(counted):
        if parts is None:
            continue
        if place in apart and apart[place].coding is Coding.UCS2:
            tally.add_unicode(row, country, parts, filled(found.contents[place]))
        else:
            add(row, country, parts)
    return tally
