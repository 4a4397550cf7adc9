"""The line that says how far a work has come."""

from __future__ import annotations

import io
import os
from contextlib import suppress

from smsgate.cli.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def run(stream, steps, total):
    now = [0.0]
    progress = Progress("rows", total, stream=stream, clock=lambda: now[0])
    for seconds, done in steps:
        now[0] = seconds
        progress(done)
    progress.close()
    return stream.getvalue()


def test_a_line_every_ten_seconds_elsewhere():
    steps = [(0, 0), (5, 500), (10, 1000), (15, 1500), (20, 2000)]
    assert run(io.StringIO(), steps, 100_000).splitlines() == [
        "1,000 of 100,000 rows, 100 a second, 16 min 30 s left",
        "2,000 of 100,000 rows, 100 a second, 16 min 20 s left",
    ]


def test_what_was_done_before_does_not_count_for_the_rate():
    assert run(io.StringIO(), [(0, 900), (10, 950)], 1000) == (
        "950 of 1,000 rows, 5 a second, 10 s left\n"
    )


def test_a_terminal_keeps_one_line_and_a_clean_one_behind():
    shown = run(Terminal(), [(0, 0), (1, 50), (1.05, 60), (2, 100)], 100)
    lines = shown.split("\r")
    assert [line.rstrip() for line in lines] == [
        "",
        "[##########..........] 50 of 100 rows, 50 a second, 1 s left",
        "[####################] 100 of 100 rows, 50 a second, 0 s left",
        "",
        "",
    ]
    assert all(len(line) <= 79 for line in lines)


def test_nothing_is_said_of_what_ends_at_once_or_stands_still():
    assert run(io.StringIO(), [(0, 0), (1, 5)], None) == ""
    assert run(io.StringIO(), [(0, 5), (10, 5)], None) == "5 rows\n"
    assert run(io.StringIO(), [(0, 0), (10, 1)], 7200).endswith("19 h 59 min left\n")


def test_a_share_tells_how_much_there_is():
    shown, now = io.StringIO(), iter((0.0, 0.0, 10.0))
    progress = Progress("rows", stream=shown, clock=lambda: next(now))
    progress(0, share=0.0)
    progress(50_000, share=0.25)
    assert shown.getvalue() == "50,000 rows, 5,000 a second, 30 s left\n"


def test_a_stream_that_was_closed_stops_no_work():
    main, other = os.pipe()
    os.close(main)
    with suppress(BrokenPipeError), open(other, "w", encoding="utf-8") as closed:
        now = iter((0.0, 0.0, 10.0))
        progress = Progress("rows", stream=closed, clock=lambda: next(now))
        progress(0)
        progress(5)
