"""Several nodes of one gateway: processes on one PostgreSQL, each with links that can be cut.

    with Cluster(folder, server, url, smsc.port, rate=100) as cluster:
        cluster.nodes[0].kill()

The nodes share the folder ``storage``; everything else of a node is its own: its data folder, and
its links to PostgreSQL and to the message centre.
"""

from __future__ import annotations

import signal
from contextlib import ExitStack

from gateways import HOST, Gateway
from network import Network

LEASE = 4.0

_CONFIGURATION = """\
database = "{database}"

[ftp]
tls = "off"

[node]
storage = "{storage}"
lease = {lease}

[[route]]
name = "centre"
smsc = "smpp://me@{host}:{smpp}"
password-env = "SMSENC_SMPP_PASSWORD"
window = 10
{rate}
"""

_ACTIVITY = """
    SELECT pid, pg_blocking_pids(pid), state, now() - state_change, wait_event, left(query, 200)
    FROM pg_stat_activity WHERE datname = current_database() AND pid != pg_backend_pid()
"""
_MESSAGES = """
    SELECT message.state, way, message.route, message.node, node.name, node.state, count(*)
    FROM message LEFT JOIN node ON node.id = message.node GROUP BY 1, 2, 3, 4, 5, 6
"""


class Node(Gateway):
    """One of the processes; what it keeps is in the database that all share."""

    def __init__(self, name, cluster, roles):
        data = cluster.folder / name
        data.mkdir()
        super().__init__(data, None, "--node", name, "--roles", ", ".join(roles))
        self.name = name
        self.base = cluster.network.link(cluster.server.port)
        self.centre = cluster.network.link(cluster.smpp, smpp=True)
        self._cluster = cluster
        self._configure(data)

    def _configure(self, data):
        cluster = self._cluster
        database = cluster.url.replace(f":{cluster.server.port}/", f":{self.base.port}/")
        text = _CONFIGURATION.format(
            database=database,
            storage=cluster.storage,
            lease=LEASE,
            host=HOST,
            smpp=self.centre.port,
            rate=f"rate = {cluster.rate}" if cluster.rate else "",
        )
        (data / "gateway.toml").write_text(text)

    @property
    def spool(self):
        return self._cluster.storage / "spool"

    def folder(self, account=None):
        return self._cluster.storage / "accounts" / (account or self.account).api_id

    def select(self, query):
        return self._cluster.server.do(query, self._cluster.url)

    def freeze(self):
        """SIGSTOP: it does nothing, and its connections stay."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self):
        self._process.send_signal(signal.SIGCONT)

    def kill(self):
        if self._process:
            self.thaw()  # so that the wait for its end has one
        super().kill()


class Cluster:
    """``names`` are those of the nodes, which all have the same ``roles``.

    ``url`` is an empty database on ``server``. Its links last until the block ends; its nodes
    until then, or until ``end``.
    """

    def __init__(
        self, folder, server, url, smpp, *, rate=None, names="abc", roles=("ftp", "send", "web")
    ):
        self.folder = folder
        self.storage = folder / "shared"
        self.server = server
        self.url = url
        self.smpp = smpp
        self.rate = rate
        self.network = Network()
        self.nodes = []
        self._names = names
        self._roles = roles
        self._ends = ExitStack()

    def __enter__(self):
        self.storage.mkdir()
        with ExitStack() as ends:
            ends.enter_context(self.network)
            self.nodes = [Node(name, self, self._roles) for name in self._names]
            for node in self.nodes:
                ends.callback(node.kill)
                node.start()
                node.account = self.nodes[0].account
            self._ends = ends.pop_all()
        return self

    def __exit__(self, *_):
        self._ends.close()

    def end(self):
        """SIGTERM to all nodes, which must end well."""
        for node in self.nodes:
            node.end()
        assert "Traceback" not in self.errors(), self.errors()

    def errors(self):
        """What all nodes wrote to stderr."""
        return "\n".join(f"{node.name}: {node.errors()}" for node in self.nodes)

    def doings(self):
        """The same, and what PostgreSQL is doing for them, for a test that has failed."""
        rows = self.server.do(_ACTIVITY, self.url)
        messages = self.server.do(_MESSAGES, self.url)
        return "\n".join((self.errors(), *map(str, rows), *map(str, messages)))

    def submits(self):
        """When something was submitted by any node, in order."""
        return sorted(at for node in self.nodes for at in node.centre.submits)
