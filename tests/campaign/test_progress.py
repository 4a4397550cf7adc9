import pytest

from converters.campaign.progress import Show, State, bar, line


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (State(0, 0.0, None), "0 rows, 0 a second"),
        (State(50_000, 2.0, 0.25), "50,000 rows, 25,000 a second, 0:06 left"),
        (State(100, 3600.0, 0.5), "100 rows, 0 a second, 1:00:00 left"),
    ],
)
def test_rows_rate_and_time_left(state, text):
    assert line(state) == text


def test_a_bar_is_as_full_as_the_work_is_done():
    assert (
        bar(State(10, 1.0, 0.5)) == f"[{'#' * 12}{' ' * 12}]  50% 10 rows, 10 a second, 0:01 left"
    )


def shown(*, terminal, moments):
    written, clock = [], iter(moments)
    show = Show(written.append, terminal=terminal, clock=lambda: next(clock))
    for rows, _ in enumerate(moments):
        show(rows, None)
    show.end()
    return written


def test_elsewhere_a_plain_line_every_ten_seconds():
    assert shown(terminal=False, moments=[0, 1, 9.9, 10, 11, 20.5]) == [
        "3 rows, 0 a second\n",
        "5 rows, 0 a second\n",
    ]


def test_on_a_terminal_one_line_is_written_over_and_taken_away():
    written = shown(terminal=True, moments=[0, 0.05, 0.2, 1.2])
    assert written == ["\r2 rows, 10 a second", "\r3 rows, 2 a second ", f"\r{' ' * 18}", "\r"]
