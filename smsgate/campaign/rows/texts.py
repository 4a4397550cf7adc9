"""Rows of a chunk as texts: lines of a template if possible, else messages of their own.

All rows of a chunk are examined together with ``str`` and ``re``, which is fast. Only rows in which
that finds something are examined one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b
from operator import itemgetter

from smsenc import Coding, SmsencError
from smsenc.cleanup import clean_text
from smsenc.messagefile.parameters import MOST_PARTS
from smsenc.messagefile.profile import CLICKATELL
from smsenc.messagefile.rows import DELIMITERS
from smsenc.substitute import Substitute, substitute
from smsgate.campaign.rows.job import Campaign, head, template_of
from smsgate.campaign.rows.model import ChunkMessages, Group, row_numbers
from smsgate.campaign.rows.parts import (
    GSM_CHARACTERS,
    MOST_SINGLE,
    ONE_SEPTET,
    PER_PART,
    Cost,
    expensive_in,
)
from smsgate.campaign.rows.recipients import UNIT, Recipients
from smsgate.campaign.rows.template import Template
from smsgate.campaign.tables.model import RejectCode

# The length of a line decides its cost unless a character takes two septets or is Unicode. A line
# with a line break cannot be a line of the template.
_CHEAP = re.escape("".join(sorted(ONE_SEPTET)) + UNIT)
_SPECIAL = re.compile(f"[^{_CHEAP}]")
_ANY_SPECIAL = re.compile(f"[^{_CHEAP}\n]")
#: Parts by number of septets, if the text may be cut anywhere.
_PARTS = (
    *(1,) * (MOST_SINGLE + 1),
    *(-(-n // PER_PART) for n in range(MOST_SINGLE + 1, MOST_PARTS * PER_PART + 1)),
)


def text_messages(campaign: Campaign, found: Recipients) -> ChunkMessages:
    """The messages of rows with the cells of the template's fields as their content."""
    template = template_of(campaign)
    if not template.fields:
        return _one_text(campaign, found)
    messages = ChunkMessages(_parts_by_length(template, found))
    messages.notes = _notes(campaign, template, found)
    for index in _special_rows(found, messages.parts):
        _count_row(index, campaign, found, messages)
    messages.guard(campaign, found)
    _add_template(campaign, template, found, messages)
    _add_own(campaign, template, found, messages)
    return messages


def _notes(campaign: Campaign, template: Template, found: Recipients) -> tuple[str, ...]:
    """What was changed in the text, and in the columns that it uses, each kind of change once."""
    notes = [f"text: {change}" for change in clean_text(campaign.text or "").changes]
    for field in template.fields:
        # Nearly always all cells are printable; then nothing was changed.
        if not "".join(map(itemgetter(field.index), found.cells)).isprintable():
            cells = (row[field.index].strip() for row in found.cells)
            changes = (change for cell in cells for change in clean_text(cell).changes)
            notes += [f"{field.column}: {change.what}s {change.treatment}" for change in changes]
    return tuple(dict.fromkeys(notes))


# Counting ----------------------------------------------------------------------------------------


def _parts_by_length(template: Template, found: Recipients) -> list[int | None]:
    """The parts of each row if only its length matters; None if that is not enough."""
    base, order = template.septets, template.order
    if base is None:
        return [None] * len(found.lines)
    if len(order) == len(template.fields):
        base -= len(order)  # a line has as many UNITs
        pairs = zip(found.lines, found.numbers, strict=True)
        lengths = [base + len(line) - len(number) for line, number in pairs]
    else:
        lengths = [base + sum([len(cells[n]) for n in order]) for cells in found.contents]
    # The septets of an expensive character stay in one part.
    most = MOST_SINGLE if template.expensive else len(_PARTS) - 1
    if max(lengths, default=0) <= most:
        return [_PARTS[length] for length in lengths]
    return [_PARTS[length] if length <= most else None for length in lengths]


def _special_rows(found: Recipients, parts: list[int | None]) -> list[int]:
    """Indices of rows whose parts, or whose place in the template, depend on their characters."""
    together = "\n".join(found.lines)
    if _ANY_SPECIAL.search(together) or together.count("\n") >= len(parts) > 0:
        special = _SPECIAL.search
        return [n for n, line in enumerate(found.lines) if parts[n] is None or special(line)]
    return [n for n, count in enumerate(parts) if count is None]


def _count_row(index: int, campaign: Campaign, found: Recipients, messages: ChunkMessages) -> None:
    template = template_of(campaign)
    try:
        cost = template.cost(found.contents[index])
        if campaign.substitute and cost.coding is not Coding.GSM7:
            better = _substitute_row(index, template, found, cost.parts)
            messages.substituted += better is not None
            cost = better or cost
    except SmsencError as error:
        messages.reject(found, index, RejectCode.TOO_LONG, error.message)
        return
    messages.parts[index] = cost.parts
    if cost.coding is not Coding.GSM7 or "\n" in found.lines[index]:
        messages.apart[index] = cost


def _substitute_row(index: int, template: Template, found: Recipients, most: int) -> Cost | None:
    """Put typographic substitutes into a row if they make it GSM 7-bit.

    The row stays unchanged if that takes more than ``most`` parts or leaves a cell empty or with
    spaces at its ends.
    """
    given = found.contents[index]
    cells = tuple(substitute(cell, Substitute.TYPOGRAPHIC, GSM_CHARACTERS)[0] for cell in given)
    if expensive_in("".join(cells)) is None:
        return None
    if not all(cell and cell == cell.strip() for cell in cells):
        return None
    cost = template.cost(cells)
    if cost.coding is not Coding.GSM7 or cost.parts > most:
        return None
    found.contents[index] = cells
    found.lines[index] = UNIT.join((found.numbers[index], *cells))
    return cost


# Lines of the template ---------------------------------------------------------------------------


def _add_template(
    campaign: Campaign, template: Template, found: Recipients, messages: ChunkMessages
) -> None:
    """Make lines of the template; rows that contain its delimiter become messages of their own."""
    together = messages.together()
    delimiter, clashing = _delimiter([found.lines[n] for n in together])
    for n in clashing:
        index = together[n]
        messages.apart[index] = template.cost(found.contents[index])
    if clashing:
        together = messages.together()
    if together:
        lines = "\n".join([found.lines[n] for n in together])
        parts = bytes([messages.parts[n] or 0 for n in together])
        group = _template_group(campaign, lines, delimiter, parts)
        rows = row_numbers([found.rows[n] for n in together])
        messages.template = group._replace(numbers=rows)


def _delimiter(lines: list[str]) -> tuple[str, list[int]]:
    """A delimiter that is in the fewest lines, and the indices of those lines."""
    together = "\n".join(lines)
    for delimiter in DELIMITERS:
        if delimiter not in together:
            return delimiter, []
    delimiter = min(DELIMITERS, key=lambda d: sum(d in line for line in lines))
    return delimiter, [n for n, line in enumerate(lines) if delimiter in line]


def _template_group(campaign: Campaign, lines: str, delimiter: str, parts: bytes) -> Group:
    text = f"csv:{lines}\n".replace("\n", "\ncsv:", len(parts) - 1).replace(UNIT, delimiter)
    octets = text.encode(CLICKATELL.charset)
    return Group(delimiter.encode(), campaign.slug, (), octets, len(parts), parts)


# Messages of their own ---------------------------------------------------------------------------


def _add_own(
    campaign: Campaign, template: Template, found: Recipients, messages: ChunkMessages
) -> None:
    for index, cost in sorted(messages.apart.items()):
        text = template.filled(found.contents[index])
        try:
            group = _own_group(campaign, text, cost, found, [index])
        except SmsencError as error:  # a line that is longer than a message file may have
            messages.reject(found, index, RejectCode.TOO_LONG, error.message)
        else:
            messages.own.append(group)


def _one_text(campaign: Campaign, found: Recipients) -> ChunkMessages:
    """A text without fields: one message to all."""
    text = template_of(campaign).filled(())
    cost = template_of(campaign).cost(())
    rows = range(len(found.lines))
    messages = ChunkMessages([cost.parts for _ in rows])
    messages.notes = _notes(campaign, template_of(campaign), found)
    messages.guard(campaign, found)
    if messages.sent():
        messages.own = [_own_group(campaign, text, cost, found, rows)]
    if cost.coding is not Coding.GSM7:
        messages.apart = dict.fromkeys(rows, cost)
    return messages


def _own_group(
    campaign: Campaign, text: str, cost: Cost, found: Recipients, indices: Sequence[int]
) -> Group:
    message = replace(
        campaign.message,
        text=text,
        unicode=True if cost.coding is Coding.UCS2 else None,
        concat=cost.parts if cost.parts > 1 else campaign.message.concat,
    )
    octets = head(message)
    key = blake2b(octets, digest_size=16).digest()
    to = "".join([f"to:{found.numbers[n]}\n" for n in indices]).encode()
    rows = row_numbers([found.rows[n] for n in indices])
    return Group(key, campaign.slug, (octets,), to, len(indices), numbers=rows)
