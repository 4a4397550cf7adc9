"""Checks of the text or data."""

from __future__ import annotations

import re
from collections.abc import Iterator

from smsenc import gsm7, udh
from smsenc.errors import SmsencError, SplitError
from smsenc.messagefile.lint.scan import Place, Scan, at
from smsenc.messagefile.packing import unpack
from smsenc.messagefile.parameters import NO_TEMPLATE
from smsenc.messagefile.reader import loads
from smsenc.splitting import MOST_PARTS, count

_HEX = re.compile("[0-9A-Fa-f]*")
_ASCII_AS_HEX = re.compile("(00[2-7][0-9A-F]){2,}")


def body_kinds(scanned: Scan) -> Iterator[Place]:
    """B401: text and data, or neither."""
    text, data = scanned.named("text"), scanned.named("data")
    if text and data:
        yield Place(max(text[0].number, data[0].number), 1, "both text and data")
    elif not text and not data:
        yield Place(0, 0, "neither text nor data", NO_TEMPLATE if scanned.named("csv") else None)


def empty_body(scanned: Scan) -> Iterator[Place]:
    """B402: empty message."""
    lines = scanned.named("text") or scanned.named("data")
    headers = scanned.value("udh")
    if lines and not headers and not any(line.trimmed for line in lines):
        yield at(lines[0], f"nothing in {lines[0].key}")


def odd_hex(scanned: Scan) -> Iterator[Place]:
    """B403: incomplete or invalid hex."""
    digits = 0
    data = scanned.named("data")
    for line in data:
        value = line.trimmed
        end = _digits(value)
        if end < len(value):
            yield at(line, f"{value[end]!r} among hex digits", end)
            return
        digits += len(value)
    if data and digits % 2:
        yield at(data[-1], f"{digits} hex digits, which is half an octet too many")


def not_utf16(scanned: Scan) -> Iterator[Place]:
    """B404: unicode:1 without hex."""
    if scanned.value("unicode") != "1":
        return
    text = scanned.named("text")
    digits = 0
    for line in text:
        value = line.trimmed
        end = _digits(value)
        if end < len(value):
            yield at(line, f"{value[end]!r} in text that should be hex because of unicode:1", end)
            return
        digits += len(value)
    if text and digits % 4:
        yield at(text[-1], f"{digits} hex digits, which are not groups of four")


def seems_hex(scanned: Scan) -> Iterator[Place]:
    """B405: hex without unicode:1."""
    text = scanned.value("text")
    plain = scanned.value("unicode") != "1" and scanned.value("msg_type") in ("", "SMS_TEXT")
    if plain and _ASCII_AS_HEX.fullmatch(text):
        yield at(scanned.named("text")[0], "text that looks like hex of UTF-16")


def not_gsm(scanned: Scan) -> Iterator[Place]:
    """B406: character that GSM 7-bit lacks."""
    if scanned.value("unicode") == "1" or not _is_text(scanned) or scanned.broken_at:
        return
    if scanned.utf8_at:  # its letters are other ones
        return
    for line in scanned.named("text"):
        if gsm7.try_encode(line.value) is not None:
            continue
        for offset, character in enumerate(line.value):
            if gsm7.try_encode(character) is None:
                yield at(line, f"{character!r} (U+{ord(character):04X})", offset)


def _is_text(scanned: Scan) -> bool:
    return scanned.value("msg_type") in ("", "SMS_TEXT", "SMS_FLASH")


def too_many_parts(scanned: Scan) -> Iterator[Place]:
    """B407: more parts than concat."""
    needed = _parts_needed(scanned)
    given = scanned.value("concat")
    allowed = int(given) if given.isascii() and given.isdigit() and len(given) <= 9 else 1
    if needed > allowed:
        lines = scanned.named("concat") or scanned.named("text") or scanned.named("data")
        yield at(lines[0], f"{needed} parts where concat allows {allowed}")


def _parts_needed(scanned: Scan) -> int:
    """How many parts the gateway makes of the message; 1 if that is not known."""
    try:
        message = loads(scanned.octets, scanned.profile)
        if message.rows or udh.find_concatenation(udh.decode(message.udh or b"")):
            return 1  # depends on the rows; or it is one part of several
        return count(unpack(message, scanned.profile), limits=scanned.profile.limits)[0]
    except SplitError:
        return MOST_PARTS + 1
    except SmsencError:
        return 1


def _digits(text: str) -> int:
    """The number of hex digits at the start of a text."""
    found = _HEX.match(text)
    return found.end() if found else 0
