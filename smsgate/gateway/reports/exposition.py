"""``/metrics``: the figures in the text format of Prometheus, with a registry of their own.

Labels are names of accounts, routes, queues, states and numbers of errors: no phone's number, text
or password.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector

from smsgate.errors import OutboxError
from smsgate.gateway.database import Database, now
from smsgate.gateway.reports import standing
from smsgate.gateway.reports.figures import SECONDS, SUMS, Figures
from smsgate.gateway.reports.standing import Standing

CONTENT_TYPE = CONTENT_TYPE_LATEST
_PREFIX = "smsenc_gateway_"
_LEAST = 5.0  # seconds for which the counts of the database are kept
_SHARE = 20.0  # counts may take one part of so many of the time


@dataclass(frozen=True, slots=True)
class Gauge:
    """A value of now by labels; ``values`` are by tuples of them."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    values: Mapping[Any, float] = field(default_factory=dict)


class Metrics:
    """``parts`` returns the values of what runs; ``count`` more of them, from the database."""

    def __init__(
        self,
        figures: Figures,
        database: Database,
        parts: Callable[[], list[Gauge]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._figures = figures
        self._database = database
        self._parts = parts
        self._clock = clock
        self._standing = Standing()
        self._good_until = float("-inf")
        self._seen: int | None = None
        self._registry = CollectorRegistry()
        self._registry.register(_Collector(self._families))
        ProcessCollector(registry=self._registry)

    def text(self) -> bytes:
        """All of it; blocks while the database counts."""
        self._refresh()
        return generate_latest(self._registry)

    def _refresh(self) -> None:
        """Count again, unless that was done a moment ago; large counts are made less often."""
        begin = self._clock()
        if begin < self._good_until:
            return
        try:
            seen, moment = self._seen, now()
            found = self._database.read(lambda conn: standing.look(conn, moment, seen))
        except OutboxError:  # a gauge says so
            self._good_until = begin + _LEAST
            return
        self._standing, self._seen = found, found.seen
        self._figures.measured("receipt_seconds", found.receipts)
        end = self._clock()
        self._good_until = end + max(_LEAST, _SHARE * (end - begin))

    def _families(self) -> Iterator[Metric]:
        yield from _sums(self._figures)
        yield from _histograms(self._figures)
        found = self._standing
        for one in (
            Gauge("queued", "Messages that wait.", ("account", "queue"), found.queued),
            Gauge("messages", "Messages that are not final.", ("state",), _one(found.states)),
            Gauge("oldest_seconds", "Since when the first waits.", ("queue",), _one(found.oldest)),
            Gauge("callbacks_waiting", "Callbacks to send.", ("kind",), _one(found.callbacks)),
            Gauge(
                *("inbound", "Messages from phones in no reply yet.", ("state",)),
                _one(found.phones),
            ),
            Gauge("nodes", "Processes of the gateway that are alive.", (), {(): found.nodes}),
            *self._parts(),
        ):
            yield _gauge(one)


class _Collector(Collector):
    def __init__(self, families: Callable[[], Iterator[Metric]]) -> None:
        self._families = families

    def collect(self) -> Iterator[Metric]:
        """Everything, each time."""
        return self._families()

    def describe(self) -> list[Metric]:
        """Nothing: so that nothing is counted when this is registered."""
        return []


def _one(values: Mapping[str, float]) -> dict[tuple[str, ...], float]:
    return {(name,): value for name, value in values.items()}


def _sums(figures: Figures) -> Iterator[Metric]:
    for name, values in figures.sums().items():
        row = SUMS[name]
        family = CounterMetricFamily(_PREFIX + name, row.help, labels=row.labels)
        for labels, value in (values or ({} if row.labels else {(): 0})).items():
            family.add_metric(labels, value)
        yield family


def _histograms(figures: Figures) -> Iterator[Metric]:
    for name, (buckets, total) in figures.seconds().items():
        family = HistogramMetricFamily(_PREFIX + name, SECONDS[name][0])
        shown = [("+Inf" if end == float("inf") else f"{end:g}", count) for end, count in buckets]
        family.add_metric([], shown, sum_value=total)
        yield family


def _gauge(one: Gauge) -> Metric:
    family = GaugeMetricFamily(_PREFIX + one.name, one.help, labels=one.labels)
    for labels, value in one.values.items():
        family.add_metric(labels, value)
    return family
