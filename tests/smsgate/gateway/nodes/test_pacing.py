"""A route's rate over all nodes, with any order of nodes and any pauses: no second has more."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from smsgate.gateway.nodes import leases
from smsgate.gateway.queue import pacing

RATES = st.sampled_from([0.1, 0.5, 1.0, 3.0, 10.0, 97.0, 1000.0])
STEPS = st.lists(
    st.tuples(st.floats(0, 3), st.integers(1, 400), st.integers(1, 4)), min_size=1, max_size=40
)


@given(RATES, STEPS)
def test_the_sum_of_all_grants_holds_the_rate(rate, steps):
    """Each grant leaves from its beginning on at the rate: so none may overlap another."""
    now, paced, slots = 1000.0, 0.0, []
    for pause, parts, size in steps:
        now += pause
        grant = pacing.granted(paced, now, rate, parts)
        if not grant.parts:
            assert grant.wait > 0
            continue
        used = max(1, grant.parts // size)  # nodes need not use all
        slots.append((grant.start, used))
        assert grant.start >= now
        assert grant.wait <= pacing.LEAD / 2
        assert used <= max(1, pacing.LEAD * rate)
        paced = grant.start + used / rate
    for (start, used), (following, _) in pairwise(slots):
        assert following >= start + used / rate - 1e-6


@given(RATES, st.floats(0, 5))
def test_who_waits_as_told_gets_something(rate, ahead):
    now = 1000.0
    grant = pacing.granted(now + ahead, now, rate, 10)
    while not grant.parts:
        assert math.isfinite(grant.wait)
        now += grant.wait + 1e-9
        grant = pacing.granted(1000.0 + ahead, now, rate, 10)
    assert now <= 1000.0 + ahead + 1e-6


def test_a_clock_that_was_set_back_stops_no_route():
    assert pacing.granted(1e9, 1000.0, 10.0, 5) == pacing.Grant(5, 0.0, 1000.0)


def test_what_is_announced_is_what_the_route_gives_out(cluster):
    a = cluster.join("a")
    cluster.run(
        lambda conn: conn.exec_driver_sql("INSERT INTO route (name, state) VALUES ('r', 'open')")
    )

    def turn(wanted, used):
        def work(conn):
            assert leases.is_alive(conn, a)
            grant = pacing.ask(conn, "r", 100.0, wanted)
            pacing.use(conn, "r", 100.0, grant, used)
            return grant

        return cluster.run(work)

    first = turn(1000, 60)
    assert (first.parts, first.wait) == (100, 0.0)
    second = turn(1000, 0)
    assert second.parts == 0
    cluster.now += second.wait + 0.001
    third = turn(1000, 40)
    assert 40 <= third.parts <= 60
    assert 0.49 <= third.wait <= 0.5
    (row,) = cluster.rows(pacing.route)
    assert abs(row["paced"] - (first.start + 1.0)) < 0.001
