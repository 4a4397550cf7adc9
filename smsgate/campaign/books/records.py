"""Rows of the campaign's tables in the journal, and how they are read: each value is checked.

A function for each table takes a row as SQLite returns it, and raises ValueError, TypeError or
KeyError for values that no version of this program wrote (``journal.reading`` explains that).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from typing import Any, NamedTuple, TypedDict

from smsenc.messagefile import names
from smsgate.campaign.books.layout import Position
from smsgate.campaign.costs.tally import CostTally, TallyRecord
from smsgate.campaign.rows import keys
from smsgate.campaign.rows.rejects import Reject
from smsgate.campaign.tables.model import RejectCode
from smsgate.masking import masked

_MOST = 2**53  # no count and no position is larger
_DIGEST = 16  # octets


class Counters(TypedDict):
    """The counts of a chunk, as JSON in the journal."""

    rows: int
    sent: int
    rejected: int
    guarded: int
    duplicates: int
    opted_out: int
    blank: int
    substituted: int
    tally: TallyRecord
    notes: list[str]


@dataclass(frozen=True, slots=True)
class FinishedChunk:
    """A chunk in the journal: the digest of its rows, its sorted keys, and its counts."""

    digest: bytes
    keys: bytes
    counters: Counters

    def values(self) -> tuple[str | bytes, ...]:
        """The row as SQLite stores it."""
        values = (self.digest, self.keys, json.dumps(self.counters))
        return (*values, seal(values))


class CampaignRow(NamedTuple):
    """A run that is a campaign: its mark, its key without and with its rows, its day or name.

    ``position`` is JSON. So many ``chunks`` are finished, and so many messages are ``open``.
    """

    mark: str
    key: str
    run_key: str
    label: str
    named: int
    finished: int
    position: str
    chunks: int
    open: int

    def seal(self) -> bytes:
        """What shows that the row and its run are as they were stored; ``finished`` may change."""
        return seal(self._replace(finished=0))

    @property
    def next(self) -> Position:
        """Where the next message goes."""
        return Position(*map(_number, _list(self.position)))


class Slot(StrEnum):
    """The two messages that may be open: a template, and a message with its own recipients."""

    TEMPLATE = "template"
    OWN = "own"


class OpenRow(NamedTuple):
    """An open message in the journal: what its files will be called and how they begin.

    The journal has ``size`` octets of its lines, and their BLAKE2b digest.
    """

    slot: Slot
    number: int
    key: bytes
    names: tuple[str, ...]
    heads: tuple[bytes, ...]
    rows: int
    parts: int
    size: int
    digest: bytes

    def values(self) -> tuple[str | int | bytes, ...]:
        """The row as SQLite stores it: ``names`` as JSON, a zero octet between ``heads``."""
        names, heads = json.dumps(self.names), b"\0".join(self.heads)
        values = (*self[:3], names, heads, self.rows, self.parts, self.size, self.digest)
        return (*values, seal(values))


def seal(values: Sequence[object]) -> bytes:
    """A digest of a row's values: it shows that none of them has changed."""
    hashed = blake2b(digest_size=8)
    for value in values:
        octets = value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
        hashed.update(len(octets).to_bytes(8, "big"))
        hashed.update(octets)
    return hashed.digest()


def _check_seal(values: Sequence[object], found: object) -> None:
    if found != seal(values):
        raise ValueError("a row is not as it was stored")


# --- Values --------------------------------------------------------------------------------------


def _number(value: object) -> int:
    if type(value) is not int or not 0 <= value < _MOST:
        raise ValueError(f"expected a count, found {value!r:.40}")
    return value


def text(value: object) -> str:
    """A text."""
    if not isinstance(value, str):
        raise TypeError(f"expected a text, found {type(value).__name__}")
    return value


def octets(value: object, size: int | None = None) -> bytes:
    """Octets, ``size`` of them if it is given."""
    if not isinstance(value, bytes) or (size is not None and len(value) != size):
        raise ValueError("expected octets of another kind or length")
    return value


def json_of(given: object) -> Any:
    """The value of a JSON text."""
    try:
        return json.loads(text(given))
    except RecursionError:
        raise ValueError("expected JSON, found too many brackets") from None


def _list(given: object) -> list[Any]:
    found = json_of(given)
    if not isinstance(found, list):
        raise TypeError("expected a list")
    return found


def _texts(given: object) -> tuple[str, ...]:
    return tuple(map(text, _list(given)))


# --- Tables --------------------------------------------------------------------------------------


def campaign_of(row: Sequence[object]) -> CampaignRow:
    """A row of ``campaign_run`` with its run and the number of its chunks; the seal is last."""
    *values, found = row
    mark, key, run_key, label, named, finished, position, chunks, opened = values
    made = CampaignRow(
        *(text(mark), text(key), text(run_key), text(label), _number(named), _number(finished)),
        *(text(position), _number(chunks), _number(opened)),
    )
    if found != made.seal():
        raise ValueError("a campaign is not as it was stored")
    return made


def chunk_of(row: Sequence[object]) -> FinishedChunk:
    """A row of ``campaign_chunks``: digest, keys, counters, seal."""
    *values, found = row
    _check_seal(values, found)
    digest, packed, given = values
    counters = {"blank": 0} | json_of(given)  # earlier journals do not have it
    if set(counters) != set(Counters.__annotations__):
        raise ValueError("expected other counts")
    for name, value in counters.items():
        if name not in ("tally", "notes"):
            _number(value)
    for note in counters["notes"]:
        text(note)
    _check_tally(counters["tally"])
    if counters["sent"] * keys.SIZE != len(keys_of(packed)):
        raise ValueError("expected a key for each row that was sent")
    return FinishedChunk(octets(digest, _DIGEST), keys_of(packed), counters)


def _check_tally(record: TallyRecord) -> None:
    found = CostTally.from_json(record)
    for country, parts in found.counts:
        text(country)
        _number(parts)
    counts = (found.counts, found.blame, found.spared, found.saved)
    for value in (found.unicode, *(v for table in counts for v in table.values())):
        _number(value)
    for row in (row for rows in found.rows.values() for row in rows):
        _number(row)


def keys_of(packed: object) -> bytes:
    """The sorted keys of a chunk."""
    if len(found := octets(packed)) % keys.SIZE:
        raise ValueError("expected whole keys")
    return found


def reject_values(reject: Reject) -> tuple[int | str, ...]:
    """A row of ``campaign_rejects``, with asterisks in the place of passwords."""
    row, column, code, reason, cells = reject
    shown = json.dumps([masked(cell) for cell in cells])
    return row, masked(column), code, masked(reason), shown


def reject_of(row: Sequence[object]) -> Reject:
    """A row of ``campaign_rejects``: row, column, code, reason, cells."""
    number, column, code, reason, cells = row
    code = RejectCode(text(code))
    return Reject(_number(number), text(column), code, text(reason), _texts(cells))


def open_of(row: Sequence[object]) -> OpenRow:
    """A row of ``campaign_message``."""
    *values, found = row
    _check_seal(values, found)
    slot, number, key, files, heads, rows, parts, size, digest = values
    called = _texts(files)
    for path in called:
        volume, _, name = path.partition("/")
        if not volume.isdecimal() or not names.parse(name):
            raise ValueError("expected names of message files")
    begin = tuple(octets(heads).split(b"\0")) if heads else ()
    if len(called) != max(len(begin), 1):
        raise ValueError("expected as many names as files")
    return OpenRow(
        *(Slot(text(slot)), _number(number), octets(key), called, begin),
        *(_number(rows), _number(parts), _number(size), octets(digest, _DIGEST)),
    )
