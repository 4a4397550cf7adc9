"""Messages of a predefined type, ``msg_type:SMS_NOKIA_...``: the content alone.

The gateway adds the header, and what stands before a picture. ``smsenc.package`` knows the types
that it writes; here are those that take a reader of a format, or stand in files that others wrote:
how the gateway makes a message of them is documented for a few, the others are read as their names
say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import PurePath
from types import MappingProxyType

from converters import registry
from converters.pictures.bitmap import Bitmap, decode_bitmap
from converters.pictures.logos import encode_operator_logo
from converters.pictures.multipart import encode_picture
from converters.pictures.operators import Network
from smsenc import Coding, Payload, Port, messagefile
from smsenc.messagefile import Message
from smsenc.messagefile.packing import Pack, Package, package, unpack
from smsenc.messagefile.parameters import INVALID_PARAMETERS, MESSAGE_TYPE, fail
from smsenc.messagefile.parameters import octets as from_hex
from smsenc.messagefile.profile import CLICKATELL, Profile

RTTTL, _SUFFIX = "rtttl", ".rtttl"
_TYPE = "SMS_NOKIA_RTTL"  # spelt so
_NO_NETWORK = Network("000", "00")
#: An OTA bitmap starts with it; what Smart Messaging has before the bitmap does not.
_INFOFIELD = b"\x00"


def rtttl_package(
    payload: Payload, template: Message, *, reference: int, profile: Profile = CLICKATELL
) -> Package:
    """One message with the tune of ``payload`` as text; raises SmsencError for what is no tune."""
    packed = package(payload, template, reference=reference, pack=Pack.MSG_TYPE, profile=profile)
    viewer = registry.viewers()[Port.RINGTONE]
    write = next(row.write for row in viewer.writers if row.suffix == _SUFFIX)
    text = write(payload).decode("ascii").strip()
    message = replace(packed.messages[0], text=text, data=None, msg_type=_TYPE)
    messagefile.head(message, profile)  # a long tune does not fit a line
    return replace(packed, messages=(message,))


def came_as_rtttl(payload: Payload, source: str, kind: str | None) -> bool:
    """Whether a payload is a tone, and ``source`` or the converter asked for said it in RTTTL."""
    if payload.coding is not Coding.OCTETS or payload.port != Port.RINGTONE:
        return False
    suffixes = registry.named(RTTTL).suffixes
    return kind == RTTTL if kind else PurePath(source).suffix.lower() in suffixes


def received(message: Message, profile: Profile = CLICKATELL) -> Payload:
    """What a message of any packing or type carries.

    Raises MessageFileError, or another SmsencError where the content is not the type's.
    """
    made = _READERS.get(message.msg_type)
    return made(message, profile) if made else unpack(message, profile)


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
    """Of a bitmap alone, or of the whole that Smart Messaging has on that port."""

    def made(message: Message, profile: Profile) -> Payload:
        found = _octets(message)
        if not found.startswith(_INFOFIELD):
            return Payload.to_port(port, found)
        return unpack(replace(message, text=None, data=found), profile)

    return made


def _removal(_message: Message, _profile: Profile) -> Payload:
    blank = Bitmap.from_rows(["." * 72] * 14)
    return Payload.to_port(Port.OPERATOR_LOGO, encode_operator_logo(blank, _NO_NETWORK))


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
    """Of a card or event, whose line ends a message file cannot hold."""

    def made(message: Message, _profile: Profile) -> Payload:
        text = (message.text or "").replace("\n", "\r\n")
        return Payload.to_port(port, message.data or text.encode())

    return made


_READERS: Mapping[str | None, _Reader] = MappingProxyType(
    {
        "SMS_NOKIA_OLOGO": _logo(Port.OPERATOR_LOGO),
        "SMS_NOKIA_GLOGO": _logo(Port.CALLER_ICON),
        "SMS_NOKIA_PICTURE": _picture,
        "SMS_NOKIA_CLEAN": _removal,
        "SMS_NOKIA_VCARD": _lines(Port.VCARD),
        "SMS_NOKIA_VCAL": _lines(Port.VCALENDAR),
        _TYPE: _rtttl,
    }
)
