"""Tables of invented people, campaigns over them, and what they sent."""

from __future__ import annotations

import csv
import random
import re
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from smsenc import Coding, messagefile
from smsgate.campaign.costs.tally import CostTally
from smsgate.campaign.engine import RunSettings, run
from smsgate.campaign.rows.job import Campaign
from smsgate.campaign.rows.parts import cost_of
from smsgate.campaign.tables.kinds import chunks, open_table, read
from smsgate.campaign.tables.model import Row, Table
from smsgate.outbox import home

NAMES = ("Ann", "José", "Mike", "Zoë", "Анна", "Łukasz", "Smith, John", "O'Neil", "a|b", "[x]")
TEXT = "Hello #name#, £#amount# is due on #date#."


def write_table(
    path: Path, rows: int, *, seed: int = 1, bad: int = 50, names: Sequence[str] = NAMES
) -> Path:
    """A table in which one row of ``bad`` has an invalid number, and one is there twice."""
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
    """A campaign over a table, with a text that suits it unless ``changes`` give another."""
    given: dict[str, Any] = {"slug": "people", "text": TEXT} | changes
    if given.get("attach") or given.get("attach_column") is not None:
        given["text"] = None
    return Campaign(table=open_table(str(path)), **given)


def run_campaign(path: Path, out: Path, rows: int) -> None:
    """Run the campaign over a table, in chunks of so many rows; for a process of its own."""
    run(campaign(path), out, RunSettings(rows=rows))


def outbox(folder: Path) -> dict[str, bytes]:
    """Names and octets of all files in an outbox; its records are left out."""
    found = {str(path.relative_to(folder)): path for path in folder.rglob("*") if path.is_file()}
    return {name: found[name].read_bytes() for name in sorted(found) if name[0] != "."}


def unmarked(name: str) -> str:
    """The name of a message file without the mark of its run."""
    return re.sub(r"\.[a-z2-7]{8}(?=\.)", "", name)


def journal_of(out: Path) -> Path:
    """The journal of an outbox."""
    return home.folder_of(out) / "journal"


def journal_values(out: Path) -> dict[str, list[tuple[object, ...]]]:
    """All rows of a journal's tables, but the identity of the outbox."""
    with closing(sqlite3.connect(journal_of(out))) as base:
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE sql > ''")]
        return {
            name: sorted(base.execute(f"SELECT * FROM {name}").fetchall())  # noqa: S608 - our own
            for name in tables
            if name != "outbox"
        }


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


def rows_of(table: Table, size: int = 10_000) -> list[Row]:
    """All rows of a table, read in chunks of ``size`` rows."""
    return [row for chunk in chunks(table, size) for row in read(table, chunk)]


def cells_of(table: Table, size: int = 10_000) -> list[object]:
    """The cells of all rows, or the error of a row in their place."""
    return [cells for _, cells in rows_of(table, size)]


def values_of(table: Table) -> list[object]:
    """All rows as values that can be compared: errors as their code and text."""
    return [
        (row, cells if isinstance(cells, list) else (cells.code, str(cells)))
        for row, cells in rows_of(table)
    ]


_LONG = "a" * 100
_QUOTED = f"\u201c{_LONG}\u201d"
#: Rows as country and text, plain, in several parts and Unicode.
COSTED_ROWS = st.lists(
    st.tuples(
        st.sampled_from(("GB", "DE", "FR")),
        st.sampled_from(
            ("a", _LONG * 2, _QUOTED, f"\u2019{_LONG}", f"{_LONG}€", f"e\u0301{_LONG}", "ж")
        ),
    ),
    max_size=40,
)


def tally_of(rows: Sequence[tuple[str, str]]) -> CostTally:
    """A tally of (country, text) from row 2 on."""
    tally = CostTally()
    costs = [cost_of(text) for _, text in rows]
    keys = [(country, cost.parts) for (country, _), cost in zip(rows, costs, strict=True)]
    tally.add(range(2, len(rows) + 2), keys)
    for (country, text), cost in zip(rows, costs, strict=True):
        if cost.coding is Coding.UCS2:
            tally.add_unicode(country, cost.parts, text)
    return tally
