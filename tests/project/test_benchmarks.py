"""The table of benchmarks says what the figures say, and its plot is drawn from them alone."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from xml.etree import ElementTree as ET

import pytest
from places import TESTS

FOLDER = TESTS.parent / "benchmarks"
DOCS = TESTS.parent / "docs"
ROWS = [
    {"what": "a", "unit": "us", "ours": 2.0, "peer": "p 1", "theirs": 5.0, "goal": 2.0},
    {"what": "b", "unit": "ms", "ours": 300.0, "peer": "q 2", "theirs": 100.0, "times": True}
    | {"goal": 2.5},
    {"what": "c", "unit": "files/s", "ours": 10.0, "peer": "<r>", "theirs": 1234.0, "rate": True},
]


@pytest.fixture(scope="module")
def modules():
    """The modules ``all`` and ``figures``; an installed package has no benchmarks."""
    if not FOLDER.exists():
        return None
    found = {}
    for name in ("figures", "plots", "all"):
        spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
        found[name] = importlib.util.module_from_spec(spec)
        sys.modules[name] = found[name]
        spec.loader.exec_module(found[name])
    yield found
    for name in found:
        del sys.modules[name]


@pytest.fixture
def data(modules, capsys):
    if modules is None:
        return None
    modules["figures"].emit([modules["figures"].Figure(**row) for row in ROWS], ["gone"])
    found = json.loads(capsys.readouterr().out)
    rows = [{"benchmark": "x", **row} for row in found["figures"]]
    about = {"date": "2026-01-02", "python": "3.13.1", "cores": 2, "load": 2.5, "quick": False}
    return about | {"figures": rows, "left_out": found["left_out"]}


def test_ratios_and_goals(data):
    if data is None:
        return
    ratios = [(round(row["ratio"], 4), row["met"]) for row in data["figures"]]
    assert ratios == [(2.5, True), (3.0, False), (0.0081, None)]


def test_the_table(modules, data):
    if data is None:
        return
    lines = modules["all"].markdown(data).splitlines()
    assert lines[2:] == [
        "| a | 2 us | p 1 | 5 | 2.50 times as fast | at least 2 | yes |",
        "| b | 300 ms | q 2 | 100 | 3.00 times as long | at most 2.5 | no |",
        "| c | 10 files/s | <r> | 1,234 | 0.01 times as fast |  |  |",
        "",
        "Measured on 2026-01-02 with Python 3.13.1 on 2 cores.",
        (
            "Others used the machine as well (load 2.5 before it began): what is measured by "
            "the clock is worse than on a quiet one."
        ),
        "Left out, because not installed: gone.",
    ]
    (head, *rows) = modules["all"].table(data)
    assert head.split()[0] == "what"
    assert len(rows) == 3


def test_the_plot_is_the_same_each_time(modules, data):
    if data is None:
        return
    drawn = modules["all"].plot(data)
    assert drawn == modules["all"].plot(json.loads(json.dumps(data)))
    assert "&lt;r&gt;" in drawn
    assert ET.fromstring(drawn).tag.endswith("svg")  # noqa: S314 - ours


def test_the_page_and_the_plot_have_the_figures():
    found = json.loads((DOCS / "benchmarks.json").read_text("utf-8"))
    page = (DOCS / "reference" / "benchmarks.md").read_text("utf-8")
    for row in found["figures"]:
        assert re.search(rf"\| {re.escape(row['what'])} \|.*{re.escape(row['peer'])}", page)
    assert "/" not in "".join(row["peer"] for row in found["figures"])  # no path


def test_the_files_are_up_to_date(modules):
    if modules is None:
        return
    found = json.loads((DOCS / "benchmarks.json").read_text("utf-8"))
    assert modules["all"].plot(found) == (DOCS / "benchmarks.svg").read_text("utf-8")
    page = (DOCS / "reference" / "benchmarks.md").read_text("utf-8")
    assert modules["all"].page(page, found) == page
