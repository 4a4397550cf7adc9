"""The lines of a message file: what each key means, and what is wrong with its value."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from smsenc.errors import SmsencError
from smsenc.messagefile import numbers, reader
from smsenc.messagefile.parameters import (
    BLANKS,
    BY_KEY,
    CREDENTIALS,
    LINE_END,
    REPEATED,
    UTF8_MARK,
    canonical,
    fail,
    octets,
)
from smsenc.octetmap.model import Field, Map

TITLE = _CLAUSE = "message file"
#: What a key means.
MEANINGS: Mapping[str, str] = MappingProxyType(
    {
        "api_id": "log-in: the account",
        "user": "log-in: the user",
        "password": "log-in: the password",
        "cliMsgId": "your own id, repeated in logs and callbacks",
        "from": "the sender",
        "msg_type": "a predefined message type",
        "unicode": "1: the text is hex of UTF-16",
        "concat": "the greatest number of parts",
        "deliv_ack": "1: ask the phone for a receipt",
        "callback": "states to report: 1 intermediate, 2 final, 4 error",
        "deliv_time": "minutes until it is sent",
        "scheduled_time": "when it is sent",
        "validity": "minutes to try",
        "max_credits": "the most that it may cost",
        "req_feat": "features that a route must have",
        "queue": "1 goes first, 3 last",
        "escalate": "1: a more expensive route may be used",
        "mo": "1: use a route that carries replies",
        "binary": "1: 8-bit data without a header",
        "udh": "user data header, in hex",
        "reply": "where the answer is mailed",
        "text": "the text",
        "data": "8-bit data, in hex",
        "delimiter": "what separates the cells of csv",
        "csv": "a recipient, and the fields of the text",
        "to": "a recipient",
    }
)
#: Lines that are explained; a campaign's file has thousands of recipients.
MOST_LINES = 1000
#: The field that says how many lines are not explained.
MORE = "more lines"


def message_file(content: bytes) -> Map:
    """The map of a message file; values of the log-in are left out."""
    fields = tuple(_lines(content))
    try:
        reader.loads(content)
    except SmsencError as error:
        fields = tuple(_with_fault(content, fields, error))
    return Map(TITLE, content, fields)


class Places:
    """Lines and columns of a file."""

    def __init__(self, content: bytes) -> None:
        ends = LINE_END.finditer(content.decode("latin-1"))
        self._starts = [0, *(end.end() for end in ends)]

    def of(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of an octet."""
        line = bisect_right(self._starts, offset)
        return line, offset - self._starts[line - 1] + 1


def _lines(content: bytes) -> Iterator[Field]:
    text = content.decode("latin-1")
    start = len(UTF8_MARK) if content.startswith(UTF8_MARK) else 0
    seen: set[str] = set()
    count = 0
    for end in LINE_END.finditer(text, start):
        if text[start : end.start()].strip(BLANKS):
            yield _line(content, start, end.start(), seen)
            count += 1
        start = end.end()
        if count >= MOST_LINES and start < len(content):
            yield Field(start, len(content), MORE, "", _CLAUSE, "not explained")
            return
    if text[start:].strip(BLANKS):
        yield _line(content, start, len(content), seen)


def _line(content: bytes, start: int, end: int, seen: set[str]) -> Field:
    """The field of a line: the key is its name."""
    head, colon, rest = content[start:end].decode("latin-1").partition(":")
    if not colon:
        fault = "expected key:value, found no colon"
        return Field(start, end, "line", "", _CLAUSE, fault=fault)
    written = head.strip(BLANKS)
    key = canonical(written)
    value = rest.removeprefix(" ")
    begin = end - len(value)
    if key is None:
        name, meaning, fault = written, "unknown key, kept", ""
    else:
        name, meaning = key, MEANINGS[key]
        fault = _fault(key, value.strip(BLANKS), seen)
    shown = "" if key in CREDENTIALS else value
    children = (
        Field(start, start + len(head), "key", written, _CLAUSE),
        Field(begin, end, "value", shown, _CLAUSE),
    )
    return Field(start, end, name, shown, _CLAUSE, meaning, fault, None, children)


def _fault(key: str, value: str, seen: set[str]) -> str:
    if key in seen and key not in REPEATED:
        return "expected the key once, found it again"
    seen.add(key)
    try:
        _check(key, value)
    except SmsencError as error:
        return error.message
    return ""


def _check(key: str, value: str) -> None:
    if key in BY_KEY:
        BY_KEY[key].value(value)
    elif key == "to":
        numbers.normalise(value)
    elif key == "data":
        try:
            octets("".join(value.split()) + "0" * (len(value) % 2))  # it may go on in another line
        except ValueError as error:
            raise fail(key, str(error)) from None


def _with_fault(content: bytes, fields: tuple[Field, ...], error: SmsencError) -> Iterator[Field]:
    """The fields, and what is wrong with the whole file at its line, or at its end."""
    if any(field.fault for field in fields):
        yield from fields
        return
    placed = False
    places = Places(content)
    for field in fields:
        if not placed and places.of(field.start)[0] == error.line:
            placed = True
            yield replace(field, fault=error.message)
        else:
            yield field
    if not placed:
        end = len(content)
        yield Field(end, end, error.name or "end", "", _CLAUSE, fault=error.message)
