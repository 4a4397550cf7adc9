"""Cards and calendars in payloads: what arrived on a phone, and what is sent to one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from converters.api import Item, Loss
from converters.errors import SourceError
from smsenc import Coding, Payload, Port, SmsencError, decode_text

#: A card or an event.
_Read = TypeVar("_Read")
#: Octets for a phone, and what they do not hold of the source.
Written = tuple[bytes, tuple[Loss, ...]]


def packed(kind: str, port: Port, losses: tuple[Loss, ...], write: Callable[[], Written]) -> Item:
    """Item of what ``write`` gives, or of the error it raises; ``losses`` are those of reading."""
    try:
        octets, more = write()
    except SmsencError as error:
        return Item(kind=kind, error=error, losses=losses)
    return Item(kind=kind, payload=Payload.to_port(port, octets), losses=losses + more)


def received(payload: Payload) -> bytes:
    """Octets of a card or calendar that arrived as octets or as text."""
    if payload.coding is Coding.OCTETS:
        return payload.data
    return decode_text(payload).encode("utf-8")


def accepted(
    read: Callable[[bytes], Iterable[tuple[_Read | SourceError, object]]], payload: Payload
) -> Iterator[_Read]:
    """What ``read`` finds in a received payload, without losses; raises any SourceError found."""
    for found, _losses in read(received(payload)):
        if isinstance(found, SourceError):
            raise found
        yield found
