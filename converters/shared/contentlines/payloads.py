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


def packed(
    kind: str,
    port: Port,
    found: Iterable[tuple[_Read | SourceError, tuple[Loss, ...]]],
    write: Callable[[_Read], Written],
) -> Iterator[Item]:
    """An item for each card or event that was found, or for the error that rejects it.

    ``write`` gives the octets for ``port``; its losses follow those of reading.
    """
    for one, losses in found:
        if isinstance(one, SourceError):
            yield Item(kind=kind, error=one, losses=losses)
            continue
        try:
            octets, more = write(one)
        except SmsencError as error:
            yield Item(kind=kind, error=error, losses=losses)
        else:
            yield Item(kind=kind, payload=Payload.to_port(port, octets), losses=losses + more)


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
