"""Message files that are filled over many chunks, and closed when full or when another begins.

Two are open at most: a template with its ``csv:`` rows, and a message with its ``to:`` lines.
What is in them so far lies in pieces beside the journal; how much of a piece counts is what the
journal says, so that a run which was killed goes on from there.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from smsgate.campaign.books.layout import Place, placed
from smsgate.campaign.rows.model import Group
from smsgate.errors import OutboxError
from smsgate.outbox.folder import Volumes
from smsgate.outbox.writing import outbox_errors

_BLOCK = 2**20


@dataclass(slots=True)
class Sheet:
    """A message whose files are being filled; ``size`` octets of its lines lie in its piece."""

    number: int
    key: bytes
    names: tuple[str, ...]
    heads: tuple[bytes, ...]
    rows: int = 0
    parts: int = 1
    size: int = 0
    pending: list[bytes] = field(default_factory=list)

    def add(self, group: Group) -> None:
        """Take the lines of a group."""
        self.rows += group.rows
        self.parts = max(self.parts, *group.parts, 1)
        self.pending.append(group.lines)

    def kept(self) -> tuple[Any, ...]:
        """What the journal keeps of it."""
        names, heads = json.dumps(self.names), b"\0".join(self.heads)
        return self.number, self.key, names, heads, self.rows, self.parts, self.size


#: Octets before the rows of a template: of its key and the most parts that a row takes.
TemplateHead = Callable[[bytes, int], bytes]


class Spool:
    """Groups in, staged files out; raises OutboxError.

    ``folder`` is where the pieces lie; without ``volumes`` nothing is written, and only ``place``
    tells what would be.
    """

    def __init__(  # noqa: PLR0913 - where files go, and what every file has
        self,
        folder: Path,
        volumes: Volumes | None,
        *,
        place: Place,
        log_in: bytes,
        template_head: TemplateHead,
        limit: int,
    ) -> None:
        self.place = place
        self._folder = folder
        self._volumes = volumes
        self._log_in = log_in
        self._template_head = template_head
        self._limit = limit
        self._open: dict[str, Sheet] = {}

    def add(self, slot: str, group: Group) -> None:
        """Add lines to the open file of ``slot``, or to a new one where they don't belong there."""
        rest: Group | None = group
        while rest:
            sheet = self._open.get(slot)
            if sheet is None or sheet.key != group.key:
                self._close(slot)
                sheet = self._open[slot] = self._begun(group)
            first, rest = _divided(rest, self._limit - sheet.rows)
            sheet.add(first)
            if sheet.rows == self._limit:
                self._close(slot)

    def close(self) -> None:
        """Close all that is open: the table is at its end."""
        for slot in sorted(self._open):
            self._close(slot)

    def settle(self) -> list[tuple[Any, ...]]:
        """Put lines of open files beside the journal; the rows that it keeps of them."""
        for sheet in self._open.values():
            if sheet.pending and self._volumes is not None:
                self._append(sheet)
            sheet.pending.clear()
        return [(slot, *s.kept()) for slot, s in sorted(self._open.items())]

    def resume(self, rows: Iterable[tuple[Any, ...]]) -> None:
        """Open again what the journal kept."""
        for slot, number, key, names, heads, count, parts, size in rows:
            texts = tuple(heads.split(b"\0")) if heads else ()
            sheet = Sheet(number, key, tuple(json.loads(names)), texts, count, parts, size)
            self._open[slot] = sheet

    def numbers(self) -> frozenset[int]:
        """The running numbers of what is open."""
        return frozenset(sheet.number for sheet in self._open.values())

    def forget(self) -> None:
        """Remove pieces of files that are complete; only after the journal says that they are."""
        if not self._folder.is_dir():
            return
        needed = {self._piece(sheet).name for sheet in self._open.values() if sheet.size}
        for name in set(os.listdir(self._folder)) - needed:
            (self._folder / name).unlink()
        if not needed:
            self._folder.rmdir()

    def _begun(self, group: Group) -> Sheet:
        number = self.place.number
        names, self.place = placed(self.place, group.slug, max(len(group.heads), 1))
        return Sheet(number, group.key, names, group.heads)

    def _close(self, slot: str) -> None:
        sheet = self._open.pop(slot, None)
        if sheet is None or self._volumes is None:
            return
        heads = sheet.heads or (self._template_head(sheet.key, sheet.parts),)
        for name, head in zip(sheet.names, heads, strict=True):
            lines = chain(self._stored(sheet), sheet.pending)
            self._volumes.stage(name, chain((self._log_in, head), lines))

    def _piece(self, sheet: Sheet) -> Path:
        return self._folder / f"{sheet.number:06}"

    def _stored(self, sheet: Sheet) -> Iterator[bytes]:
        if not sheet.size:
            return
        left = sheet.size
        with _read(self._piece(sheet)) as file:
            while left and (block := file.read(min(left, _BLOCK))):
                left -= len(block)
                yield block
        if left:
            raise OutboxError(f"expected {left} octets more in {self._piece(sheet)}")

    def _append(self, sheet: Sheet) -> None:
        lines = b"".join(sheet.pending)
        with outbox_errors(self._folder):
            self._folder.mkdir(exist_ok=True)
            descriptor = os.open(self._piece(sheet), os.O_RDWR | os.O_CREAT, 0o600)
            with open(descriptor, "r+b") as file:
                file.truncate(sheet.size)  # what a killed run added and the journal doesn't know
                file.seek(sheet.size)
                file.write(lines)
                file.flush()
                os.fsync(descriptor)
        sheet.size += len(lines)


def _read(path: Path) -> Any:
    try:
        return open(path, "rb")
    except OSError as error:
        raise OutboxError(f"expected {path}, which the journal names, found none") from error


def _divided(group: Group, room: int) -> tuple[Group, Group | None]:
    """The first ``room`` lines of a group, and the others."""
    if group.rows <= room:
        return group, None
    *first, rest = group.lines.split(b"\n", room)
    return (
        group._replace(
            lines=b"".join(x + b"\n" for x in first), rows=room, parts=group.parts[:room]
        ),
        group._replace(lines=rest, rows=group.rows - room, parts=group.parts[room:]),
    )
