"""The message file that an FTP SMS gateway picks up: ``key:value`` lines.

One table says what each key may hold; the reader and the constructor check with the same rows, so
that ``loads(dumps(message)) == message`` and nothing can be written that could not be read back.
A value never adds a line: control characters are refused before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from smsenc import number
from smsenc.errors import MessageFileError, NumberError

CHARSET = "iso-8859-1"
LONGEST_LINE = 8192  # octets, without the line end
MOST_MESSAGES = 100_000  # recipients or rows in one file
MOST_PARTS = 35  # largest value of concat

MESSAGE_TYPES = (
    "SMS_TEXT",
    "SMS_FLASH",
    "SMS_NOKIA_OLOGO",
    "SMS_NOKIA_GLOGO",
    "SMS_NOKIA_PICTURE",
    "SMS_NOKIA_RINGTONE",
    "SMS_NOKIA_RTTL",
    "SMS_NOKIA_CLEAN",
    "SMS_NOKIA_VCARD",
    "SMS_NOKIA_VCAL",
)

# Controls of ASCII and Latin-1, and the two separators that some readers take for a line end.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_LINE_END = re.compile("\r\n|\r|\n")
_BLANKS = " \t"
_UTF8_MARK = b"\xef\xbb\xbf"  # some editors begin every file with it
_LONGEST_CREDENTIAL = 255
_FIELD = re.compile("#field[0-9]+#")


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The three log-in lines of a file; the password stays out of every representation."""

    api_id: str
    user: str
    password: str = field(repr=False)


#: What stands in files that are not ready to be sent.
PLACEHOLDER = Credentials(api_id="xxxxx", user="xxxxx", password="xxxxx")  # noqa: S106 - it is none


@dataclass(frozen=True, slots=True)
class _Parameter:
    key: str
    field: str
    read: Callable[[str], Any]  # raises ValueError that says what was expected
    write: Callable[[Any], str] = str


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch("[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise ValueError(f"expected a whole number {low} to {high}")
        return int(text)

    return read


def _matching(pattern: str, expected: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def read(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"expected {expected}")
        return text

    return read


def _flag(text: str) -> bool:
    if text not in ("0", "1"):
        raise ValueError("expected 0 or 1")
    return text == "1"


def _octets(text: str) -> bytes:
    if not re.fullmatch("([0-9A-Fa-f]{2})*", text):
        raise ValueError("expected pairs of hex digits")
    return bytes.fromhex(text)


def _credits(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal(0)
    if not value.is_finite() or value < Decimal("0.8"):
        raise ValueError("expected a decimal number from 0.8")
    return value


def _message_type(text: str) -> str:
    if text not in MESSAGE_TYPES:
        raise ValueError(f"expected one of {', '.join(MESSAGE_TYPES)}")
    return text


def _write_flag(value: bool) -> str:  # noqa: FBT001 - the value itself, not a switch
    return str(int(value))


def _write_hex(value: bytes) -> str:
    return value.hex().upper()


#: In written order. A field that is None is not written.
_CREDENTIALS = ("api_id", "user", "password")
_PARAMETERS = (
    _Parameter(
        "cliMsgId", "client_id", _matching("[0-9A-Za-z]{1,32}", "1 to 32 letters or digits")
    ),
    _Parameter(
        "from",
        "sender",
        _matching("[0-9]{1,16}|[0-9A-Za-z]{1,11}", "1 to 16 digits or 1 to 11 letters and digits"),
    ),
    _Parameter("msg_type", "msg_type", _message_type),
    _Parameter("unicode", "unicode", _flag, _write_flag),
    _Parameter("concat", "concat", _whole(1, MOST_PARTS)),
    _Parameter("deliv_ack", "deliv_ack", _flag, _write_flag),
    _Parameter("callback", "callback", _whole(0, 7)),
    _Parameter("deliv_time", "deliv_time", _whole(0, 10080)),
    _Parameter(
        "scheduled_time",
        "scheduled_time",
        _matching(
            "[0-9]{1,10}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z",
            "UNIX seconds or YYYY-MM-DDTHH:MM:SSZ",
        ),
    ),
    _Parameter("validity", "validity", _whole(1, 1440)),
    _Parameter("max_credits", "max_credits", _credits),
    _Parameter("req_feat", "req_feat", _whole(0, 0x7FFF)),
    _Parameter("queue", "queue", _whole(1, 3)),
    _Parameter("escalate", "escalate", _flag, _write_flag),
    _Parameter("mo", "mo", _flag, _write_flag),
    _Parameter("binary", "binary", _flag, _write_flag),
    _Parameter("udh", "udh", _octets, _write_hex),
    _Parameter("reply", "reply", _matching(r"[^\s@]+@.+", "e-mail addresses")),
)
_BY_KEY = {row.key.lower(): row for row in _PARAMETERS}
_BODY_KEYS = ("text", "data", "delimiter", "csv", "to")
_ALIASES = {"api-id": "api_id"}
_SPELLING = {
    key.lower(): key for key in (*_CREDENTIALS, *(r.key for r in _PARAMETERS), *_BODY_KEYS)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message file: a text or octets for recipients, or a template with rows.

    ``text`` has LF between lines, whether it travels as ``text:`` lines or, with ``unicode``, as
    hex. ``rows`` are cells, number first, for the ``#field1#`` … of ``text``. ``extra`` keeps keys
    that the table does not know; ``warnings`` are what the reader found odd and take no part in
    comparison. Raises MessageFileError with the key's name.
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
        for key in _CREDENTIALS:
            _check_credential(key, getattr(self.credentials, key))
        for row in _PARAMETERS:
            value = getattr(self, row.field)
            if value is not None:
                _read(row.key, row.read, _one_line(row.key, row.write(value)))
        for name, text in self.extra:
            _check_extra(name, text)
        _check_body(self)
        _check_recipients(self)
        _check_rules(self)

    @property
    def ready(self) -> bool:
        """Whether the log-in lines are real."""
        return self.credentials != PLACEHOLDER


def _fail(key: str, message: str) -> MessageFileError:
    return MessageFileError(message, name=key)


def _read(key: str, read: Callable[[str], Any], text: str) -> Any:
    try:
        return read(text)
    except ValueError as error:
        raise _fail(key, f"{error}, found {text!r}") from None


def _one_line(key: str, value: str) -> str:
    control = _CONTROL.search(value)
    if control:
        character = ord(control[0])
        raise _fail(key, f"expected no control character, found U+{character:04X}")
    return value


def _check_credential(key: str, value: str) -> None:
    # The value may be a secret: the error does not show it.
    if _CONTROL.search(value):
        raise _fail(key, "expected no control character, found one")
    if not value or value != value.strip(_BLANKS):
        raise _fail(key, "expected a value without blanks at its ends")
    if len(value) > _LONGEST_CREDENTIAL:
        raise _fail(key, f"expected at most {_LONGEST_CREDENTIAL} characters, found more")
    try:
        value.encode(CHARSET)
    except UnicodeEncodeError:
        raise _fail(key, f"expected {CHARSET} characters, found others") from None


def _check_extra(name: str, text: str) -> None:
    if not re.fullmatch("[^:\x00-\x20\x7f-\x9f]+", name) or name.lower() in _SPELLING:
        raise _fail(name, "expected the name of an unknown key")
    if _one_line(name, text) != text.strip(_BLANKS):
        raise _fail(name, "expected a value without blanks at its ends")


def _check_body(message: Message) -> None:
    if (message.text is None) == (message.data is None):
        raise _fail("text", "expected either a text or data")
    if message.text is not None and not message.unicode:
        for line in message.text.split("\n"):
            _one_line("text", line)


def _check_recipients(message: Message) -> None:
    if bool(message.to) == bool(message.rows):
        raise _fail("to", "expected either recipients or csv rows")
    if len(message.to) + len(message.rows) > MOST_MESSAGES:
        raise _fail("to", f"expected at most {MOST_MESSAGES} messages in a file")
    for recipient in message.to:
        _check_number("to", recipient)
    if len(message.delimiter) != 1 or message.delimiter in _BLANKS:
        raise _fail("delimiter", f"expected one character, found {message.delimiter!r}")
    _one_line("delimiter", message.delimiter)
    for row in message.rows:
        _check_row(row, message.delimiter)


def _check_number(key: str, recipient: str) -> None:
    try:
        digits = number.normalise(recipient)
    except NumberError as error:
        raise _fail(key, error.message) from None
    if digits != recipient:
        raise _fail(key, f"expected digits only, found {recipient!r}")


def _check_row(row: tuple[str, ...], delimiter: str) -> None:
    # The template has no quoting: what cannot stand in a cell is refused, not mangled.
    if not row:
        raise _fail("csv", "expected a number, found an empty row")
    _check_number("csv", row[0])
    for cell in row[1:]:
        _one_line("csv", cell)
        if delimiter in cell or _FIELD.search(cell):
            raise _fail("csv", f"expected a cell without delimiter or #field#, found {cell!r}")
    if row[-1] != row[-1].rstrip(_BLANKS):
        raise _fail("csv", f"expected a row that ends without a blank, found {row[-1]!r}")


def _check_rules(message: Message) -> None:
    eight_bit = message.data is not None or message.binary
    if eight_bit and message.sender and not message.sender.isdigit():
        raise _fail("from", f"expected digits with 8-bit data, found {message.sender!r}")
    if message.udh is not None and message.msg_type not in (None, "SMS_TEXT"):
        raise _fail("udh", f"expected no header with msg_type {message.msg_type}")
    if message.udh is not None and message.data is None:
        raise _fail("udh", "expected data with a header, found text")
    if message.deliv_time is not None and message.scheduled_time is not None:
        raise _fail("deliv_time", "expected no delay together with scheduled_time")
    if message.unicode and (message.text is None or message.rows):
        raise _fail("unicode", "expected a text without csv rows")


# Writing -----------------------------------------------------------------------------------------


def dumps(message: Message) -> bytes:
    """The file's octets: ISO-8859-1, lines ended by LF, keys in their fixed order.

    Raises MessageFileError for a character that the charset lacks and for a line over 8192 octets;
    only ``data`` can go on in a further line.
    """
    return b"".join(_encoded(key, value) for key, value in _lines(message))


def _lines(message: Message) -> Iterator[tuple[str, str]]:
    for key in _CREDENTIALS:
        yield key, getattr(message.credentials, key)
    for row in _PARAMETERS:
        value = getattr(message, row.field)
        if value is not None:
            yield row.key, row.write(value)
    yield from message.extra
    yield from _body_lines(message)
    if message.rows and message.delimiter != ",":
        yield "delimiter", message.delimiter
    for cells in message.rows:
        yield "csv", message.delimiter.join(cells)
    for recipient in message.to:
        yield "to", recipient


def _body_lines(message: Message) -> Iterator[tuple[str, str]]:
    if message.text is None:
        digits = _write_hex(message.data or b"")
        room = LONGEST_LINE - len("data:") & ~1
        for start in range(0, len(digits) or 1, room):
            yield "data", digits[start : start + room]
    elif message.unicode:
        yield "text", _write_hex(message.text.encode("utf-16-be", "surrogatepass"))
    else:
        for line in message.text.split("\n"):
            # The reader drops one blank after the colon.
            yield "text", f" {line}" if line.startswith(" ") else line


def _encoded(key: str, value: str) -> bytes:
    try:
        line = f"{key}:{value}".encode(CHARSET)
    except UnicodeEncodeError as error:
        character = error.object[error.start]
        raise _fail(
            key, f"expected {CHARSET} characters, found {character!r} (U+{ord(character):04X})"
        ) from None
    if len(line) > LONGEST_LINE:
        raise _fail(key, f"expected a line of at most {LONGEST_LINE} octets, found {len(line)}")
    return line + b"\n"


# Reading -----------------------------------------------------------------------------------------


def loads(octets: bytes) -> Message:
    """The message in a file; ``warnings`` names odd spellings and unknown keys.

    Line ends are CR LF, CR or LF; keys are read in any case. Raises MessageFileError with line and
    key; values of the log-in lines never appear in it.
    """
    warnings: list[str] = []
    fields: dict[str, list[tuple[int, str]]] = {}
    extra: list[tuple[str, str]] = []
    for line, key, value in _pairs(octets):
        canonical = _canonical(key)
        if canonical is None:
            warnings.append(f"line {line}: {key}: unknown key, kept")
            extra.append((key, value.strip(_BLANKS)))
            continue
        if key != canonical:
            warnings.append(f"line {line}: {key}: read as {canonical}")
        fields.setdefault(canonical, []).append((line, value))
    try:
        return Message(**_values(fields, warnings), extra=tuple(extra), warnings=tuple(warnings))
    except MessageFileError as error:
        lines = fields.get(error.name or "")
        raise (error.at(line=lines[0][0]) if lines else error) from None


def _pairs(octets: bytes) -> Iterator[tuple[int, str, str]]:
    whole = octets.removeprefix(_UTF8_MARK).decode(CHARSET)
    for line, text in enumerate(_LINE_END.split(whole), start=1):
        if not text.strip(_BLANKS):
            continue
        if len(text) > LONGEST_LINE:
            raise MessageFileError(
                f"expected a line of at most {LONGEST_LINE} octets, found {len(text)}", line=line
            )
        key, colon, value = text.partition(":")
        if not colon:
            # Not shown: a log-in line without its colon would be in it.
            raise MessageFileError("expected key:value, found no colon", line=line)
        yield line, key.strip(_BLANKS), value.removeprefix(" ")


def _canonical(key: str) -> str | None:
    lower = key.lower()
    return _SPELLING.get(_ALIASES.get(lower, lower))


def _values(fields: dict[str, list[tuple[int, str]]], warnings: list[str]) -> dict[str, Any]:
    single = {k: _single(k, v) for k, v in fields.items() if k not in ("text", "data", "csv", "to")}
    values: dict[str, Any] = {"credentials": _credentials(single)}
    for key, text in single.items():
        if row := _BY_KEY.get(key.lower()):
            values[row.field] = _read(key, row.read, text)
    if "text" in fields:
        lines = [value for _, value in fields["text"]]
        values["text"] = _utf16(lines) if values.get("unicode") else "\n".join(lines)
    if "data" in fields:
        digits = "".join(value.strip(_BLANKS) for _, value in fields["data"])
        values["data"] = _read("data", _octets, digits)
    values["delimiter"] = single.get("delimiter", ",")
    values["to"] = tuple(_recipient(line, v, warnings) for line, v in fields.get("to", ()))
    values["rows"] = tuple(
        _cells(line, v, values["delimiter"]) for line, v in fields.get("csv", ())
    )
    return values


def _single(key: str, found: list[tuple[int, str]]) -> str:
    if len(found) > 1:
        raise MessageFileError("expected the key once, found it again", line=found[1][0], name=key)
    return found[0][1].strip(_BLANKS)


def _credentials(single: dict[str, str]) -> Credentials:
    for key in _CREDENTIALS:
        if key not in single:
            raise _fail(key, "expected the key, found none")
    return Credentials(**{key: single[key] for key in _CREDENTIALS})


def _utf16(lines: list[str]) -> str:
    digits = "".join(line.strip(_BLANKS) for line in lines)
    octets: bytes = _read("text", _octets, digits)
    if len(octets) % 2:
        raise _fail("text", f"expected groups of four hex digits, found {len(digits)} digits")
    return octets.decode("utf-16-be", "surrogatepass")


def _recipient(line: int, value: str, warnings: list[str]) -> str:
    text = value.strip(_BLANKS)
    try:
        digits = number.normalise(text)
    except NumberError as error:
        raise MessageFileError(error.message, line=line, name="to") from None
    if digits != text:
        warnings.append(f"line {line}: to: {text!r} read as {digits}")
    return digits


def _cells(line: int, value: str, delimiter: str) -> tuple[str, ...]:
    cells = value.strip(_BLANKS).split(delimiter) if delimiter else [value]
    try:
        _check_row(tuple(cells), delimiter)
    except MessageFileError as error:
        raise error.at(line=line) from None
    return tuple(cells)
