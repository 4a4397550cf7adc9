"""What a physical line adds to the line before it: folds, soft breaks and base64.

A fold is CR LF and a blank. vCard 2.1 and vCalendar 1.0 fold at a blank that belongs to the text;
later versions insert the blank. Some programs fold quoted-printable as well, so that a blank
follows the soft break; it then belongs to the text or to the fold.
"""

from __future__ import annotations

import binascii
import codecs
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

from converters.shared.contentlines.lines import encoding_and_charset, parse_line

SPACE = (b" ", b"\t")
#: These versions fold a line at a space that belongs to the text; later ones insert the space.
FOLDED_AT_SPACES = (b"2.1", b"1.0")
#: BEGIN and END, whatever stands around them.
BOUNDARY = re.compile(rb"\W*(?:BEGIN|END)\s*:\s*V[A-Z]+\W*", re.IGNORECASE)
#: Programs fold lines at 70 octets or more: a shorter line ended where it ends.
_SHORT = 60
#: Lines of a value that are decoded to see whether a break cuts a character.
_MOST_PIECES = 50

STRAY = "the = at the end continues no line"
BLANK = "a blank between two lines of quoted-printable, taken for a fold"


@dataclass(slots=True)
class Folding:
    """How a source folds its lines, as far as it has been read; ``notes`` are on the last line.

    ``keep_space`` is its version's rule, ``indents`` how many blanks follow its soft breaks.
    """

    keep_space: bool = False
    strict: bool = False
    indents: int = 0
    notes: list[str] = field(default_factory=list)


def more(pieces: list[bytes], piece: bytes, kind: str, folding: Folding) -> bytes | None:
    """What a physical line adds to the pieces before it; None if it begins a new line."""
    if kind == "QUOTED-PRINTABLE" and pieces[-1].rstrip(b" \t").endswith(b"="):
        return _after_soft_break(pieces, piece, folding)
    if piece.startswith(SPACE):
        return _after_fold(pieces, piece, kind, folding)
    if kind == "BASE64" and piece and b":" not in piece:
        return piece
    return None


def _after_soft_break(pieces: list[bytes], piece: bytes, folding: Folding) -> bytes | None:
    last = pieces[-1].rstrip(b" \t")
    if _is_line(piece, short=len(last) < _SHORT):
        pieces[-1] = last
        folding.notes.append(STRAY)
        return None
    pieces[-1] = last[:-1]
    return _without_blank(pieces, piece, folding) if piece.startswith(SPACE) else piece


def _is_line(piece: bytes, *, short: bool) -> bool:
    """Whether what follows a soft break is a line of its own."""
    if BOUNDARY.fullmatch(piece) or begins_property(piece, short=short):
        return True
    return piece.startswith(SPACE) and _indented(piece.lstrip(b" \t"))


def _without_blank(pieces: Sequence[bytes], piece: bytes, folding: Folding) -> bytes:
    """A line after a soft break, without the blanks in front of it if they are a fold."""
    rest, bare = piece[1:], piece.lstrip(b" \t")
    blanks = len(piece) - len(bare)
    if _cuts(pieces, bare):
        folding.indents = blanks
        return bare
    if folding.indents:
        return piece[min(blanks, folding.indents) :]
    if folding.strict:
        return rest
    if _ENDS_ENCODED.search(pieces[-1][-3:]) and _BEGINS_ENCODED.match(rest):
        folding.notes.append(BLANK)
        return rest
    return piece


def _after_fold(pieces: Sequence[bytes], piece: bytes, kind: str, folding: Folding) -> bytes | None:
    rest = piece.lstrip(b" \t")
    in_agent = pieces[0][:5].upper() == b"AGENT"  # a card inside one value
    if BOUNDARY.fullmatch(rest) and not in_agent:
        return None
    short = len(pieces) == 1 and len(pieces[0]) < _SHORT
    if short and kind != "BASE64" and not in_agent and _indented(rest):
        return None
    if not folding.keep_space or _cuts_octets(pieces[-1], piece[1:]):
        return piece[1:]
    return b" " + rest


# Properties -----------------------------------------------------------------------------------

_NAMES = (
    *(b"ADR", b"AGENT", b"ANNIVERSARY", b"BDAY", b"BEGIN", b"CALADRURI", b"CALURI", b"FBURL"),
    *(b"CATEGORIES", b"CLASS", b"CLIENTPIDMAP", b"EMAIL", b"LANG"),
    *(b"END", b"FN", b"GENDER", b"GEO", b"IMPP", b"KEY", b"KIND", b"LABEL", b"LOGO", b"MAILER"),
    *(b"MEMBER", b"N", b"NICKNAME", b"NOTE", b"ORG", b"PHOTO", b"PRODID", b"RELATED", b"REV"),
    *(b"ROLE", b"SORT-STRING", b"SOUND", b"SOURCE", b"TEL", b"TITLE", b"TZ", b"UID", b"URL"),
    *(b"VERSION", b"AALARM", b"ATTACH", b"ATTENDEE", b"COMMENT", b"COMPLETED", b"CONTACT"),
    *(b"CREATED", b"DALARM", b"DAYLIGHT", b"DCREATED", b"DESCRIPTION", b"DTEND", b"DTSTAMP"),
    *(b"DTSTART", b"DUE", b"DURATION", b"EXDATE", b"EXRULE", b"LAST-MODIFIED", b"LOCATION"),
    *(b"MALARM", b"METHOD", b"ORGANIZER", b"PALARM", b"PERCENT-COMPLETE", b"PRIORITY", b"RDATE"),
    *(b"RECURRENCE-ID", b"RELATED-TO", b"RESOURCES", b"RNUM", b"RRULE", b"SEQUENCE", b"STATUS"),
    *(b"SUMMARY", b"TRANSP", b"TRIGGER", b"ACTION", b"REPEAT"),
)
_PROPERTY = (
    rb"(?is)(?P<group>[A-Z0-9_-]{1,20}\.)?(?P<name>%b|X-[A-Z0-9-]{1,60})"
    rb"[ \t]?(?P<params>;[^:]{0,400})?:(?P<value>.*)" % b"|".join(_NAMES)
)
#: In a line that does not declare quoted-printable: the line is part of a text in it.
_ENCODED_BREAK = re.compile(rb"=0[AD]", re.IGNORECASE)
_ENCODED_TEXT = re.compile(rb"=20|=3D|=[89A-F][0-9A-F]|=\s*\Z", re.IGNORECASE)
#: An address may have a ``=`` of its own.
_LINK = re.compile(rb"[A-Z]{3,8}://", re.IGNORECASE)


@cache
def _property() -> re.Pattern[bytes]:
    """Compiled when it is needed: in few files, and it takes as long as a small module to load."""
    return re.compile(_PROPERTY)


def begins_property(piece: bytes, *, short: bool) -> bool:
    """Whether a line is a property of its own, although the line before it ends in ``=``.

    A text may have a line such as "Tel: 12", so that a name in small letters counts only with
    parameters, or after a ``short`` line and without a blank after the colon.
    """
    found = _property().match(piece)
    if not found:
        return False
    params = found["params"] or b""
    encoded = b"QUOTED" in params.upper() or b"BASE64" in params.upper() or b"=B" in params.upper()
    value = found["value"]
    if not encoded and _is_encoded(value, sure=bool(params or _LINK.match(value))):
        return False
    if params or found["name"].isupper():
        return True
    return short and not value.startswith(SPACE)


def _is_encoded(value: bytes, *, sure: bool) -> bool:
    """Whether a value is in quoted-printable; less is enough if it is not ``sure`` to be one."""
    return bool(_ENCODED_BREAK.search(value) or (not sure and _ENCODED_TEXT.search(value)))


def _indented(rest: bytes) -> bool:
    """Whether a line that begins with a blank is a property and no further text."""
    found = _property().match(rest)
    return bool(found and found["name"].isupper() and not found["value"].startswith(SPACE))


# Characters -----------------------------------------------------------------------------------

_ENDS_ENCODED = re.compile(rb"=[0-9A-F]{2}\Z", re.IGNORECASE)
_BEGINS_ENCODED = re.compile(rb"=[0-9A-F]{2}", re.IGNORECASE)
_ENDS_IN_ESCAPE = re.compile(rb"=[0-9A-F]?\Z", re.IGNORECASE)
_HEX = re.compile(rb"[0-9A-F]", re.IGNORECASE)


def _cuts(pieces: Sequence[bytes], rest: bytes) -> bool:
    """Whether a soft break is inside of an =XX or of a character."""
    if _ENDS_IN_ESCAPE.search(pieces[-1][-2:]) and _HEX.match(rest):
        return True
    if len(pieces) > _MOST_PIECES or not _ENDS_ENCODED.search(pieces[-1][-3:]):
        return False
    joined = b"".join(pieces)
    head, _, text = joined.partition(b":")
    charset = encoding_and_charset(parse_line(0, head + b":").params)[1] or "utf-8"
    return _pending(binascii.a2b_qp(text), charset)


def _pending(octets: bytes, charset: str) -> bool:
    """Whether octets end inside a character."""
    try:
        decoder = codecs.getincrementaldecoder(charset)()
        decoder.decode(octets)
        return bool(decoder.getstate()[0])
    except (LookupError, ValueError, AttributeError):
        return False


def _cuts_octets(last: bytes, rest: bytes) -> bool:
    """Whether a fold is inside a character of UTF-8, which is written as it is."""
    return b"\x80" <= rest[:1] < b"\xc0" and last[-1:] >= b"\x80" and _pending(last[-4:], "utf-8")
