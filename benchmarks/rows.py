"""What a template's rows cost to check and write, and a message of its own, beside plain joining.

Run: python benchmarks/rows.py
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from time import perf_counter

from smsenc.messagefile import Message, dumps, head, loads
from smsenc.messagefile.rows import check_row, join_rows

ROWS = 100_000
CHUNK = 10_000
ROUNDS = 5


def best(work: Callable[[], object], items: int) -> float:
    """Microseconds an item, the least of several rounds."""
    least = float("inf")
    for _ in range(ROUNDS):
        start = perf_counter()
        work()
        least = min(least, perf_counter() - start)
    return least / items * 1e6


def main() -> None:
    rows = [(f"4477009{n:05}", "Ann Example", f"{n}", "Thursday 10:30") for n in range(ROWS)]
    chunks = [rows[n : n + CHUNK] for n in range(0, ROWS, CHUNK)]
    template = Message(rows=tuple(rows), text="Dear #field1#, #field2# at #field3#")
    octets = dumps(template)
    assert head(template) + b"".join(map(join_rows, chunks)) == octets
    alone = Message(to=("447700900123",), text="Grüße 😀", unicode=True)
    figures = {
        "plain joining, no checks": (lambda: _plain(rows), ROWS),
        "join_rows, chunks of 10,000": (lambda: [*map(join_rows, chunks)], ROWS),
        "check_row, one by one": (lambda: [check_row(row, ",") for row in rows], ROWS),
        "Message and dumps": (lambda: dumps(replace(template)), ROWS),
        "loads": (lambda: loads(octets), ROWS),
        "a message of its own": (lambda: _alone(alone), 10_000),
    }
    for name, (work, items) in figures.items():
        print(f"{name:30} {best(work, items):7.3f} µs")


def _plain(rows: Sequence[Sequence[str]]) -> bytes:
    return "".join(["csv:" + ",".join(row) + "\n" for row in rows]).encode("latin-1")


def _alone(template: Message) -> None:
    for n in range(10_000):
        dumps(replace(template, text=f"Grüße {n} 😀"))


if __name__ == "__main__":
    main()
