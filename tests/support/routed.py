"""A queue of messages for several routes, as one thread of a gateway works on it."""

from __future__ import annotations

from gatewayqueue import Queue, new
from sqlalchemy import insert, update

from smsgate.gateway import routes, tables
from smsgate.gateway.queue import outcomes
from smsgate.gateway.queue.outcomes import Outcome
from smsgate.gateway.routing import escalation, health, onward, reroute
from smsgate.gateway.routing.ways import Way, Ways
from smsgate.gateway.states import RouteState

NUMBER = "447700900123"


def ways(**prices: int) -> Ways:
    """Routes that take everything, by name with the price of a part."""
    return Ways(tuple(Way(name=name, price=price, after=60.0) for name, price in prices.items()))


class Routed(Queue):
    """``ways`` are the routes; all are bound."""

    def begin(self, found: Ways) -> None:
        self.ways = found
        names = [way.name for way in found.all]
        self.run(routes.configure, names)
        self.run(health.begin, names, self.now)

    def add(self, way: str, **given):
        """A message that waits for a route."""
        (uid,) = self.accept(new(NUMBER, way=way, **given))
        assert uid
        return uid

    def file(self, content: str) -> int:
        values = {"account": 1, "name": "a", "size": 1, "digest": "", "taken": 0.0, "state": "read"}
        table = insert(tables.file).values(**values, spool=content, content=content)
        return self.run(lambda conn: conn.execute(table).inserted_primary_key[0])

    def onward(self, conn, messages, now):
        return onward.refused(conn, self.ways, messages, now)

    def record(self, *lot: Outcome, route: str = "r"):
        self.run(outcomes.record, route, lot, self.now, self.onward)

    def set(self, name: str, **values):
        new_values = update(tables.route).where(tables.route.c.name == name).values(**values)
        self.run(lambda conn: conn.execute(new_values))

    def beat(self, *names: str):
        self.run(health.beat, names, self.now)

    def pause(self, name: str):
        self.run(routes.set_state, name, RouteState.PAUSED)

    def escalate(self) -> int:
        """All that moves now."""
        total = 0
        at = escalation.Situation(self.ways, self.run(health.look, self.ways, self.now), self.now)
        for way in self.ways.all:
            for work in (escalation.impatient, escalation.stranded):
                step = escalation.Step(0, ())
                while (step := self.run(work, at, way, step.end)).end:
                    total += step.moved
                total += step.moved
        return total

    def reroute(self, most: int = 2) -> int:
        total, step = 0, self.run(reroute.reroute, self.ways, self.now, None, most)
        while step.end:
            total += step.moved
            step = self.run(reroute.reroute, self.ways, self.now, step.end, most)
        return total + step.moved

    def way(self, uid: str):
        return self.message(uid)["way"]
