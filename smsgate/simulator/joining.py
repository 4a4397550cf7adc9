"""Which parts belong to one message."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from smsenc import DecodeError, Payload, udh
from smsenc.model import Coding
from smsenc.smpp import mapping, tlvs
from smsenc.smpp.pdus import DataSm, SubmitSm
from smsenc.smpp.tlvs import Tag
from smsgate.simulator.store import Message

Submitted = SubmitSm | DataSm
#: Messages with missing parts that are remembered.
_MOST = 10_000
#: Seconds after which the same reference means another message.
_PATIENCE = 3600.0


class Place(NamedTuple):
    """The place of a part in its message; ``mark`` is what all parts share."""

    mark: str
    total: int
    sequence: int


def place_of(body: Submitted, system_id: str) -> Place | None:
    """The place that a PDU says; None for a whole message, and for headers that are damaged."""
    sar = tlvs.find(body.tlvs, Tag.SAR_TOTAL_SEGMENTS)
    if not body.esm_class & mapping.UDHI and sar is None:
        return None
    try:
        segment = mapping.segment_of(body)
        elements = udh.decode(segment.udh)
    except DecodeError:
        return None
    found = udh.find_concatenation(elements)
    if found is None or found.total < 2:
        return None
    port = Payload(data=b"", coding=Coding.OCTETS, elements=elements).port
    shared = (
        *(system_id, mapping.number_of(body.source_addr)),
        *(mapping.number_of(body.destination_addr), segment.coding),
        *(found.reference, found.total, port),
    )
    return Place("\t".join(map(str, shared)), found.total, found.sequence)


class _Open:
    """A message with missing parts, and the places of those that came."""

    __slots__ = ("message", "places")

    def __init__(self, message: Message, places: Iterable[int]) -> None:
        self.message = message
        self.places = set(places)


class Joiner:
    """The messages with missing parts, by what their parts share."""

    def __init__(self) -> None:
        self._open: dict[str, _Open] = {}

    def restore(self, message: Message, places: Iterable[int]) -> None:
        """Remember a message that an earlier run has begun."""
        if message.mark:
            self._open[message.mark] = _Open(message, places)

    def add(self, new: Message, place: Place | None) -> Message:
        """The message that a part belongs to: ``new``, or an earlier one with fewer missing parts.

        A part whose place is taken begins another message.
        """
        if place is None:
            return new
        known = self._open.get(place.mark)
        if known is None or not self._fits(known, place, new.time):
            message = new._replace(parts=place.total, missing=place.total - 1, mark=place.mark)
            self._open.pop(place.mark, None)
            self._open[place.mark] = _Open(message, (place.sequence,))
            self._limit()
            return message
        known.places.add(place.sequence)
        known.message = known.message._replace(missing=known.message.missing - 1)
        if not known.message.missing:
            del self._open[place.mark]
            return known.message._replace(mark=None)
        return known.message

    def _fits(self, known: _Open, place: Place, now: float) -> bool:
        return place.sequence not in known.places and now < known.message.time + _PATIENCE

    def _limit(self) -> None:
        while len(self._open) > _MOST:
            del self._open[next(iter(self._open))]

    def keep(self, exists: Callable[[int], bool]) -> None:
        """Forget messages that are no longer kept."""
        gone = [mark for mark, one in self._open.items() if not exists(one.message.id)]
        for mark in gone:
            del self._open[mark]
