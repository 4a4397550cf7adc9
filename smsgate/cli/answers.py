"""What a command found: with --json an object for each thing, otherwise lines for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from smsgate.cli import wording
from smsgate.cli.output import say


def answer(records: Iterable[Mapping[str, object]], lines: Iterable[str], *, as_json: bool) -> None:
    """Print the records as JSON, or else the lines; of the other iterable nothing is taken."""
    for line in map(wording.as_json, records) if as_json else lines:
        say(line)
