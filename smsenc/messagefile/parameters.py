"""The grammar of a message file: its lines, its keys, and what each key may hold.

``PARAMETERS`` is the one table for reader, writer, checks and linter: how each value is read, and
the number of the error that a gateway answers when the value is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from smsenc.errors import MessageFileError
from smsenc.messagefile import instants
from smsenc.messagefile.messagetypes import MESSAGE_TYPES

if TYPE_CHECKING:
    from decimal import Decimal

#: Bits of ``req_feat``: only routes that have all of them are used.
FEATURES = MappingProxyType(
    {
        "text": 1,
        "8bit": 2,
        "udh": 4,
        "ucs2": 8,
        "alpha": 16,
        "numeric": 32,
        "flash": 512,
        "ack": 8192,
        "concat": 16384,
    }
)
#: Bits of ``callback``: the states that the gateway reports.
CALLBACKS = MappingProxyType({"intermediate": 1, "final": 2, "error": 4})

#: The longest delay, and the furthest time to send at: minutes of seven days.
MOST_AHEAD = 7 * 24 * 60
#: The largest value of concat.
MOST_PARTS = 35

# Numbers of the gateway's errors.
AUTHENTICATION, INVALID_PARAMETERS, INVALID_HEADER = 1, 101, 102
DESTINATION, SOURCE, EMPTY_MESSAGE, API_ID = 105, 106, 107, 108
MESSAGE_TYPE, TOO_MANY_PARTS, UNICODE_DATA, DELIVERY_TIME = 112, 113, 116, 120
NO_ROWS, NO_TEMPLATE = 201, 202

LINE_END = re.compile("\r\n|\r|\n")
#: Lines beside those of recipients, and octets in them: no message that can be sent has so many,
#: and more would only fill the memory.
MOST_LINES, MOST_OCTETS = 100_000, 1 << 20
#: Spaces and tabs are removed from the ends of keys and values.
BLANKS = " \t"
#: The byte order mark with which some editors begin every file.
UTF8_MARK = b"\xef\xbb\xbf"
#: Control characters, and the two separators that some readers take for a line end.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def lines_of(text: str) -> Iterator[str]:
    """The lines of a text without their ends, one by one: a text may be all line ends."""
    start = 0
    for end in LINE_END.finditer(text):
        yield text[start : end.start()]
        start = end.end()
    yield text[start:]


def fail(key: str, message: str, code: int | None = None) -> MessageFileError:
    """An error of ``key``; ``code`` is the gateway's number, None where it has none."""
    return MessageFileError(message, name=key, code=code)


def one_line(key: str, value: str) -> str:
    """``value``, if it has no control character; raises MessageFileError otherwise."""
    control = CONTROL.search(value)
    if control:
        raise fail(key, f"expected no control character, found U+{ord(control[0]):04X}")
    return value


def line_at(octets: bytes, offset: int) -> int:
    """The number, from 1, of the line with the octet at ``offset``."""
    return len(LINE_END.findall(octets[:offset].decode("latin-1"))) + 1


#: What a key can hold.
Value: TypeAlias = "str | int | bool | bytes | Decimal"


def spell(value: Value) -> str:
    """A value as it is written: flags as 0 or 1, octets as hex digits."""
    if isinstance(value, bytes):
        return hex_digits(value)
    return str(int(value)) if isinstance(value, bool) else str(value)


class Parameter(NamedTuple):
    """One key: the field of Message that it fills, and how its value is read.

    ``read`` raises ValueError that says what was expected. ``code`` is the gateway's error number.
    """

    key: str
    field: str
    read: Callable[[str], Value]
    code: int = INVALID_PARAMETERS

    def value(self, text: str) -> Value:
        """The value of ``text``; raises MessageFileError with key and number."""
        try:
            return self.read(text)
        except ValueError as error:
            raise fail(self.key, f"{error}, found {text!r}", self.code) from None

    def check(self, value: Value) -> None:
        """Raise MessageFileError for a value that could not be read back."""
        self.value(one_line(self.key, spell(value)))


# How values are read ----------------------------------------------------------------------------


def whole(low: int, high: int) -> Callable[[str], int]:
    """Reader of a whole number within a range."""

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


def octets(text: str) -> bytes:
    """The octets of hex digits; raises ValueError."""
    if not re.fullmatch("([0-9A-Fa-f]{2})*", text):
        raise ValueError("expected pairs of hex digits")
    return bytes.fromhex(text)


def hex_digits(value: bytes) -> str:
    """Octets as upper-case hex digits."""
    return value.hex().upper()


def credit(text: str) -> Decimal:
    """A charge of at least 0.8; raises ValueError."""
    from decimal import Decimal  # noqa: PLC0415 - few files have a charge

    if not _CREDITS.fullmatch(text) or Decimal(text) < Decimal(_LEAST_CREDITS):
        raise ValueError(f"expected a decimal number from {_LEAST_CREDITS}")
    return Decimal(text)


_CREDITS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_LEAST_CREDITS = "0.8"


def _message_type(text: str) -> str:
    if text not in MESSAGE_TYPES:
        raise ValueError(f"expected one of {', '.join(MESSAGE_TYPES)}")
    return text


_TIME = re.compile("[0-9]{1,10}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")


def _time(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise ValueError("expected UNIX seconds or YYYY-MM-DDTHH:MM:SSZ")
    instants.seconds(text)
    return text


CREDENTIALS = ("api_id", "user", "password")
#: In the order in which they are written; a field that is None is not written.
PARAMETERS = (
    Parameter("cliMsgId", "client_id", _matching("[0-9A-Za-z]{1,32}", "1 to 32 letters or digits")),
    Parameter(
        "from",
        "sender",
        _matching("[0-9]{1,16}|[0-9A-Za-z]{1,11}", "1 to 16 digits or 1 to 11 letters and digits"),
        code=SOURCE,
    ),
    Parameter("msg_type", "msg_type", _message_type, code=MESSAGE_TYPE),
    Parameter("unicode", "unicode", _flag),
    Parameter("concat", "concat", whole(1, MOST_PARTS)),
    Parameter("deliv_ack", "deliv_ack", _flag),
    Parameter("callback", "callback", whole(0, sum(CALLBACKS.values()))),
    Parameter("deliv_time", "deliv_time", whole(0, MOST_AHEAD), code=DELIVERY_TIME),
    Parameter("scheduled_time", "scheduled_time", _time, code=DELIVERY_TIME),
    Parameter("validity", "validity", whole(1, 1440)),
    Parameter("max_credits", "max_credits", credit),
    Parameter("req_feat", "req_feat", whole(0, 0x7FFF)),
    Parameter("queue", "queue", whole(1, 3)),
    Parameter("escalate", "escalate", _flag),
    Parameter("mo", "mo", _flag),
    Parameter("binary", "binary", _flag),
    Parameter("udh", "udh", octets, INVALID_HEADER),
    Parameter("reply", "reply", _matching(r"[^\s@]+@.+", "e-mail addresses")),
)
BODY = ("text", "data", "delimiter", "csv", "to")

#: Keys as they are spelled and in the order in which they are written.
KEYS = (*CREDENTIALS, *(row.key for row in PARAMETERS), *BODY)
#: Keys that may have several lines in a file.
REPEATED = frozenset(("text", "data", "csv", "to"))

BY_KEY: Mapping[str, Parameter] = MappingProxyType({row.key: row for row in PARAMETERS})
_ALIASES = {"api-id": "api_id"}
_SPELLING = {key.lower(): key for key in KEYS}


def canonical(key: str) -> str | None:
    """The spelling in which a key is written; None for an unknown key. Case does not matter."""
    lower = key.lower()
    return _SPELLING.get(_ALIASES.get(lower, lower))
