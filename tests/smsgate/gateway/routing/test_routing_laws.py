"""Under any refusals, outages and changes a message goes only where it may, and comes to an end."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from gatewayqueue import START, new
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from routed import NUMBER, Routed

from smsgate.gateway import tables
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.queue import ledger
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.routing.ways import Way, Ways
from smsgate.gateway.states import RouteState, State

NAMES = ("a", "b", "c", "d")
GRANT = 5000
routes = st.builds(
    Way,
    name=st.sampled_from(NAMES),
    price=st.integers(0, 3).map(lambda price: 10 * price),
    features=st.sampled_from((1, 3, 7)),
    prefixes=st.sampled_from(((), (NUMBER[:2],), ("1",))),
    weight=st.integers(1, 3),
    after=st.sampled_from((30.0, 600.0)),
)
configurations = st.lists(routes, min_size=1, max_size=4, unique_by=lambda way: way.name)
endings = st.sampled_from((Ended.SENT, Ended.REFUSED, Ended.LATER, Ended.GIVEN_BACK, Ended.UNKNOWN))


class Law(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.queue = Routed(SqliteDatabase(self.folder, make=True))
        self.queue.account(1, GRANT)
        self.queue.begin(Ways())
        self.refused = set()  # (message, route)

    def teardown(self):
        self.queue.database.close()
        shutil.rmtree(self.folder)

    @rule(found=configurations)
    def configure(self, found):
        self.queue.begin(Ways(tuple(found)))
        self.queue.reroute()

    @rule(
        features=st.sampled_from((1, 2, 4)),
        parts=st.integers(1, 3),
        escalates=st.booleans(),
        late=st.booleans(),
    )
    def accept(self, features, parts, escalates, late):
        choice = self.queue.ways.fitting(features).choice(NUMBER)
        if choice is None:
            return
        costs = tuple(parts * price for price in choice.prices)
        given = {"charge": costs[0]}
        if escalates:
            given = {"charge": costs[-1], "costs": costs, "escalates": 1}
        due = self.queue.now + 100 * late
        self.queue.accept(
            new(
                NUMBER,
                way=choice.way,
                features=features,
                parts=parts,
                due=due,
                expires=START + 10**9,
                **given,
            )
        )

    @rule(name=st.sampled_from(NAMES), end=endings, elsewhere=st.booleans(), some=st.booleans())
    def send(self, name, end, elsewhere, some):
        way = next((one for one in self.queue.ways.all if one.name == name), None)
        if way is None:
            return
        for due in self.queue.pick(3, name, lacking=7 & ~way.features):
            row = self.queue.message(due.uid)
            assert not row["features"] & ~way.features
            assert (due.message, name) not in self.refused
            cost = due.parts * way.price
            rest = [number for number in range(1, due.parts + 1) if number not in due.accepted]
            taken = rest if end is Ended.SENT else rest[: len(rest) - 1] if some else []
            accepted = tuple((number, f"{due.message}-{number}") for number in taken)
            used = cost if cost < due.charge else None
            asked = elsewhere and not accepted and end in (Ended.REFUSED, Ended.LATER)
            pause = 30.0 if end is Ended.LATER else 0.0
            lot = Outcome(due.message, accepted, end, "", 9, pause, used, asked)
            self.queue.record(lot, route=name)
            if self.queue.way(due.uid) != name:
                self.refused.add((due.message, name))

    @rule(name=st.sampled_from(NAMES), how=st.sampled_from(("broken", "lost", "paused", "up")))
    def change(self, name, how):
        if how == "broken":
            self.queue.set(name, broken=self.queue.now + 60)
        elif how == "lost":
            self.queue.set(name, served=0.0)
        elif how == "paused":
            self.queue.set(name, state=RouteState.PAUSED, served=0.0)
        else:
            self.queue.set(name, state=RouteState.OPEN, served=self.queue.now, broken=0.0)

    @rule(seconds=st.sampled_from((5.0, 40.0, 700.0)))
    def time_passes(self, seconds):
        self.queue.now += seconds
        self.queue.beat(*NAMES)
        self.queue.promote()

    @rule()
    def escalate(self):
        before = {row["id"]: row for row in self.queue.rows(tables.message)}
        self.queue.escalate()
        for row in self.queue.rows(tables.message):
            if row["way"] != before[row["id"]]["way"]:
                self._check_move(before[row["id"]], row)

    def _check_move(self, before, row):
        way, old = self.queue.ways[row["way"]], self.queue.ways[before["way"]]
        assert way.takes(NUMBER)
        assert not row["features"] & ~way.features
        assert row["parts"] * way.price <= row["charge"]
        assert (row["id"], way.name) not in self.refused
        assert row["escalates"] or way.price == old.price
        assert before["state"] in (State.WAITING, State.DELAYED)

    @precondition(lambda self: len(self.queue.ways.all) > 1)
    @rule()
    def escalation_ends(self):
        """With nothing else going on each message moves no more often than there are routes."""
        for _ in range(len(self.queue.ways.all) + 2):
            self.queue.now += 700
            self.queue.beat(*NAMES)
            moved = self.queue.escalate()
        assert not moved

    @invariant()
    def credits_add_up(self):
        assert self.queue.run(ledger.check) == []
        spent = dict.fromkeys((row["id"] for row in self.queue.rows(tables.message)), 0)
        for row in self.queue.rows(tables.ledger):
            if row["message"]:
                spent[row["message"]] -= row["amount"]
        for row in self.queue.rows(tables.message):
            assert spent[row["id"]] == row["charge"] >= 0
        assert self.queue.balance() == GRANT - sum(spent.values()) >= 0


TestLaw = Law.TestCase
TestLaw.settings = settings(
    max_examples=30,
    stateful_step_count=40,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
