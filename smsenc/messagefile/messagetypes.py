"""The predefined message types, ``msg_type:SMS_...``: one table for all readers and writers.

A message file of such a type has only the content; the gateway adds the header, and whatever
precedes a picture.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from smsenc import logos
from smsenc.errors import DecodeError
from smsenc.model import Port


class Content(NamedTuple):
    """How the data of a payload are written, for a type that the gateway documents.

    They are hex in ``text``, or octets in ``data``. ``cut`` divides them into what the gateway adds
    and what is written. ``before`` is added when a file is read, because it does not have what was
    cut off; ``left_out`` names that.
    """

    in_text: bool
    cut: Callable[[bytes], tuple[bytes, bytes]]
    before: bytes = b""
    left_out: str | None = None


class MessageType(NamedTuple):
    """A type, the port of its messages (None for texts), and how they are written."""

    name: str
    port: Port | None = None
    content: Content | None = None


def _whole(data: bytes) -> tuple[bytes, bytes]:
    return b"", data


def _after_network(data: bytes) -> tuple[bytes, bytes]:
    try:
        at = logos.bitmap_at(data)
    except DecodeError:
        at = 4  # a version and a network without their line feed
    return data[:at], data[at:]


def _after_version(data: bytes) -> tuple[bytes, bytes]:
    return b"", data.removeprefix(logos.VERSION)  # nothing is lost without it


_TONE = Content(in_text=False, cut=_whole)
_LOGO = Content(
    in_text=True,
    cut=_after_network,
    before=logos.TEST_NETWORK,
    left_out="the network code: the gateway adds one",
)
_ICON = Content(in_text=True, cut=_after_version, before=logos.VERSION)
_ROWS = (
    MessageType("SMS_TEXT"),
    MessageType("SMS_FLASH"),
    MessageType("SMS_NOKIA_OLOGO", Port.OPERATOR_LOGO, _LOGO),
    MessageType("SMS_NOKIA_GLOGO", Port.CALLER_ICON, _ICON),
    MessageType("SMS_NOKIA_PICTURE", Port.MULTIPART),
    MessageType("SMS_NOKIA_RINGTONE", Port.RINGTONE, _TONE),
    MessageType("SMS_NOKIA_RTTL", Port.RINGTONE),
    MessageType("SMS_NOKIA_CLEAN", Port.OPERATOR_LOGO),
    MessageType("SMS_NOKIA_VCARD", Port.VCARD),
    MessageType("SMS_NOKIA_VCAL", Port.VCALENDAR),
)
#: Every type by its name.
MESSAGE_TYPES: Mapping[str, MessageType] = MappingProxyType({row.name: row for row in _ROWS})
#: The types that a payload can be written as, by their ports.
BY_PORT: Mapping[int, MessageType] = MappingProxyType(
    {row.port: row for row in _ROWS if row.port is not None and row.content is not None}
)
