"""Writes message files; the inverse of ``reader``."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from smsenc.messagefile import rows
from smsenc.messagefile.model import Credentials, Message
from smsenc.messagefile.parameters import (
    CREDENTIALS,
    PARAMETERS,
    TOO_MANY_PARTS,
    fail,
    hex_digits,
    spell,
)
from smsenc.messagefile.profile import CLICKATELL, LINE_ENDS, Profile


def dumps(message: Message, profile: Profile = CLICKATELL) -> bytes:
    """The file's octets, in the profile's charset and line ends, keys in their fixed order.

    Raises MessageFileError for a character that the charset lacks, a line that is too long (only
    ``data`` can continue on another line), more recipients than a file may have, and a key or a
    number of parts that the gateway does not accept.
    """
    count = len(message.to) + len(message.rows)
    if count > profile.most_messages:
        raise fail("to", f"expected at most {profile.most_messages} messages, found {count}")
    end = LINE_ENDS[profile.line_end]
    recipients = f"to:{f'{end}to:'.join(message.to)}{end}".encode() if message.to else b""
    return (
        head(message, profile) + rows.written(message.rows, message.delimiter, profile) + recipients
    )


def head(message: Message, profile: Profile = CLICKATELL) -> bytes:
    """Everything before the ``csv:`` or ``to:`` lines; recipients and rows are ignored.

    It begins with ``log_in(message.credentials, profile)``. ``to:`` lines or ``rows.join_rows(rows,
    message.delimiter, profile)`` after it make a complete file. Raises as ``dumps`` does.
    """
    if message.concat is not None and message.concat > profile.most_parts:
        raise fail(
            "concat",
            f"expected at most {profile.most_parts}, found {message.concat}",
            TOO_MANY_PARTS,
        )
    return log_in(message.credentials, profile) + _joined(_lines(message, profile), profile)


def log_in(credentials: Credentials, profile: Profile = CLICKATELL) -> bytes:
    """The first lines of a file: api_id, user and password."""
    return _joined(((key, getattr(credentials, key)) for key in CREDENTIALS), profile)


def _joined(lines: Iterable[tuple[str, str]], profile: Profile) -> bytes:
    end = LINE_ENDS[profile.line_end].encode()
    return b"".join(_encoded(key, value, profile) + end for key, value in lines)


def _lines(message: Message, profile: Profile) -> Iterator[tuple[str, str]]:
    for row in PARAMETERS:
        value = getattr(message, row.field)
        if value is not None:
            yield _known(row.key, profile), spell(value)
    yield from message.extra
    yield from _body_lines(message, profile)
    if message.delimiter != ",":
        yield _known("delimiter", profile), message.delimiter


def _known(key: str, profile: Profile) -> str:
    if key not in profile.keys:
        raise fail(key, f"expected a key that the gateway {profile.name} knows")
    return key


def _body_lines(message: Message, profile: Profile) -> Iterator[tuple[str, str]]:
    if message.text is None:
        digits = hex_digits(message.data or b"")
        room = profile.longest_line - len("data:") & ~1
        for start in range(0, len(digits) or 1, room):
            yield _known("data", profile), digits[start : start + room]
    elif message.unicode:
        yield "text", hex_digits(message.text.encode("utf-16-be", "surrogatepass"))
    else:
        for line in message.text.split("\n"):
            # The reader drops one space after the colon.
            yield "text", f" {line}" if line.startswith(" ") else line


def _encoded(key: str, value: str, profile: Profile) -> bytes:
    try:
        line = f"{key}:{value}".encode(profile.charset)
    except UnicodeEncodeError as error:
        if key in CREDENTIALS:
            raise fail(key, f"expected {profile.charset} characters, found others") from None
        fault = rows.unwritable(key, error.object[error.start], profile)
        if key == "text":
            fault.message += "; unicode=True takes any character, but no csv rows"
        raise fault from None
    if len(line) > profile.longest_line:
        raise fail(
            key, f"expected a line of at most {profile.longest_line} octets, found {len(line)}"
        )
    return line
