"""Up to where logs may go when a lower event can be committed after a higher one."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smsgate.gateway.logs.horizon import Mark, decided

#: What happens: a writer begins (and takes ids), a writer ends, the logs look.
STEPS = st.lists(st.sampled_from(["begin", "id", "end", "look"]), max_size=60)


@given(STEPS, st.randoms(use_true_random=False))
def test_no_event_comes_before_what_was_written(steps, dice):
    open_writers, committed, marks, written = {}, set(), (), 0
    transaction = event = 0
    for step in steps:
        if step == "begin":
            transaction += 1
            open_writers[transaction] = set()
        elif step == "id" and open_writers:
            event += 1
            open_writers[dice.choice(sorted(open_writers))].add(event)
        elif step == "end" and open_writers:
            committed |= open_writers.pop(dice.choice(sorted(open_writers)))
            assert all(one > written or one in committed for one in committed)
        elif step == "look":
            oldest = min(open_writers, default=transaction + 1)
            mark = Mark(transaction + 1, max(committed, default=0))
            until, marks = decided(oldest, (*marks, mark))
            assert len(marks) <= 8
            written = max(written, until)
            coming = set().union(*open_writers.values()) if open_writers else set()
            assert not {one for one in coming if one <= written}
    until, marks = decided(transaction + 1, (*marks, Mark(transaction + 1, event)))
    assert until == event


def test_what_is_seen_while_nobody_writes_is_certain_at_once():
    assert decided(7, [Mark(7, 30)]) == (30, ())


def test_what_is_seen_while_somebody_writes_waits_for_them():
    certain, marks = decided(5, [Mark(7, 30)])
    assert (certain, marks) == (0, (Mark(7, 30),))
    assert decided(7, (*marks, Mark(9, 40))) == (30, (Mark(9, 40),))


def test_a_writer_that_does_not_end_keeps_few_marks():
    marks = ()
    for n in range(100):
        _, marks = decided(1, (*marks, Mark(n + 2, n)))
    assert len(marks) == 8
    assert marks[0] == Mark(2, 0)
    assert marks[-1] == Mark(101, 99)
