"""What the octets in information elements mean, down to their bits (3GPP TS 23.040, 9.2.3.24)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from smsenc.model import IEI, Port
from smsenc.national import Language
from smsenc.octetmap.model import Bits

_NO_YES = ("no", "yes")

#: The bits of a field, by element and by the field's name.
BITS: Mapping[tuple[int, str], tuple[Bits, ...]] = MappingProxyType(
    {
        (IEI.SPECIAL_MESSAGE, "kind"): (
            Bits(0x80, "storage", ("discard message", "store message")),
            Bits(0x60, "profile", ("profile 1", "profile 2", "profile 3", "profile 4")),
            Bits(0x1C, "extended type", ("none", "video message")),
            Bits(0x03, "waiting", ("voicemail", "fax", "email", "extended type")),
        ),
        (IEI.SMSC_CONTROL, "bits"): (
            Bits(0x80, "header in the report", _NO_YES),
            Bits(0x40, "first error cancels other reports", _NO_YES),
            Bits(0x30, "reserved"),
            Bits(0x08, "report temporary error, still tried", _NO_YES),
            Bits(0x04, "report temporary error, not tried again", _NO_YES),
            Bits(0x02, "report permanent error", _NO_YES),
            Bits(0x01, "report completion", _NO_YES),
        ),
        (IEI.TEXT_FORMATTING, "mode"): (
            Bits(0x80, "strikethrough", _NO_YES),
            Bits(0x40, "underlined", _NO_YES),
            Bits(0x20, "italic", _NO_YES),
            Bits(0x10, "bold", _NO_YES),
            Bits(0x0C, "size", ("normal", "large", "small", "reserved")),
            Bits(0x03, "alignment", ("left", "centre", "right", "language dependent")),
        ),
        (IEI.TEXT_FORMATTING, "colour"): (
            Bits(
                0xF0,
                "background",
                _COLOURS := (
                    *("black", "dark grey", "dark red", "dark yellow", "dark green", "dark cyan"),
                    *("dark blue", "dark magenta", "grey", "white", "bright red", "bright yellow"),
                    *("bright green", "bright cyan", "bright blue", "bright magenta"),
                ),
            ),
            Bits(0x0F, "foreground", _COLOURS),
        ),
    }
)

_PORTS = {
    **{int(port): port.name.lower().replace("_", " ") for port in Port},
    2948: "WAP push",
    2949: "secure WAP push",
    9200: "WAP",
    9201: "WAP",
    9202: "secure WAP",
    9203: "secure WAP",
}
_LANGUAGES = {int(one): one.name.lower() for one in Language if one}
_SOURCES = {1: "the sender", 2: "the receiver", 3: "the service centre"}
_SOUNDS = (
    *("chimes high", "chimes low", "ding", "ta da", "notify", "drum", "claps", "fanfare"),
    *("chord high", "chord low"),
)
_ANIMATIONS = (
    *("I am ironic, flirty", "I am glad", "I am sceptic", "I am sad", "wow", "I am crying"),
    *("I am winking", "I am laughing", "I am indifferent", "in love", "I am confused"),
    *("tongue hanging out", "I am angry", "wearing glasses", "devil"),
)

#: What the values of a field mean, by element and by the field's name.
MEANINGS: Mapping[tuple[int, str], Mapping[int, str] | tuple[str, ...]] = MappingProxyType(
    {
        (IEI.PORTS_16, "destination"): _PORTS,
        (IEI.PORTS_16, "originator"): _PORTS,
        (IEI.SOURCE_INDICATOR, "source"): _SOURCES,
        (IEI.PREDEFINED_SOUND, "number"): _SOUNDS,
        (IEI.PREDEFINED_ANIMATION, "number"): _ANIMATIONS,
        (IEI.SINGLE_SHIFT, "language"): _LANGUAGES,
        (IEI.LOCKING_SHIFT, "language"): _LANGUAGES,
    }
)
