"""Several nodes on one database, as transactions see them, and a clock that a test moves."""

from __future__ import annotations

from gatewayqueue import Queue

from smsgate.gateway import clock, tables
from smsgate.gateway import database as databases
from smsgate.gateway.nodes import duties, leases
from smsgate.gateway.settings import Role, Unknown

LEASE = 15.0
HOLD = {"r": Unknown.HOLD}


class Cluster(Queue):
    """A queue with nodes; give ``monkeypatch`` so that all see its ``now``."""

    def use_clock(self, monkeypatch):
        monkeypatch.setattr(databases, "now", lambda: self.now)
        monkeypatch.setattr(clock, "moment", lambda _: self.now)
        return self

    def join(self, name="a", roles=tuple(Role)):
        return self.run(leases.register, name, roles)

    def renew(self, key):
        return self.run(leases.renew, key)

    def alive(self, key):
        return self.run(leases.is_alive, key)

    def lose(self, me, policies=HOLD):
        return self.run(leases.lose, LEASE, policies, self.now, me)

    def leave(self, key, policies=HOLD):
        self.run(leases.end, key, policies, self.now)

    def holds(self, duty, me):
        return self.run(duties.holds, duty, me)

    def nodes(self):
        return {one.name: one.state.value for one in self.run(leases.listed)}

    @staticmethod
    def table(name):
        return tables.metadata.tables[name]
