import json

from campaigns import COSTED_ROWS, tally_of
from hypothesis import given
from hypothesis import strategies as st

from smsgate.campaign.costs.tally import CostTally


@given(COSTED_ROWS, st.integers(0, 40), st.integers(0, 40))
def test_tallies_add_up_in_any_order(rows, first, second):
    first, second = sorted((min(first, len(rows)), min(second, len(rows))))
    one, two, three = (
        shifted(tally_of(rows[a:b]), a)
        for a, b in ((0, first), (first, second), (second, len(rows)))
    )
    assert (one + two) + three == one + (two + three) == three + (two + one) == tally_of(rows)


def shifted(tally, rows):
    for numbers in tally.rows.values():
        numbers[:] = [row + rows for row in numbers]
    return tally


@given(COSTED_ROWS)
def test_a_tally_is_kept_as_json(rows):
    tally = tally_of(rows)
    assert CostTally.from_json(json.loads(json.dumps(tally.to_json()))) == tally
