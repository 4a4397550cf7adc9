"""What a benchmark has measured, as rows that ``all.py`` puts into one table."""

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version


@dataclass(frozen=True)
class Figure:
    """Ours beside a peer; both are ``unit``, of which more is better if ``rate``.

    ``ratio`` says how many times as fast ours is or, with ``times``, how many times as long it
    takes. ``goal`` is the least of the first kind and the most of the second one.
    """

    what: str
    unit: str
    ours: float
    peer: str
    theirs: float
    goal: float | None = None
    times: bool = False
    rate: bool = False

    @property
    def ratio(self):
        slow, fast = (self.ours, self.theirs) if self.rate else (self.theirs, self.ours)
        faster = slow / fast
        return 1 / faster if self.times else faster

    @property
    def met(self):
        if self.goal is None:
            return None
        return self.ratio <= self.goal if self.times else self.ratio >= self.goal


def emit(figures, left_out=()):
    """Print rows for ``all.py``, and the names of peers that are not there."""
    rows = [asdict(one) | {"ratio": one.ratio, "met": one.met} for one in figures]
    rows = [{k: round(v, 4) if isinstance(v, float) else v for k, v in r.items()} for r in rows]
    print(json.dumps({"figures": rows, "left_out": list(left_out)}))


def alternating(runs, rounds, clock=time.process_time):
    """Seconds of each of ``runs`` (functions by name), the best of rounds in turns.

    The processor's, so that load from elsewhere counts as little as possible.
    """
    best = dict.fromkeys(runs, float("inf"))
    for _ in range(rounds):
        for name, run in runs.items():
            start = clock()
            run()
            best[name] = min(best[name], clock() - start)
    return best


def of_package(name):
    """Name and version of an installed package."""
    try:
        return f"{name} {version(name)}"
    except PackageNotFoundError:
        return name


def python():
    """Name and version of the interpreter."""
    return f"Python {sys.version.split()[0]}"


def said(*command):
    """The first line that a program prints about itself; empty if it is not there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return (done.stdout or done.stderr).partition("\n")[0]
