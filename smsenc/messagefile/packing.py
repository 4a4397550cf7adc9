"""Payload <-> messages: three ways to pack octets, one for text.

A text is one message with ``concat``: the gateway splits it, and counts a line break as two
characters. Octets are one message for each part, so that the gateway has nothing to decide. A GSM
7-bit character that the file's charset lacks (in ISO-8859-1 the Greek capitals and the euro sign)
makes the text Unicode; the result names the character.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from smsenc import udh
from smsenc.errors import OptionError, SplitError
from smsenc.messagefile.messagetypes import BY_PORT, MESSAGE_TYPES, Content
from smsenc.messagefile.model import Message
from smsenc.messagefile.parameters import (
    EMPTY_MESSAGE,
    MESSAGE_TYPE,
    TOO_MANY_PARTS,
    fail,
    hex_digits,
    octets,
)
from smsenc.messagefile.profile import CLICKATELL, LINE_BREAKS, Profile
from smsenc.model import Coding, MessageClass, Payload, Port, Segment, port_text
from smsenc.splitting import split
from smsenc.text import decode_text, encode_text


class Pack(StrEnum):
    """Who cuts octets into parts, and who writes their header."""

    PARTS = "parts"  # we cut: one message for each part, with its header
    GATEWAY = "gateway"  # the gateway cuts: one message, header with the port alone
    MSG_TYPE = "msg-type"  # the gateway cuts and writes the header: one message of a named type


def way(name: str) -> Pack:
    """The way of packing with this name; raises OptionError."""
    if name not in list(Pack):
        raise OptionError(f"expected one of {', '.join(Pack)}, found {name!r}", name="--pack")
    return Pack(name)


class Package(NamedTuple):
    """The parts that a phone receives, and the messages that make the gateway send them.

    A text has one message, because the gateway splits it. Octets have one for each part, unless the
    gateway cuts them. ``forced`` is the character that made a GSM 7-bit text Unicode, because it is
    not in the file's charset. ``left_out`` says what the message type does not include.
    """

    messages: tuple[Message, ...]
    segments: tuple[Segment, ...]
    forced: str | None = None
    left_out: str | None = None


def package(
    payload: Payload,
    template: Message,
    *,
    reference: int,
    pack: Pack = Pack.PARTS,
    profile: Profile = CLICKATELL,
) -> Package:
    """Fill ``template`` (recipients, sender, credentials, options) with ``payload``.

    Raises SplitError if there are too many parts, MessageFileError if an option or the way of
    packing is not possible with the payload.
    """
    if not payload.data and not payload.elements:
        raise fail("text", "expected a message, found an empty one", EMPTY_MESSAGE)
    if payload.coding is Coding.OCTETS:
        segments = split(payload, reference=reference, limits=profile.limits)
        return _PACKERS[pack](payload, segments, template, profile)
    if payload.elements:
        # The gateway accepts a header only before octets (udh: "data is then 8-bit").
        raise SplitError("expected 8-bit data after a header, found text")
    return _text(payload, template, profile)


def _parts(
    payload: Payload,  # noqa: ARG001 - all packers take the same
    segments: tuple[Segment, ...],
    template: Message,
    profile: Profile,  # noqa: ARG001 - as above
) -> Package:
    messages = tuple(_octets(template, segment.udh, segment.data) for segment in segments)
    return Package(messages=messages, segments=segments)


def _octets(template: Message, header: bytes, data: bytes) -> Message:
    return replace(
        template,
        text=None,
        data=data,
        udh=header or None,
        binary=template.binary if header else True,
    )


def _gateway(
    payload: Payload, segments: tuple[Segment, ...], template: Message, profile: Profile
) -> Package:
    header = udh.encode(payload.elements) if payload.elements else b""
    concat = _concat(segments, template, profile)
    message = replace(_octets(template, header, payload.data), concat=concat)
    return Package(messages=(message,), segments=segments)


def _msg_type(
    payload: Payload, segments: tuple[Segment, ...], template: Message, profile: Profile
) -> Package:
    row = BY_PORT.get(payload.port) if payload.port is not None else None
    if row is None or row.content is None or len(payload.elements) != 1:
        expected = f"expected a payload for {_NAMES}"
        raise fail("msg_type", f"{expected}, found {_described(payload)}", MESSAGE_TYPE)
    before, body = row.content.cut(payload.data)
    message = replace(
        template,
        text=hex_digits(body) if row.content.in_text else None,
        data=None if row.content.in_text else body,
        msg_type=row.name,
        concat=_concat(segments, template, profile),
    )
    left_out = row.content.left_out if before else None
    return Package(messages=(message,), segments=segments, left_out=left_out)


_NAMES = ", ".join(row.name for row in BY_PORT.values())


_PACKERS = {Pack.PARTS: _parts, Pack.GATEWAY: _gateway, Pack.MSG_TYPE: _msg_type}


def _described(payload: Payload) -> str:
    if payload.port in (Port.VCARD, Port.VCALENDAR):
        # How to write its CR LF in a line is not documented.
        return f"a {Port(payload.port).name.lower()}, which is sent as udh and data"
    return "octets without a port" if payload.port is None else f"port {port_text(payload.port)}"


def _concat(segments: tuple[Segment, ...], template: Message, profile: Profile) -> int | None:
    """The value of ``concat``, without which the gateway refuses a second part."""
    if len(segments) > profile.most_parts:
        raise fail(
            "concat",
            f"expected at most {profile.most_parts} parts, found {len(segments)}",
            TOO_MANY_PARTS,
        )
    return len(segments) if len(segments) > 1 else template.concat


# Text --------------------------------------------------------------------------------------------


def _text(payload: Payload, template: Message, profile: Profile) -> Package:
    text = decode_text(payload).replace("\r\n", "\n").replace("\r", "\n")
    forced = None
    if payload.coding is Coding.GSM7:
        forced = next((c for c in text if not profile.writable(c)), None)
    unicode = payload.coding is Coding.UCS2 or forced is not None
    sent = _on_air(text, profile, unicode=unicode)
    # The gateway chooses the reference; only the number of parts is known here.
    segments = split(
        replace(sent, message_class=payload.message_class), reference=1, limits=profile.limits
    )
    if len(segments) > profile.most_parts:
        found = len(segments)
        raise SplitError(f"expected at most {profile.most_parts} parts of text, found {found}")
    flash = payload.message_class is MessageClass.FLASH
    message = replace(
        template,
        text=text,
        data=None,
        unicode=True if unicode else None,
        msg_type="SMS_FLASH" if flash else template.msg_type,
        concat=_concat(segments, template, profile),
    )
    return Package(messages=(message,), segments=segments, forced=forced)


def _on_air(text: str, profile: Profile, *, unicode: bool) -> Payload:
    if unicode:
        return encode_text(text, coding="ucs2")
    # Each further text: line is a line break on the phone.
    return encode_text(text.replace("\n", LINE_BREAKS[profile.line_break]), coding="gsm7")


# Unpacking ---------------------------------------------------------------------------------------


def unpack(message: Message, profile: Profile = CLICKATELL) -> Payload:
    """The payload that the gateway sends for a message: the inverse of ``package``.

    One part of several (``Pack.PARTS``) keeps its concatenation among the elements, so that
    ``join`` can join them. The text of a template keeps its fields. Raises HeaderError for a bad
    header, MessageFileError (112) for a message type whose content is not documented.
    """
    row = MESSAGE_TYPES[message.msg_type or "SMS_TEXT"]
    if row.port is not None:
        return _typed(message, row.port, row.content)
    if message.text is not None:
        # ``binary`` makes no difference here: how a phone shows 8-bit text is not known.
        return unpack_text(message, message.text, profile)
    flash = _flash(message)
    return Payload(
        data=message.data or b"",
        coding=Coding.OCTETS,
        elements=udh.decode(message.udh or b""),
        message_class=MessageClass.ME if flash is None else flash,
    )


def unpack_text(message: Message, text: str, profile: Profile = CLICKATELL) -> Payload:
    """The payload of a message of type SMS_TEXT or SMS_FLASH with this text instead of its own.

    The text is not checked: it is the message's own, or a template's with cells that were.
    """
    found = _received(text, profile, unicode=bool(message.unicode))
    flash = _flash(message)
    return found if flash is None else replace(found, message_class=flash)


def _flash(message: Message) -> MessageClass | None:
    # Compare the result with None: the number of this class is 0.
    return MessageClass.FLASH if message.msg_type == "SMS_FLASH" else None


def _received(text: str, profile: Profile, *, unicode: bool) -> Payload:
    if unicode:
        return Payload(data=text.encode("utf-16-be", "surrogatepass"), coding=Coding.UCS2)
    return encode_text(text.replace("\n", LINE_BREAKS[profile.line_break]))


def _typed(message: Message, port: Port, content: Content | None) -> Payload:
    if content is None:
        expected = f"expected one of SMS_TEXT, SMS_FLASH, {_NAMES}"
        raise fail("msg_type", f"{expected}, found {message.msg_type!r}", MESSAGE_TYPE)
    body = message.data
    if body is None:
        try:
            body = octets(message.text or "")
        except ValueError as error:
            raise fail("text", f"{error} with msg_type {message.msg_type}", MESSAGE_TYPE) from None
    return Payload.to_port(port, content.before + body)


def chunks(
    recipients: tuple[str, ...], profile: Profile = CLICKATELL
) -> tuple[tuple[str, ...], ...]:
    """Recipients in groups that are small enough for one message file."""
    most = profile.most_messages
    return tuple(recipients[n : n + most] for n in range(0, len(recipients), most))
