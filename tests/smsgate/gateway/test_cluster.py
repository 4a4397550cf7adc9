"""Three nodes on one PostgreSQL while everything fails in turn: never lost, never twice.

A node is killed with -9, again and again; PostgreSQL is restarted twice, once without warning; a
node is cut off from it, and another one is stopped, both for longer than the lease. Two clients
upload to any of the nodes meanwhile. The message centre stays up and keeps each submit.

SMSENC_GATEWAY_CLUSTER is the number of messages; by hand, 100,000 take some minutes.
"""

from __future__ import annotations

import itertools
import logging
import os
import random
import time
from bisect import bisect_left, bisect_right
from collections import Counter
from functools import partial
from typing import NamedTuple

from gateways import Smsc, by_number, until
from nodeprocesses import LEASE, Cluster
from promises import PROMISES, Run, check_all
from uploads import Uploader, files_of

from smsgate.gateway.states import NodeState, State

MESSAGES = int(os.environ.get("SMSENC_GATEWAY_CLUSTER", "1500"))
RATE = int(os.environ.get("SMSENC_GATEWAY_CLUSTER_RATE", str(max(100, MESSAGES // 100))))
KILLS = max(1, MESSAGES // 4000)
SLOW = 90.0  # seconds: the machine may have a lot to do
AHEAD = 300  # parts that a node announces at most before they leave
SPREAD = 15.0 + 3 * KILLS  # seconds over which clients upload
CREDIT = 1_000_000
_LOG = logging.getLogger(__name__)


# --- Faults ---------------------------------------------------------------------------------------


def kill(_cluster, node):
    """kill -9; it is started again, sometimes after its lease."""
    node.kill()
    time.sleep(random.choice((0.0, 0.5)))
    node.start()


def cut(cluster, node):
    """The network between a node and PostgreSQL; its way to the message centre stays."""
    was, began = _rows(node)[0], time.monotonic()
    node.base.cut()
    _others_go_on(cluster, node, was)
    late = [at - began for at in node.centre.submits if began + LEASE < at]
    node.base.mend()
    assert not late, f"node {node.name} went on sending without its lease: {late[-3:]}"
    _is_there_again(cluster, node, was)


def stop(cluster, node):
    """SIGSTOP, longer than the lease; it comes back and knows nothing of it."""
    was = _rows(node)[0]
    node.freeze()
    _others_go_on(cluster, node, was)
    node.thaw()
    _is_there_again(cluster, node, was)


def restart(cluster, _node):
    """PostgreSQL ends in order; clients are told."""
    cluster.server.restart("fast")


def crash(cluster, _node):
    """PostgreSQL ends at once, and repairs itself when it starts."""
    cluster.server.restart("immediate")


#: Each kind once; with more messages, kills go on between and after them.
FAULTS = (kill, cut, stop, restart, crash)


class Row(NamedTuple):
    """A row of the nodes: one start, or one lease."""

    id: int
    name: str
    state: NodeState


def _rows(node):
    """All rows of a node, the newest first."""
    rows = map(Row._make, node.select("SELECT id, name, state FROM node ORDER BY id DESC"))
    return [row for row in rows if row.name == node.name]


def _others_go_on(cluster, node, was):
    """Nothing is heard of a node: the others send, and take over when its lease has ended."""
    others = [one for one in cluster.nodes if one is not node]
    before = sum(len(one.centre.submits) for one in others)
    began = time.monotonic()

    def go_on():
        sent = sum(len(one.centre.submits) for one in others) > before
        return sent or not node.counts()[State.WAITING]

    until(go_on, lambda: f"nobody sends without {node.name}: {cluster.doings()}", SLOW)
    sent = time.monotonic() - began
    lost = was._replace(state=NodeState.LOST)
    until(
        lambda: lost in _rows(node),
        lambda: f"nobody takes over from {was}: {_rows(node)}; {cluster.doings()}",
        SLOW,
    )
    taken = time.monotonic() - began
    _LOG.info("without node %s others sent after %.1f s, it was lost after %.1f s",
              node.name, sent, taken)  # fmt: skip


def _is_there_again(cluster, node, was):
    """The node has come back as a new one."""

    def is_there():
        newest = _rows(node)[0]
        return newest.id > was.id and newest.state == NodeState.ALIVE

    until(is_there, lambda: f"{was}: {_rows(node)}; {cluster.doings()}", SLOW)


# --- The run --------------------------------------------------------------------------------------


def disturbed(cluster, smsc):
    """Upload everything, with all faults meanwhile, and let it come to rest."""
    dice = random.Random("cluster")
    first = cluster.nodes[0]
    first.command("account", "credit", first.account.api_id, CREDIT, "--data", first.data)
    second = first.add_account(CREDIT)
    half = MESSAGES // 2
    files = [
        files_of(first.account, 0, half, dice, MESSAGES // 8),
        files_of(second, half, MESSAGES - half, dice, MESSAGES // 8),
    ]
    uploads = [Uploader(cluster.nodes, some, SPREAD / len(some), LEASE) for some in files]
    for one in uploads:
        one.start()
    began = time.monotonic()
    try:
        faults = _disturb(cluster, dice)
        for one in uploads:
            one.join(120 + MESSAGES / 100)
            assert not one.left, cluster.errors()
            _LOG.info("%d uploads failed and were repeated", one.failures)
    finally:
        for one in uploads:
            one.stopped.set()
            one.join()
    first.settled(60 + 3 * MESSAGES / RATE)
    _LOG.info("%d messages in %.0f s with %s", MESSAGES, time.monotonic() - began, dict(faults))
    _receipts_are_in(first)
    cluster.end()
    smsc.end()
    every = [one for some in files for one in some]
    return Run(first, every, by_number(smsc.received())), faults


def _disturb(cluster, dice):
    """All faults, and kills until there were enough; {what: how often}."""
    faults = Counter()
    nodes = itertools.cycle(cluster.nodes)
    more = itertools.repeat(kill, KILLS - 1)
    plan = [one for kind in FAULTS for one in (kind, *itertools.islice(more, KILLS // 8))]
    for fault in (*plan, *more):
        time.sleep(dice.uniform(0.5, 2.0))
        node = next(nodes)
        _LOG.info("%s, node %s; %s", fault.__name__, node.name, dict(cluster.nodes[0].counts()))
        fault(cluster, node)
        faults[fault.__name__] += 1
    return faults


def _receipts_are_in(node):
    """Wait until no receipt comes any more."""
    before = None
    while before != (before := node.counts()):
        time.sleep(1.0)


# --- What must hold, beyond what every gateway promises -------------------------------------------


def the_unknown_are_few(run, _cluster, faults):
    counts = run.gateway.counts()
    deaths = faults["kill"] + faults["cut"] + faults["stop"]
    assert counts[State.UNKNOWN] <= AHEAD * deaths, counts
    assert counts[State.DELIVERED] > MESSAGES / 10, counts


def the_rate_holds_over_all_nodes(_run, cluster, _faults):
    """In each second, and more closely in each five, whoever sent."""
    submits = cluster.submits()
    for seconds, tolerance in ((1.0, 1.5), (5.0, 1.1)):
        most = max(bisect_right(submits, at + seconds) - bisect_left(submits, at) for at in submits)
        _LOG.info("most in %.0f s: %d parts at a rate of %d a second", seconds, most, RATE)
        assert most <= RATE * seconds * tolerance, (seconds, most)


def all_nodes_sent(_run, cluster, _faults):
    shares = {node.name: len(node.centre.submits) for node in cluster.nodes}
    _LOG.info("parts by node: %s", shares)
    assert min(shares.values()) > 0, shares


def no_node_is_left(run, _cluster, faults):
    found = Counter(state for (state,) in run.gateway.select("SELECT state FROM node"))
    assert found[NodeState.ALIVE] == 0, found
    assert found[NodeState.ENDED] >= 3, found
    assert found[NodeState.LOST] >= faults["cut"] + faults["stop"], found


def test_three_nodes_lose_nothing_and_send_nothing_twice(tmp_path, postgres_server, postgres_url):
    # One test, because each process of xdist would have a run of its own.
    fates = ("--receipts", "delivered=0.8,failed=0.1,early=0.1", "--receipt-delay", "0.2")
    chaos = ("--chaos", "slow=0.02", "--slow-delay", "0.5", "--seed", "7")
    with (
        Smsc(tmp_path / "smsc", *fates, *chaos) as smsc,
        Cluster(tmp_path, postgres_server, postgres_url, smsc.port, rate=RATE) as cluster,
    ):
        run, faults = disturbed(cluster, smsc)
        checks = {check.__name__: partial(check, run) for check in PROMISES}
        own = (the_unknown_are_few, the_rate_holds_over_all_nodes, all_nodes_sent, no_node_is_left)
        checks |= {check.__name__: partial(check, run, cluster, faults) for check in own}
        check_all(checks)
