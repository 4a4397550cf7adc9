"""The values of a message file: the log-in and the message, checked by their constructors.

The constructor and the reader check with the same rows of ``parameters``, so that
``loads(dumps(message)) == message``, and nothing can be written that could not be read back.
A value never adds a line: control characters are refused before anything is written.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from smsenc.messagefile import instants, rows
from smsenc.messagefile.parameters import (
    API_ID,
    AUTHENTICATION,
    BLANKS,
    CONTROL,
    CREDENTIALS,
    DELIVERY_TIME,
    INVALID_HEADER,
    INVALID_PARAMETERS,
    MOST_AHEAD,
    PARAMETERS,
    SOURCE,
    UNICODE_DATA,
    canonical,
    fail,
    one_line,
)

if TYPE_CHECKING:
    from decimal import Decimal

_LONGEST_CREDENTIAL = 255
# A message in memory: a profile may allow fewer.
_MOST_RECIPIENTS = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The three log-in lines of a file; the password is not part of the representation."""

    api_id: str
    user: str
    password: str = field(repr=False)


#: The log-in of files that are not ready to be sent.
PLACEHOLDER = Credentials(api_id="xxxxx", user="xxxxx", password="xxxxx")  # noqa: S106 - not a password


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message file: a text or octets for recipients, or a template with rows.

    ``text`` has LF between lines, whether it is written as ``text:`` lines or, with ``unicode``, as
    hex. ``rows`` are cells, number first, for the ``#field1#`` … of ``text``. ``extra`` has keys
    that the table does not know. ``warnings`` say what the reader found odd; they do not affect
    equality. Raises MessageFileError with the key's name and the gateway's error number.
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
        for name, kind in _KINDS:
            value = getattr(self, name)
            if value is not None and not isinstance(value, kind):
                raise fail(name, f"expected {kind.__name__}, found {type(value).__name__}")
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
        """Whether the log-in is not the placeholder."""
        return self.credentials != PLACEHOLDER


# Types that a program may get wrong: one number for several, a list, octets for a text.
_KINDS = (("to", tuple), ("rows", tuple), ("extra", tuple), ("text", str), ("data", bytes))


def check_schedule(message: Message, *, now: int) -> None:
    """Raise MessageFileError (120) unless ``scheduled_time`` is within 7 days of ``now``.

    ``now`` is in UNIX seconds.
    """
    if message.scheduled_time is None:
        return
    ahead = instants.seconds(message.scheduled_time) - now
    if not 0 <= ahead <= MOST_AHEAD * 60:
        raise fail(
            "scheduled_time",
            "expected a time in the future, at most 7 days ahead, "
            f"found {message.scheduled_time!r}",
            DELIVERY_TIME,
        )


def _check_credential(key: str, value: str) -> None:
    # The value may be a secret: the error does not show it.
    code = CREDENTIAL_CODES[key]
    if CONTROL.search(value):
        raise fail(key, "expected no control character, found one", code)
    if not value or value != value.strip(BLANKS):
        raise fail(key, "expected a value without spaces at its ends", code)
    if len(value) > _LONGEST_CREDENTIAL:
        raise fail(key, f"expected at most {_LONGEST_CREDENTIAL} characters, found more", code)


#: The gateway's errors for a log-in line that is missing or has a bad value.
CREDENTIAL_CODES = {"api_id": API_ID, "user": AUTHENTICATION, "password": AUTHENTICATION}


def _check_extra(name: str, text: str) -> None:
    if not re.fullmatch("[^:\x00-\x20\x7f-\x9f\u2028\u2029]+", name) or canonical(name):
        raise fail(name, "expected the name of an unknown key")
    if one_line(name, text) != text.strip(BLANKS):
        raise fail(name, "expected a value without spaces at its ends")


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
    sender = message.sender or ""
    return bool(sender) and not sender.isdigit()


# Rules for several keys: key, gateway's error, condition of a broken rule, what was expected.
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
