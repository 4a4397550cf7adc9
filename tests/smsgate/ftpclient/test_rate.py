"""The rate at which octets are sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsgate.ftpclient.rate import RateLimit


@given(chunks=st.lists(st.integers(1, 100_000), min_size=1, max_size=30))
def test_octets_go_at_the_rate(chunks):
    now = [0.0]

    def sleep(seconds):
        now[0] += seconds

    limit = RateLimit(1000, lambda: now[0], sleep)
    for octets in chunks:
        limit(octets)
    assert now[0] == pytest.approx(sum(chunks[:-1]) / 1000)


def test_a_pause_between_messages_is_not_made_up_for():
    now, slept = [0.0], []
    limit = RateLimit(1000, lambda: now[0], slept.append)
    limit(500)
    now[0] = 60.0  # nothing was sent meanwhile
    limit(500)
    limit(500)
    assert slept == [0.5]
