"""What ``smsenc count`` found, in words."""

from __future__ import annotations

import textwrap
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from converters.outputs.job import WITH_HEADERS
from converters.shared.words import counted
from smsenc import IEI, Coding, Element, Language, Substitute, udh
from smsenc.scripts import EMOJI, LATIN, OTHER, scripts_of
from smsenc.splitting import capacity
from smsgate.cli.wording import WIDTH, named
from smsgate.masking import printable

if TYPE_CHECKING:
    from smsenc.messagefile.count import Count, Place, Way
    from smsgate.campaign.costs.prices import Prices

#: Entries of a list that people read.
_MOST_SHOWN = 20
#: Octets of the header of each of several parts.
_IN_PARTS = len(udh.encode((Element(IEI.CONCATENATION_8, bytes(3)),)))
#: Different characters of a script that are named one by one.
_MOST_NAMED = 5


def count_lines(found: Count) -> Iterator[str]:
    """One counted text for people: its parts, then what makes it expensive."""
    plan = found.plan
    shifts = _names(plan.payload.languages)
    tables = f" with {' and '.join(shifts)} tables" if shifts else ""
    yield (
        f"{_coding(plan.payload.coding)}{tables}, {counted(plan.units, 'unit')}, "
        f"{counted(plan.parts, 'part')}, room for {plan.room} more in the last part"
    )
    yield from (f"  ! {change}" for change in found.changes)
    yield from _offender_lines(found.offenders)
    for offset, original, replacement in plan.replaced[:_MOST_SHOWN]:
        yield f"  at {offset + 1}: {named(original)} is sent as {replacement!r}"
    if len(plan.replaced) > _MOST_SHOWN:
        yield f"  and {len(plan.replaced) - _MOST_SHOWN} more are replaced"
    if scripts := _scripts(found):
        yield _script_line(scripts, tables=found.in_tables())
    elif plan.extra:
        yield f"without such characters: {counted(plan.extra, 'part')} less"
    yield from (_way_line(found, way, hard=bool(scripts)) for way in found.ways())
    yield from _without_emoji(found)
    if shifts:
        yield _without_tables(found)
        yield f"FTP message files carry no national tables: use convert --format {WITH_HEADERS}"
    else:
        yield from _in_file(found)


def folded(lines: Iterable[str]) -> Iterator[str]:
    """Lines that a terminal would break are broken between words, and indented further."""
    for line in lines:
        indent = " " * (len(line) - len(line.lstrip()) + 2)
        yield from textwrap.wrap(line, WIDTH, subsequent_indent=indent) or ("",)


def _coding(coding: Coding) -> str:
    return "UCS-2" if coding is Coding.UCS2 else "GSM 7-bit"


def _names(languages: Iterable[Language]) -> list[str]:
    return list(dict.fromkeys(one.name.lower() for one in languages if one))


def _offender_lines(offenders: tuple[Place, ...]) -> Iterator[str]:
    """A line for each script; a few Latin letters and symbols have one each, with their place."""
    by_script: dict[str, list[Place]] = {}
    for place, script in zip(
        offenders, scripts_of(one.character for one in offenders), strict=True
    ):
        by_script.setdefault(script, []).append(place)
    for script, places in by_script.items():
        different = {place.character for place in places}
        if script in (LATIN, OTHER) and len(different) <= _MOST_NAMED:
            yield from _place_lines(places)
        else:
            kind = f"{script} character" if script else "other character"
            verb = "is" if len(places) == 1 else "are"
            yield f"  {counted(len(places), kind)} {verb} not in GSM 7-bit"


def _place_lines(places: list[Place]) -> Iterator[str]:
    """A line for each different character, with the place of the first."""
    times = Counter(place.character for place in places)
    first = {place.character: place for place in reversed(places)}
    for line, column, character in sorted(first.values()):
        often = f", {times[character]} times," if times[character] > 1 else ""
        where = f"line {line}, column {column}"
        yield f"  {where}: {named(character)}{often} is not in the default GSM 7-bit alphabet"


def _scripts(found: Count) -> list[str]:
    """The scripts of a text in UCS-2, if GSM 7-bit lacks most of its letters."""
    if found.plan.payload.coding is not Coding.UCS2:
        return []
    scripts = Counter(scripts_of(one.character for one in found.offenders))
    own = [script for script in scripts if script not in (LATIN, OTHER, EMOJI)]
    letters = sum(unicodedata.category(character)[0] in "LM" for character in found.text)
    return own if sum(scripts[script] for script in own) * 2 > letters else []


def _script_line(scripts: list[str], *, tables: bool) -> str:
    """What a part holds in these scripts, which only ``tables`` hold in septets, if any do."""
    lone, shared = (capacity(header, Coding.UCS2) // 2 for header in (0, _IN_PARTS))
    only = "" if tables else "only "
    names = ", ".join(scripts)
    return f"{only}UCS-2 has {names}: {lone} characters in one part, {shared} in each of several"


def _without_emoji(found: Count) -> Iterator[str]:
    """How many parts it would be without emoji, where these are not all that is in the way."""
    scripts = set(scripts_of(one.character for one in found.offenders))
    way = found.without_emoji() if len(scripts) > 1 else None
    if way:
        changed = way.substitute != Substitute.NEVER
        how = f", and with --substitute {way.substitute}" if changed else ""
        yield f"without the emoji{how}: {counted(way.parts, 'part')}"


def _way_line(found: Count, way: Way, *, hard: bool) -> str:
    """What a way saves; Latin letters are ``hard`` to read where they spell another script."""
    options = [f"--language {name}" for name in _names(way.languages)]
    if way.substitute != Substitute.NEVER:
        options.append(f"--substitute {way.substitute}")
    but = ", but not in a message file, nor on all phones" if way.languages else ""
    letters = "in Latin letters, hard to read" if hard else "in Latin letters"
    latin = f" ({letters})" if way.substitute == Substitute.FULL else ""
    saved = found.plan.parts - way.parts
    in_file = "" if way.languages else _saved_in_file(found, way, saved)
    return f"{' '.join(options)} would save {counted(saved, 'part')}{latin}{but}{in_file}"


def _saved_in_file(found: Count, way: Way, saved: int) -> str:
    """What a way saves in a message file, if that is less."""
    file = found.file_of(way)
    if found.file is None or file is None:
        return ""
    less = len(found.file.segments) - len(file.segments)
    why = f", because of {named(file.forced)}" if file.forced else ""
    return "" if less >= saved else f", but {less or 'none'} in a message file{why}"


def _without_tables(found: Count) -> str:
    """What a message file makes of the text, which has no national tables."""
    if found.file is None:
        return f"in a message file: {found.refused}"
    segments = found.file.segments
    return f"in a message file: {_coding(segments[0].coding)}, {counted(len(segments), 'part')}"


def _in_file(found: Count) -> Iterator[str]:
    if found.file is None:
        yield f"in a message file: {found.refused}"
    elif replaced := found.replaced_in_file():
        names = ", ".join(map(named, replaced))
        yield f"in a message file: {counted(len(found.file.segments), 'part')}, replacing {names}"
    elif found.file.forced or len(found.file.segments) != found.plan.parts:
        why = f", Unicode because of {named(found.file.forced)}" if found.file.forced else ""
        euro = found.without_euro()
        other = f"; with EUR: {counted(euro, 'part')}" if euro else ""
        yield f"in a message file: {counted(len(found.file.segments), 'part')}{why}{other}"


def shown_lines(found: Count) -> Iterator[str]:
    """The text of each part, with a bar at both ends."""
    texts = found.texts()
    for number, text in enumerate(texts, start=1):
        yield f"part {number} of {len(texts)}:"
        yield from (f"  |{printable(line)}|" for line in text.replace("\r\n", "\n").split("\n"))


def costs(found: Count, prices: Prices) -> dict[str, str]:
    """What the text costs for one recipient, by country; amounts are texts."""
    parts = len(found.file.segments) if found.file else found.plan.parts
    named_prices = dict(prices.countries)
    every = {"default": prices.default} if prices.default is not None else {}
    return {name: str(price * parts) for name, price in (named_prices | every).items()}


def cost_lines(found: Count, prices: Prices) -> Iterator[str]:
    """What the text costs for one recipient in each country of a price table."""
    if found.file and len(found.file.segments) != found.plan.parts:
        yield f"prices of the message file, {counted(len(found.file.segments), 'part')}:"
    for country, cost in costs(found, prices).items():
        name = "other countries" if country == "default" else country
        yield f"{name}: {cost} {prices.currency}"
