"""Sums and histograms of happenings, and their form for Prometheus."""

from __future__ import annotations

import threading
from collections import Counter

import pytest
from gatewayqueue import START, Queue, new
from hypothesis import given
from hypothesis import strategies as st
from prometheusread import parsed, value

from smsenc.smpp.receipts import MessageState
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.queue.picking import Due
from smsgate.gateway.reports import figures, happenings, standing
from smsgate.gateway.reports.exposition import Metrics
from smsgate.gateway.reports.figures import Figures, Histogram


@pytest.fixture
def queue(database):
    made = Queue(database)
    made.account()
    return made


@given(st.lists(st.floats(-10, 10**6)))
def test_a_histogram_counts_every_value_once_and_its_buckets_only_grow(values):
    ends = (0.1, 1.0, 60.0)
    histogram = Histogram(ends)
    histogram.add(values)
    buckets = histogram.buckets()
    assert [end for end, _ in buckets] == [*ends, float("inf")]
    assert [count for _, count in buckets] == [
        sum(one <= end for one in values) for end in (*ends, float("inf"))
    ]


def test_what_happens_is_added_up(queue):
    sums = Figures()
    due = Due(1, "u", 1, "447700900123", None, 1, 1, 30, 1, due=50.0)
    for one in (
        happenings.LotAccepted("1234567", "a.txt", 3, Counter({105: 2})),
        happenings.LotAccepted("1234567", "a.txt", 4, Counter({105: 1, 301: 1})),
        happenings.FileAnswered("1234567", "a.txt", 0.02, 7, 4),
        happenings.Announced("main", [due, due._replace(attempts=2)], 50.3, lambda _: None),
        happenings.TriesEnded(
            "main",
            [
                Outcome(1, ((1, "a"), (2, "b")), Ended.SENT),
                Outcome(2, (), Ended.UNKNOWN),
            ],
            [0.004],
        ),
        happenings.Received("main", 5, 2),
        happenings.Logged(Counter({3: 4, 4: 2})),
        happenings.CalledBack("1234567", "status", done=False, seconds=1.0),
    ):
        sums(one)
    found = parsed(Metrics(sums, queue.database, list).text())
    assert value(found, "accepted_messages_total", account="1234567") == 7
    assert value(found, "refused_recipients_total", error="105") == 3
    assert value(found, "refused_recipients_total", error="301") == 1
    assert value(found, "files_total") == 1
    assert value(found, "announced_messages_total", route="main") == 2
    assert value(found, "tries_total", route="main", end="sent") == 1
    assert value(found, "sent_parts_total", route="main") == 2
    assert value(found, "receipts_total", route="main") == 5
    assert value(found, "replies_total", route="main") == 2
    assert value(found, "statuses_total", status="003") == 4
    assert value(found, "callbacks_total", kind="status", result="failed") == 1
    assert value(found, "wait_seconds_count") == 1  # of the first try alone
    assert value(found, "wait_seconds_bucket", le="0.5") == 1
    assert value(found, "wait_seconds_bucket", le="0.1") == 0
    assert value(found, "submit_seconds_bucket", le="0.005") == 1
    assert found["process_resident_memory_bytes", frozenset()] > 0
    assert found["process_open_fds", frozenset()] > 0


def test_labels_are_bounded(queue, monkeypatch):
    monkeypatch.setattr(figures, "MOST_ACCOUNTS", 3)
    monkeypatch.setattr(standing, "MOST_ACCOUNTS", 3)
    sums = Figures()
    for number in range(10):
        sums(happenings.LotAccepted(str(number), "a.txt", 1, Counter()))
    for number in range(2, 8):
        queue.account(number)
        queue.accept(*[new()] * number, account=number)
    found = parsed(Metrics(sums, queue.database, list).text())
    for name, own in (("accepted_messages_total", 3), ("queued", 3)):
        keys = [dict(labels) for sample, labels in found if sample == f"smsenc_gateway_{name}"]
        assert len(keys) == own + 1
    assert value(found, "accepted_messages_total", account="other") == 7
    assert value(found, "queued", account="7", queue="3") == 7
    assert value(found, "queued", account="other", queue="3") == 2 + 3 + 4


def test_what_waits_is_counted_and_kept_for_a_moment(queue):
    now = [100.0]
    metrics = Metrics(Figures(), queue.database, list, lambda: now[0])
    queue.accept(new(), new(queue=1), new(due=START + 60, expires=START + 9999))
    found = parsed(metrics.text())
    assert value(found, "queued", account="1", queue="1") == 1
    assert value(found, "messages", state="waiting") == 2
    assert value(found, "messages", state="delayed") == 1
    assert value(found, "messages", state="unknown") == 0
    queue.accept(new())
    assert value(parsed(metrics.text()), "messages", state="waiting") == 2
    now[0] += 6
    assert value(parsed(metrics.text()), "messages", state="waiting") == 3


def test_receipts_are_measured_from_the_answer(queue):
    now = [100.0]
    metrics = Metrics(Figures(), queue.database, list, lambda: now[0])
    metrics.text()
    queue.sent("a1")
    queue.now += 7
    queue.receive(("a1", MessageState.DELIVERED))
    now[0] += 6
    found = parsed(metrics.text())
    assert value(found, "receipt_seconds_count") == 1
    assert value(found, "receipt_seconds_sum") == pytest.approx(7)
    now[0] += 6
    assert value(parsed(metrics.text()), "receipt_seconds_count") == 1


def test_threads_lose_nothing():
    sums = Figures()
    one = happenings.LotAccepted("1", "a", 1, Counter({105: 1}))

    def work():
        for _ in range(2000):
            sums(one)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sums.sums()["accepted_messages"] == {("1",): 8000}
