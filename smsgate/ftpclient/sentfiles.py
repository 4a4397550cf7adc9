"""The message files of an outbox that a gateway may have seen, with what the journal knows of them.

They are read one at a time, when their turn comes. A file that was removed after it was sent, or
that is no message file any more, is still listed, without its recipients.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from smsenc import SmsencError, messagefile
from smsenc.messagefile import names
from smsgate import masking
from smsgate.errors import OutboxError
from smsgate.ftpclient.logrecords import LogRecords
from smsgate.ftpclient.status import SentFile
from smsgate.outbox import contents, files, home, runs
from smsgate.outbox.contents import Outgoing
from smsgate.outbox.files import SEEN, State
from smsgate.outbox.home import Home

_BEFORE_UPLOAD = (State.PLANNED, State.SENDING)


@dataclass(slots=True)
class SentFiles:
    """The files of an outbox: those that were sent, and others that answers may be about.

    ``names`` has all of them, ``sent`` those that a gateway may have seen. ``faults`` has one line
    for each file that could not be read, after it was its turn.
    """

    files: tuple[Outgoing, ...]
    names: frozenset[str]
    sent: frozenset[str]
    _records: LogRecords
    _steps: Mapping[str, tuple[int, float]]
    faults: list[str] = field(default_factory=list)
    _by_name: dict[str, Outgoing] = field(default_factory=dict)

    def __iter__(self) -> Iterator[SentFile]:
        """In the order of sending; then those that are no longer in the outbox, by name."""
        self.faults.clear()
        has_rows = self._records.has_table("campaign_rows")
        for file in self.files:
            rows = self._table_rows(file.name) if has_rows and file.name in self.sent else ()
            yield self._one(file.name, self._recipients(file), rows)
        for name in sorted(self.names - {file.name for file in self.files}):
            yield self._one(name, None, ())

    def alike(self) -> frozenset[str]:
        """The files whose number and source a file of another run has, too."""
        found = {file: name for file in self.names if (name := names.parse(file))}
        marks: dict[str, set[str]] = {}
        for name in found.values():
            marks.setdefault(_unmarked(name), set()).add(name.mark)
        return frozenset(f for f, name in found.items() if len(marks[_unmarked(name)]) > 1)

    def _one(
        self, name: str, recipients: tuple[str, ...] | None, rows: tuple[int, ...]
    ) -> SentFile:
        step, time = self._steps.get(name, (0, None))
        return SentFile(
            name=name,
            recipients=recipients,
            sent=name in self.sent,
            uploaded=time,
            step=step,
            table_rows=rows,
        )

    def _recipients(self, file: Outgoing) -> tuple[str, ...] | None:
        if file.name not in self.sent:
            return None
        try:
            return _recipients_of(file)
        except SmsencError as error:
            self.faults.append(str(error))
            return None

    def recipients_of(self, name: str) -> tuple[str, ...] | None:
        """The number of each line of a file, None for one that cannot be read."""
        if not self._by_name:
            self._by_name = {file.name: file for file in self.files}
        file = self._by_name.get(name)
        return self._recipients(file) if file else None

    def _table_rows(self, name: str) -> tuple[int, ...]:
        """The row in the campaign's table of each line of a file."""
        query = "SELECT rows FROM campaign_rows WHERE name = ?"
        with self._records.reading():
            found = self._records.base.execute(query, (name,)).fetchone()
            octets = bytes(found[0]) if found else b""
            if len(octets) % 4:
                raise ValueError(f"expected 4 octets a row, found {len(octets)}")
            return struct.unpack(f"<{len(octets) // 4}I", octets)

    def remember_log_ins(self) -> None:
        """Let the passwords in the files be masked wherever a log repeats them.

        The files of one run have the same log-in.
        """
        runs_seen: set[str] = set()
        for file in self.files:
            if file.name in self.sent and file.fields.mark not in runs_seen:
                runs_seen |= {file.fields.mark} - {""}
                self._recipients(file)
        self.faults.clear()


def _unmarked(name: names.FileName) -> str:
    return name._replace(mark="").message


def _recipients_of(file: Outgoing) -> tuple[str, ...]:
    octets = file.read()
    masking.remember_login(octets)
    try:
        message = messagefile.loads(octets)
    except SmsencError as error:
        raise error.at(source=file.name) from None
    return message.to or tuple(row[0] for row in message.rows)


@contextmanager
def opened(outbox: Path, found: Home | None, records: LogRecords) -> Iterator[SentFiles]:
    """The files of an outbox whose records are ``found``.

    Without records every file counts as sent: another program may have sent them. Raises
    OutboxError, and SmsencError if there are none that were sent.
    """
    with records.reading():
        states = {row.name: row.state for row in files.rows(records.base)} if found else {}
        ranks = runs.ranks(records.base) if found else {}
    announced = found.announced().names() if found else frozenset()
    with contents.opened(outbox, ranks) as outgoing:
        here = frozenset(file.name for file in outgoing)
        seen = {name for name, state in states.items() if state in SEEN} | announced
        listed = SentFiles(
            outgoing,
            names=here | seen | states.keys(),
            sent=frozenset(seen) if found else here,
            _records=records,
            _steps=steps_of(records),
        )
        if not listed.sent:
            raise SmsencError(_nothing_sent(outbox, listed))
        yield listed


def _nothing_sent(outbox: Path, listed: SentFiles) -> str:
    if not listed.names:
        return f"no message files in {outbox}"
    return f"no message files in {outbox} that were sent: smsenc upload sends them"


def steps_of(records: LogRecords) -> dict[str, tuple[int, float]]:
    """When each file got its final name at the earliest: the step's number and its time.

    A file that was sent again got it again.
    """
    steps: dict[str, tuple[int, float]] = {}
    if not records.has_table("upload_step"):
        return steps
    marks = ", ".join("?" * (len(_BEFORE_UPLOAD) + 1))
    query = f"SELECT rowid, time, name, state FROM upload_step WHERE state IN ({marks}) ORDER BY 1"  # noqa: S608 - question marks alone
    with records.reading():
        for number, time, name, state in records.base.execute(
            query, (State.RENAMING, *_BEFORE_UPLOAD)
        ):
            if state == State.RENAMING:
                steps.setdefault(name, (number, float(time)))
            else:
                steps.pop(name, None)
    return steps


def records_of(outbox: Path) -> Home | None:
    """The records of an outbox; raises OutboxError for what cannot be an outbox, and GuardError."""
    if not outbox.exists():
        raise OutboxError("no such folder or archive", source=str(outbox))
    if not outbox.is_dir() and not outbox.is_file():
        raise OutboxError(
            "expected a folder or a zip archive, found another file", source=str(outbox)
        )
    return home.find(outbox)
