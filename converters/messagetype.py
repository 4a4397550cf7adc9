"""Tunes as ``SMS_NOKIA_RTTL``: the one message type whose content is a text of its own kind.

What other types carry is octets that ``smsenc.package`` knows; this one needs the RTTTL reader and
writer, which live here.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath

from converters import registry
from smsenc import Coding, Payload, Port, messagefile
from smsenc.messagefile import Message
from smsenc.package import Pack, Package, package, unpack
from smsenc.parameters import INVALID_PARAMETERS, fail
from smsenc.profile import CLICKATELL, Profile

RTTTL, _SUFFIX = "rtttl", ".rtttl"
_TYPE = "SMS_NOKIA_RTTL"  # spelt so


def rtttl_package(
    payload: Payload, template: Message, *, reference: int, profile: Profile = CLICKATELL
) -> Package:
    """One message with the tune of ``payload`` as text; raises SmsencError for what is no tune."""
    packed = package(payload, template, reference=reference, pack=Pack.MSG_TYPE, profile=profile)
    viewer = registry.viewers()[Port.RINGTONE]
    write = next(row.write for row in viewer.writers if row.suffix == _SUFFIX)
    text = write(payload).decode("ascii").strip()
    message = replace(packed.messages[0], text=text, data=None, msg_type=_TYPE)
    messagefile.template_head(message, profile)  # a long tune does not fit a line
    return replace(packed, messages=(message,))


def received(message: Message, profile: Profile = CLICKATELL) -> Payload:
    """What a message of any packing carries; raises SmsencError."""
    if message.msg_type != _TYPE:
        return unpack(message, profile)
    converter = registry.named(RTTTL)
    octets = (message.text or "").encode("utf-8")
    for item in converter.convert(octets, converter.settings({})):
        if item.payload is None:
            break
        return item.payload
    raise fail("text", "expected a tune in RTTTL", INVALID_PARAMETERS)


def came_as_rtttl(payload: Payload, source: str, kind: str | None) -> bool:
    """Whether a payload is a tone, and ``source`` or the converter asked for said it in RTTTL."""
    if payload.coding is not Coding.OCTETS or payload.port != Port.RINGTONE:
        return False
    suffixes = registry.named(RTTTL).suffixes
    return kind == RTTTL if kind else PurePath(source).suffix.lower() in suffixes
