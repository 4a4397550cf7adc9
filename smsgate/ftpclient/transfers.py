"""An upload in the journal: the state of each file, and every step with its time.

The journal holds no password and no digest of octets with one: the digest is of the file on disk,
before the placeholders are replaced.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from converters.errors import GuardError
from smsgate.errors import OutboxError
from smsgate.ftpclient import stamps, temporary
from smsgate.ftpclient.temporary import Temporary, TemporaryNames
from smsgate.outbox import files, home, journal, runs
from smsgate.outbox.contents import Outgoing, Stamp
from smsgate.outbox.files import SEEN, State, Transfer
from smsgate.outbox.home import Home

_SCHEMA = f"""
{temporary.SCHEMA}
{stamps.SCHEMA}
CREATE TABLE IF NOT EXISTS upload (
    mark TEXT NOT NULL,    -- of this journal, in every temporary name
    target TEXT NOT NULL   -- host:port/folder
);
CREATE TABLE IF NOT EXISTS upload_step (
    time REAL NOT NULL,    -- seconds since 1970, UTC
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS upload_step_state ON upload_step (state, name);
"""


_BEGUN = (State.SENDING, State.RENAMING)
_NOT_BEGUN = (State.PLANNED, State.REFUSED)
_SUFFIX = "the server refuses hidden names: temporary names are NAME.….part"


class Transfers:
    """The upload's part of an outbox's journal; several threads may use it at once.

    ``rows`` has the state of each planned file, as in the journal; ``missing`` counts the files
    that were written and never sent, and are not planned, ``sent`` those that this upload gave
    their final names. ``clock`` gives seconds since 1970; ``progress`` gets each new state, one at
    a time; ``kind`` is the form of temporary names. Raises OutboxError for a journal that cannot be
    used, and GuardError if files were sent to another ``target``.
    """

    def __init__(
        self,
        records: Home,
        target: str,
        clock: Callable[[], float],
        progress: Callable[[Transfer], object] | None = None,
        kind: Temporary = Temporary.HIDDEN,
    ) -> None:
        self.rows: dict[str, Transfer] = {}
        self.missing = self.sent = 0
        self._seen: dict[str, Transfer] = {}
        self._place = records.place
        self._announced = records.announced()
        self._warnings: dict[str, None] = {}
        self._clock = clock
        self._progress = progress
        self._lock = threading.Lock()
        self._base = home.connect(records, threads=True)
        try:
            self._base.executescript(_SCHEMA)
            mark = self._owned(records.journal, target)
            with self._transaction():
                self._names = TemporaryNames(self._base, mark, kind)
        except BaseException:
            self._base.close()
            raise

    def _owned(self, path: Path, target: str) -> str:
        with self._transaction(durable=True):
            row = self._base.execute("SELECT mark, target FROM upload").fetchone()
            if row is None:
                row = secrets.token_hex(4), target
                self._base.execute("INSERT INTO upload VALUES (?, ?)", row)
            mark, known = row
            if known != target:
                self._move(path, known, target)
        return str(mark)

    def _move(self, path: Path, known: str, target: str) -> None:
        if any(transfer.state in SEEN for transfer in self._known()):
            raise GuardError(
                f"files were sent to {known}, so none can be sent to {target}", source=str(path)
            )
        temporary.reset(self._base)
        self._base.execute("UPDATE upload SET target = ?", (target,))
        self._base.execute("UPDATE file SET state = ?", (State.PLANNED,))

    def _known(self) -> Iterator[Transfer]:
        return files.rows(self._base)

    def ranks(self) -> dict[str, int]:
        """The rank of each run by its mark; raises OutboxError."""
        with self._transaction():
            return runs.ranks(self._base)

    def plan(self, planned: Mapping[str, str]) -> None:
        """Fill ``rows`` with the files ``planned``, names with marks; new ones become PLANNED."""
        with self._transaction():
            known = {transfer.name: transfer for transfer in self._known()}
        new = [Transfer(name, run=mark) for name, mark in planned.items() if name not in known]
        self.rows = {name: known[name] for name in planned if name in known}
        self.write(new)
        self.rows = {name: self.rows[name] for name in planned}
        self._seen = {name: row for name, row in known.items() if row.state in SEEN}
        self._note_absent([row for name, row in known.items() if name not in planned])

    def _note_absent(self, absent: Sequence[Transfer]) -> None:
        self.missing = sum(row.state is State.PLANNED for row in absent)
        with self._transaction():
            unmarked = (row.name for row in absent if row.state in SEEN and not row.run)
            stamps.note_gone(self._base, unmarked)

    # Files that are there again -----------------------------------------------------------------

    def stamp(self, files: Iterable[Outgoing]) -> None:
        """Record when files were written: as they are now, until they are sent."""
        with self._transaction():
            stamps.store(self._base, self._place, files, self._is_unsent)

    def _is_unsent(self, file: Outgoing) -> bool:
        return self.rows[file.name].state not in SEEN

    def is_new(self, file: Outgoing) -> bool:
        """Whether no run has recorded this name, and no upload has begun to send it."""
        row = self.rows[file.name]
        return row.digest is None and row.state not in SEEN

    def came_back(self, sent: Iterable[Outgoing]) -> list[str]:
        """The names of those of the ``sent`` files that were written again since."""
        with self._transaction():
            return stamps.came_back(self._base, self._place, sent)

    def seen_digests(self) -> dict[tuple[str, str], str]:
        """The names of all files that a gateway may have seen, by mark and digest."""
        return {(row.run, row.digest): name for name, row in self._seen.items() if row.digest}

    def gone_stamps(self) -> Mapping[Stamp, str]:
        """The names of those of them that are not in the outbox any more, by stamp."""
        with self._transaction():
            return stamps.of(self._base, self._seen.keys() - self.rows.keys())

    def digest_of(self, name: str) -> str | None:
        """The digest of a file that a gateway may have seen."""
        return self._seen[name].digest

    # Before it is sent ---------------------------------------------------------------------------

    def was_sent(self, name: str) -> bool:
        """Whether a file, which need not be planned, has its final name on the server."""
        with self._transaction():
            row = files.row(self._base, name)
        return row is not None and row.state is State.DONE

    def announced_elsewhere(self) -> frozenset[str]:
        """Names that may be visible on the server, although this journal never said so.

        There are some if the journal is older than the outbox, or than a copy of it that was sent.
        """
        with self._transaction():
            rows = self._base.execute(
                "SELECT DISTINCT name FROM upload_step WHERE state IN (?, ?)",
                (State.RENAMING, State.DONE),
            )
            here = {name for (name,) in rows}
        return self._announced.names() - here

    def announce(self, names: Sequence[str]) -> None:
        """Record durably that these names may become visible, before they do."""
        self.set(names, State.RENAMING, durable=True)
        self.list_announced(names)

    def list_announced(self, names: Sequence[str]) -> None:
        """Record in the second place that these names may become visible; after the journal."""
        with self._lock:
            failure = self._announced.add(names)
        if failure:
            self.warn(f"{failure}: a copy of this outbox would not be recognised")

    def set(
        self, names: Iterable[str], state: State, reason: str = "", *, durable: bool = False
    ) -> None:
        """Give files a new state and reason; the rest of their rows stays."""
        rows = [self.rows[name]._replace(state=state, reason=reason) for name in names]
        self.write(rows, durable=durable)

    def write(
        self, rows: Sequence[Transfer], *, durable: bool = False, kind: Temporary | None = None
    ) -> None:
        """Write rows and steps, all or none; if ``durable``, a power failure cannot undo it.

        A file that is begun gets a temporary name of the usual kind, or of ``kind``.
        """
        now = self._clock()
        with self._transaction(durable=durable):
            for row in rows:
                self._begin(row, kind)
            self._base.executemany(
                "INSERT OR REPLACE INTO file VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(t.name, t.run, t.state, t.size, t.digest, t.attempt, t.reason) for t in rows],
            )
            self._base.executemany(
                "INSERT INTO upload_step VALUES (?, ?, ?, ?)",
                [(now, t.name, t.state, t.reason) for t in rows],
            )
        with self._lock:
            for row in rows:
                before = self.rows.get(row.name)
                found = before is None or before.state in (State.UNKNOWN, State.DONE)
                self.sent += row.state is State.DONE and not found
                self.rows[row.name] = row
                if self._progress:
                    self._progress(row)

    def _begin(self, row: Transfer, kind: Temporary | None) -> None:
        before = self.rows.get(row.name)
        if row.state not in _BEGUN or before is None:
            return
        again = before.attempt != row.attempt
        if again and before.state is not State.PLANNED:
            self._names.leave(row.name, before.attempt)
        if again or kind or before.state in _NOT_BEGUN:
            self._names.begin(row.name, kind)

    # Temporary names -----------------------------------------------------------------------------

    @property
    def kind(self) -> Temporary:
        """The form of the temporary names of files that are begun now."""
        return self._names.kind

    def kind_of(self, name: str) -> Temporary:
        """The form of the temporary name of a file that was begun."""
        return self._names.kind_of(name)

    def temporary(self, name: str) -> str:
        """The name under which a file is stored; no other journal uses it."""
        return self._names.name(name, self.rows[name].attempt)

    def use_suffix(self) -> None:
        """Remember that the server refuses hidden names and accepts a suffix."""
        with self._transaction():
            self._names.remember_suffix()

    @property
    def has_leftovers(self) -> bool:
        """Whether there are temporary names to delete."""
        return self._names.has_leftovers

    def take_leftovers(self) -> list[str]:
        """Temporary names that may still be on the server; each is given to one caller."""
        with self._lock:
            return self._names.take_leftovers()

    def forget_leftovers(self, names: Sequence[str]) -> None:
        """Record that these names are no longer on the server."""
        with self._transaction():
            self._names.forget(names)

    # Warnings ------------------------------------------------------------------------------------

    def warn(self, text: str) -> None:
        """Keep a warning about the server, once."""
        with self._lock:
            self._warnings[text] = None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What this upload had to do otherwise than usual."""
        return (*((_SUFFIX,) if self._names.learned else ()), *self._warnings)

    @contextmanager
    def _transaction(self, *, durable: bool = False) -> Iterator[None]:
        try:
            with self._lock, journal.transaction(self._base, durable=durable):
                yield
        except ValueError as error:  # an unknown state
            raise OutboxError(f"cannot write the journal: {error}") from error

    def close(self) -> None:
        """Close the journal."""
        self._base.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
