"""Message files of a predefined type: what the gateway makes of ``msg_type:SMS_NOKIA_...``.

Such a file holds the content alone, and the gateway adds the header and what stands before it. How
it does so is documented for a few types only; the others are read as their names say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from converters import registry
from converters.bitmap import Bitmap, decode_bitmap
from converters.multipart import encode_picture
from converters.network import Network
from converters.smartlogo import encode_caller_icon, encode_operator_logo
from smsenc import MessageFileError, Payload, Port, SourceError
from smsenc.messagefile import Message

#: Stands for the network that the gateway adds: the test network of ITU-T E.212.
UNKNOWN_NETWORK = Network("001", "01")
_NO_NETWORK = Network("000", "00")
_INFOFIELD = b"\x00"  # an OTA bitmap starts with it; network and version octets come before


def received(message: Message) -> Payload | None:
    """The payload of a message of a predefined type; None for any other.

    Raises SmsencError where the content is not the type's.
    """
    made = _TYPES.get(message.msg_type or "")
    return made(message) if made else None


def _octets(message: Message) -> bytes:
    if message.data is not None:
        return message.data
    try:
        return bytes.fromhex("".join((message.text or "").split()))
    except ValueError:
        raise MessageFileError(
            f"expected hex digits with msg_type {message.msg_type}, found {message.text!r:.40}",
            name="text",
        ) from None


def _tone(message: Message) -> Payload:
    return Payload.to_port(Port.RINGTONE, _octets(message))


def _operator_logo(message: Message) -> Payload:
    octets = _octets(message)
    if octets.startswith(_INFOFIELD):
        octets = encode_operator_logo(decode_bitmap(octets), UNKNOWN_NETWORK)
    return Payload.to_port(Port.OPERATOR_LOGO, octets)


def _removal(_message: Message) -> Payload:
    blank = Bitmap.from_rows(["." * 72] * 14)
    return Payload.to_port(Port.OPERATOR_LOGO, encode_operator_logo(blank, _NO_NETWORK))


def _caller_icon(message: Message) -> Payload:
    octets = _octets(message)
    if octets.startswith(_INFOFIELD):
        octets = encode_caller_icon(decode_bitmap(octets))
    return Payload.to_port(Port.CALLER_ICON, octets)


def _picture(message: Message) -> Payload:
    octets = _octets(message)
    if octets.startswith(_INFOFIELD):
        octets = encode_picture(decode_bitmap(octets))
    return Payload.to_port(Port.MULTIPART, octets)


def _rtttl(message: Message) -> Payload:
    converter = registry.named("rtttl")
    octets = (message.text or "").encode()
    for item in converter.convert(octets, converter.settings(converter.whole)):
        if item.payload is None:
            break
        return item.payload
    raise SourceError("expected a tune in RTTTL, found none", name="text")


def _lines(port: Port) -> Callable[[Message], Payload]:
    def made(message: Message) -> Payload:
        text = (message.text or "").replace("\n", "\r\n")
        return Payload.to_port(port, message.data or text.encode())

    return made


_TYPES: Mapping[str, Callable[[Message], Payload]] = MappingProxyType(
    {
        "SMS_NOKIA_OLOGO": _operator_logo,
        "SMS_NOKIA_GLOGO": _caller_icon,
        "SMS_NOKIA_PICTURE": _picture,
        "SMS_NOKIA_RINGTONE": _tone,
        "SMS_NOKIA_RTTL": _rtttl,
        "SMS_NOKIA_CLEAN": _removal,
        "SMS_NOKIA_VCARD": _lines(Port.VCARD),
        "SMS_NOKIA_VCAL": _lines(Port.VCALENDAR),
    }
)
