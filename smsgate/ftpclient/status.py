"""What became of every message: the answers in the logs, matched with what was sent. Pure.

An answer belongs to a message by its file's name, by the order of the lines about its recipient,
and by time: an answer that is older than the upload of the file is about another message, which
was sent under the same name before. Many gateways write a time without a zone, and no clock is
exact, so an answer counts as older only if it is so in every zone (``_TOLERANCE``), if it was read
before the upload, if it is in its log before such an answer, or if it has the id of one.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from smsenc.messagefile import names
from smsenc.messagefile.logs import Answer

_HOUR = 3600
#: Seconds by which a time in a log may be earlier than it was by our clock: without a zone, a time
#: may be of any zone, and those furthest west are 12 hours behind UTC.
_TOLERANCE = {"zone": 1 * _HOUR, "no zone": 12 * _HOUR}


class MessageState(StrEnum):
    """What the gateway last said about a message."""

    ACCEPTED = "accepted"  # it has an id, and no final state yet
    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"
    UNKNOWN = "unknown"  # there is no answer
    NOT_OURS = "not ours"  # there is an answer, but it was not sent from this outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageStatus:
    """One message file to one recipient, and the last answer about it.

    ``row`` is the number of the recipient's line in the file, from 1; ``table_row`` is its row in
    the table of a campaign. ``error`` and ``status`` are the gateway's numbers, ``meaning`` is
    their text; ``remarks`` are what else it says about the file.
    """

    file: str
    to: str | None
    state: MessageState
    id: str | None = None
    error: int | None = None
    status: int | None = None
    meaning: str = ""
    client_id: str | None = None
    charge: Decimal | None = None
    time: str | None = None
    row: int | None = None
    table_row: int | None = None
    remarks: tuple[str, ...] = ()

    @property
    def part(self) -> int:
        """Which part of its message the file is, from 1."""
        name = names.parse(self.file)
        return name.part if name else 1

    @property
    def parts(self) -> int:
        """How many files its message has."""
        name = names.parse(self.file)
        return name.total if name else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SentFile:
    """A message file and what is known about its upload.

    ``recipients`` has one number for each line, None if the file can no longer be read;
    ``table_rows`` has their rows in the table of a campaign. ``uploaded`` is when it got its final
    name, in seconds since 1970, and ``step`` is the number of that step in the journal. A file that
    is not ``sent`` is known, but no gateway has seen it.
    """

    name: str
    recipients: tuple[str, ...] | None
    sent: bool = True
    uploaded: float | None = None
    step: int = 0
    table_rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An answer, and where and when it was read.

    ``source`` is the log; a log that has taken the place of another is another source. ``step`` is
    the number of the last step of the upload in the journal at that time; ``look`` counts the
    readings of the logs.
    """

    answer: Answer
    source: object
    step: int = 0
    look: int = 0


#: What was said about one message: the lines with its id, or one refusal.
_Said = list[Answer]


def join(file: SentFile, heard: Sequence[Heard]) -> tuple[list[MessageStatus], int]:
    """The status of each line of a file, in their order, then those NOT_OURS; answers ignored.

    ``heard`` has what the logs say about the file, by source and in the order of lines.
    """
    sources = [list(rows) for _, rows in groupby(heard, key=lambda row: row.source)]
    current = _current(file, sources)
    messages = _messages(current)
    if not file.sent:
        found = list(_all(file.name, messages, ours=False))
    elif file.recipients is None:
        found = list(_all(file.name, messages)) or [_gone(file.name)]
    else:
        found = list(_rows(file, file.recipients, messages))
    return found, len(heard) - sum(map(len, current))


def _current(file: SentFile, sources: Sequence[Sequence[Heard]]) -> list[_Said]:
    """The answers of each source that are not older than the upload of the file."""
    old: dict[str, int] = {}
    older = [[False] * len(rows) for rows in sources]
    for _ in range(2):  # the acceptance of an id that is old may be in another source
        older = [_older(file, rows, old) for rows in sources]
        for rows, flags in zip(sources, older, strict=True):
            for row in itertools.compress(rows, flags):
                if row.answer.id:
                    old[row.answer.id] = min(old.get(row.answer.id, row.look), row.look)
    return [
        [
            row.answer
            for row, flag in zip(rows, flags, strict=True)
            if not flag and not _has_old_id(row, old)
        ]
        for rows, flags in zip(sources, older, strict=True)
    ]


def _older(file: SentFile, rows: Sequence[Heard], old: Mapping[str, int]) -> list[bool]:
    """Which lines of a log are older than the upload: all up to the last that is known to be.

    What an earlier look recorded before such a line was read stays: that one line may have a wrong
    time. A message was accepted before anything else was said about its id; its states may come
    later.
    """
    flags = []
    since = math.inf  # the earliest look that has read an older line from here on
    for row in reversed(rows):
        known = _is_older(row, file) or (row.answer.status is None and _has_old_id(row, old))
        if known:
            since = min(since, row.look)
        flags.append(known or row.look >= since)
    return flags[::-1]


def _has_old_id(row: Heard, old: Mapping[str, int]) -> bool:
    """Whether an older line has the id of a row that no earlier look has recorded."""
    return bool(row.answer.id) and row.look >= old.get(row.answer.id or "", math.inf)


def _is_older(row: Heard, file: SentFile) -> bool:
    if row.step < file.step:
        return True
    latest = _latest(row.answer.time)
    return latest is not None and file.uploaded is not None and latest < file.uploaded


def _latest(time: str | None) -> float | None:
    """When an answer was written at the latest, in seconds since 1970; None without a time."""
    try:
        moment = datetime.fromisoformat(time or "")
    except ValueError:
        return None
    if moment.tzinfo:
        return moment.timestamp() + _TOLERANCE["zone"]
    return moment.replace(tzinfo=UTC).timestamp() + _TOLERANCE["no zone"]


def _messages(sources: Sequence[_Said]) -> list[_Said]:
    """The answers by message, in the order in which the messages appear.

    An answer has the same id in each source. A refusal has none: the first of a kind in one source
    is the first in another.
    """
    messages: dict[object, _Said] = {}
    for answers in sources:
        refusals: Counter[object] = Counter()
        for row in answers:
            key: object = row.id
            if row.id is None:
                kind = (row.error, row.to)
                refusals[kind] += 1
                key = kind, refusals[kind]
            messages.setdefault(key, []).append(row)
    return list(messages.values())


def _recipient(message: _Said) -> str | None:
    return next((row.to for row in message if row.to), None)


def _by_recipient(messages: Sequence[_Said]) -> dict[str | None, list[_Said]]:
    found: dict[str | None, list[_Said]] = {}
    for message in messages:
        found.setdefault(_recipient(message), []).append(message)
    return found


def _rows(
    file: SentFile, recipients: Sequence[str], messages: Sequence[_Said]
) -> Iterator[MessageStatus]:
    """The k-th line of a recipient has the k-th answer about it."""
    named = _by_recipient(messages)
    in_order = _in_order(named.pop(None, []), len(recipients))
    if len(recipients) == 1:  # then no answer needs to name it
        named[recipients[0]] = [
            message for message in messages if _recipient(message) in (None, recipients[0])
        ]
        in_order = []
    lines = Counter(recipients)
    # More answers than lines: the file was sent more than once, and the last ones count.
    waiting = {to: iter(named.pop(to, [])[-count:]) for to, count in lines.items()}
    for n, to in enumerate(recipients):
        said = next(waiting[to], []) + (in_order[n] if in_order else [])
        table_row = file.table_rows[n] if n < len(file.table_rows) else None
        yield replace(_status(file.name, to, said), row=n + 1, table_row=table_row)
    for other, several in named.items():
        said = [row for message in several for row in message]
        yield _status(file.name, other, said, ours=False)


def _in_order(nameless: Sequence[_Said], rows: int) -> Sequence[_Said]:
    # A gateway that names no recipient writes a line for each, in order; fewer lines are no use.
    complete = rows > 0 and len(nameless) % rows == 0
    return nameless[-rows:] if complete else ()


def _all(name: str, messages: Sequence[_Said], *, ours: bool = True) -> Iterator[MessageStatus]:
    return (_status(name, _recipient(said), said, ours=ours) for said in messages)


def _gone(name: str) -> MessageStatus:
    meaning = "no answer; the file is not in the outbox, or damaged"
    return MessageStatus(file=name, to=None, state=MessageState.UNKNOWN, meaning=meaning)


def _status(name: str, to: str | None, said: _Said, *, ours: bool = True) -> MessageStatus:
    last = max(enumerate(said), key=_finality)[1] if said else None
    return MessageStatus(
        file=name,
        to=to,
        state=_state(last, ours=ours),
        id=_last(said, "id"),
        error=last.error if last else None,
        status=last.status if last else None,
        meaning=last.meaning if last else "no answer",
        client_id=_last(said, "client_id"),
        charge=last.charge if last else None,
        time=last.time if last else None,
    )


def _state(last: Answer | None, *, ours: bool) -> MessageState:
    if last is None:
        return MessageState.UNKNOWN
    return MessageState(last.state) if ours else MessageState.NOT_OURS


def _last(said: _Said, name: str) -> str | None:
    return next((value for row in reversed(said) if (value := getattr(row, name))), None)


def _finality(numbered: tuple[int, Answer]) -> tuple[bool, bool, str, int]:
    """How final an answer is: final states come after intermediate ones, these after acceptance."""
    n, row = numbered
    return row.state != MessageState.ACCEPTED, row.status is not None, row.time or "", n
