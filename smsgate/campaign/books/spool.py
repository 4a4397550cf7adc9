"""Messages that are filled over many chunks, and closed when they are full or another one begins.

At most two are open: a template with its ``csv:`` rows, and a message with its ``to:`` lines. Their
lines are in the journal, with a digest, until their files are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import chain
from typing import Protocol

from smsgate.campaign.books.layout import assign_names
from smsgate.campaign.books.ledger import Ledger
from smsgate.campaign.books.records import OpenRow, Slot
from smsgate.campaign.rows.model import ROW_NUMBER, Group
from smsgate.errors import OutboxError
from smsgate.outbox.folder import Volumes


class _Hash(Protocol):
    def update(self, octets: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


def _hash() -> _Hash:
    return blake2b(digest_size=16)


@dataclass(slots=True)
class OpenMessage:
    """A message whose files are being filled.

    ``size`` octets of its lines are in the journal, and in ``hash``; ``pending`` are the lines
    after them, and the numbers of their rows.
    """

    number: int
    key: bytes
    names: tuple[str, ...]
    heads: tuple[bytes, ...]
    rows: int = 0
    parts: int = 1
    size: int = 0
    hash: _Hash = field(default_factory=_hash)
    pending: list[tuple[bytes, bytes]] = field(default_factory=list)

    def add(self, group: Group) -> None:
        """Add the lines of a group."""
        self.rows += group.rows
        self.parts = max(self.parts, *group.parts, 1)
        self.pending.append((group.lines, group.numbers))

    def to_row(self, slot: Slot) -> OpenRow:
        """The message for the journal."""
        return OpenRow(
            *(slot, self.number, self.key, self.names, self.heads),
            *(self.rows, self.parts, self.size, self.hash.digest()),
        )

    @classmethod
    def from_row(cls, row: OpenRow) -> OpenMessage:
        """The inverse of ``to_row``, before the lines are read."""
        return cls(row.number, row.key, row.names, row.heads, row.rows, row.parts, row.size)


#: The octets before the rows of a template, from its key and the most parts that a row takes.
TemplateHead = Callable[[bytes, int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContents:
    """What is the same in all files: the log-in lines, the template, the most rows of a file."""

    log_in: bytes
    template_head: TemplateHead
    limit: int


class Spool:
    """Puts groups of recipients into files; raises OutboxError, also for lines that are damaged.

    It continues with the messages that are open in the ``ledger``. Without ``volumes`` nothing is
    written; only ``position`` changes.
    """

    def __init__(self, ledger: Ledger, volumes: Volumes | None, contents: FileContents) -> None:
        self.position = ledger.position
        self._ledger = ledger
        self._volumes = volumes
        self._contents = contents
        self._rows: list[tuple[str, bytes]] = []  # of files that were closed
        self._open: dict[Slot, OpenMessage] = {}
        for row in ledger.open_rows():
            message = self._open[row.slot] = OpenMessage.from_row(row)
            for lines, rows in self._ledger.lines(row.number):
                message.hash.update(lines)
                message.hash.update(rows)
            _check(message, row.digest)

    def add(self, slot: Slot, group: Group) -> None:
        """Add lines to the open message of ``slot``, or to a new one if they belong to another."""
        limit = self._contents.limit
        rest: Group | None = group
        while rest:
            message = self._open.get(slot)
            if message is None or message.key != group.key:
                self._close(slot)
                message = self._open[slot] = self._begin(group)
            first, rest = _divided(rest, limit - message.rows)
            message.add(first)
            if message.rows == limit:
                self._close(slot)

    def close(self) -> None:
        """Close all open messages at the end of the table."""
        for slot in sorted(self._open):
            self._close(slot)

    def settle(self) -> None:
        """Publish the files that are complete, and store what is open; inside a transaction."""
        ledger = self._ledger
        if self._volumes is not None:
            ledger.add_files(self._volumes.publish(), self._rows)
            self._rows.clear()
        for message in self._open.values():
            self._store(message)
        ledger.store_open_rows(message.to_row(slot) for slot, message in sorted(self._open.items()))
        ledger.store_position(self.position)

    def is_empty(self) -> bool:
        """Whether no message is open."""
        return not self._open

    def _begin(self, group: Group) -> OpenMessage:
        number = self.position.number
        files = max(len(group.heads), 1)
        names, self.position = assign_names(
            self.position, group.slug, files, mark=self._ledger.mark
        )
        return OpenMessage(number, group.key, names, group.heads)

    def _store(self, message: OpenMessage) -> None:
        if message.pending and self._volumes is not None:
            lines = b"".join([lines for lines, _ in message.pending])
            rows = b"".join([rows for _, rows in message.pending])
            self._ledger.add_lines(message.number, message.size, lines, rows)
            message.hash.update(lines)
            message.hash.update(rows)
            message.size += len(lines)
        message.pending.clear()

    def _close(self, slot: Slot) -> None:
        message = self._open.pop(slot, None)
        if message is None or self._volumes is None:
            return
        contents = self._contents
        heads = message.heads or (contents.template_head(message.key, message.parts),)
        rows: list[bytes] = []
        for name, head in zip(message.names, heads, strict=True):
            rows.clear()
            self._volumes.stage(name, chain((contents.log_in, head), self._lines(message, rows)))
        if message.size:
            self._ledger.drop_lines(message.number)
        numbers = b"".join(rows)
        self._rows.extend((name.rpartition("/")[2], numbers) for name in message.names)

    def _lines(self, message: OpenMessage, rows: list[bytes]) -> Iterator[bytes]:
        """The lines of a message; adds the numbers of their rows to ``rows``."""
        if message.size:
            stored = OpenMessage.from_row(message.to_row(Slot.OWN))
            for lines, numbers in self._ledger.lines(message.number):
                stored.hash.update(lines)
                stored.hash.update(numbers)
                rows.append(numbers)
                yield lines
            _check(stored, message.hash.digest())
        for lines, numbers in message.pending:
            rows.append(numbers)
            yield lines


def _check(message: OpenMessage, digest: bytes) -> None:
    if message.hash.digest() != digest:
        raise OutboxError(
            f"the journal is damaged (message {message.number} is not as it was stored): restore "
            "it from a backup, or use another outbox"
        )


def _divided(group: Group, most: int) -> tuple[Group, Group | None]:
    """The first ``most`` lines of a group, and the others."""
    if group.rows <= most:
        return group, None
    *first, rest = group.lines.split(b"\n", most)
    octets = most * ROW_NUMBER
    return (
        group._replace(
            lines=b"".join(x + b"\n" for x in first),
            rows=most,
            parts=group.parts[:most],
            numbers=group.numbers[:octets],
        ),
        group._replace(
            lines=rest,
            rows=group.rows - most,
            parts=group.parts[most:],
            numbers=group.numbers[octets:],
        ),
    )
