"""Nokia's tone files (.ott): the octets of a ringing tone as they travel (Smart Messaging)."""

from __future__ import annotations

from collections.abc import Iterator

from converters.api import Converter, Item, Settings
from converters.errors import SourceError
from converters.tunes.limits import OPTIONS, WHOLE, limits
from converters.tunes.ringtone import decode, item

MOST_OCTETS = 1 << 16


def convert(data: bytes, settings: Settings) -> Iterator[Item]:
    """One item: the tone, read and written anew."""
    if not data:
        raise SourceError("expected a ringing tone, found an empty file")
    if len(data) > MOST_OCTETS:
        raise SourceError(f"expected at most {MOST_OCTETS} octets, found {len(data)}")
    yield item(decode(data), (), limits(settings))


def sniff(start: bytes) -> bool:
    """Whether a ringtone's command parts start the file: two or three, programming first."""
    return start[:2] in (b"\x02\x4a", b"\x03\x4a")


CONVERTER = Converter(
    name="ott",
    summary="ringing tones as Nokia phones keep them",
    suffixes=(".ott", ".rng"),
    sniff=sniff,
    convert=convert,
    options=OPTIONS,
    whole=WHOLE,
)
