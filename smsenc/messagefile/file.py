"""The message file that an FTP SMS gateway picks up: ``key:value`` lines.

The reader and the constructor check with the same rows of ``parameters``, so that
``loads(dumps(message)) == message`` and nothing can be written that could not be read back.
A value never adds a line: control characters are refused before anything is written.

``dumps`` writes a whole message. A batch that makes its rows itself takes ``template_head`` and
appends what ``rows.join_rows`` gives for each chunk: the same octets.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from smsenc.errors import MessageFileError, NumberError
from smsenc.messagefile import instants, numbers, rows
from smsenc.messagefile.parameters import (
    API_ID,
    AUTHENTICATION,
    BY_KEY,
    CONTROL,
    CREDENTIALS,
    DELIVERY_TIME,
    DESTINATION,
    INVALID_HEADER,
    INVALID_PARAMETERS,
    MOST_AHEAD,
    PARAMETERS,
    REPEATED,
    SOURCE,
    TOO_MANY_PARTS,
    UNICODE_DATA,
    canonical,
    fail,
    hex_digits,
    octets,
    one_line,
)
from smsenc.messagefile.profile import CLICKATELL, LINE_ENDS, Profile

_LINE_END = re.compile("\r\n|\r|\n")
_BLANKS = " \t"
_UTF8_MARK = b"\xef\xbb\xbf"  # some editors begin every file with it
_LONGEST_CREDENTIAL = 255
# A message in memory: a profile may ask for less.
_MOST_RECIPIENTS = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The three log-in lines of a file; the password stays out of every representation."""

    api_id: str
    user: str
    password: str = field(repr=False)


#: What stands in files that are not ready to be sent.
PLACEHOLDER = Credentials(api_id="xxxxx", user="xxxxx", password="xxxxx")  # noqa: S106 - it is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message file: a text or octets for recipients, or a template with rows.

    ``text`` has LF between lines, whether it travels as ``text:`` lines or, with ``unicode``, as
    hex. ``rows`` are cells, number first, for the ``#field1#`` … of ``text``. ``extra`` keeps keys
    that the table does not know; ``warnings`` are what the reader found odd and take no part in
    comparison. Raises MessageFileError with the key's name and the gateway's error number.
    """

    to: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    delimiter: str = ","
    text: str | None = None
    data: bytes | None = None
    credentials: Credentials = PLACEHOLDER
    client_id: str | None = None
    sender: str | None = None
    msg_type: str | None = None
    unicode: bool | None = None
    concat: int | None = None
    deliv_ack: bool | None = None
    callback: int | None = None
    deliv_time: int | None = None
    scheduled_time: str | None = None
    validity: int | None = None
    max_credits: Decimal | None = None
    req_feat: int | None = None
    queue: int | None = None
    escalate: bool | None = None
    mo: bool | None = None
    binary: bool | None = None
    udh: bytes | None = None
    reply: str | None = None
    extra: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        for key in CREDENTIALS:
            _check_credential(key, getattr(self.credentials, key))
        for row in PARAMETERS:
            value = getattr(self, row.field)
            if value is not None:
                row.check(value)
        for name, text in self.extra:
            _check_extra(name, text)
        _check_body(self)
        _check_recipients(self)
        _check_rules(self)

    @property
    def ready(self) -> bool:
        """Whether the log-in lines are real."""
        return self.credentials != PLACEHOLDER


def check_schedule(message: Message, *, now: int) -> None:
    """Raise MessageFileError (120) where ``scheduled_time`` is not within 7 days of ``now``.

    ``now`` is in UNIX seconds: this room has no clock.
    """
    if message.scheduled_time is None:
        return
    ahead = instants.seconds(message.scheduled_time) - now
    if not 0 <= ahead <= MOST_AHEAD * 60:
        raise fail(
            "scheduled_time",
            f"expected a time at most 7 days ahead, found {message.scheduled_time!r}",
            DELIVERY_TIME,
        )


def _check_credential(key: str, value: str) -> None:
    # The value may be a secret: the error does not show it.
    code = _CREDENTIAL_CODES[key]
    if CONTROL.search(value):
        raise fail(key, "expected no control character, found one", code)
    if not value or value != value.strip(_BLANKS):
        raise fail(key, "expected a value without blanks at its ends", code)
    if len(value) > _LONGEST_CREDENTIAL:
        raise fail(key, f"expected at most {_LONGEST_CREDENTIAL} characters, found more", code)


_CREDENTIAL_CODES = {"api_id": API_ID, "user": AUTHENTICATION, "password": AUTHENTICATION}


def _check_extra(name: str, text: str) -> None:
    if not re.fullmatch("[^:\x00-\x20\x7f-\x9f\u2028\u2029]+", name) or canonical(name):
        raise fail(name, "expected the name of an unknown key")
    if one_line(name, text) != text.strip(_BLANKS):
        raise fail(name, "expected a value without blanks at its ends")


def _check_body(message: Message) -> None:
    if (message.text is None) == (message.data is None):
        raise fail("text", "expected either a text or data", INVALID_PARAMETERS)
    if message.text is not None and not message.unicode and CONTROL.search(message.text):
        for line in message.text.split("\n"):
            one_line("text", line)


def _check_recipients(message: Message) -> None:
    if bool(message.to) == bool(message.rows):
        raise fail("to", "expected either recipients or csv rows", INVALID_PARAMETERS)
    if len(message.to) + len(message.rows) > _MOST_RECIPIENTS:
        raise fail("to", f"expected at most {_MOST_RECIPIENTS} messages in a file")
    for recipient in message.to:
        rows.check_number("to", recipient)
    rows.check_delimiter(message.delimiter)
    if fault := rows.first_fault(message.rows, message.delimiter):
        raise fault[1]


def _check_rules(message: Message) -> None:
    for key, code, broken, expected in _RULES:
        if broken(message):
            raise fail(key, expected.format(m=message), code)


def _named(message: Message) -> bool:
    """Whether the sender is a name, not a number."""
    return bool(message.sender) and not message.sender.isdigit()  # type: ignore[union-attr]


#: What keys demand of each other: key, gateway's error, when it is broken, what was expected.
_RULES: tuple[tuple[str, int, Callable[[Message], object], str], ...] = (
    (
        "from",
        SOURCE,
        lambda m: _named(m) and (m.data is not None or m.binary),
        "expected digits with 8-bit data, found {m.sender!r}",
    ),
    (
        "from",
        SOURCE,
        lambda m: _named(m) and m.mo,
        "expected the number that replies come to, found {m.sender!r}",
    ),
    (
        "udh",
        INVALID_HEADER,
        lambda m: m.udh is not None and m.msg_type not in (None, "SMS_TEXT"),
        "expected no header with msg_type {m.msg_type}",
    ),
    (
        "udh",
        INVALID_HEADER,
        lambda m: m.udh is not None and m.data is None,
        "expected data with a header, found text",
    ),
    (
        "deliv_time",
        DELIVERY_TIME,
        lambda m: m.deliv_time is not None and m.scheduled_time is not None,
        "expected no delay together with scheduled_time, found {m.deliv_time}",
    ),
    (
        "unicode",
        UNICODE_DATA,
        lambda m: m.unicode and (m.text is None or m.rows),
        "expected a text without csv rows",
    ),
)


# Writing -----------------------------------------------------------------------------------------


def dumps(message: Message, profile: Profile = CLICKATELL) -> bytes:
    """The file's octets, in the profile's charset and line ends, keys in their fixed order.

    Raises MessageFileError for a character that the charset lacks, for a line that is too long
    (only ``data`` can go on in a further one), for more recipients than a file takes, and for a
    key or a number of parts that the gateway does not know.
    """
    count = len(message.to) + len(message.rows)
    if count > profile.most_messages:
        raise fail("to", f"expected at most {profile.most_messages} messages, found {count}")
    end = LINE_ENDS[profile.line_end]
    recipients = f"to:{f'{end}to:'.join(message.to)}{end}".encode() if message.to else b""
    return (
        template_head(message, profile)
        + rows.written(message.rows, message.delimiter, profile)
        + recipients
    )


def template_head(message: Message, profile: Profile = CLICKATELL) -> bytes:
    """Everything before the ``csv:`` or ``to:`` lines; recipients and rows are not looked at.

    ``template_head(message) + join_rows(rows, message.delimiter)`` is the file of the message with
    those rows. Raises as ``dumps`` does.
    """
    if message.concat is not None and message.concat > profile.most_parts:
        raise fail(
            "concat",
            f"expected at most {profile.most_parts}, found {message.concat}",
            TOO_MANY_PARTS,
        )
    end = LINE_ENDS[profile.line_end].encode()
    return b"".join(_encoded(key, value, profile) + end for key, value in _lines(message, profile))


def _lines(message: Message, profile: Profile) -> Iterator[tuple[str, str]]:
    for key in CREDENTIALS:
        yield key, getattr(message.credentials, key)
    for row in PARAMETERS:
        value = getattr(message, row.field)
        if value is not None:
            yield _known(row.key, profile), row.write(value)
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
            # The reader drops one blank after the colon.
            yield "text", f" {line}" if line.startswith(" ") else line


def _encoded(key: str, value: str, profile: Profile) -> bytes:
    try:
        line = f"{key}:{value}".encode(profile.charset)
    except UnicodeEncodeError as error:
        if key in CREDENTIALS:
            raise fail(key, f"expected {profile.charset} characters, found others") from None
        raise rows.unwritable(key, error.object[error.start], profile) from None
    if len(line) > profile.longest_line:
        raise fail(
            key, f"expected a line of at most {profile.longest_line} octets, found {len(line)}"
        )
    return line


# Reading -----------------------------------------------------------------------------------------


def loads(octets: bytes, profile: Profile = CLICKATELL) -> Message:
    """The message in a file; ``warnings`` names odd spellings and unknown keys.

    Line ends are CR LF, CR or LF; keys are read in any case. Of the profile only charset and
    longest line matter. Raises MessageFileError with line and key; values of the log-in lines
    never appear in it.
    """
    warnings: list[str] = []
    fields: dict[str, list[tuple[int, str]]] = {}
    extra: list[tuple[str, str]] = []
    for line, key, value in _pairs(octets, profile):
        known = canonical(key)
        if known is None:
            warnings.append(f"line {line}: {key}: unknown key, kept")
            extra.append((key, value.strip(_BLANKS)))
            continue
        if key != known:
            warnings.append(f"line {line}: {key}: read as {known}")
        fields.setdefault(known, []).append((line, value))
    try:
        return Message(**_values(fields, warnings), extra=tuple(extra), warnings=tuple(warnings))
    except MessageFileError as error:
        lines = fields.get(error.name or "")
        raise (error.at(line=lines[0][0]) if lines else error) from None


def _pairs(octets: bytes, profile: Profile) -> Iterator[tuple[int, str, str]]:
    for line, text in enumerate(_LINE_END.split(_decoded(octets, profile)), start=1):
        if not text.strip(_BLANKS):
            continue
        size = len(text) if text.isascii() else len(text.encode(profile.charset))
        if size > profile.longest_line:
            raise MessageFileError(
                f"expected a line of at most {profile.longest_line} octets, found {size}",
                code=INVALID_PARAMETERS,
                line=line,
            )
        key, colon, value = text.partition(":")
        if not colon:
            # Not shown: a log-in line without its colon would be in it.
            raise MessageFileError("expected key:value, found no colon", line=line)
        yield line, key.strip(_BLANKS), value.removeprefix(" ")


def _decoded(octets: bytes, profile: Profile) -> str:
    try:
        return octets.removeprefix(_UTF8_MARK).decode(profile.charset)
    except UnicodeDecodeError as error:
        line = len(_LINE_END.findall(octets[: error.start].decode("latin-1"))) + 1
        found = octets[error.start]
        raise MessageFileError(
            f"expected {profile.charset} characters, found octet {found:02X}", line=line
        ) from None


def _values(fields: dict[str, list[tuple[int, str]]], warnings: list[str]) -> dict[str, Any]:
    single = {k: _single(k, v) for k, v in fields.items() if k not in REPEATED}
    values: dict[str, Any] = {"credentials": _credentials(single)}
    for key, text in single.items():
        if row := BY_KEY.get(key):
            values[row.field] = row.value(text)
    if "text" in fields:
        lines = [value for _, value in fields["text"]]
        values["text"] = _utf16(lines) if values.get("unicode") else "\n".join(lines)
    if "data" in fields:
        values["data"] = _octets("data", [value for _, value in fields["data"]])
    values["to"] = tuple(_recipient(line, v, warnings) for line, v in fields.get("to", ()))
    values["delimiter"] = single.get("delimiter", ",")
    values["rows"] = _rows(fields.get("csv", []), values["delimiter"], warnings)
    return values


def _single(key: str, found: list[tuple[int, str]]) -> str:
    if len(found) > 1:
        raise MessageFileError(
            "expected the key once, found it again",
            code=INVALID_PARAMETERS,
            line=found[1][0],
            name=key,
        )
    return found[0][1].strip(_BLANKS)


def _credentials(single: dict[str, str]) -> Credentials:
    for key in CREDENTIALS:
        if key not in single:
            raise fail(key, "expected the key, found none", _CREDENTIAL_CODES[key])
    return Credentials(**{key: single[key] for key in CREDENTIALS})


def _octets(key: str, lines: list[str], code: int = INVALID_PARAMETERS) -> bytes:
    digits = "".join(line.strip(_BLANKS) for line in lines)
    try:
        return octets(digits)
    except ValueError as error:
        shown = repr(digits) if len(digits) <= _MOST_SHOWN else f"{len(digits)} characters"
        raise fail(key, f"{error}, found {shown}", code) from None


_MOST_SHOWN = 60


def _utf16(lines: list[str]) -> str:
    found = _octets("text", lines, UNICODE_DATA)
    if len(found) % 2:
        raise fail(
            "text",
            f"expected groups of four hex digits, found {len(found) * 2} digits",
            UNICODE_DATA,
        )
    return found.decode("utf-16-be", "surrogatepass")


def _recipient(line: int, value: str, warnings: list[str], key: str = "to") -> str:
    text = value.strip(_BLANKS)
    try:
        digits = numbers.normalise(text)
    except NumberError as error:
        raise MessageFileError(error.message, code=DESTINATION, line=line, name=key) from None
    if digits != text:
        warnings.append(f"line {line}: {key}: {text!r} read as {digits}")
    return digits


def _rows(
    lines: list[tuple[int, str]], delimiter: str, warnings: list[str]
) -> tuple[tuple[str, ...], ...]:
    if not lines:
        return ()
    rows.check_delimiter(delimiter)
    found = [tuple(value.strip(_BLANKS).split(delimiter)) for _, value in lines]
    if rows.first_fault(found, delimiter):
        found = [
            (_recipient(line, cells[0], warnings, "csv"), *cells[1:])
            for (line, _), cells in zip(lines, found, strict=True)
        ]
    if fault := rows.first_fault(found, delimiter):
        raise fault[1].at(line=lines[fault[0]][0])
    return tuple(found)
