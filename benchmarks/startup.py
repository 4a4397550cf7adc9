"""How long the command takes to start, beside an interpreter that only imports its CLI library.

Run with the project's Python: ``.venv/bin/python benchmarks/startup.py``. Prints the best of 20
runs of each command, and whether it is within its budget.
"""

import subprocess
import sys
import time
from pathlib import Path

RUNS = 20
BUDGETS = {"--version": 100, "--help": 155, "formats": 155}  # milliseconds


def seconds(*command):
    start = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def best(*command):
    return min(seconds(*command) for _ in range(RUNS))


def main():
    smsenc = Path(sys.executable).with_name("smsenc")
    base = best(sys.executable, "-c", "import typer")
    print(f"{'import typer':20} {base * 1000:6.0f} ms")
    for argument, budget in BUDGETS.items():
        time_of = best(smsenc, argument)
        verdict = f"{'PASS' if time_of * 1000 <= budget else 'over'} (budget {budget} ms)"
        print(
            f"{'smsenc ' + argument:20} {time_of * 1000:6.0f} ms {time_of / base:6.2f}x {verdict}"
        )


main()
