"""The runs of an outbox: what each wrote, and the mark that its files' names carry.

The mark is a hash of what identifies the run and of its label, which is a name that the user gave
it, else the day. So the same command on the same day has the same mark, and on another day another
one. A run that was not finished keeps its label, whatever day it is continued.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple

from smsenc import OptionError
from smsenc.messagefile.names import mark_of
from smsgate import tracing

SCHEMA = """
CREATE TABLE IF NOT EXISTS run (
    rank INTEGER PRIMARY KEY,  -- the order in which runs began, and in which they are sent
    mark TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,         -- a digest of inputs and options
    label TEXT NOT NULL,       -- the day, or the name that the user gave
    named INTEGER NOT NULL,    -- 1 if it is a name
    finished INTEGER NOT NULL DEFAULT 0
);
"""


class RunKind(StrEnum):
    """Which command wrote a run's files."""

    CONVERT = "convert"
    BATCH = "batch"
    WATCH = "watch"


class RunIdentity(NamedTuple):
    """What a run is: its ``key``, and its ``label``, which is a day or, if ``named``, a name."""

    kind: RunKind
    key: str
    label: str
    named: bool = False

    @property
    def mark(self) -> str:
        """The mark of a new run."""
        text = "\0".join((self.kind, self.key, self.label, str(self.named)))
        return mark_of(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())


class Run(NamedTuple):
    """A run in the journal. ``finished`` if an earlier command finished it."""

    rank: int
    mark: str
    label: str
    finished: bool = False


def key_of(inputs: Mapping[str, object]) -> str:
    """A digest of inputs and options, which have a JSON form or a stable text form."""
    text = json.dumps(inputs, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def identity(kind: RunKind, key: str, name: str = "") -> RunIdentity:
    """The identity of a run that begins now, with a name that the user gave it, if any.

    ``SOURCE_DATE_EPOCH`` (seconds since 1970, UTC) replaces today, for outboxes that can be made
    again octet for octet. Raises OptionError if it is not a number.
    """
    if name:
        return RunIdentity(kind=kind, key=key, label=name, named=True)
    return RunIdentity(kind=kind, key=key, label=_today().isoformat())


def _today() -> date:
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if given is None:
        return datetime.now().astimezone().date()
    try:
        return datetime.fromtimestamp(int(given), UTC).date()
    except (ValueError, OverflowError, OSError):
        raise OptionError("expected seconds since 1970", name="SOURCE_DATE_EPOCH") from None


def known(base: sqlite3.Connection, identity: RunIdentity) -> Run | None:
    """The run that a command continues: an unfinished one of any day, or the one of its label."""
    row = base.execute(
        "SELECT rank, mark, label, finished FROM run WHERE kind = ? AND key = ? AND named = ?"
        " AND (label = ? OR NOT (named OR finished)) ORDER BY finished, rank DESC LIMIT 1",
        (identity.kind, identity.key, identity.named, identity.label),
    ).fetchone()
    return Run(row[0], row[1], row[2], bool(row[3])) if row else None


def begin(base: sqlite3.Connection, identity: RunIdentity) -> Run:
    """The run that a command continues, or a new one; inside a transaction."""
    if found := known(base, identity):
        tracing.step("run {} is continued", found.mark)
        return found
    tracing.step("run {} begins", identity.mark)
    added = base.execute(
        "INSERT INTO run (mark, kind, key, label, named) VALUES (?, ?, ?, ?, ?)",
        (identity.mark, identity.kind, identity.key, identity.label, identity.named),
    )
    return Run(int(added.lastrowid or 0), identity.mark, identity.label)


def finish(base: sqlite3.Connection, run: Run) -> None:
    """Record that a run wrote all it had to write; inside a transaction."""
    base.execute("UPDATE run SET finished = 1 WHERE rank = ?", (run.rank,))


def ranks(base: sqlite3.Connection) -> dict[str, int]:
    """The rank of each mark."""
    return dict(base.execute("SELECT mark, rank FROM run"))
