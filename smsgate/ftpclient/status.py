"""What became of every message: the answers of the logs joined to what was sent. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from smsenc.messagefile.logs import Answer

STATES = ("accepted", "delivered", "refused", "failed", "unknown", "not ours")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One message file to one recipient, and the last that was heard of it.

    ``state`` is one of ``STATES``: accepted has an ``id`` and no final state yet, unknown has no
    answer, not ours is answered but was not sent from this outbox. ``error`` and ``status`` are
    the gateway's numbers, ``meaning`` says them in words.
    """

    file: str
    to: str | None
    state: str
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
) -> Iterator[Standing]:
    """A Standing for each file and recipient of ``sent``, in that order; then what is not ours.

    ``logs`` has the answers of each file's own log; ``history`` those of the whole folder, which
    say their file, or nothing but the id that a message was accepted under.
    """
    heard: dict[str, list[Answer]] = {name: list(rows) for name, rows in logs.items()}
    finals: dict[str, Answer] = {}
    for row in history:
        if row.file is not None:
            heard.setdefault(row.file, []).append(row)
        elif row.id and row.status is not None:
            finals[row.id] = row
    for name, recipients in sent.items():
        yield from _of_file(name, recipients, heard.pop(name, []), finals)
    for name, rows in heard.items():
        yield from (_standing(name, row.to, [row], finals, strange=True) for row in rows)


def _of_file(
    name: str, recipients: Sequence[str], rows: list[Answer], finals: Mapping[str, Answer]
) -> Iterator[Standing]:
    named: dict[str, list[Answer]] = {}
    for row in rows:
        to = row.to or (recipients[0] if len(recipients) == 1 else None)
        if to is not None:
            named.setdefault(to, []).append(row)
    nameless = [row for row in rows if row.to is None] if len(recipients) > 1 else []
    # One line each and in order is how a gateway answers that names nobody; fewer tell nothing.
    in_order = nameless if len(nameless) == len(recipients) else []
    for n, to in enumerate(recipients):
        mine = named.pop(to, []) + in_order[n : n + 1]
        yield _standing(name, to, mine, finals)
    for to, others in named.items():
        yield _standing(name, to, others, finals, strange=True)


def _standing(
    name: str,
    to: str | None,
    rows: Sequence[Answer],
    finals: Mapping[str, Answer],
    *,
    strange: bool = False,
) -> Standing:
    if not rows:
        return Standing(file=name, to=to, state="unknown", meaning="no answer")
    taken = next((row.id for row in reversed(rows) if row.id), None)
    last = finals.get(taken or "") or max(rows, key=_finality)
    return Standing(
        file=name,
        to=to,
        state="not ours" if strange else last.state,
        id=taken,
        error=last.error,
        status=last.status,
        meaning=last.meaning,
        client_id=next((row.client_id for row in reversed(rows) if row.client_id), None),
        charge=last.charge,
        time=last.time,
    )


def _finality(row: Answer) -> tuple[bool, bool, str]:
    """A final state counts more than one on the way, that more than the acceptance."""
    return row.state != "accepted", row.status is not None, row.time or ""
