"""What became of every message: the answers in the logs, matched with what was sent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from smsenc.messagefile.logs import Answer


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

    ``error`` and ``status`` are the gateway's numbers, ``meaning`` is their text.
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


def join(
    sent: Mapping[str, Sequence[str]],
    logs: Mapping[str, Iterable[Answer]],
    history: Iterable[Answer] = (),
) -> Iterator[MessageStatus]:
    """The status of each file and recipient of ``sent``, in that order; then those NOT_OURS.

    ``logs`` has the answers in each file's own log. ``history`` has those of the whole folder,
    which name their file, or only the id that a message was accepted under.
    """
    answers: dict[str, list[Answer]] = {name: list(rows) for name, rows in logs.items()}
    finals: dict[str, Answer] = {}
    for row in history:
        if row.file is not None:
            answers.setdefault(row.file, []).append(row)
        elif row.id and row.status is not None:
            finals[row.id] = row
    for name, recipients in sent.items():
        yield from _of_file(name, recipients, answers.pop(name, []), finals)
    for name, rows in answers.items():
        yield from (_status(name, row.to, [row], finals, ours=False) for row in rows)


def _of_file(
    name: str, recipients: Sequence[str], rows: list[Answer], finals: Mapping[str, Answer]
) -> Iterator[MessageStatus]:
    named: dict[str, list[Answer]] = {}
    for row in rows:
        to = row.to or (recipients[0] if len(recipients) == 1 else None)
        if to is not None:
            named.setdefault(to, []).append(row)
    nameless = [row for row in rows if row.to is None] if len(recipients) > 1 else []
    # A gateway that names no recipient writes a line for each, in order; fewer lines are no use.
    in_order = nameless if len(nameless) == len(recipients) else []
    for n, to in enumerate(recipients):
        mine = named.pop(to, []) + in_order[n : n + 1]
        yield _status(name, to, mine, finals)
    for to, others in named.items():
        yield _status(name, to, others, finals, ours=False)


def _status(
    name: str,
    to: str | None,
    rows: Sequence[Answer],
    finals: Mapping[str, Answer],
    *,
    ours: bool = True,
) -> MessageStatus:
    if not rows:
        return MessageStatus(file=name, to=to, state=MessageState.UNKNOWN, meaning="no answer")
    taken = next((row.id for row in reversed(rows) if row.id), None)
    last = finals.get(taken or "") or max(rows, key=_finality)
    return MessageStatus(
        file=name,
        to=to,
        state=MessageState(last.state) if ours else MessageState.NOT_OURS,
        id=taken,
        error=last.error,
        status=last.status,
        meaning=last.meaning,
        client_id=next((row.client_id for row in reversed(rows) if row.client_id), None),
        charge=last.charge,
        time=last.time,
    )


def _finality(row: Answer) -> tuple[bool, bool, str]:
    """How final an answer is: final states come after intermediate ones, these after acceptance."""
    return row.state != MessageState.ACCEPTED, row.status is not None, row.time or ""
