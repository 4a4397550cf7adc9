"""Texts of a campaign as their recipients will read them."""

from __future__ import annotations

from typing import NamedTuple

from smsenc import Coding
from smsgate.campaign.rows.job import Campaign, template_in, template_of
from smsgate.campaign.rows.model import ChunkMessages
from smsgate.campaign.rows.recipients import Recipients, find_recipients
from smsgate.campaign.rows.texts import text_messages
from smsgate.campaign.tables import kinds


class Sample(NamedTuple):
    """A row of the table with its number, its parts and its text."""

    row: int
    number: str
    parts: int
    text: str


def samples(campaign: Campaign, most: int) -> tuple[Sample, ...]:
    """At most so many rows that are sent, from the first chunk of the table.

    The first row, the longest and the one with the most parts come first, then the following rows.
    There are none for a campaign that sends files.
    """
    chunk = next(kinds.chunks(campaign.table), None) if most and campaign.text else None
    if chunk is None:
        return ()
    found = find_recipients(campaign, chunk, template_of(campaign).columns)
    messages = text_messages(campaign, found)  # puts substitutes into the cells of ``found``
    parts, texts = messages.parts, _texts(campaign, found, messages)
    sent = [index for index, count in enumerate(parts) if count]
    if not sent:
        return ()
    longest = max(sent, key=lambda index: len(texts[index]))
    most_parts = max(sent, key=lambda index: parts[index] or 0)
    chosen = list(dict.fromkeys((sent[0], longest, most_parts, *sent)))[:most]
    return tuple(Sample(found.rows[n], found.numbers[n], parts[n] or 0, texts[n]) for n in chosen)


def _texts(campaign: Campaign, found: Recipients, messages: ChunkMessages) -> list[str]:
    """The text of each row, which depends on its coding."""
    apart = messages.apart
    codings = (apart[n].coding if n in apart else Coding.GSM7 for n in range(len(found.rows)))
    return [
        template_in(campaign, coding).filled(found.content(index))
        for index, coding in enumerate(codings)
    ]
