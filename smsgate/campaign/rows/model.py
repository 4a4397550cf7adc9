"""What the rows of a chunk became, before it is packed for the process that writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

from smsgate.campaign.rows.job import Campaign
from smsgate.campaign.rows.parts import Cost
from smsgate.campaign.rows.recipients import Recipients
from smsgate.campaign.rows.rejects import Reject


class Group(NamedTuple):
    """Recipients in turn who share a message, as a worker leaves them.

    ``key`` tells the message from others. ``heads`` are the octets of each of its files behind the
    log-in lines and before ``lines``; a template has none yet, as ``concat`` follows from all its
    rows. ``lines`` hold ``rows`` lines, and ``parts`` for each of a template's rows its parts.
    """

    key: bytes
    slug: str
    heads: tuple[bytes, ...]
    lines: bytes
    rows: int
    parts: bytes = b""


@dataclass(slots=True)
class Made:
    """Parts of each row, None where it is rejected; the messages; ``apart``: Unicode and the like.

    ``apart`` holds what those rows cost that are messages of their own, by their places.
    """

    parts: list[int | None]
    template: Group | None = None
    own: list[Group] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    apart: dict[int, Cost] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    substituted: int = 0  # rows

    def reject(self, found: Recipients, place: int, code: str, reason: str) -> None:
        """Leave a row out after all."""
        self.parts[place] = None
        self.apart.pop(place, None)
        self.rejects.append(Reject(found.rows[place], "", code, reason, tuple(found.cells[place])))

    def guard(self, campaign: Campaign, found: Recipients) -> None:
        """Leave out rows that need more parts than the campaign allows."""
        most = campaign.max_parts
        if most is None:
            return
        for place, parts in enumerate(self.parts):
            if parts and parts > most:
                reason = f"expected at most {most} part{'s' * (most > 1)}, found {parts}"
                self.reject(found, place, GUARD, reason)

    def places(self) -> list[int]:
        """Which rows are sent."""
        return [place for place, parts in enumerate(self.parts) if parts]


#: The code of rows that are refused to protect the sender, not for what is in them.
GUARD = "max-parts"
