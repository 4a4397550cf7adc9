"""What the results of a message's parts make of the message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from smsenc import SmsencError
from smsenc.smpp import SmppError, StateError, Status
from smsgate import masking
from smsgate.gateway import credits as amounts
from smsgate.gateway import settings, states
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.queue.picking import Due
from smsgate.gateway.routing.errorclasses import OF_ROUTE, STANDARD, Class, class_of, classes_of
from smsgate.smppclient import Accepted, ClosedError, RecalledError, Refused, Result, Unknown
from smsgate.smppclient.results import BUSY

_FIRST_PAUSE, _LONGEST_PAUSE = 30.0, 1800.0  # seconds
#: Of the parts' endings the first of these counts.
_ORDER = (Ended.UNKNOWN, Ended.REFUSED, Ended.LATER, Ended.GIVEN_BACK)
#: command_status of a destination that the message centre has no way to (5.1.3).
_NO_ROUTE = frozenset(
    (
        Status.ESME_RINVDSTADR,
        Status.ESME_RINVDSTTON,
        Status.ESME_RINVDSTNPI,
        Status.ESME_RINVNUMDESTS,
        Status.ESME_RINVDLNAME,
        Status.ESME_RINVDESTFLAG,
        Status.ESME_RINVSUBREP,
        Status.ESME_RCNTSUBDL,
    )
)


class Terms(NamedTuple):
    """What a route makes of results: what is unknown, refusals, and the price of a part."""

    unknown: settings.Unknown
    classes: Mapping[int, Class] = STANDARD
    price: int | None = None  # None: what is reserved


class _Ending(NamedTuple):
    """How a part that was not accepted ended."""

    ended: Ended
    detail: str = ""
    status: int = 0
    elsewhere: bool = False


def terms_of(route: settings.RouteSettings) -> Terms:
    """The terms of a route."""
    return Terms(route.unknown, classes_of(route), amounts.of(route.price))


def outcome(
    due: Due, results: Sequence[tuple[int, Result | BaseException]], terms: Terms
) -> Outcome:
    """The outcome of a try; results are those of the parts by number.

    Exceptions stand for parts that were not sent.
    """
    accepted = tuple((no, one.message_id) for no, one in results if isinstance(one, Accepted))
    cost = due.charge if terms.price is None else due.parts * terms.price
    used = cost if cost < due.charge else None
    if len(accepted) == len(results):
        return Outcome(due.message, accepted, Ended.SENT, used=used)
    others = [_ending(one, terms) for _, one in results if not isinstance(one, Accepted)]
    worst = min(others, key=lambda one: _ORDER.index(one.ended))
    pause = pause_after(due.attempts) if worst.ended is Ended.LATER else 0.0
    return Outcome(
        due.message,
        accepted,
        worst.ended,
        worst.detail,
        worst.status,
        pause,
        used,
        elsewhere=worst.elsewhere and not accepted,
    )


def is_failure(found: Result | BaseException) -> bool:
    """Whether a result is a failure of the route, and not one of the message."""
    return isinstance(found, Unknown) or (isinstance(found, Refused) and found.status in OF_ROUTE)


def not_built(due: Due, error: Exception) -> Outcome:
    """The outcome of a message whose PDUs cannot be built."""
    return Outcome(due.message, (), *_of_error(error))


def given_back(due: Due) -> Outcome:
    """The outcome of a message that was not tried."""
    return Outcome(due.message, (), Ended.GIVEN_BACK, "")


def pause_after(attempts: int) -> float:
    """Seconds from a refusal that may pass to the next try: 30 s, doubled each time, to 30 min."""
    return min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(max(attempts, 1) - 1, 16))


def _ending(found: Result | BaseException, terms: Terms) -> _Ending:
    match found:
        case Refused():
            return _of_refusal(found, terms.classes)
        case Unknown(reason):
            resend = terms.unknown is settings.Unknown.RESEND
            return _Ending(Ended.LATER if resend else Ended.UNKNOWN, masking.cleaned(reason))
        case StateError():
            return _Ending(Ended.LATER, masking.cleaned(str(found)))
        case RecalledError() | ClosedError():
            return _Ending(Ended.GIVEN_BACK)
        case SmsencError():
            return _of_error(found)
    return _Ending(Ended.UNKNOWN, f"internal error: {type(found).__name__}")


def _of_refusal(found: Refused, classes: Mapping[int, Class]) -> _Ending:
    detail = f"the message centre refuses it: {found}"
    if found.status in BUSY:
        return _Ending(Ended.GIVEN_BACK, detail)
    meaning = class_of(classes, found.status)
    elsewhere = meaning is Class.OTHER_ROUTE
    if meaning is Class.RETRY or (elsewhere and found.temporary):
        return _Ending(Ended.LATER, detail, elsewhere=elsewhere)
    return _Ending(Ended.REFUSED, detail, _status(found.status), elsewhere)


def _of_error(error: Exception) -> _Ending:
    known = isinstance(error, SmsencError)
    detail = str(error) if known else f"internal error: {type(error).__name__}"
    code = error.status if isinstance(error, SmppError) else 0
    return _Ending(Ended.REFUSED, masking.cleaned(detail), _status(code))


def _status(code: int) -> int:
    """The status that logs show for a command_status that is for good."""
    no_route = code in _NO_ROUTE
    return states.Status.ROUTING_ERROR if no_route else states.Status.ERROR_WITH_MESSAGE
