"""What each step of a campaign's row costs, beside csv.reader alone.

A table of 200,000 rows with a number and three fields is made in a temporary folder. Rounds
alternate between all steps and the best one counts, so that a busy machine hits all alike.
"""

from __future__ import annotations

import csv
import os
import random
import tempfile
import time

from smsgate.campaign.costs.tally import CostTally
from smsgate.campaign.rows.numbers import Numbers
from smsgate.campaign.rows.template import compile_template
from smsgate.campaign.tables.kinds import chunks, digest, open_table, read, read_columns

ROWS, ROUNDS = 200_000, 5
TEXT = "Hello #name#, your order #order# of #amount# is on its way to you. Thank you!"
NAMES = ("Ann", "Bob Jones", "Zo\u00e9 M\u00fcller", "Maria del Carmen", "Li", "J\u00f6rg Schmidt")


def table(folder, quoted):
    random.seed(7)
    path = os.path.join(folder, f"{'quoted' if quoted else 'plain'}.csv")
    with open(path, "w", encoding="utf-8", newline="") as file:
        style = csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
        writer = csv.writer(file, lineterminator="\n", quoting=style)
        writer.writerow(("phone", "name", "order", "amount"))
        for n in range(ROWS):
            number = f"+4474{random.randrange(10**8):08}"
            writer.writerow((number, random.choice(NAMES), 10_000 + n, f"{n % 900 / 10:.2f}"))
    return path


def alone(path):
    with open(path, encoding="utf-8", newline="") as file:
        for _ in csv.reader(file):
            pass


def steps(path):
    opened = open_table(path)
    found = list(chunks(opened))
    rows = [row for chunk in found for row in read(opened, chunk)]
    template = compile_template(TEXT, opened.columns)
    numbers = Numbers()
    cells = [row[1] for row in rows]
    places = [numbers.locate(row[opened.to]) for row in cells]
    filled = [template.cells_of(row) for row in cells]
    counted = [template.cost(fields) for fields in filled]
    keys = [(place[1], cost.parts) for place, cost in zip(places, counted, strict=True)]
    columns = [list(column) for column in zip(*cells, strict=True)]
    tally = CostTally()

    def whole():
        bill, to = CostTally(), opened.to
        locate, fields_of, cost = numbers.locate, template.cells_of, template.cost
        for chunk in chunks(opened):
            found, keys = [], []
            for row, row_cells in read(opened, chunk):
                _digits, country = locate(row_cells[to])
                found.append(row)
                keys.append((country, cost(fields_of(row_cells)).parts))
            bill.add(found, keys)

    return {
        "csv.reader alone": lambda: alone(path),
        "chunks": lambda: list(chunks(opened)),
        "read": lambda: [None for chunk in found for _ in read(opened, chunk)],
        "read columns": lambda: [read_columns(opened, chunk) for chunk in found],
        "digest": lambda: [digest(opened, chunk) for chunk in found],
        "number": lambda: [numbers.locate(row[opened.to]) for row in cells],
        "all numbers": lambda: numbers.locate_all(columns[opened.to]),
        "fields": lambda: [template.cells_of(row) for row in cells],
        "all fields": lambda: list(template.columns(columns)[0]),
        "cost": lambda: [template.cost(fields) for fields in filled],
        "merge": lambda: [template.filled(fields) for fields in filled],
        "tally": lambda: tally.add(range(len(keys)), keys),
        "all but merge": whole,
    }


def main():
    with tempfile.TemporaryDirectory() as folder:
        for quoted in (False, True):
            path = table(folder, quoted)
            rows = steps(path)
            best = dict.fromkeys(rows, 1e9)
            for _ in range(ROUNDS):
                for name, step in rows.items():
                    start = time.perf_counter()
                    step()
                    best[name] = min(best[name], time.perf_counter() - start)
            base = best["csv.reader alone"]
            print(f"\n{os.path.basename(path)}: {ROWS:,} rows, load {os.getloadavg()[0]:.1f}")
            for name, seconds in best.items():
                print(
                    f"  {name:<18}{seconds / ROWS * 1e6:>7.2f} \u00b5s a row{seconds / base:>7.2f}x"
                )


if __name__ == "__main__":
    main()
