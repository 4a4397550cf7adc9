"""The line that shows how much of a run is done."""

from __future__ import annotations

import io
import os

import pytest

from smsgate.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def run(stream, *steps):
    """What is printed for steps of seconds, number done and share."""
    now = [0.0]
    with Progress("rows", stream=stream, clock=lambda: now[0]) as progress:
        for seconds, done, share in steps:
            now[0] = seconds
            progress(done, share=share)
    return stream.getvalue()


def lines(*steps):
    return [line.rstrip() for line in run(Terminal(), *steps).split("\r")[1:-2]]


def test_nothing_is_printed_where_there_is_no_terminal():
    assert run(io.StringIO(), (0, 0, None), (10, 500, 0.1), (20, 1000, 0.2)) == ""


def test_a_terminal_has_one_line_that_is_cleared_at_the_end():
    shown = run(Terminal(), (0, 0, None), (1, 50, 0.5), (1.05, 60, 0.6), (2, 100, 1.0))
    assert [line.rstrip() for line in shown.split("\r")] == [
        "",
        "[##########..........] 50 rows, 50 per second, 1 s left",
        "[####################] 100 rows, 50 per second, 0 s left",
        "",
        "",
    ]
    assert {len(line) for line in shown.split("\r")} == {0, 79}


@pytest.mark.parametrize(
    ("steps", "line"),
    [
        (((0, 900, None), (10, 950, 0.95)), "[###################.] 950 rows, 5 per second, "),
        (((0, 0, None), (1, 5, None)), "5 rows, 5 per second"),
        (((0, 5, None), (10, 5, None)), "5 rows"),
        (((0, 0, 0.0), (10, 50_000, 0.25)), "[#####...............] 50,000 rows, 5,000 per second"),
    ],
)
def test_the_rate_is_that_of_this_run(steps, line):
    assert lines(*steps)[-1].startswith(line)


@pytest.mark.parametrize(
    ("steps", "left"),
    [
        (((0, 0, None), (10, 50_000, 0.25)), "30 s left"),
        (((0, 0, None), (10, 1000, 0.01)), "16 min 30 s left"),
        (((0, 0, None), (10, 1, 1 / 7200)), "19 h 59 min left"),
    ],
)
def test_the_time_left_follows_from_the_share(steps, left):
    assert lines(*steps)[-1].endswith(f", {left}")


def test_a_run_that_ends_at_once_prints_nothing():
    assert run(Terminal(), (0, 0, None), (0.05, 5, 1.0)) == ""


def test_a_terminal_that_is_gone_stops_no_work():
    reader, writer = os.pipe()
    os.close(reader)
    now = iter((0.0, 0.0, 10.0))
    with open(writer, "w", encoding="utf-8", closefd=False) as gone:
        gone.isatty = lambda: True
        with Progress("rows", stream=gone, clock=lambda: next(now)) as progress:
            progress(0)
            progress(5)
        with open(os.devnull, "wb") as nowhere:  # what is left in the buffer can be written
            os.dup2(nowhere.fileno(), writer)
    os.close(writer)
