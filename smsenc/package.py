"""Which message files a payload becomes: a text is one, octets are one file a part."""

from __future__ import annotations

from dataclasses import dataclass, replace

from smsenc import messagefile
from smsenc.errors import SplitError
from smsenc.messagefile import CHARSET, MOST_PARTS, Message
from smsenc.model import Coding, MessageClass, Payload, Segment
from smsenc.split import split
from smsenc.text import decode_text, encode_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """The parts a phone gets, and the messages that make the gateway send them.

    ``messages`` has one for a text (the gateway splits it) and one a part for octets. They have
    no recipients yet beyond those of the template. ``forced`` is the character that turned a
    GSM 7-bit text into Unicode, because the file's charset lacks it.
    """

    messages: tuple[Message, ...]
    segments: tuple[Segment, ...]
    forced: str | None = None


def package(payload: Payload, template: Message, *, reference: int, wide: bool = False) -> Package:
    """Fill ``template`` (recipients, sender, credentials, options) with ``payload``.

    Raises SplitError when there are too many parts, MessageFileError when an option does not go
    with the payload.
    """
    if payload.coding is Coding.OCTETS:
        return _binary(template, split(payload, reference=reference, wide=wide))
    if payload.elements:
        # The gateway takes octets behind a header of ours, never text (udh: "data is then 8-bit").
        raise SplitError("expected 8-bit data behind a header, found text")
    return _text(payload, template)


def _binary(template: Message, segments: tuple[Segment, ...]) -> Package:
    messages = tuple(
        replace(
            template,
            text=None,
            data=segment.data,
            udh=segment.udh or None,
            binary=None if segment.udh else True,
        )
        for segment in segments
    )
    return Package(messages=messages, segments=segments)


def _text(payload: Payload, template: Message) -> Package:
    text = decode_text(payload).replace("\r\n", "\n").replace("\r", "\n")
    forced = None
    if payload.coding is Coding.GSM7:
        forced = next((c for c in text if not writable(c)), None)
    unicode = payload.coding is Coding.UCS2 or forced is not None
    sent = encode_text(text if unicode else _on_air(text), coding="ucs2" if unicode else "gsm7")
    # The gateway chooses the reference; only the number of parts is known here.
    segments = split(sent._replace(message_class=payload.message_class), reference=1)
    if len(segments) > MOST_PARTS:
        raise SplitError(f"expected at most {MOST_PARTS} parts of text, found {len(segments)}")
    flash = payload.message_class is MessageClass.FLASH
    message = replace(
        template,
        text=text,
        data=None,
        unicode=True if unicode else None,
        msg_type="SMS_FLASH" if flash else template.msg_type,
        # Without it the gateway refuses a second part (error 113).
        concat=len(segments) if len(segments) > 1 else template.concat,
    )
    return Package(messages=(message,), segments=segments, forced=forced)


def writable(character: str) -> bool:
    """Whether a GSM character can stand in a ``text:`` line: in the charset and no control."""
    try:
        code = character.encode(CHARSET)[0]
    except UnicodeEncodeError:
        return False
    return character == "\n" or 0x20 <= code < 0x7F or code >= 0xA0


def _on_air(text: str) -> str:
    # Each further text: line reaches the phone as CR LF and costs two characters.
    return text.replace("\n", "\r\n")


def chunks(recipients: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Recipients in groups of at most as many as one message file takes."""
    most = messagefile.MOST_MESSAGES
    return tuple(recipients[n : n + most] for n in range(0, len(recipients), most))
