"""Messages that are filled over many chunks, and closed when they are full or another one begins.

At most two are open: a template with its ``csv:`` rows, and a message with its ``to:`` lines. Their
lines are stored in pieces beside the journal. The journal says how many octets of a piece are
valid, so that a run that was killed continues from there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from smsgate.campaign.books.layout import Position, assign_names
from smsgate.campaign.books.ledger import OpenRow, Slot
from smsgate.campaign.rows.model import Group
from smsgate.errors import OutboxError, reason
from smsgate.outbox.folder import Volumes
from smsgate.outbox.writing import outbox_errors

_BLOCK = 2**20


@dataclass(slots=True)
class OpenMessage:
    """A message whose files are being filled.

    ``size`` octets of its lines are in its piece; ``pending`` are the lines after them.
    """

    number: int
    key: bytes
    names: tuple[str, ...]
    heads: tuple[bytes, ...]
    rows: int = 0
    parts: int = 1
    size: int = 0
    pending: list[bytes] = field(default_factory=list)

    def add(self, group: Group) -> None:
        """Add the lines of a group."""
        self.rows += group.rows
        self.parts = max(self.parts, *group.parts, 1)
        self.pending.append(group.lines)

    def to_row(self, slot: Slot) -> OpenRow:
        """The message for the journal."""
        names, heads = json.dumps(self.names), b"\0".join(self.heads)
        return OpenRow(slot, self.number, self.key, names, heads, self.rows, self.parts, self.size)

    @classmethod
    def from_row(cls, row: OpenRow) -> OpenMessage:
        """The inverse of ``to_row``."""
        names = tuple(json.loads(row.names))
        heads = tuple(row.heads.split(b"\0")) if row.heads else ()
        return cls(row.number, row.key, names, heads, row.rows, row.parts, row.size)


#: The octets before the rows of a template, from its key and the most parts that a row takes.
TemplateHead = Callable[[bytes, int], bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileContents:
    """What is the same in all files: the log-in lines, the template, the most rows of a file."""

    log_in: bytes
    template_head: TemplateHead
    limit: int


class Spool:
    """Puts groups of recipients into files; raises OutboxError.

    ``folder`` has the pieces. Without ``volumes`` nothing is written; only ``position`` changes.
    """

    def __init__(
        self, folder: Path, volumes: Volumes | None, contents: FileContents, position: Position
    ) -> None:
        self.position = position
        self._folder = folder
        self._volumes = volumes
        self._contents = contents
        self._open: dict[Slot, OpenMessage] = {}

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

    def settle(self) -> list[OpenRow]:
        """Write pending lines to the pieces; returns the rows for the journal."""
        for message in self._open.values():
            if message.pending and self._volumes is not None:
                self._append(message)
            message.pending.clear()
        return [message.to_row(slot) for slot, message in sorted(self._open.items())]

    def resume(self, rows: Iterable[OpenRow]) -> None:
        """Open the messages that the journal has."""
        for row in rows:
            self._open[Slot(row.slot)] = OpenMessage.from_row(row)

    def numbers(self) -> frozenset[int]:
        """The running numbers of the open messages."""
        return frozenset(message.number for message in self._open.values())

    def forget(self) -> None:
        """Remove the pieces of complete files; only after the commit that says so."""
        if not self._folder.is_dir():
            return
        needed = {self._piece(message).name for message in self._open.values() if message.size}
        for name in set(os.listdir(self._folder)) - needed:
            (self._folder / name).unlink()
        if not needed:
            self._folder.rmdir()

    def _begin(self, group: Group) -> OpenMessage:
        number = self.position.number
        files = max(len(group.heads), 1)
        names, self.position = assign_names(self.position, group.slug, files)
        return OpenMessage(number, group.key, names, group.heads)

    def _close(self, slot: Slot) -> None:
        message = self._open.pop(slot, None)
        if message is None or self._volumes is None:
            return
        contents = self._contents
        heads = message.heads or (contents.template_head(message.key, message.parts),)
        for name, head in zip(message.names, heads, strict=True):
            lines = chain(self._stored(message), message.pending)
            self._volumes.stage(name, chain((contents.log_in, head), lines))

    def _piece(self, message: OpenMessage) -> Path:
        return self._folder / f"{message.number:06}"

    def _stored(self, message: OpenMessage) -> Iterator[bytes]:
        if not message.size:
            return
        left = message.size
        with _opened(self._piece(message)) as file:
            while left and (block := file.read(min(left, _BLOCK))):
                left -= len(block)
                yield block
        if left:
            raise OutboxError(f"expected {left} octets more in {self._piece(message)}")

    def _append(self, message: OpenMessage) -> None:
        lines = b"".join(message.pending)
        with outbox_errors(self._folder):
            self._folder.mkdir(exist_ok=True)
            descriptor = os.open(self._piece(message), os.O_RDWR | os.O_CREAT, 0o600)
            with open(descriptor, "r+b") as file:
                file.truncate(message.size)  # remove what a killed run wrote after its last commit
                file.seek(message.size)
                file.write(lines)
                file.flush()
                os.fsync(descriptor)
        message.size += len(lines)


def _opened(path: Path) -> BinaryIO:
    try:
        return open(path, "rb")
    except FileNotFoundError as error:
        raise OutboxError(f"expected {path}, which the journal names, found none") from error
    except OSError as error:
        raise OutboxError(f"cannot read {path}: {reason(error)}") from error


def _divided(group: Group, most: int) -> tuple[Group, Group | None]:
    """The first ``most`` lines of a group, and the others."""
    if group.rows <= most:
        return group, None
    *first, rest = group.lines.split(b"\n", most)
    return (
        group._replace(
            lines=b"".join(x + b"\n" for x in first), rows=most, parts=group.parts[:most]
        ),
        group._replace(lines=rest, rows=group.rows - most, parts=group.parts[most:]),
    )
