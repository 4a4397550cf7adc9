"""How long commands take, whole processes, beside an interpreter that only imports typer.

Run with the project's Python: ``.venv/bin/python benchmarks/startup.py [--rounds N]``. Each command
takes turns with ``import typer``, so that load from elsewhere hits both alike; the best of the
rounds counts. Times are of the processor (user and system), since that of the clock is mostly the
load of the machine; ``--wall`` shows the clock. A conversion writes to a new outbox each time.
"""

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from figures import Figure, emit, of_package

ROOT = Path(__file__).parents[1]
SAMPLES = sorted(path for path in (ROOT / "samples").iterdir() if path.suffix != ".toml")
#: Of each command, the most times that it may take as long as ``import typer``.
CONVERT, SHOW, HELP = 2.5, 2.0, 1.3
#: What the script ``smsenc`` does.
START = "from smsgate.cli.__main__ import main; main()"
TO = ("--to", "447700900123", "--out", "outbox")


def commands():
    """Arguments and goal, by name."""
    for sample in SAMPLES:
        yield f"convert {sample.name}", ("convert", str(sample), *TO), CONVERT
    for name in ("order.txt", "logo.png", "contacts-30.vcf", "meeting.ics", "ode-to-joy.mid"):
        yield f"inspect {name}", ("inspect", str(ROOT / "samples" / name)), SHOW
    yield "count TEXT", ("count", "Your order is ready"), SHOW
    yield "--help", ("--help",), HELP
    yield "--version", ("--version",), None
    yield "formats", ("formats",), None


def seconds(arguments, folder, *, wall):
    """The time of one process; its byte code is compiled already."""
    shutil.rmtree(folder / "outbox", ignore_errors=True)
    environment = {**os.environ, "HOME": str(folder), "PYTHONPATH": str(ROOT)}
    environment |= {"PYTHONPYCACHEPREFIX": str(folder / "cache")}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    after, taken = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter() - start
    return taken if wall else sum(after[:2]) - sum(before[:2])


def measure(chosen, rounds, *, wall):
    best = {name: [9.0, 9.0] for name, _, _ in chosen}
    with tempfile.TemporaryDirectory() as folder:
        for n in range(rounds + 1):
            for name, arguments, _ in chosen:
                both = (("-c", START, *arguments), ("-c", "import typer"))
                for at, one in enumerate(both):
                    taken = seconds(one, Path(folder), wall=wall)
                    if n:  # the first round compiles
                        best[name][at] = min(best[name][at], taken)
    base = min(theirs for _, theirs in best.values())
    peer = f"import typer ({of_package('typer')})"
    return [
        Figure(name, "ms", 1000 * best[name][0], peer, 1000 * base, goal, times=True)
        for name, _, goal in chosen
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--wall", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true", help="fewer samples and rounds")
    given = parser.parse_args()
    chosen = list(commands())
    if given.quick:
        chosen = chosen[::4] + chosen[-4:-2]
    found = measure(chosen, 5 if given.quick else given.rounds, wall=given.wall)
    if given.json:
        emit(found)
        return
    print(f"{found[0].peer:32} {found[0].theirs:6.0f} ms")
    for one in found:
        goal = f"{'met' if one.met else 'missed'} (goal {one.goal})" if one.goal else ""
        print(f"{one.what:32} {one.ours:6.0f} ms {one.ratio:6.2f} times {goal}")


if __name__ == "__main__":
    main()
