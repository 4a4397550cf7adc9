"""What a worker makes of a chunk: small, and the same wherever it was made."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from converters.campaign.rejects import Reject
from converters.campaign.spool import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A chunk's lines and messages, ready to be written, and what they come to.

    ``keys`` are those of the rows that are sent, in order of the table; ``template`` are the rows
    that stay text, ``own`` the messages of the others. ``parts`` counts rows by country and parts.
    """

    number: int
    digest: bytes
    keys: bytes
    template: Group | None = None
    own: tuple[Group, ...] = ()
    rejects: tuple[Reject, ...] = ()
    read: int = 0
    opted_out: int = 0
    repeated: int = 0
    parts: Counter[tuple[str, int]]
