"""What the commands found, for people and as JSON. The only place that words results."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from converters.records import count_record as count_record  # noqa: PLC0414 - for commands
from converters.records import outcome_record as outcome_record  # noqa: PLC0414 - for commands
from converters.records import shown_record as shown_record  # noqa: PLC0414 - for commands

if TYPE_CHECKING:
    from converters.pipeline import Outcome
    from converters.received.inspect import Shown
    from converters.registry import Description
    from smsenc.messagefile.count import Count

#: Columns of the narrowest terminal that people still use.
WIDTH = 80

# A message may come from a stranger: nothing in it steers the terminal.
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def printable(text: str) -> str:
    """``text`` with control and direction characters spelt out."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def as_json(record: Mapping[str, Any]) -> str:
    """One line of JSON, in ASCII, so that no terminal, pipe or line reader can spoil it."""
    return json.dumps(record)


def as_csv(cells: Iterable[str]) -> str:
    """One line of a table. A cell that a spreadsheet would take for a formula is led by ``'``."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(map(_harmless, cells))
    return line.getvalue()


def _harmless(cell: str) -> str:
    text = printable(cell)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text


def outcome_lines(outcome: Outcome, paths: tuple[str, ...]) -> Iterator[str]:
    """One converted message for people: a line, and one for each loss."""
    size = f"{count(outcome.parts, 'part'):>8} {outcome.octets:>4} octets"
    yield f"{outcome.item:>4}  {outcome.kind or '':<13} {size}  {_names(paths)}"
    for loss in outcome.losses:
        yield f"      ! {printable(str(loss))}"


def _names(paths: tuple[str, ...]) -> str:
    """The first file without its folder, which the summary names, and how many more there are."""
    more = f" +{len(paths) - 1}" if len(paths) > 1 else ""
    return f"{printable(os.path.basename(paths[0]))}{more}" if paths else ""


def shown_lines(shown: Shown) -> Iterator[str]:
    """One inspected message for people: a heading, then what the phone shows."""
    port = f" on port {shown.port:04X}" if shown.port is not None else ""
    recipients = shown.to[0] if len(shown.to) == 1 else count(len(shown.to), "number")
    to = f", to {recipients}" if shown.to else ""
    yield printable(shown.source)
    parts = f", {count(shown.parts, 'part')}" if shown.parts else ""
    yield f"  {shown.kind}{port}{parts}{to}"
    yield from (f"    {printable(line)}" for line in shown.lines)
    yield ""


def count_lines(found: Count) -> Iterator[str]:
    """One counted text for people: the bill, then who is to blame for it."""
    counted = found.plan
    ucs2 = counted.payload.coding.value == "ucs2"
    shifts = [language.name.lower() for language in counted.payload.languages if language]
    tables = f" with {' and '.join(dict.fromkeys(shifts))} tables" if shifts else ""
    yield (
        f"{'UCS-2' if ucs2 else 'GSM 7-bit'}{tables}, {count(counted.units, 'unit')}, "
        f"{count(counted.parts, 'part')}, room for {counted.room} more in the last"
    )
    for line, column, character in found.offenders[:_MOST_SHOWN]:
        yield f"  line {line}, column {column}: {named(character)} is not in GSM 7-bit"
    if len(found.offenders) > _MOST_SHOWN:
        yield f"  and {len(found.offenders) - _MOST_SHOWN} more"
    for offset, original, replacement in counted.replaced[:_MOST_SHOWN]:
        yield f"  at {offset + 1}: {named(original)} is sent as {replacement!r}"
    if counted.extra:
        yield f"these cost {count(counted.extra, 'part')} more"
    if found.substituted:
        saved = counted.parts - found.substituted.parts
        yield f"--substitute typographic would save {count(saved, 'part')}"
    yield from _in_file(found)


def _in_file(found: Count) -> Iterator[str]:
    if found.file is None:
        yield f"in a message file: {found.refused}"
    elif found.file.forced or len(found.file.segments) != found.plan.parts:
        why = f", Unicode because of {named(found.file.forced)}" if found.file.forced else ""
        yield f"in a message file: {count(len(found.file.segments), 'part')}{why}"


#: Of a list that people read.
_MOST_SHOWN = 20


def named(text: str) -> str:
    """``'…' (U+2026)``: characters and their code points."""
    return f"'{printable(text)}' ({' '.join(f'U+{ord(c):04X}' for c in text)})"


def format_lines(said: Description) -> Iterator[str]:
    """One format for people: what it takes, then its options."""
    yield from _hanging(f"{said['name']:<10} ", " ".join(said["suffixes"]), 11)
    yield from _hanging("", said["summary"], 11)
    for name, summary in said["options"].items():
        yield from _hanging(f"{'':13}-O {name + '=…':<15} ", summary, 32)


def _hanging(head: str, text: str, indent: int) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=head or " " * indent, subsequent_indent=" " * indent
    )


def count(number: int, noun: str) -> str:
    """``1 part``, ``2,000 parts``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
