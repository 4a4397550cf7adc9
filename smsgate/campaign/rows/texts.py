"""Rows of a chunk as texts: lines of a template if possible, else messages of their own.

All rows of a chunk are examined together with ``str`` and ``re``, which is fast. Only rows in which
that finds something are examined one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2b

from smsenc import Coding, OptionError, SmsencError, SplitError
from smsenc.cleanup import clean_text
from smsenc.messagefile.parameters import MOST_PARTS
from smsenc.messagefile.profile import CLICKATELL
from smsenc.messagefile.rows import DELIMITERS
from smsenc.substitute import Substitute, substitute
from smsgate.campaign.rows.job import Campaign, head, plain_of, template_in, template_of
from smsgate.campaign.rows.model import ChunkMessages, Group, row_numbers
from smsgate.campaign.rows.parts import (
    GSM_CHARACTERS,
    MOST_SINGLE,
    ONE_SEPTET,
    PER_PART,
    Cost,
    expensive_in,
)
from smsgate.campaign.rows.recipients import UNIT, Recipients, picked
from smsgate.campaign.rows.template import Template
from smsgate.campaign.tables.model import RejectCode

# The length of a line decides its cost unless a character takes two septets or is Unicode. A line
# with a line break cannot be a line of the template.
_CHEAP = "".join(sorted(ONE_SEPTET)) + UNIT
_SPECIAL = re.compile(f"[^{re.escape(_CHEAP)}]")
_CHEAP_OCTETS = f"{_CHEAP}\n".encode("latin-1")
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
    changed = template is not plain_of(campaign)  # then each row may do better without that
    every = range(len(found.lines))
    for index in every if changed else _special_rows(found, messages.parts):
        _count_row(index, campaign, found, messages)
    messages.guard(campaign, found)
    _add_template(campaign, template, found, messages)
    _add_own(campaign, found, messages)
    return messages


def _notes(campaign: Campaign, template: Template, found: Recipients) -> tuple[str, ...]:
    """What was changed in the text, and in the columns that it uses, each kind of change once."""
    notes = [f"text: {change}" for change in clean_text(campaign.text or "").changes]
    for field in template.fields:
        # Nearly always all cells are printable; then nothing was changed.
        cells = found.columns[field.index]
        if not "".join(cells).isprintable():
            changes = (change for cell in cells for change in clean_text(cell.strip()).changes)
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
        longest = max(map(len, found.lines), default=0)
        if base + longest - min(map(len, found.numbers), default=0) <= MOST_SINGLE:
            return [1] * len(found.lines)
        pairs = zip(map(len, found.lines), map(len, found.numbers), strict=True)
        lengths = [base + line - number for line, number in pairs]
    else:
        contents = map(found.content, range(len(found.lines)))
        lengths = [base + sum([len(cells[n]) for n in order]) for cells in contents]
    # The septets of an expensive character stay in one part.
    most = MOST_SINGLE if template.expensive else len(_PARTS) - 1
    return [_PARTS[length] if length <= most else None for length in lengths]


def _special_rows(found: Recipients, parts: list[int | None]) -> list[int]:
    """Indices of rows whose parts, or whose place in the template, depend on their characters."""
    together = "\n".join(found.lines)
    if together.count("\n") >= len(parts) > 0 or not _are_cheap(together):
        special = _SPECIAL.search
        return [n for n, line in enumerate(found.lines) if parts[n] is None or special(line)]
    return [n for n, count in enumerate(parts) if count is None] if None in parts else []


def _are_cheap(lines: str) -> bool:
    """Whether no line has a special character; as octets, that is seen in a tenth of the time."""
    try:
        return not lines.encode("latin-1").translate(None, _CHEAP_OCTETS)
    except UnicodeEncodeError:
        return False


def _count_row(index: int, campaign: Campaign, found: Recipients, messages: ChunkMessages) -> None:
    try:
        cost, cells = _cheapest(campaign, found.content(index))
    except OptionError as error:  # a character needs a library that is not there
        raise error.at(line=found.rows[index]) from None
    except SmsencError as error:
        messages.reject(found, index, RejectCode.TOO_LONG, error.message)
        return
    if cells is not None:
        messages.substituted += 1
        found.lines[index] = UNIT.join((found.numbers[index], *cells))
    messages.parts[index] = cost.parts
    if cost.coding is not Coding.GSM7 or "\n" in found.lines[index]:
        messages.apart[index] = cost


def _cheapest(campaign: Campaign, given: Sequence[str]) -> tuple[Cost, Sequence[str] | None]:
    """What a row costs, and its cells with substitutes; None if it is sent as it is.

    Substitutes have to make text and cells GSM 7-bit, in no more parts. Raises SmsencError.
    """
    if campaign.substitute is Substitute.NEVER:
        return plain_of(campaign).cost(given), None
    try:
        cost = plain_of(campaign).cost(given)
    except SplitError:
        if (better := _substituted(campaign, given, MOST_PARTS)) is None:
            raise
        return better
    better = None
    if cost.coding is not Coding.GSM7:
        better = _substituted(campaign, given, cost.parts)
    return better or (cost, None)


def _substituted(
    campaign: Campaign, given: Sequence[str], most: int
) -> tuple[Cost, Sequence[str]] | None:
    """A row in GSM 7-bit with substitutes; None if it takes more than ``most`` parts.

    None also if that leaves a cell empty or with spaces at its ends.
    """
    cells = given
    if expensive_in("".join(given)) is None:
        cells = [substitute(cell, campaign.substitute, GSM_CHARACTERS)[0] for cell in given]
        if expensive_in("".join(cells)) is None:
            return None
    if not all(cell and cell == cell.strip() for cell in cells):
        return None
    try:
        cost = template_of(campaign).cost(cells)
    except SplitError:
        return None
    return (cost, cells) if cost.coding is Coding.GSM7 and cost.parts <= most else None


# Lines of the template ---------------------------------------------------------------------------


def _add_template(
    campaign: Campaign, template: Template, found: Recipients, messages: ChunkMessages
) -> None:
    """Make lines of the template; rows that contain its delimiter become messages of their own."""
    together = messages.together()
    delimiter, clashing = _delimiter(picked(found.lines, together))
    for n in clashing:
        index = together[n]
        messages.apart[index] = template.cost(found.content(index))
    if clashing:
        together = messages.together()
    if together:
        lines = "\n".join(picked(found.lines, together))
        parts = bytes(filter(None, picked(messages.parts, together)))
        group = _template_group(campaign, lines, delimiter, parts)
        rows = row_numbers(picked(found.rows, together))
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


def _add_own(campaign: Campaign, found: Recipients, messages: ChunkMessages) -> None:
    for index, cost in sorted(messages.apart.items()):
        text = template_in(campaign, cost.coding).filled(found.content(index))
        try:
            group = _own_group(campaign, text, cost, found, [index])
        except SmsencError as error:  # a line that is longer than a message file may have
            messages.reject(found, index, RejectCode.TOO_LONG, error.message)
        else:
            messages.own.append(group)


def _one_text(campaign: Campaign, found: Recipients) -> ChunkMessages:
    """A text without fields: one message to all."""
    cost, changed = _cheapest(campaign, ())
    template = template_in(campaign, cost.coding)
    text, rows = template.filled(()), range(len(found.lines))
    messages = ChunkMessages([cost.parts for _ in rows])
    messages.notes = _notes(campaign, template, found)
    messages.substituted = 0 if changed is None else len(rows)
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
