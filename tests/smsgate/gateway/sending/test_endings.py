"""What results of parts make of a message."""

from __future__ import annotations

import asyncio

import pytest

from smsenc import SmsencError
from smsenc.smpp import SmppError, StateError, Status
from smsgate.gateway import settings
from smsgate.gateway.queue.outcomes import Ended
from smsgate.gateway.queue.picking import Due
from smsgate.gateway.sending import endings
from smsgate.gateway.sending.meter import Meter
from smsgate.smppclient import Accepted, ClosedError, RecalledError, Refused, Unknown

DUE = Due(1, "u", 1, "447700900123", None, 1, 3, 30, 1, 1)
HOLD, RESEND = map(endings.Terms, (settings.Unknown.HOLD, settings.Unknown.RESEND))
YES = Accepted("a")


@pytest.mark.parametrize(
    ("results", "ended", "status"),
    [
        ([YES, YES, YES], Ended.SENT, 0),
        ([YES, Refused(Status.ESME_RINVDSTADR), RecalledError()], Ended.REFUSED, 9),
        ([YES, Refused(Status.ESME_RINVSRCADR), RecalledError()], Ended.REFUSED, 5),
        ([YES, Refused(Status.ESME_RSYSERR), Refused(Status.ESME_RINVMSGLEN)], Ended.REFUSED, 5),
        ([YES, Refused(Status.ESME_RSYSERR), YES], Ended.LATER, 0),
        ([YES, Refused(Status.ESME_RINVBNDSTS), RecalledError()], Ended.LATER, 0),
        ([YES, Refused(Status.ESME_RTHROTTLED), RecalledError()], Ended.GIVEN_BACK, 0),
        ([RecalledError(), RecalledError(), RecalledError()], Ended.GIVEN_BACK, 0),
        ([ClosedError(), ClosedError(), ClosedError()], Ended.GIVEN_BACK, 0),
        ([YES, Unknown("cut"), Refused(Status.ESME_RINVDSTADR)], Ended.UNKNOWN, 0),
        ([YES, asyncio.CancelledError(), RecalledError()], Ended.UNKNOWN, 0),
        ([YES, RuntimeError(), RecalledError()], Ended.UNKNOWN, 0),
        ([YES, StateError("closed"), RecalledError()], Ended.LATER, 0),
        ([YES, SmsencError("bad"), RecalledError()], Ended.REFUSED, 5),
        ([YES, SmppError("bad", status=Status.ESME_RINVDSTTON), YES], Ended.REFUSED, 9),
    ],
)
def test_the_worst_part_counts_and_the_accepted_are_kept(results, ended, status):
    found = endings.outcome(DUE, list(enumerate(results, 1)), HOLD)
    assert (found.message, found.end, found.status) == (1, ended, status)
    wanted = tuple((n, "a") for n, one in enumerate(results, 1) if one is YES)
    assert found.accepted == wanted
    assert (found.pause > 0) == (ended is Ended.LATER)


def test_with_resend_the_unknown_is_tried_again():
    found = endings.outcome(DUE, [(2, Unknown("no answer"))], RESEND)
    assert (found.end, found.detail, found.pause) == (Ended.LATER, "no answer", 30.0)


def test_the_pauses_grow_to_half_an_hour():
    pauses = [endings.pause_after(attempts) for attempts in (0, 1, 2, 3, 7, 8, 10_000)]
    assert pauses == [30, 30, 60, 120, 1800, 1800, 1800]


def test_the_meter_counts_the_last_ten_seconds():
    meter = Meter()
    assert meter.rate(0) == 0
    for second in range(100):
        meter.add(7, second + 0.5)
    assert meter.total == 700
    assert meter.rate(100.0) == pytest.approx(7, rel=0.15)
    assert meter.rate(200.0) == 0
