"""Files that look like texts and are something else: of another format, or of none of ours."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from converters.api import AnyConverter
from converters.shared import charsets
from smsenc import SmsencError
from smsenc.messagefile.numbers import SHORTEST
from smsenc.messagefile.recognition import is_message_file

MESSAGE_FILE = "already a message file: smsenc upload sends it"
#: Octets that are looked at.
_MOST = 64 * 1024


class Held(NamedTuple):
    """What a file holds, in words, and the converter that reads it; None if there is none."""

    what: str
    kind: str | None = None

    def __str__(self) -> str:
        if self.kind:
            return f"holds {self.what}: --as {self.kind}, or --as text to send it as it is"
        return f"holds {self.what}, which no converter reads: --as text sends it as it is"


def refusal(octets: bytes, converters: Iterable[AnyConverter]) -> str | None:
    """Why a file is not sent as a text, although it could be one; None if it is a text."""
    head = octets[:_MOST]
    text = _text(head)
    if is_message_file(text):
        return MESSAGE_FILE
    found = (
        _of_ours(head, text, [row for row in converters if row.specific])
        or _by_octets(head)
        or _by_beginning(text.lstrip(" \t\r\n\ufeff"), whole=len(octets) <= _MOST)
    )
    return str(found) if found else None


def _text(octets: bytes) -> str:
    try:
        return charsets.decode(octets)[0]
    except SmsencError:
        return octets.decode("latin-1")


# Formats that a converter reads -------------------------------------------------------------------

_WORDS = {
    "vcard": "a vCard",
    "calendar": "a calendar",
    "rtttl": "an RTTTL tune",
    "imelody": "an iMelody tune",
    "midi": "a MIDI tune",
    "picture": "a picture",
}
_COMPONENT = re.compile(
    r"^[ \t]*BEGIN[ \t]*:[ \t]*(VCARD|VCALENDAR|IMELODY)[ \t\r]*$", re.IGNORECASE | re.MULTILINE
)
_KINDS = {"VCARD": "vcard", "VCALENDAR": "calendar", "IMELODY": "imelody"}


def _of_ours(head: bytes, text: str, specific: list[AnyConverter]) -> Held | None:
    if found := _COMPONENT.search(text):
        return _held(_KINDS[found[1].upper()])
    start = text.lstrip(" \t\r\n\ufeff")[:4096].encode("utf-8", "replace")
    for row in specific:
        lines = _settings_lines(text) if row.name == "rtttl" else ()
        if any(map(row.sniff, (head[:4096], start, *lines))):
            return _held(row.name)
    return None


def _settings_lines(text: str) -> Iterator[bytes]:
    """Lines with two colons and an equals sign between them, as tunes have."""
    for line in text.splitlines():
        if line.count(":") > 1 and "=" in line.split(":", 2)[1]:
            yield line.encode("utf-8", "replace")


def _held(kind: str) -> Held:
    return Held(_WORDS.get(kind, f"a file of the kind {kind}"), kind)


# Formats that none reads --------------------------------------------------------------------------

#: By their first octets.
_OCTETS = {
    b"PK\3\4": "a zip archive",
    b"PK\5\6": "a zip archive",
    b"\x1f\x8b": "a gzip archive",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"\xd0\xcf\x11\xe0": "an Office document",
    b"%PDF-": "a PDF document",
    b"%!PS": "PostScript",
    b"\xc5\xd0\xd3\xc6": "PostScript",
    b"ID3": "an MP3 file",
    b"OggS": "an Ogg file",
    b"fLaC": "a FLAC file",
    b"RIFF": "a RIFF file",
    b"\x7fELF": "a program",
    b"SQLite format 3": "a database",
    b"{\\rtf": "an RTF document",
}


def _by_octets(head: bytes) -> Held | None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    what = next((what for begins, what in _OCTETS.items() if start.startswith(begins)), None)
    return Held(what) if what else None


#: By the beginning of the text, without blanks; the first that fits.
_BEGINNINGS = tuple(
    (re.compile(pattern, re.IGNORECASE), what)
    for pattern, what in (
        (r"(?:<\?xml|<!doctype|<!--|<svg)[^\0]{0,2000}?<svg\b|<svg\b", "an SVG picture"),
        (r"<(?:\?xml|!doctype)[^\0]{0,2000}?\bscore-(?:partwise|timewise)\b", "MusicXML"),
        (r"<!doctype\s+html|<html\b", "HTML"),
        (r"<\?xml\b|<!doctype\b", "XML"),
        (r"Filetype:\s*Flipper", "a Flipper file"),
        (r"#define\s+\S{1,200}_width\s+[0-9]", "an XBM picture"),
        (r"-----BEGIN [A-Z0-9 ]{1,40}-----", "a key or certificate"),
        (r"#!\s*/", "a program"),
        (r"#EXTM3U", "a playlist"),
        (r"dn:\s[^\n]{1,500}\n(?:[^\n]{1,500}\n){0,20}?objectclass:", "LDIF"),
        (r"(?:[!-9;-~]{1,60}:[^\n]{0,900}\n){0,40}?(?:MIME-Version|Message-ID):", "an e-mail"),
        (r"\\version\s+\"|\\(?:score|relative)\b", "LilyPond"),
    )
)
_ABC_START, _ABC_KEY = re.compile(r"(?:%[^\n]*\n)*X:\s*[0-9]"), re.compile(r"^K:", re.MULTILINE)
_TAG, _END_TAG = re.compile(r"<([a-z][\w:.-]{0,40})(?:\s[^<>]*)?/?>", re.IGNORECASE), "</"


def _by_beginning(text: str, *, whole: bool) -> Held | None:
    for pattern, what in _BEGINNINGS:
        if pattern.match(text):
            return Held(what)
    if _ABC_START.match(text) and _ABC_KEY.search(text):
        return Held("an ABC tune")
    tag = _TAG.match(text)
    if tag and _END_TAG in text:
        return Held("MusicXML" if tag[1].lower().startswith("score-") else "HTML or XML")
    return _data(text, whole=whole)


#: Names of columns by which a table of people is known, and what a cell of theirs has.
_NUMBERS = frozenset(
    (
        *("phone", "mobile", "msisdn", "tel", "telephone", "number", "cell", "handy", "telefon"),
        *("to", "recipient", "phone number", "mobile number"),
    )
)
_MAIL = frozenset(("email", "e-mail", "mail"))
_OBJECT = re.compile(r'[\[\s]*\{\s*"[^"\n]{0,200}"\s*:')


def _data(text: str, *, whole: bool) -> Held | None:
    """JSON, TOML or CSV."""
    if _OBJECT.match(text) or (whole and text[:1] == "[" and _is_json(text)):
        return Held("JSON")
    if whole and "=" in text and _is_toml(text):
        return Held("TOML")
    return Held("a table (CSV)") if text and _is_table(text) else None


def _is_json(text: str) -> bool:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return any(isinstance(one, str | list | dict) for one in found)


def _is_toml(text: str) -> bool:
    try:
        found = tomllib.loads(text.replace("\r\n", "\n"))
    except (ValueError, RecursionError):
        return False
    return len(found) > 1 or any(isinstance(one, dict) for one in found.values())


def _is_table(text: str) -> bool:
    """Whether the first line names columns, one of them of numbers or addresses, which it has."""
    lines = [line.casefold() for line in text.splitlines() if line.strip()][:50]
    if len(lines) < 2:
        return False
    for delimiter in ",;\t|":
        rows = [[cell.strip(' "') for cell in line.split(delimiter)] for line in lines]
        if {len(row) for row in rows} == {len(rows[0])} != {1}:
            return any(_fits(name, cell) for name, cell in zip(rows[0], rows[1], strict=True))
    return False


def _fits(name: str, cell: str) -> bool:
    if name in _NUMBERS:
        return sum(character.isdecimal() for character in cell) >= SHORTEST
    return name in _MAIL and "@" in cell
