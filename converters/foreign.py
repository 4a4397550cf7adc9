"""Files that look like texts and are something else: of another format, or of none of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple, Protocol

from converters.shared import charsets
from smsenc import SmsencError
from smsenc.messagefile import recognition
from smsenc.messagefile.numbers import SHORTEST

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


class Sniffer(Protocol):
    """What is asked of a converter: whether it is for certain octets."""

    @property
    def name(self) -> str:
        """Its name."""

    @property
    def specific(self) -> bool:
        """Whether it accepts its own format alone."""

    @property
    def sniff(self) -> Callable[[bytes], bool]:
        """Whether a file with these first octets can be of its format."""


def is_message_file(octets: bytes) -> bool:
    """Whether octets are those of a message file, or a log-in is in them."""
    return recognition.is_message_file(_text(octets[:_MOST]))


def refusal(octets: bytes, converters: Iterable[Sniffer]) -> str | None:
    """Why a file is not sent as a text, although it could be one; None if it is a text."""
    head = octets[:_MOST]
    text = _text(head)
    if recognition.is_message_file(text):
        return MESSAGE_FILE
    found = (
        _of_ours(head, text, [row for row in converters if row.specific])
        or _by_octets(head)
        or _by_beginning(text.lstrip(" \t\r\n\ufeff"), whole=len(octets) <= _MOST)
    )
    return str(found) if found else None


def named(octets: bytes, converters: Iterable[Sniffer]) -> str | None:
    """What octets that are no text are, in words; None if nobody knows."""
    head = octets[:_MOST]
    found = _by_octets(head) or _of_ours(head, _text(head), [x for x in converters if x.specific])
    return found.what if found else None


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
    "logo-file": "a logo",
    "ott": "an OTT tune",
}
_COMPONENT = re.compile(
    r"^[ \t]*BEGIN[ \t]*:[ \t]*(VCARD|VCALENDAR|IMELODY)[ \t\r]*$", re.IGNORECASE | re.MULTILINE
)
_KINDS = {"VCARD": "vcard", "VCALENDAR": "calendar", "IMELODY": "imelody"}


def _of_ours(head: bytes, text: str, specific: list[Sniffer]) -> Held | None:
    if found := _COMPONENT.search(text):
        return _held(_KINDS[found[1].upper()])
    start = text.lstrip(" \t\r\n\ufeff")[:4096].encode("utf-8", "replace")
    beginnings = {head[:4096], start}
    for row in specific:
        lines = _settings_lines(text) if row.name == "rtttl" else ()
        if any(map(row.sniff, (*beginnings, *lines))):
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
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x7fELF": "a program",
    b"SQLite format 3": "a database",
    b"{\\rtf": "an RTF document",
}


def _by_octets(head: bytes) -> Held | None:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    what = next((what for begins, what in _OCTETS.items() if start.startswith(begins)), None)
    return Held(what) if what else None


#: By the beginning of the text, without blanks; the first that fits.
_BEGINNINGS = (
    (re.compile(r"(?i)Filetype:\s{0,20}Flipper"), "a Flipper file"),
    (re.compile(r"#define\s{1,20}\S{1,200}_width\s{1,20}[0-9]"), "an XBM picture"),
    (re.compile(r"-----BEGIN [A-Z0-9 ]{1,40}-----"), "a key or certificate"),
    (re.compile(r"#!\s{0,20}/"), "a program"),
    (re.compile(r"#EXTM3U"), "a playlist"),
    (re.compile(r"\\version\s{1,20}\"|\\(?:score|relative)\b"), "LilyPond"),
    (re.compile(r"(?i)BEGIN:V(?:NOTE|MSG|BODY|ENV|JOURNAL)\s"), "an object of a phone"),
    (re.compile(r"(?i)(?:ME|BIZ)CARD:[A-Z-]{1,20}:[^;\n]{1,200};"), "a contact for a barcode"),
)
_ABC_START = re.compile(r"X:[ \t]{0,20}[0-9]{1,9}\s*$", re.MULTILINE)
_ABC_KEY = re.compile(r"^K:", re.MULTILINE)
_TAG = re.compile(r"<([A-Za-z][\w:.-]{0,40})(?:\s[^<>]{0,2000})?/?>")
_HEADER = re.compile(r"[!-9;-~]{1,60}:")


def _by_beginning(text: str, *, whole: bool) -> Held | None:
    for pattern, what in _BEGINNINGS:
        if pattern.match(text):
            return Held(what)
    if _ABC_KEY.search(text) and _ABC_START.match(_without_remarks(text)):
        return Held("an ABC tune")
    if found := _by_headers(text) or _message(text):
        return found
    if found := _markup(text):
        return found
    return _data(text, whole=whole)


def _markup(text: str) -> Held | None:
    start = text[:_MOST_MARKUP].lower()
    declared = start.startswith(("<?xml", "<!doctype", "<!--", "<svg", "<html", "<score-"))
    if not declared and not (_TAG.match(text) and "</" in text):
        return None
    known = (what for part, what in _MARKUP.items() if part in start)
    return Held(next(known, "XML" if declared else "HTML or XML"))


#: Octets in which the name of a format comes, and those names.
_MOST_MARKUP = 4000
_MARKUP = {
    "<svg": "an SVG picture",
    "<score-": "MusicXML",
    "doctype score-": "MusicXML",
    "doctype html": "HTML",
    "<html": "HTML",
}


def _without_remarks(text: str) -> str:
    """A text without the lines at its beginning that begin with %."""
    while text.startswith("%"):
        text = text.partition("\n")[2]
    return text


def _by_headers(text: str) -> Held | None:
    """An e-mail, an entry of a directory or a message of smsd, by the names of its first lines."""
    names = set[str]()
    for line in text.splitlines()[:40]:
        found = _HEADER.match(line)
        if found is None:
            break
        names.add(found[0][:-1].lower())
    if names & {"mime-version", "message-id"}:
        return Held("an e-mail")
    if "to" in names and len(names & _OF_SMSD) > 1:
        return Held("a message for SMS Server Tools")
    return Held("LDIF") if names >= {"dn", "objectclass"} else None


#: Names of lines of which a letter has one at most.
_OF_SMSD = frozenset(("alphabet", "autosplit", "dcs_hex", "hex", "udh", "udh-data"))
_MODEM = re.compile(
    r"^[> \t]{0,20}(?:AT\+CMG[FRLSW]=|\+(?:CMG[RL]|CMT|CDS):)[ \t]*[\d\",]",
    re.IGNORECASE | re.MULTILINE,
)
_PDU = re.compile(r"(?:[0-9A-Fa-f]{2}){10,180}")


def _message(text: str) -> Held | None:
    """A message as modems have it: after their commands or answers, or as a PDU alone."""
    if _MODEM.search(text):
        return Held("lines of a modem")
    lines = text.split(maxsplit=1)
    if lines and _PDU.fullmatch(lines[0]) and _is_pdu(bytes.fromhex(lines[0])):
        return Held("a message in hex (PDU)")
    return None


def _is_pdu(octets: bytes) -> bool:
    """Whether octets are a PDU in one way, which those of a random number hardly ever are."""
    from converters.outputs import readings  # noqa: PLC0415 - few texts look like a PDU

    try:
        chosen = readings.choose(octets)
    except SmsencError:
        return False
    return not (chosen.warnings or chosen.reading.doubtful)


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
    if "=" in text and _is_toml(text):
        return Held("TOML")
    return Held("a table (CSV)") if text and _is_table(text) else None


def _is_json(text: str) -> bool:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return any(isinstance(one, str | list | dict) for one in found)


_SECTION = re.compile(r"\[{1,2}[\w. \"'-]{1,100}\]{1,2}\s*(?:#|$)")
_SETTING = re.compile(r"""[\w.-]{1,100}\s{0,40}=\s{0,40}(?:["'\[{0-9+-]|true\b|false\b)""")


def _is_toml(text: str) -> bool:
    """Whether each line is a section or a setting of TOML, and there are two of them."""
    lines = [line.strip() for line in text.splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    return len(lines) > 1 and all(_SECTION.match(one) or _SETTING.match(one) for one in lines)


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
