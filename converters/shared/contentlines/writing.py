"""Text to content lines as phones read them: vCard 2.1 and vCalendar 1.0 (versit, 1996)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from smsenc import EncodeError

#: Columns of a row, with its soft break and without CR LF (RFC 2045, 6.7, rule 5).
_MOST_COLUMNS = 76
#: Never first in a row: a space would look like folding, B and E like BEGIN and END.
_NOT_FIRST = " BbEe"


def join_fields(fields: Sequence[str]) -> str:
    """Fields to one value: the inverse of ``Value.fields``. Empty fields at the end are dropped."""
    text = ";".join(fields)
    if "\\" not in text and text.count(";") < len(fields):
        return text.rstrip(";")  # nothing to escape, as in most names
    kept = list(fields)
    while kept and not kept[-1]:
        kept.pop()
    return ";".join([escape(text).replace(";", "\\;") for text in kept])


def escape(text: str) -> str:
    """Text to a value: the inverse of ``unescape``. Only the backslash needs it in 2.1 and 1.0."""
    return text.replace("\\", "\\\\")


def content_line(name: str, text: str, types: Iterable[str] = (), charset: str = "UTF-8") -> bytes:
    """Line of vCard 2.1 or vCalendar 1.0 that ends with CR LF.

    ASCII is written unchanged and unfolded; anything else in quoted-printable, with line feeds as
    CR LF (=0D=0A) and, if it is not ASCII, with CHARSET. Raises EncodeError for a character that
    the charset does not hold; in UTF-8 that is a lone surrogate.
    """
    head = ";".join((name, *types)) if types else name
    if text.isascii() and text.isprintable() and text == text.strip():
        return f"{head}:{text}\r\n".encode()
    if not text.isascii():
        head += f";CHARSET={charset}"
    head += ";ENCODING=QUOTED-PRINTABLE:"
    octets = _encoded(text.replace("\n", "\r\n"), charset)
    quoted = "".join([_QUOTED[octet] for octet in octets])
    if quoted.endswith(" "):
        quoted = quoted[:-1] + "=20"
    if len(head) + len(quoted) >= _MOST_COLUMNS:
        quoted = "=\r\n".join(_rows(len(head), quoted, wide=charset == "UTF-8"))
    return f"{head}{quoted}\r\n".encode()


#: Quoted-printable of every octet (RFC 2045, 6.7, rules 1 and 2).
_QUOTED = tuple(
    chr(octet) if 0x20 <= octet <= 0x7E and octet != 0x3D else f"={octet:02X}"
    for octet in range(256)
)


def _rows(columns: int, quoted: str, *, wide: bool) -> Iterator[str]:
    """Quoted text in rows; the first begins at column ``columns``."""
    start, first = 0, ""
    while columns + len(quoted) - start >= _MOST_COLUMNS:
        end = _row_end(quoted, start + max(_MOST_COLUMNS - 1 - columns, 0), wide=wide)
        yield first + quoted[start:end]
        start, first, columns = end, "", 0
        if quoted[end] in _NOT_FIRST:
            start, first, columns = end + 1, f"={ord(quoted[end]):02X}", 3
    yield first + quoted[start:]


def _row_end(quoted: str, end: int, *, wide: bool) -> int:
    """The last place up to ``end`` that cuts no =XX and, if ``wide``, no UTF-8 character."""
    end -= next((back for back in (1, 2) if quoted[end - back : end - back + 1] == "="), 0)
    while wide and quoted[end : end + 2] in _FOLLOWERS:
        end -= 3
    return end


#: Octets 80 to BF, which continue a character in UTF-8 (RFC 3629, 3).
_FOLLOWERS = ("=8", "=9", "=A", "=B")


def _encoded(text: str, charset: str) -> bytes:
    try:
        return text.encode(charset)
    except UnicodeEncodeError as error:
        character = text[error.start]
        what = "a lone surrogate" if "\ud800" <= character <= "\udfff" else repr(character)
        raise EncodeError(
            f"expected a character{'' if charset == 'UTF-8' else ' of ' + charset}, "
            f"found {what} (U+{ord(character):04X})",
            character=character,
            offset=error.start,
        ) from None
