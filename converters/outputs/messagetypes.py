"""Messages of a predefined type, ``msg_type:SMS_NOKIA_...``, which hold the content alone.

The gateway adds the header, and the octets before a picture. ``smsenc.messagefile.packing`` has the
types that it writes; here are those that need a converter or a viewer, and those that are only
read. The gateway's documentation says for a few types what it sends; the others are read as their
names suggest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePath
from types import MappingProxyType

from converters import registry
from converters.pictures.bitmap import decode_bitmap
from converters.pictures.logos import encode_removal
from converters.pictures.multipart import encode_picture
from smsenc import Coding, Payload, Port, messagefile
from smsenc.messagefile import Message
from smsenc.messagefile.packing import Pack, Package, package, unpack
from smsenc.messagefile.parameters import INVALID_PARAMETERS, MESSAGE_TYPE, fail
from smsenc.messagefile.parameters import octets as from_hex
from smsenc.messagefile.profile import CLICKATELL, Profile

RTTTL, _SUFFIX = "rtttl", ".rtttl"
_RTTTL_TYPE = "SMS_NOKIA_RTTL"  # without the third T
#: The first octet of an OTA bitmap; what Smart Messaging puts before the bitmap starts differently.
_INFOFIELD = b"\x00"


def is_rtttl(payload: Payload, source: str, kind: str | None) -> bool:
    """Whether a payload is a tone that was converted from RTTTL.

    ``kind`` is the converter that the sender asked for; without it, the suffix of ``source`` tells.
    """
    if payload.coding is not Coding.OCTETS or payload.port != Port.RINGTONE:
        return False
    suffixes = registry.known()[RTTTL].suffixes
    return kind == RTTTL if kind else PurePath(source).suffix.lower() in suffixes


def rtttl_package(
    payload: Payload, template: Message, *, reference: int, profile: Profile = CLICKATELL
) -> Package:
    """One message with the tune of ``payload`` as text; raises SmsencError if it is not a tune."""
    packed = package(payload, template, reference=reference, pack=Pack.MSG_TYPE, profile=profile)
    writers = registry.viewer_of(payload).writers
    write = next(row.write for row in writers if row.suffix == _SUFFIX)
    text = write(payload).decode("ascii").strip()
    message = replace(packed.messages[0], text=text, data=None, msg_type=_RTTTL_TYPE)
    messagefile.head(message, profile)  # a long tune does not fit a line
    return packed._replace(messages=(message,))


def payload_of(message: Message, profile: Profile = CLICKATELL) -> Payload:
    """What a message of any packing or type carries.

    Raises MessageFileError, or another SmsencError if the content does not fit the type.
    """
    reader = _READERS.get(message.msg_type)
    return reader(message, profile) if reader else unpack(message, profile)


_Reader = Callable[[Message, Profile], Payload]


def _octets(message: Message) -> bytes:
    if message.data is not None:
        return message.data
    try:
        return from_hex("".join((message.text or "").split()))
    except ValueError as error:
        why = f"{error} with msg_type {message.msg_type}, found {message.text!r:.40}"
        raise fail("text", why, MESSAGE_TYPE) from None


def _logo(port: Port) -> _Reader:
    """A reader of a bitmap, or of all that Smart Messaging sends to that port."""

    def read(message: Message, profile: Profile) -> Payload:
        found = _octets(message)
        if not found.startswith(_INFOFIELD):
            return Payload.to_port(port, found)
        return unpack(replace(message, text=None, data=found), profile)

    return read


def _removal(_message: Message, _profile: Profile) -> Payload:
    return Payload.to_port(Port.OPERATOR_LOGO, encode_removal())


def _picture(message: Message, _profile: Profile) -> Payload:
    found = _octets(message)
    if found.startswith(_INFOFIELD):
        found = encode_picture(decode_bitmap(found))
    return Payload.to_port(Port.MULTIPART, found)


def _rtttl(message: Message, _profile: Profile) -> Payload:
    converter = registry.named(RTTTL)
    text = (message.text or "").encode()
    for item in converter.convert(text, converter.settings(converter.whole)):
        if item.payload is None:
            break
        return item.payload
    raise fail("text", "expected a tune in RTTTL, found none", INVALID_PARAMETERS)


def _lines(port: Port) -> _Reader:
    """A reader of a card or event, whose CR a message file cannot hold."""

    def read(message: Message, _profile: Profile) -> Payload:
        text = (message.text or "").replace("\n", "\r\n")
        return Payload.to_port(port, message.data or text.encode())

    return read


_READERS: Mapping[str | None, _Reader] = MappingProxyType(
    {
        "SMS_NOKIA_OLOGO": _logo(Port.OPERATOR_LOGO),
        "SMS_NOKIA_GLOGO": _logo(Port.CALLER_ICON),
        "SMS_NOKIA_PICTURE": _picture,
        "SMS_NOKIA_CLEAN": _removal,
        "SMS_NOKIA_VCARD": _lines(Port.VCARD),
        "SMS_NOKIA_VCAL": _lines(Port.VCALENDAR),
        _RTTTL_TYPE: _rtttl,
    }
)
