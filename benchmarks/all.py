"""All benchmarks that have a peer, in one table: ours beside others, with versions and goals.

Run with the project's Python: ``.venv/bin/python benchmarks/all.py [--quick] [NAME...]``. It writes
docs/benchmarks.json, and from that docs/benchmarks.svg and the table in
docs/reference/benchmarks.md, unless ``--no-write`` is given; ``--draw`` only draws again. Peers
that are not installed are left out and named: python-gammu, smpplib, aiosmpplib and others from
PyPI; lftp; vsftpd from tools/servers; Kannel and npm smpp from tools/smpp-peers. ``--quick`` has
fewer rounds and smaller inputs.
"""

import argparse
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from plots import Bar, bars

ROOT = Path(__file__).parents[1]
DATA, PLOT = ROOT / "docs" / "benchmarks.json", ROOT / "docs" / "benchmarks.svg"
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"
NAMES = ("startup", "text", "cards", "events", "tunes", "batch", "upload", "gateway")
_SECONDS = 7200
#: Around the table in the page.
_BEGIN, _END = "<!-- table: benchmarks/all.py -->\n", "<!-- end of the table -->\n"
_COLUMNS = ("what", "ours", "peer", "its figure", "ratio", "goal", "met")


def measured(name, *, quick):
    """The rows of one benchmark, and the peers that it has left out."""
    command = [sys.executable, str(ROOT / "benchmarks" / f"{name}.py"), "--json"]
    command += ["--quick"] if quick else []
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        timeout=_SECONDS,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    if done.returncode:
        *_, why = done.stderr.strip().splitlines() or ["no reason given"]
        print(f"{name}: failed: {why}", file=sys.stderr)
        return {"figures": [], "left_out": [f"benchmark {name}"]}
    return json.loads(done.stdout.splitlines()[-1])


def collect(names, *, quick):
    load = os.getloadavg()[0]  # of others: nothing has been started yet
    found = {"figures": [], "left_out": []}
    for name in names:
        one = measured(name, quick=quick)
        found["figures"] += [{"benchmark": name, **row} for row in one["figures"]]
        found["left_out"] += one["left_out"]
        print(f"{name}: {len(one['figures'])} rows", file=sys.stderr)
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": sys.version.split()[0],
        "cores": os.cpu_count(),
        "load": round(load, 1),
        "quick": quick,
        **found,
    }


# The table ----------------------------------------------------------------------------------------


def cells(row):
    """The cells of a row, as text; a ratio is how many times as fast or as long ours is."""
    bound = "at most" if row["times"] else "at least"
    kind = "times as long" if row["times"] else "times as fast"
    goal = "" if row["goal"] is None else f"{bound} {row['goal']:g}"
    return (
        row["what"],
        f"{number(row['ours'])} {row['unit']}",
        row["peer"],
        number(row["theirs"]),
        f"{row['ratio']:.2f} {kind}",
        goal,
        {True: "yes", False: "no", None: ""}[row["met"]],
    )


def number(value):
    """Three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def about(data):
    """The lines below the table."""
    yield (
        f"Measured on {data['date']} with Python {data['python']} on {data['cores']} cores"
        + (", in the quick version." if data["quick"] else ".")
    )
    if data["load"] >= 1:
        yield (
            f"Others used the machine as well (load {data['load']} before it began): what is "
            "measured by the clock is worse than on a quiet one."
        )
    if data["left_out"]:
        yield f"Left out, because not installed: {', '.join(data['left_out'])}."


def table(data):
    rows = [_COLUMNS, *map(cells, data["figures"])]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def markdown(data):
    rows = [_COLUMNS, ("---",) * len(_COLUMNS), *map(cells, data["figures"])]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join((*lines, "", *about(data), ""))


# Files --------------------------------------------------------------------------------------------


def plot(data):
    return bars(
        "How many times as fast ours is",
        [
            Bar(f"{row['what']}: {row['peer']}", 1 / row["ratio"] if row["times"] else row["ratio"])
            for row in data["figures"]
            if row["benchmark"] != "startup"
        ],
    )


def page(text, data):
    """The page with another table."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{markdown(data)}\n{_END}{after}"


def write(data):
    PLOT.write_text(plot(data), "utf-8")
    if PAGE.exists():
        PAGE.write_text(page(PAGE.read_text("utf-8"), data), "utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="default: all")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--no-write", action="store_true", help="print the table only")
    parser.add_argument("--draw", action="store_true", help="draw what was measured before")
    given = parser.parse_args()
    if given.draw:
        write(json.loads(DATA.read_text("utf-8")))
        return
    data = collect(given.names or NAMES, quick=given.quick)
    print(*table(data), "", *about(data), sep="\n")
    if not given.no_write:
        DATA.write_text(json.dumps(data, indent=1, ensure_ascii=False) + "\n", "utf-8")
        write(data)


if __name__ == "__main__":
    main()
