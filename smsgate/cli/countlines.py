"""What ``smsenc count`` found, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from converters.outputs.job import WITH_HEADERS
from converters.shared.words import counted
from smsenc import Coding, Language, Substitute
from smsenc.scripts import LATIN, OTHER, scripts_of
from smsgate.cli.wording import named
from smsgate.masking import printable

if TYPE_CHECKING:
    from smsenc.messagefile.count import Count, Place, Way
    from smsgate.campaign.costs.prices import Prices

#: Entries of a list that people read.
_MOST_SHOWN = 20
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
        f"{_without_tables(found) if shifts else ''}"
    )
    yield from (f"  ! {change}" for change in found.changes)
    yield from _offender_lines(found.offenders)
    for offset, original, replacement in plan.replaced[:_MOST_SHOWN]:
        yield f"  at {offset + 1}: {named(original)} is sent as {replacement!r}"
    if len(plan.replaced) > _MOST_SHOWN:
        yield f"  and {len(plan.replaced) - _MOST_SHOWN} more are replaced"
    if plan.extra:
        yield f"without such characters: {counted(plan.extra, 'part')} less"
    yield from (_way_line(way, plan.parts) for way in found.ways())
    if shifts:
        yield f"FTP message files carry no national tables: use convert --format {WITH_HEADERS}"
    else:
        yield from _in_file(found)


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


def _way_line(way: Way, parts: int) -> str:
    options = [f"--language {name}" for name in _names(way.languages)]
    if way.substitute != Substitute.NEVER:
        options.append(f"--substitute {way.substitute}")
    but = ", but not in a message file" if way.languages else ""
    latin = " (in Latin letters)" if way.substitute == Substitute.FULL else ""
    saved = counted(parts - way.parts, "part")
    return f"{' '.join(options)} would save {saved}{latin}{but}"


def _without_tables(found: Count) -> str:
    """What a message file makes of the text, which has no national tables."""
    if found.file is None:
        return f"; in a message file: {found.refused}"
    segments = found.file.segments
    return f"; in a message file {_coding(segments[0].coding)}, {counted(len(segments), 'part')}"


def _in_file(found: Count) -> Iterator[str]:
    if found.file is None:
        yield f"in a message file: {found.refused}"
    elif found.file.forced or len(found.file.segments) != found.plan.parts:
        why = f", Unicode because of {named(found.file.forced)}" if found.file.forced else ""
        yield f"in a message file: {counted(len(found.file.segments), 'part')}{why}"


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
    for country, cost in costs(found, prices).items():
        name = "other countries" if country == "default" else country
        yield f"{name}: {cost} {prices.currency}"
