"""A campaign from its table to its outbox, beside csv.reader alone over the same file.

Run with the project's Python: ``.venv/bin/python benchmarks/batch.py [ROWS ROUNDS]`` (1,000,000
and 3): time a row by step, with one process and with two, the peak of memory at a tenth and at all
of the rows. ``cards [ROWS ROUNDS]`` (100,000 and 2) sends a card of their own to as many, beside
writing the same octets when they are ready. Times are of the wall clock, the best of the rounds.
"""

import csv
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from figures import Figure, emit, python

from smsgate.campaign.engine import run
from smsgate.campaign.rows.job import Campaign, template_of
from smsgate.campaign.rows.recipients import find_recipients
from smsgate.campaign.schedule import workers
from smsgate.campaign.tables import kinds
from smsgate.campaign.worker import ChunkTask, work
from smsgate.outbox.folder import Volumes

TEXT = "Hello #name#, £#amount# is due on #date#. Please pay by card."
NAMES = ("Ann", "José", "Mike", "Mary O'Neil", "Søren", "Priya", "Noah Smith", "Kim")
CARD = "BEGIN:VCARD\nVERSION:3.0\nN:{0};{1}\nFN:{1} {0}\nTEL:+447700900{2:03}\nEND:VCARD\n"


def write_table(path, rows):
    dice = random.Random(1)
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("number", "name", "amount", "date"))
        for _ in range(rows):
            number = f"+4474{dice.randrange(10**8):08}"
            amount = f"{dice.randrange(10**5) / 100:.2f}"
            writer.writerow((number, dice.choice(NAMES), amount, "1 May"))
    return path


def campaign(path):
    return Campaign(table=kinds.open_table(str(path)), slug="people", text=TEXT)


@contextmanager
def folder():
    found = Path(tempfile.mkdtemp(dir=os.environ.get("TMPDIR")))
    try:
        yield found
    finally:
        shutil.rmtree(found)


def tell_load():
    print(f"load while measuring {os.getloadavg()[1]:.1f} on {os.cpu_count()} cores")


def seconds(function, *arguments):
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start


# Steps, each with all those before it.


def reader_alone(made):
    with open(made.table.path, newline="", encoding="utf-8") as file:
        for _row in csv.reader(file):
            pass


def reading(made):
    for chunk in kinds.chunks(made.table):
        kinds.read_columns(made.table, chunk)


def merging(made):
    for chunk in kinds.chunks(made.table):
        find_recipients(made, chunk, template_of(made).columns)


def counting(made):
    for chunk in kinds.chunks(made.table):
        work(ChunkTask(made, chunk))


def one_process(made):
    with folder() as out:
        run(made, out / "outbox")


def two_processes(made):
    with folder() as out, workers(2) as over:
        run(made, out / "outbox", over=over)


STEPS = {
    "csv.reader alone": reader_alone,
    "chunks and columns": reading,
    "+ numbers, fields, keys": merging,
    "+ coding, counting, lines": counting,
    "+ journal, writing: all": one_process,
    "all, with --jobs 2": two_processes,
}


def best_of(rows, rounds, steps=STEPS):
    with folder() as place:
        made = campaign(write_table(place / "people.csv", rows))
        best = dict.fromkeys(steps, float("inf"))
        for _ in range(rounds):
            for name, step in steps.items():
                best[name] = min(best[name], seconds(step, made))
    return best


def figures(rows, rounds):
    names = ("csv.reader alone", "+ journal, writing: all", "all, with --jobs 2")
    alone, one, two = best_of(rows, rounds, {name: STEPS[name] for name in names}).values()
    what = f"batch of {rows:,} rows"
    peer = f"csv.reader ({python()})"
    yield Figure(what, "us a row", one / rows * 1e6, peer, alone / rows * 1e6, 10, times=True)
    us = (two / rows * 1e6, "one process of ours", one / rows * 1e6)
    yield Figure(f"{what}, --jobs 2", "us a row", *us, 1.8)


def measure(rows, rounds):
    if rows:
        best = best_of(rows, rounds)
        alone = best["csv.reader alone"]
        for name, time_of in best.items():
            print(f"{name:28}{time_of / rows * 1e6:8.2f} us a row {time_of / alone:7.1f}x")
        one, two = best["+ journal, writing: all"], best["all, with --jobs 2"]
        print(f"{'--jobs 1 beside --jobs 2':28}{one / two:8.2f}x")
    for count in (rows // 10, rows):
        peak = subprocess.run(
            [sys.executable, __file__, "peak", str(count)], stdout=subprocess.PIPE, check=True
        )
        print(f"peak of memory, {count:>9,} rows {peak.stdout.decode().strip():>6} MB")
    tell_load()


def peak(rows):
    with folder() as place:
        made = campaign(write_table(place / "people.csv", rows))
        run(made, place / "outbox")
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


# Cards.


def write_cards(place, rows):
    dice = random.Random(2)
    with open(place / "people.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("number", "card"))
        for n in range(rows):
            name = f"{n // 1000:03}/{n:06}.vcf"
            (place / name).parent.mkdir(exist_ok=True)
            (place / name).write_text(CARD.format(f"Smith{n}", dice.choice(NAMES), n % 1000))
            writer.writerow((f"+4474{dice.randrange(10**8):08}", name))
    table = kinds.open_table(str(place / "people.csv"))
    return Campaign(table=table, slug="cards", attach_column=1, attachments=str(place))


def ready(files, place):
    """Write octets that are ready, as often flushed to the disk."""
    names = sorted(files)
    with Volumes(place).opened() as volumes:
        for first in range(0, len(names), 10_000):
            for name in names[first : first + 10_000]:
                volumes.stage(name, (files[name],))
            volumes.publish()


def cards(rows, rounds):
    best = [float("inf")] * 2
    with folder() as place:
        made = write_cards(place, rows)
        for n in range(rounds):
            out = place / f"out{n}"
            best[0] = min(best[0], seconds(run, made, out))
            files = {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*.txt")}
            best[1] = min(best[1], seconds(ready, files, place / f"ready{n}"))
            shutil.rmtree(out)
            shutil.rmtree(place / f"ready{n}")
    for name, time_of in zip(
        ("cards to message files", "octets that are ready"), best, strict=True
    ):
        print(f"{name:28}{rows / time_of:9.0f} a second")
    print(f"{'':28}{best[0] / best[1]:9.2f}x")
    tell_load()


def main():
    if "--json" in sys.argv:
        rows, rounds = (100_000, 2) if "--quick" in sys.argv else (1_000_000, 3)
        emit(list(figures(rows, rounds)))
        return
    mode = sys.argv[1] if sys.argv[1:] and not sys.argv[1].isdigit() else ""
    numbers = [int(text) for text in sys.argv[1:] if text.isdigit()]
    if mode == "peak":
        peak(*numbers)
    elif mode == "cards":
        cards(*(numbers or (100_000, 2)))
    else:
        measure(*(numbers or (1_000_000, 3)))


if __name__ == "__main__":
    main()
