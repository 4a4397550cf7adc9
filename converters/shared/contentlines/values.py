"""The value of a line to text: its encoding, its charset and its escapes."""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from converters.errors import SourceError
from converters.shared import charsets
from converters.shared.contentlines.lines import (
    MOST_CACHED,
    UNKNOWN,
    Line,
    encoding_and_charset,
)

#: More than 255 parts can hold: a longer value cannot be sent.
MOST_VALUE_OCTETS = 65_536
#: One table for all versions. 2.1 itself knows only ``\\;``, but its writers use the others too.
_ESCAPES = {"n": "\n", "N": "\n", ",": ",", ";": ";", ":": ":", "\\": "\\"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_FIELD = re.compile(r"((?:[^\\;]|\\.|\\\Z)*+)(;|\Z)", re.DOTALL)


class Value(NamedTuple):
    """A decoded value that still has its escapes; ``guess`` names a charset that was guessed."""

    raw: str
    guess: str = ""

    @property
    def text(self) -> str:
        """The value as one text; unescaped semicolons and commas are part of it."""
        return unescape(self.raw)

    @property
    def fields(self) -> tuple[str, ...]:
        """The texts between unescaped semicolons; commas are part of them."""
        if "\\" not in self.raw and "\r" not in self.raw:
            return tuple([text.strip() for text in self.raw.split(";")])
        found = []
        for match in _FIELD.finditer(self.raw):
            found.append(unescape(match[1]))
            if not match[2]:
                break
        return tuple(found)

    @property
    def remark(self) -> str:
        """Why the text is a guess; empty if it is none."""
        return _REMARKS.get(self.guess, f"not in the expected charset, read as {self.guess}")


#: What a ``Value.guess`` that names no charset means.
_REMARKS = {
    "": "",
    "quoted-printable": "not declared as quoted-printable, but read as that",
    "unknown": "the encoding is not known; the value is kept as it is",
}


def unescape(text: str) -> str:
    """Text without backslash escapes and outer spaces; line ends become line feeds."""
    if "\\" in text:
        text = _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[0]), text)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.strip()


def value(line: Line, beside: Iterable[Line] = ()) -> Value:
    """Value of a property with its encoding and charset decoded.

    Without a declared charset, or with a wrong one, it is read as UTF-8, then in the charset that
    a line ``beside`` it declares, then as windows-1252. Raises SourceError for damaged base64 and
    for a value that is too long for any message.
    """
    if len(line.raw) > MOST_VALUE_OCTETS:
        raise SourceError(f"expected at most {MOST_VALUE_OCTETS} octets, found {len(line.raw)}")
    encoding, declared = encoding_and_charset(line.params) if line.params else ("", "")
    octets = _without_encoding(line, encoding) if encoding else line.raw
    if b"=" in octets or encoding:
        found = _unusual(octets, encoding, declared)
        if found:
            return found
    if not declared:
        try:
            return Value(octets.decode())
        except UnicodeDecodeError:
            return _guessed(octets, beside)
    return _declared(octets, declared) or _guessed(octets, ())


def _unusual(octets: bytes, encoding: str, declared: str) -> Value | None:
    """Value whose encoding is not declared, or not known."""
    if not encoding and _UNDECLARED.search(octets):
        return _quoted_printable(octets, declared or "utf-8")
    if encoding == UNKNOWN and octets.isascii():
        return Value(octets.decode(), "unknown")
    return None


#: Two octets of a character outside ASCII.
_UNDECLARED = re.compile(rb"=[89A-F][0-9A-F]=[89A-F][0-9A-F]")


def _quoted_printable(octets: bytes, charset: str) -> Value | None:
    """Value in quoted-printable that is not declared; None if it fits no charset."""
    decoded = binascii.a2b_qp(octets)
    try:
        return Value(charsets.decode_as(decoded, charset), "quoted-printable")
    except SourceError:
        return None


def _without_encoding(line: Line, encoding: str) -> bytes:
    if encoding == UNKNOWN:
        return line.raw
    if encoding == "QUOTED-PRINTABLE":
        return binascii.a2b_qp(line.raw)
    try:
        return binascii.a2b_base64(line.raw)
    except binascii.Error as error:
        raise SourceError(f"expected base64, found {error}", line=line.number) from None


#: Charsets whose name is written for a larger one (WHATWG Encoding Standard, 4.2).
_MEANT = {
    "ISO-8859-1": "windows-1252",
    "GB2312": "gb18030",
    "GBK": "gb18030",
    "SHIFT_JIS": "cp932",
    "SHIFT-JIS": "cp932",
}


def _declared(octets: bytes, name: str) -> Value | None:
    """Value in a declared charset; None if the octets do not fit it.

    A value that declares a charset of one octet a character but is valid UTF-8 has the wrong
    label: in such a charset these sequences are not words.
    """
    if not octets.isascii() and _is_single_octet(name) and _is_utf_8(octets):
        return None
    try:
        return Value(charsets.decode_as(octets, _MEANT.get(name.upper(), name)))
    except SourceError:
        return None


#: Charsets of one octet a character, by Python's names.
_SINGLE_OCTET = ("iso8859-", "cp12", "koi8-", "mac-")


@lru_cache(MOST_CACHED)
def _is_single_octet(name: str) -> bool:
    try:
        return codecs.lookup(name).name.startswith(_SINGLE_OCTET)
    except (LookupError, ValueError):
        return False


def _guessed(octets: bytes, beside: Iterable[Line]) -> Value:
    """Value without a declared charset that fits."""
    if _is_utf_8(octets):
        return Value(octets.decode(), "" if octets.isascii() else "utf-8")
    for name in _likely(octets, beside):
        found = _declared(octets, name)
        if found:
            return Value(found.raw, name)
    return Value(*charsets.decode(octets))


#: windows-1252 has no characters for these; in Shift-JIS nearly every text has one of them.
_NOT_WINDOWS_1252 = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
#: Lines that are searched for a charset.
_MOST_BESIDE = 100


def _likely(octets: bytes, beside: Iterable[Line]) -> Iterator[str]:
    """Charsets that the lines around a value declare, or that their octets suggest."""
    lines = list(islice(beside, _MOST_BESIDE))
    declared = (encoding_and_charset(line.params)[1] for line in lines)
    yield from filter(None, dict.fromkeys(declared))
    raws = (octets, *(line.raw for line in lines))
    if any(_NOT_WINDOWS_1252.search(raw) and not _is_utf_8(raw) for raw in raws):
        yield "Shift_JIS"


def _is_utf_8(octets: bytes) -> bool:
    try:
        octets.decode()
    except UnicodeDecodeError:
        return False
    return True
