"""The logs in the gateway's folder, read as streams from where the last run stopped.

Only what is about the files of the outbox is kept, in the journal (``logrecords``). A file's own
log is read before the history of the folder, so that the ids of its messages are known there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from functools import partial

from smsenc.messagefile import logs
from smsenc.messagefile.logs import Answer, Lines, Reply, Stray
from smsgate.errors import GatewayError
from smsgate.ftpclient import logrotation, replies
from smsgate.ftpclient.lognames import HISTORY, REPLIES, LogNames, shared
from smsgate.ftpclient.logoctets import fetched, octets_from, split
from smsgate.ftpclient.logrecords import Batch, LogRecords, Place
from smsgate.ftpclient.logremarks import Remark
from smsgate.ftpclient.logrotation import rotated
from smsgate.ftpclient.retry import RetryingSession
from smsgate.ftpclient.session import Session
from smsgate.masking import cleaned, masked, printable

#: Octets of a log that are read before they are recorded.
_RECORDED = 1 << 20
_LONGEST_TEXT, _LONGEST_REMARK = 200, 1000

#: Reads lines of a log into a batch.
_Read = Callable[[Batch, list[tuple[int, str]]], None]


@dataclass(slots=True)
class LogReader:
    """Reads what was added to the logs of the files ``names`` into ``records``.

    ``faults`` has one line for each log that the server refused to send, or whose last line is not
    read. ``recipients`` returns those of a file.
    """

    gateway: RetryingSession
    records: LogRecords
    names: frozenset[str]
    recipients: Callable[[str], Sequence[str] | None] = lambda _: None
    faults: list[str] = field(default_factory=list)
    _own: LogNames = field(init=False)
    _rotated: frozenset[str] = frozenset()  # logs of which there are older ones
    _ended: tuple[Place, Lines] | None = None  # where the reading of a log ended

    def __post_init__(self) -> None:
        self._own = LogNames(self.names)

    def read(self) -> bool:
        """Read all logs; whether anything was added. Raises GatewayError and UnreachableError."""
        self.records.begin_look()
        listed = set(self.gateway.ask(lambda session: session.names(self._is_wanted)))
        found = {name for name in listed if not rotated(name)}
        self._rotated = frozenset(filter(None, map(rotated, listed)))
        in_order = sorted(found, key=lambda log: (bool(shared(log)), log))
        sizes = self._sizes(in_order)
        added = [self._read_one(*pair) for pair in zip(in_order, sizes, strict=True)]
        return any(added)

    def _read_one(self, log: str, size: int | None) -> bool:
        self._ended = None
        try:
            return self.gateway.ask(partial(self._read, log, size)) | self._read_end(size)
        except GatewayError as error:
            if error.reply != replies.NO_SUCH_FILE:
                raise
            self.faults.append(error.message)
            return False

    def _is_wanted(self, log: str) -> bool:
        return bool(shared(log) or rotated(log) or self._own.file_of(log))

    def _sizes(self, names: list[str]) -> list[int | None]:
        """The octets of each log, None where the server does not say."""
        with suppress(GatewayError):
            return self.gateway.ask(lambda session: session.sizes(names))
        return [None] * len(names)

    def _read(self, log: str, size: int | None, session: Session) -> bool:
        """Read a log to its last complete line; whether anything was added."""
        added = False
        while True:
            place = self.records.place(log)
            if not shared(log) and self._is_known(place, size):
                return added
            after = self._read_from(place, size, session)
            if after == place:
                return added
            added |= after is not None
            # A connection that was cut may look like the end of the log: read on.
            if after and (size is None or after.position >= size):
                return added

    def _is_known(self, place: Place, size: int | None) -> bool:
        """Whether a log has not grown."""
        return place.position == size or self.records.end(place.log) == (size, True)

    def _read_end(self, size: int | None) -> bool:
        """Count the last line of a log, if it has no line end, but is not half a line.

        It counts if the log has not grown since the last look. Whether it was counted now.
        """
        place, lines = self._ended or (None, Lines())
        if not place or (size is not None and lines.size < size):
            return False
        if last := lines.unfinished():
            return self._count(place, lines.size, last)
        if lines.size - lines.position > logs.LONGEST_LINE:
            self._leave(place.log, lines.line + 1, "the line is too long")
        return False

    def _count(self, place: Place, size: int, last: tuple[int, str]) -> bool:
        """Record a last line, if it counts; whether it was counted now."""
        before = self.records.end(place.log)
        batch = self._batch_of(place, last)
        says = bool(batch.answers or batch.finals or batch.replies)
        still = before is not None and before.size == size
        counts = says and (still or self._is_whole(place.log, last[1]))
        self.records.record_end(place, size, batch if counts else None)
        if not counts and (says or batch.stray_count):
            text = cleaned(last[1], _LONGEST_TEXT)
            self._leave(place.log, last[0], f"the line has no end: '{text}'")
        return counts and not (before and before.counted)

    def _batch_of(self, place: Place, last: tuple[int, str]) -> Batch:
        """What a last line says; it may not be more text of an earlier reply, or half an answer."""
        batch = Batch()
        self._reads(place)(batch, [last])
        goes_on = any(reply.line < last[0] for reply in batch.replies)
        return Batch(stray_count=1) if goes_on or batch.remarks else batch

    def _leave(self, log: str, line: int, why: str) -> None:
        self.faults.append(f"{log}:{line}: not read yet: {why}")

    def _is_whole(self, log: str, text: str) -> bool:
        file = self._own.file_of(log)
        return bool(file) and logs.is_complete(text, self.recipients(file or "") or ())

    def _read_from(self, place: Place, size: int | None, session: Session) -> Place | None:
        """Where the reading ended; None if another run has read the log meanwhile."""
        log = shared(place.log)
        is_first = not place.position and log in self._rotated
        if not is_first and (size is None or size >= place.position):
            with closing(octets_from(session, place.log, place.position - place.tail)) as chunks:
                tail, more = split(chunks, place.tail)
                if place.follows(tail):
                    return self._record(place, Lines(place.position, place.line, tail), more)
        if log and logrotation.has_rotated(session, log):
            return logrotation.read_older(session, place, self._record)
        place = place.restarted()
        self.records.record(place, Lines(), Batch())
        with closing(fetched(session, place.log)) as chunks:
            return self._record(place, Lines(), chunks)

    def _record(self, place: Place, lines: Lines, chunks: Iterable[bytes]) -> Place | None:
        """Record what the chunks contain, again and again, and also if the connection is lost."""
        read, batch, now = self._reads(place), Batch(), place

        def recorded() -> Place | None:
            batch.strays = [_masked_stray(row) for row in batch.strays]
            after = self.records.record(now, lines, batch)
            lines.skipped = 0
            self.gateway.reset_pauses()
            return after

        try:
            for chunk in chunks:
                read(batch, lines.feed(chunk))
                if lines.position - now.position >= _RECORDED:
                    if (after := recorded()) is None:
                        return None
                    now, batch = after, Batch()
        except GatewayError:
            if lines.position > now.position:
                recorded()
            raise
        after = recorded() if lines.position > now.position else now
        self._ended = (after, lines) if after else None
        return after

    def _reads(self, place: Place) -> _Read:
        if shared(place.log) == REPLIES:
            return _RepliesOf(self.records.last_reply(place.generation))
        if shared(place.log) == HISTORY:
            return partial(_read_history, self.names)
        return partial(_read_own, self._own.file_of(place.log) or place.log)


def _read_own(file: str, batch: Batch, lines: list[tuple[int, str]]) -> None:
    for number, text in lines:
        if not text.isspace():
            _keep(batch, logs.answer(number, text), file)


def _read_history(names: frozenset[str], batch: Batch, lines: list[tuple[int, str]]) -> None:
    """The folder may contain files of other senders, and so the history lines about them."""
    for number, text in lines:
        file, said = logs.of_history(text) or (None, "")
        if file is None:
            if not text.isspace():
                _keep(batch, logs.answer(number, text), None)
        elif file in names:
            row = logs.answer(number, text)
            if isinstance(row, Stray):
                batch.remarks.append(Remark(number, file, cleaned(said, _LONGEST_REMARK)))
            else:
                _keep(batch, row, file)


def _keep(batch: Batch, row: Answer | Stray, file: str | None) -> None:
    if isinstance(row, Stray):
        batch.add_stray(row)
    elif file is not None:
        batch.answers.append(_masked_answer(row, file))
    elif row.id and row.status is not None:
        batch.finals.append(_masked_answer(row, None))


@dataclass(slots=True)
class _RepliesOf:
    """Reads ``mo.log``; the text of the reply ``last`` may go on in the next lines."""

    last: Reply | None

    def __call__(self, batch: Batch, lines: list[tuple[int, str]]) -> None:
        for row in logs.replies(lines, self.last) if lines else ():
            if isinstance(row, Stray):
                batch.add_stray(row)
            else:
                self.last = row
                batch.replies.append(_masked_reply(row))


# Text of the gateway and of phones goes through the mask before it is kept: -----------------------


def _masked_answer(row: Answer, file: str | None) -> Answer:
    if not row.text and not row.client_id:
        return replace(row, file=file)
    client_id = masked(row.client_id) if row.client_id else None
    return replace(row, file=file, text=cleaned(row.text, _LONGEST_TEXT), client_id=client_id)


def _masked_reply(row: Reply) -> Reply:
    lines = masked(row.text).split("\n")
    handset, to = (one if one.isdigit() else masked(one) for one in (row.handset, row.to))
    return replace(row, handset=handset, to=to, text="\n".join(map(printable, lines)))


def _masked_stray(row: Stray) -> Stray:
    return Stray(row.line, cleaned(row.text, _LONGEST_TEXT))
