"""Which messages of a file are accepted, and the number of the error of the others.

| error | when |
|---|---|
| 001 | user or password missing, or the account is closed |
| 002 | wrong user or password |
| 004 | account frozen |
| 101 | grammar: a line, key or value; too many recipients; a row without a cell of its template |
| 102 | ``udh`` that is damaged, or that the content does not allow |
| 105 | recipient that is no international number |
| 106 | ``from`` of another form, or with ``mo`` a number whose replies come back by no route |
| 107 | no content, or only spaces |
| 108 | api_id missing, or not that of the folder |
| 112 | unknown ``msg_type``, or content that does not fit it |
| 113 | more parts than ``concat``, which is 1 if the file has none |
| 114 | no route has what the message asks for, or takes the number |
| 115 | validity over before the file was read, such as after a long stop |
| 116 | ``unicode`` text that is no UTF-16 in hex, or in a template |
| 120 | time to send past, more than 7 days ahead, or given twice |
| 121, 122, 128 | number that is blocked, opted out or delisted |
| 201, 202 | template without rows, rows without template |
| 301, 302 | balance, or ``max_credits``, lower than the charge |
| 901 | fault inside the gateway |

123 is for lists of allowed senders, which this gateway has not.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from smsenc import Coding, HeaderError, Payload, SmsencError, SplitError, udh
from smsenc.errors import MessageFileError
from smsenc.messagefile import Message, check_schedule, instants
from smsenc.messagefile.parameters import (
    EMPTY_MESSAGE,
    FEATURES,
    INVALID_HEADER,
    INVALID_PARAMETERS,
    MESSAGE_TYPE,
    NO_ROWS,
    NO_TEMPLATE,
    SOURCE,
    TOO_MANY_PARTS,
    fail,
)
from smsenc.messagefile.stream import Head, Recipient
from smsgate.gateway import content
from smsgate.gateway.credits import of as millionths
from smsgate.gateway.queue.accept import New
from smsgate.gateway.routing.ways import REPLIES, Choice, Fitting, Way, Ways

CANNOT_ROUTE, EXPIRED = 114, 115
NO_CREDIT, OVER_MOST_CREDITS, INTERNAL = 301, 302, 901

_CARRIED = {Coding.GSM7: "text", Coding.OCTETS: "8bit", Coding.UCS2: "ucs2"}
_VALIDITY = 1440  # minutes
_QUEUE = 3
_MINUTE = 60.0
_FIELD = re.compile("#field([0-9]+)#")
_MOST_DIGITS = 6
_CODES: tuple[tuple[type[SmsencError], int], ...] = (
    (HeaderError, INVALID_HEADER),
    (SplitError, TOO_MANY_PARTS),
)


class Fault(NamedTuple):
    """Why a file is refused: the number of an error, and its line, if it has one."""

    code: int
    line: int | None = None


class RefusedError(Exception):
    """A file of which no message is accepted; ``detail`` says why, for history.log."""

    def __init__(self, code: int, line: int | None = None, detail: str = "") -> None:
        super().__init__(code)
        self.fault = Fault(code, line)
        self.detail = detail


class Refused(NamedTuple):
    """A recipient whose message is not accepted; the number is as the file has it."""

    code: int
    line: int | None
    number: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What the gateway allows.

    ``blocked`` is the number of the error of a number that gets no messages, or 0.
    """

    routes: Ways = field(default_factory=lambda: Ways((Way(name=""),)))
    most_messages: int = 1_000_000
    blocked: Callable[[str], int] = lambda _number: 0

    def fitting(self, message: Message, features: int) -> Fitting:
        """The routes for a message that needs these features; raises RefusedError without any.

        Replies must come back by them if the message asks for that.
        """
        sender = (message.sender or "") if message.mo else None
        found = self.routes.fitting(features, sender)
        if not found.ways:
            can_be_answered = sender is None or self.routes.fitting(0, sender).ways
            raise RefusedError(CANNOT_ROUTE if can_be_answered else SOURCE)
        return found


class _Routed(NamedTuple):
    """What is reserved for a message, and the route it waits for: fields of New, in order."""

    charge: int
    features: int
    way: str
    escalates: int = 0
    costs: tuple[int, ...] = ()


class Measure(NamedTuple):
    """How many parts a message has, and the features that its route must have."""

    parts: int
    features: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is the same for all messages of a file."""

    message: Message
    rules: Rules
    due: float
    expires: float
    measure: Measure | None  # of all messages; None for a template
    pieces: tuple[str, ...]  # of a template: texts, and between them the numbers of cells
    routed: _Routed | None  # of all messages; None if it depends on the number
    known: dict[Measure, _Routed] = field(default_factory=dict)  # of rows, if it does not
    answers: int = 0  # 1: what its phones reply is for the account
    callback: int = 0  # bits of the statuses that are pushed


# The file -----------------------------------------------------------------------------------------


def message_of(head: Head, rules: Rules) -> Message:
    """The message of a file, to nobody; raises RefusedError."""
    try:
        if head.counts["csv"] and not head.has("text") and not head.fault:
            raise fail("csv", "expected a text with fields for the rows, found none", NO_TEMPLATE)
        message = head.message()
        if head.recipients > rules.most_messages:
            most, found = rules.most_messages, head.recipients
            raise MessageFileError(f"expected at most {most} recipients, found {found}")
    except MessageFileError as error:
        raise _refused(error, head) from None
    if head.counts["to"] and not message.unicode and _FIELD.search(message.text or ""):
        raise _refused(fail("text", "expected csv rows for its fields, found to", NO_ROWS), head)
    return message


def _refused(error: SmsencError, head: Head) -> RefusedError:
    """The refusal of a file; its detail has a line also where its answers have none."""
    code, line = code_of(error), error.line
    detail = SmsencError.__str__(error.at(line=head.line(error.name or "")))
    return RefusedError(code, line, detail)


def terms_of(message: Message, rules: Rules, taken: float, head: Head) -> Terms:
    """The terms of a message that was taken at that time; raises RefusedError.

    Validity counts from receipt, or from the time to send of a message that is to be sent later:
    one with the default validity could otherwise never be delayed by more than a day.
    """
    template = bool(head.counts["csv"])
    try:
        check_schedule(message, now=int(taken))
        measure = None if template else measure_of(message)
    except SmsencError as error:
        raise _refused(error, head) from None
    fitting = rules.fitting(message, measure.features if measure else message.req_feat or 0)
    due = _due(message, taken)
    return Terms(
        message=message,
        rules=rules,
        due=due,
        expires=due + (message.validity or _VALIDITY) * _MINUTE,
        measure=measure,
        pieces=tuple(_FIELD.split(message.text or "")) if template else (),
        routed=_of_all(fitting, message, measure),
        answers=int(bool(message.mo) or (message.sender or "").isdigit()),
    )


def _due(message: Message, taken: float) -> float:
    if message.scheduled_time is not None:
        return max(taken, float(instants.seconds(message.scheduled_time)))
    return taken + (message.deliv_time or 0) * _MINUTE


def code_of(error: SmsencError) -> int:
    """The number of the error that says what is wrong."""
    if isinstance(error, MessageFileError):
        return error.code or INVALID_PARAMETERS
    return next((code for kind, code in _CODES if isinstance(error, kind)), MESSAGE_TYPE)


def measure_of(message: Message, text: str | None = None) -> Measure:
    """The measure of a message; raises MessageFileError (107, 113) or another SmsencError."""
    found = content.payload(message, text)
    key = "data" if message.text is None else "text"
    if _is_empty(found, message.text if text is None else text):
        raise fail(key, "expected a message, found an empty one", EMPTY_MESSAGE)
    parts = content.parts_of(found)
    most = message.concat or 1
    if parts > (1 if _is_part(found) else most):
        raise fail(key, f"expected at most {most} parts, found {parts}", TOO_MANY_PARTS)
    return Measure(parts, (message.req_feat or 0) | _features(found, parts))


def _features(found: Payload, parts: int) -> int:
    """What a message needs by itself: the bits that a gateway adds itself."""
    features = FEATURES[_CARRIED[found.coding]]
    if found.elements:
        features |= FEATURES["udh"]
    return features | FEATURES["concat"] if parts > 1 else features


def _is_empty(found: Payload, text: str | None) -> bool:
    if text is not None and not text.strip():
        return True
    return not found.data and not found.elements


def _is_part(found: Payload) -> bool:
    """Whether the file has one part of a message: it has the header that splitting would add."""
    return udh.find_concatenation(found.elements) is not None


# Its recipients -----------------------------------------------------------------------------------


def checked(terms: Terms, recipient: Recipient, now: float) -> New | Refused:
    """The message for a recipient, or why it has none."""
    line, number, _, error = recipient
    code = code_of(error) if error else terms.rules.blocked(number)
    if not code and terms.expires <= now:
        code = EXPIRED
    if code:
        return Refused(code, line, number)
    try:
        text = _merged(terms.pieces, recipient.cells) if terms.pieces else None
        measure = terms.measure or measure_of(terms.message, text)
        routed = terms.routed or _routed(terms, measure, number)
    except SmsencError as fault:
        return Refused(code_of(fault), line, number)
    except RefusedError as refused:
        return Refused(refused.fault.code, line, number)
    queue = terms.message.queue or _QUEUE
    found = New(line, number, text, queue, terms.due, terms.expires, measure.parts, *routed)
    return found._replace(answers=terms.answers, callback=terms.callback)


def _routed(terms: Terms, measure: Measure, number: str) -> _Routed:
    if found := terms.known.get(measure):
        return found
    fitting = terms.rules.fitting(terms.message, measure.features)
    found = _chosen(fitting.choice(number), terms.message, measure)
    if fitting.constant:
        terms.known[measure] = found
    return found


def _of_all(fitting: Fitting, message: Message, measure: Measure | None) -> _Routed | None:
    """What all messages of a file have; None where it is not the same, or none is accepted."""
    if measure is None or fitting.constant is None:
        return None
    try:
        return _chosen(fitting.constant, message, measure)
    except RefusedError:
        return None


def _chosen(choice: Choice | None, message: Message, measure: Measure) -> _Routed:
    """Raises RefusedError if no route takes the number, or ``max_credits`` allows none."""
    if choice is None:
        raise RefusedError(CANNOT_ROUTE)
    costs = tuple(measure.parts * price for price in choice.prices)
    if message.max_credits is not None:
        most = millionths(message.max_credits)
        costs = tuple(cost for cost in costs if cost <= most)
    if not costs:
        raise RefusedError(OVER_MOST_CREDITS)
    features = measure.features | (REPLIES if message.mo else 0)
    if not message.escalate:
        return _Routed(costs[0], features, choice.way)
    return _Routed(costs[-1], features, choice.way, escalates=1, costs=costs)


def _merged(pieces: tuple[str, ...], cells: tuple[str, ...]) -> str:
    """The text of one row: each field replaced by its cell; raises MessageFileError without one."""
    found = list(pieces)
    for at in range(1, len(pieces), 2):
        place = int(pieces[at]) if len(pieces[at]) <= _MOST_DIGITS else 0
        if not 1 <= place <= len(cells):
            raise MessageFileError(f"expected a cell for #field{pieces[at]}#, found none")
        found[at] = cells[place - 1]
    return "".join(found)
