"""What was sent of an outbox over SMPP, in its journal: nothing is sent twice.

A part is announced, and that is committed, before it is sent; its result is committed after the
answer. What was announced and has no result may have been sent: it is unknown, and stays so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from smsgate.outbox import home, journal
from smsgate.runs.submits import Submit
from smsgate.smppclient import Accepted, Refused, Result, Unknown

_SCHEMA = """
CREATE TABLE IF NOT EXISTS smpp_submit (
    target TEXT NOT NULL,     -- user@host:port
    name TEXT NOT NULL,       -- of the message file, with the mark of its run
    recipient TEXT NOT NULL,
    part INTEGER NOT NULL,    -- from 1
    state TEXT NOT NULL,      -- announced, accepted, refused or unknown
    detail TEXT NOT NULL,     -- the message id, the command_status, or why it is unknown
    PRIMARY KEY (target, name, recipient, part)
) WITHOUT ROWID
"""
_LOST = "the command ended before an answer came"


class Submitted:
    """The records of one outbox and message centre; they are in use by one command at a time."""

    def __init__(self, base: sqlite3.Connection, target: str, *, resend: bool) -> None:
        self._base = base
        self._target = target
        self._resend = resend

    def known(self, submit: Submit) -> Result | None:
        """How a part ended in an earlier run; None for one that is to be sent."""
        row = self._base.execute(
            "SELECT state, detail FROM smpp_submit "
            "WHERE target = ? AND name = ? AND recipient = ? AND part = ?",
            self._key(submit),
        ).fetchone()
        if row is None:
            return None
        state, detail = row
        if state == "accepted":
            return Accepted(detail)
        if state == "refused":
            found = Refused(int(detail))
            return None if found.temporary or self._resend else found
        return None if self._resend else Unknown(detail or _LOST)

    def announce(self, lot: Iterable[Submit]) -> None:
        """These are sent next; raises OutboxError if that cannot be kept."""
        self._write((one, "announced", "") for one in lot)

    def record(self, results: Iterable[tuple[Submit, Result]]) -> None:
        """These have ended so."""
        self._write((submit, *_row(result)) for submit, result in results)

    def _write(self, rows: Iterable[tuple[Submit, str, str]]) -> None:
        values = [(*self._key(submit), state, detail) for submit, state, detail in rows]
        with journal.transaction(self._base):
            self._base.executemany("REPLACE INTO smpp_submit VALUES (?, ?, ?, ?, ?, ?)", values)

    def _key(self, submit: Submit) -> tuple[str, str, str, int]:
        return self._target, Path(submit.source).name, submit.to, submit.number


def _row(result: Result) -> tuple[str, str]:
    match result:
        case Accepted(message_id):
            return "accepted", message_id
        case Refused(status):
            return "refused", str(status)
        case Unknown(why):
            return "unknown", why


@contextmanager
def opened(outbox: Path, target: str, *, resend: bool = False) -> Iterator[Submitted]:
    """The records of an outbox, which no other command may use meanwhile."""
    with (
        home.held(outbox, renew=resend) as records,
        closing(home.connect(records)) as base,
        journal.reading(records.journal),
    ):
        base.executescript(_SCHEMA)
        yield Submitted(base, target, resend=resend)
