"""Texts of a campaign as their recipients will read them."""

from __future__ import annotations

from typing import NamedTuple

from smsgate.campaign.rows.job import Campaign, template_of
from smsgate.campaign.rows.recipients import find_recipients
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
    template = template_of(campaign)
    found = find_recipients(campaign, chunk, template.columns)
    texts = [template.filled(content) for content in found.contents]
    parts = text_messages(campaign, found).parts
    sent = [index for index, count in enumerate(parts) if count]
    if not sent:
        return ()
    longest = max(sent, key=lambda index: len(texts[index]))
    most_parts = max(sent, key=lambda index: parts[index] or 0)
    chosen = list(dict.fromkeys((sent[0], longest, most_parts, *sent)))[:most]
    return tuple(Sample(found.rows[n], found.numbers[n], parts[n] or 0, texts[n]) for n in chosen)
