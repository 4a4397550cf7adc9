"""Tables of invented people and campaigns over them, for the engine's tests."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from smsenc import messagefile
from smsgate.campaign.engine import run
from smsgate.campaign.rows.job import Campaign
from smsgate.campaign.tables.kinds import open_table

NAMES = ("Ann", "José", "Mike", "Zoë", "Анна", "Łukasz", "Smith, John", "O'Neil", "a|b", "[x]")
TEXT = "Hello #name#, £#amount# is due on #date#."


def write_table(
    path: Path, rows: int, *, seed: int = 1, bad: int = 50, names: Sequence[str] = NAMES
) -> Path:
    """A table in which one row of ``bad`` has a number that does not exist, and one is repeated."""
    dice = random.Random(seed)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("number", "name", "amount", "date"))
        last: tuple[str, ...] = ()
        for _ in range(rows):
            kind = dice.randrange(bad)
            number = f"+4474{dice.randrange(10**8):08}" if kind else "+4412"
            row = (number, dice.choice(names), f"{dice.randrange(10**4) / 100:.2f}", "1 May")
            last = last if kind == 1 and last else row
            writer.writerow(last)
    return path


def campaign(path: Path, **changes: Any) -> Campaign:
    """A campaign over a table; ``changes`` replace what most tests use."""
    given: dict[str, Any] = {"slug": "people", "text": TEXT} | changes
    if given.get("attach") or given.get("attach_column") is not None:
        given["text"] = None
    return Campaign(table=open_table(str(path)), **given)


def run_campaign(path: Path, out: Path, rows: int) -> None:
    """Run the campaign over a table, in chunks of so many rows; for a process of its own."""
    run(campaign(path), out, rows=rows)


def outbox(folder: Path) -> dict[str, bytes]:
    """Names and octets of all files of an outbox."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def sent(folder: Path) -> list[tuple[str, str]]:
    """Every recipient with its text, merged as the gateway would, in the order of the files."""
    found = []
    for octets in outbox(folder).values():
        message = messagefile.loads(octets)
        found += [(number, message.text or "") for number in message.to]
        for number, *cells in message.rows:
            text = message.text or ""
            for n, cell in enumerate(cells, start=1):
                text = text.replace(f"#field{n}#", cell)
            found.append((number, text))
    return found
