"""How long the command takes to start, beside an interpreter that only imports its CLI library.

Run with the project's Python: ``.venv/bin/python benchmarks/startup.py``. Prints the best of 20
runs of each command, and whether it keeps the budget: 1.5 times the import and 60 ms.
"""

import subprocess
import sys
import time
from pathlib import Path

RUNS = 20
OURS = ("--version", "--help", "formats")


def seconds(*command):
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def best(*command):
    return min(seconds(*command) for _ in range(RUNS))


def main():
    smsenc = Path(sys.executable).with_name("smsenc")
    base = best(sys.executable, "-c", "import typer")
    budget = 1.5 * base + 0.060
    print(f"{'import typer':20} {base * 1000:6.0f} ms")
    for argument in OURS:
        time_of = best(smsenc, argument)
        verdict = "PASS" if time_of <= budget else "over"
        print(
            f"{'smsenc ' + argument:20} {time_of * 1000:6.0f} ms {time_of / base:6.2f}x {verdict}"
        )
    print(f"{'budget':20} {budget * 1000:6.0f} ms {budget / base:6.2f}x")


main()
