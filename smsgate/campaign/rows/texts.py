"""Rows of a chunk as texts: lines of a template where they stay text, messages of their own else.

All rows of a chunk are looked at together, by ``str`` and ``re`` at the speed of C; one by one only
those in which that finds something.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from hashlib import blake2b

from smsenc import Coding, SmsencError, encode_text
from smsenc.messagefile.packing import package
from smsenc.messagefile.parameters import MOST_PARTS
from smsenc.messagefile.profile import CLICKATELL
from smsenc.substitute import Substitute, substitute
from smsgate.campaign.rows.job import Campaign, head, template_of
from smsgate.campaign.rows.model import Group, Made
from smsgate.campaign.rows.parts import ALONE, EACH, ONE, PLAIN, Cost, dear_in
from smsgate.campaign.rows.recipients import UNIT, Recipients
from smsgate.campaign.rows.template import Template

#: Tried in turn; none of them occurs in a number.
DELIMITERS = (",", "|", ";", "~", "^", "!")

# What their length does not settle: a character of two septets or of Unicode, and a line break.
_PLAIN = re.escape("".join(sorted(ONE)) + UNIT)
_ODD = re.compile(f"[^{_PLAIN}]")
_ANY_ODD = re.compile(f"[^{_PLAIN}\n]")
#: Parts of so many septets, where a cut may be made between any two.
_PARTS = (1,) * (ALONE + 1) + tuple(-(-n // EACH) for n in range(ALONE + 1, MOST_PARTS * EACH + 1))


def texts(campaign: Campaign, found: Recipients) -> Made:
    """The texts of the rows that ``recipients`` found, in which those stay that are sent."""
    template = template_of(campaign)
    if not template.own:
        return _one_text(campaign, found)
    made = Made(_quick_parts(template, found))
    for place in _odd(found, made.parts):
        _look_at(place, campaign, found, made)
    made.guard(campaign, found)
    _fill(campaign, template, found, made)
    return made


# Counting ----------------------------------------------------------------------------------------


def _quick_parts(template: Template, found: Recipients) -> list[int | None]:
    """Parts by length alone; None where that does not tell."""
    base, used = template.septets, template.used
    if base is None:
        return [None] * len(found.lines)
    if len(used) == len(template.own):
        base -= len(used)  # as many as there are UNITs in a line
        lengths = [base + len(x) - size for x, size in zip(found.lines, found.sizes, strict=True)]
    else:
        lengths = [base + sum([len(cells[n]) for n in used]) for cells in found.contents]
    most = ALONE if template.dear else len(_PARTS) - 1  # a pair is never cut in two
    if max(lengths, default=0) <= most:
        return [_PARTS[length] for length in lengths]
    return [_PARTS[length] if length <= most else None for length in lengths]


def _odd(found: Recipients, parts: list[int | None]) -> list[int]:
    """Rows whose parts and place do not follow from their length."""
    whole = "\n".join(found.lines)
    odd = _ODD if _ANY_ODD.search(whole) or whole.count("\n") >= len(parts) > 0 else _NEVER
    if odd is _NEVER and None not in parts:
        return []
    return [n for n, line in enumerate(found.lines) if parts[n] is None or odd.search(line)]


_NEVER = re.compile("(?!)")


def _look_at(place: int, campaign: Campaign, found: Recipients, made: Made) -> None:
    line, template = found.lines[place], template_of(campaign)
    try:
        cost = template.cost(found.contents[place])
        if campaign.substitute and cost.coding is not Coding.GSM7:
            better = _substituted(place, template, found, cost.parts)
            made.substituted += better is not None
            cost = better or cost
    except SmsencError as error:
        made.reject(found, place, "too-long", error.message)
        return
    made.parts[place] = cost.parts
    if cost.coding is not Coding.GSM7 or "\n" in line:
        made.apart[place] = cost


def _substituted(place: int, template: Template, found: Recipients, most: int) -> Cost | None:
    """Have a row hold typographic substitutes, where it is GSM 7-bit with them.

    It is left as it is where that would take more parts than ``most``, or leave blanks alone.
    """
    given = found.contents[place]
    cells = tuple(substitute(cell, Substitute.TYPOGRAPHIC, PLAIN)[0] for cell in given)
    if dear_in("".join(cells)) is None or not all(cell and cell == cell.strip() for cell in cells):
        return None
    cost = template.cost(cells)
    if cost.coding is not Coding.GSM7 or cost.parts > most:
        return None
    found.contents[place] = cells
    found.lines[place] = UNIT.join((found.lines[place][: found.sizes[place]], *cells))
    return cost


# Lines of the template ---------------------------------------------------------------------------


def _fill(campaign: Campaign, template: Template, found: Recipients, made: Made) -> None:
    """Put each row where it goes."""
    together = [n for n, parts in enumerate(made.parts) if parts and n not in made.apart]
    delimiter, clashing = _delimiter([found.lines[n] for n in together])
    for line in clashing:
        place = together[line]
        made.apart[place] = template.cost(found.contents[place])
    if clashing:
        together = [n for n in together if n not in made.apart]
    if together:
        whole = "\n".join([found.lines[n] for n in together])
        parts = bytes([made.parts[n] or 0 for n in together])
        made.template = _rows(campaign, whole, delimiter, parts)
    for place, cost in sorted(made.apart.items()):
        text = template.filled(found.contents[place])
        made.own.append(_own(campaign, text, cost, _to(found, place)))


def _delimiter(lines: list[str]) -> tuple[str, list[int]]:
    """A delimiter, and the lines in which it occurs: none, if there is one that occurs in none.

    Otherwise it is the one that occurs in fewest.
    """
    whole = "\n".join(lines)
    for delimiter in DELIMITERS:
        if delimiter not in whole:
            return delimiter, []
    delimiter = min(DELIMITERS, key=lambda d: sum(d in line for line in lines))
    return delimiter, [n for n, line in enumerate(lines) if delimiter in line]


def _rows(campaign: Campaign, whole: str, delimiter: str, parts: bytes) -> Group:
    text = f"csv:{whole}\n".replace("\n", "\ncsv:", len(parts) - 1).replace(UNIT, delimiter)
    octets = text.encode(CLICKATELL.charset)
    return Group(delimiter.encode(), campaign.slug, (), octets, len(parts), parts)


# Messages of their own ---------------------------------------------------------------------------


def _one_text(campaign: Campaign, found: Recipients) -> Made:
    """A text without fields: one message to all."""
    text = template_of(campaign).filled(())
    cost = template_of(campaign).cost(())
    made = Made([cost.parts] * len(found.lines))
    made.guard(campaign, found)
    if made.places():
        to = b"".join([_to(found, place) for place in range(len(found.lines))])
        made.own = [_own(campaign, text, cost, to)._replace(rows=len(found.lines))]
    if cost.coding is not Coding.GSM7:
        made.apart = dict.fromkeys(range(len(found.lines)), cost)
    return made


def _to(found: Recipients, place: int) -> bytes:
    return b"to:%s\n" % found.lines[place][: found.sizes[place]].encode()


def _own(campaign: Campaign, text: str, cost: Cost, to: bytes) -> Group:
    octets = _unicode_head(campaign, text, cost) if cost.coding is Coding.UCS2 else None
    if octets is None:
        octets = head(package(encode_text(text), campaign.message, reference=1).messages[0])
    key = blake2b(octets, digest_size=16).digest()
    return Group(key, campaign.slug, (octets,), to, 1)


def _unicode_head(campaign: Campaign, text: str, cost: Cost) -> bytes | None:
    """What ``package`` and ``head`` make of a Unicode text, forty times as fast."""
    digits = text.encode("utf-16-be").hex().upper()
    if len("text:") + len(digits) > CLICKATELL.longest_line:
        return None
    return b"%stext:%s\n" % (_before_text(campaign, cost.parts), digits.encode())


@lru_cache(maxsize=2 * MOST_PARTS)
def _before_text(campaign: Campaign, parts: int) -> bytes:
    concat = parts if parts > 1 else campaign.message.concat
    message = replace(campaign.message, text="0", unicode=True, concat=concat)
    return head(message).removesuffix(b"text:0030\n")
