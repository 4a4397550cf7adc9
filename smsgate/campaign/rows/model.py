"""The messages that the rows of a chunk become."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from converters.shared.words import counted
from smsgate.campaign.rows.job import Campaign
from smsgate.campaign.rows.parts import Cost
from smsgate.campaign.rows.recipients import Recipients
from smsgate.campaign.rows.rejects import Reject
from smsgate.campaign.tables.model import RejectCode


class Group(NamedTuple):
    """Recipients of consecutive rows that share a message.

    ``key`` identifies the message. ``heads`` are the octets of each of its files between the log-in
    and ``lines``; a template has none yet, because its ``concat`` depends on all its rows. There
    are ``rows`` lines, of the table's rows ``numbers`` (see ``row_numbers``). For a template,
    ``parts`` has an octet for each row: its parts.
    """

    key: bytes
    slug: str
    heads: tuple[bytes, ...]
    lines: bytes
    rows: int
    parts: bytes = b""
    numbers: bytes = b""


#: Octets of a row's number in ``Group.numbers``.
ROW_NUMBER = 4


def row_numbers(rows: Sequence[int]) -> bytes:
    """Numbers of rows as octets, four each, little-endian."""
    return struct.pack(f"<{len(rows)}I", *rows)


@dataclass(slots=True)
class ChunkMessages:
    """What the rows of a chunk become: lines of a template, or messages of their own.

    ``parts`` are the parts of each row, None if it is rejected. ``apart`` has, by index, the cost
    of rows that cannot be lines of the template. In ``substituted`` rows characters were
    substituted; ``notes`` are losses.
    """

    parts: list[int | None]
    template: Group | None = None
    own: list[Group] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    apart: dict[int, Cost] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    substituted: int = 0

    def reject(self, found: Recipients, index: int, code: RejectCode, reason: str) -> None:
        """Leave out a row."""
        self.parts[index] = None
        self.apart.pop(index, None)
        self.rejects.append(Reject(found.rows[index], "", code, reason, found.cells(index)))

    def guard(self, campaign: Campaign, found: Recipients) -> None:
        """Leave out rows that need more parts than the campaign allows."""
        most = campaign.max_parts
        if most is None:
            return
        for index, parts in enumerate(self.parts):
            if parts and parts > most:
                reason = f"expected at most {counted(most, 'part')}, found {parts}"
                self.reject(found, index, RejectCode.MAX_PARTS, reason)

    def sent(self) -> Sequence[int]:
        """Indices of the rows that are sent."""
        if all(self.parts):
            return range(len(self.parts))
        return [index for index, parts in enumerate(self.parts) if parts]

    def together(self) -> Sequence[int]:
        """Indices of the rows that are lines of the template."""
        if not self.apart:
            return self.sent()
        return [index for index in self.sent() if index not in self.apart]
