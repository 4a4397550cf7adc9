from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from smsgate.outbox.references import reference_after


def test_references_go_from_1_to_255_and_begin_again():
    given = list(accumulate(range(256), lambda last, _: reference_after(last), initial=1))
    assert given[:257] == [*range(1, 256), 1, 2]


@given(st.integers(1, 255), st.integers(0, 10**9))
def test_steps_may_be_taken_at_once(first, steps):
    assert reference_after(first, steps + 1) == reference_after(reference_after(first, steps))
