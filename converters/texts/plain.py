"""Plain text files to text messages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from converters.api import Action, Converter, Item, Loss, Option
from converters.errors import SourceError
from converters.shared import charsets
from converters.shared.parsers import one_of
from smsenc import encode_text
from smsenc.cleanup import Change, Treatment, clean_text
from smsenc.messagefile.recognition import is_message_file

#: 255 parts of 153 characters are fewer octets in any charset.
MOST_OCTETS = 256 * 1024
_CONTROLS = bytes(n for n in range(0x20) if n not in b"\t\n\f\r\x1b")
_ACTIONS = {
    Treatment.BREAK: Action.REPLACED,
    Treatment.SPACE: Action.REPLACED,
    Treatment.LEFT_OUT: Action.LEFT_OUT,
    Treatment.IGNORED: Action.IGNORED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSettings:
    """The options of the converter; ``read_as`` is a charset, or empty to detect it."""

    coding: str
    read_as: str


def sniff(head: bytes) -> bool:
    """Whether it can be a text: it has a byte order mark, or few control characters."""
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return head.startswith((b"\xff\xfe", b"\xfe\xff")) or controls * 10 <= len(head)


def convert(octets: bytes, settings: TextSettings) -> Iterator[Item]:
    """One message from one file; line ends at the end of the file are not part of it.

    The text is cleaned as ``smsenc.cleanup`` says; each change is a listed loss. A
    message file is refused.
    """
    if len(octets) > MOST_OCTETS:
        raise SourceError(f"expected at most {MOST_OCTETS} octets of text, found {len(octets)}")
    losses: list[Loss] = []
    text = _decode(octets, settings.read_as, losses)
    if is_message_file(text):  # its log-in would be in the text
        raise SourceError("already a message file: smsenc upload sends it")
    text = _clean(text, losses)
    if not text.strip():
        found = "no characters that a phone shows" if octets else "an empty file"
        raise SourceError(f"expected a text, found {found}")
    payload = encode_text(text, coding=settings.coding)
    yield Item(kind="text", payload=payload, losses=tuple(losses))


def _decode(octets: bytes, name: str, losses: list[Loss]) -> str:
    if name:
        return charsets.decode_as(octets, name)
    text, found = charsets.decode(octets)
    if found == charsets.FALLBACK:
        losses.append(
            Loss(what="charset", action=Action.GUESSED, why=f"not UTF-8, read as {found}")
        )
    return text


def _clean(text: str, losses: list[Loss]) -> str:
    found = clean_text(text)
    losses += [_loss(change, several="\n" in found.text) for change in found.changes]
    return found.text


def _loss(change: Change, *, several: bool) -> Loss:
    """The loss of a change; ``several`` says that the text has more lines than one."""
    return Loss(
        what=change.counted,
        action=_ACTIONS[change.treatment],
        why=change.treatment.partition(": ")[2],
        line=change.line if several else None,
    )


CONVERTER = Converter(
    name="text",
    summary="plain text to a text message, GSM 7-bit or UCS-2",
    suffixes=(".txt",),
    sniff=sniff,
    convert=convert,
    settings_class=TextSettings,
    specific=False,
    options=(
        Option("coding", "auto, gsm7 or ucs2", one_of("auto", "gsm7", "ucs2"), "auto"),
        Option(
            "read-as",
            "charset of the file; if not given: from its byte order mark, otherwise UTF-8,"
            " otherwise windows-1252",
            charsets.known,
            "",
        ),
    ),
)
