"""Plain text files to text messages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from converters.api import Action, Converter, Item, Loss, Option
from converters.errors import SourceError
from converters.shared import charsets
from converters.shared.parsers import one_of
from converters.shared.words import counted
from smsenc import encode_text

#: 255 parts of 153 characters are fewer octets in any charset.
MOST_OCTETS = 256 * 1024
_CONTROLS = bytes(n for n in range(0x20) if n not in b"\t\n\f\r\x1b")
# Characters that no phone shows; line feeds are kept and tabs become spaces.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")


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

    Control characters are left out and tabs become spaces; both are listed losses.
    """
    if len(octets) > MOST_OCTETS:
        raise SourceError(f"expected at most {MOST_OCTETS} octets of text, found {len(octets)}")
    losses: list[Loss] = []
    text = _clean(_decode(octets, settings.read_as, losses), losses)
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
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    tabs = text.count("\t")
    if tabs:
        losses.append(
            Loss(what=counted(tabs, "tab"), action=Action.REPLACED, why="by a space each")
        )
        text = text.replace("\t", " ")
    text, controls = _CONTROL.subn("", text)
    if controls:
        what = counted(controls, "control character")
        losses.append(Loss(what=what, action=Action.LEFT_OUT, why="no phone shows them"))
    return text.rstrip("\n")


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
