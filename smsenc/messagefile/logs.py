"""What the gateway writes into its folder about messages: answers, final states, replies.

An answer is in ``<file>.log`` next to the uploaded file, and in the folder's ``history.log``, where
the time and the file's name precede it, separated by tabs. Replies of handsets are in ``mo.log``.
Any other line is returned as a ``Stray``, never dropped.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

_T = TypeVar("_T")

#: Reasons why a message was not accepted; it is not charged.
ERRORS: Mapping[int, str] = {
    1: "authentication failed",
    2: "unknown user name or password",
    4: "account frozen",
    7: "IP lockdown violation",
    101: "invalid or missing parameters",
    102: "invalid user data header",
    103: "unknown API message id",
    104: "unknown client message id",
    105: "invalid destination address",
    106: "invalid source address",
    107: "empty message",
    108: "invalid or missing api_id",
    112: "invalid message type",
    113: "maximum message parts exceeded",
    114: "cannot route message",
    115: "message expired",
    116: "invalid Unicode data",
    120: "invalid delivery time",
    121: "destination blocked",
    122: "destination opted out",
    123: "invalid sender id",
    128: "number delisted",
    201: "invalid batch id",
    202: "no batch template",
    301: "no credit left",
    302: "max allowed credit",
    901: "internal error, retry",
}

#: States of a message after it was accepted.
STATUSES: Mapping[int, str] = {
    1: "unknown",
    2: "queued",
    3: "delivered to gateway",
    4: "received by recipient",
    5: "error with message",
    6: "cancelled by user",
    7: "error delivering",
    8: "OK",
    9: "routing error",
    10: "expired",
    11: "queued for later delivery",
    12: "out of credit",
    14: "maximum MT limit exceeded",
}
_DELIVERED = {4, 8}
_FAILED = {5, 6, 7, 9, 10, 12, 14}

#: The texts of a reply, in any case, that opt its handset out.
OPT_OUT = frozenset({"STOP", "END", "CANCEL", "UNSUBSCRIBE", "QUIT"})

_STAMP = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"
_HISTORY = re.compile(rf"({_STAMP})\t([^\t]+)\t(.*)")
_REPLY = re.compile(rf"({_STAMP})[ \t]([0-9]+)\t([0-9A-Za-z]*)\t(.*)")
_ID = re.compile(r"ID:\s*([0-9A-Fa-f]{32})", re.IGNORECASE)
_ERROR = re.compile(r"ERR:\s*([0-9]{3})(?:,\s*|(?=\s+To:|$))", re.IGNORECASE)
_FROM_TO_ON = re.compile(r"(?<!\s)\s+To:", re.IGNORECASE)  # what follows an error's text
_TO = re.compile(r"\bTo:\s*\+?([0-9]+)", re.IGNORECASE)
_STATUS = re.compile(r"\bstatus:\s*([0-9]{3})", re.IGNORECASE)
_CLIENT = re.compile(r"\bcliMsgId:\s*([0-9A-Za-z]{1,32})", re.IGNORECASE)
_CHARGE = re.compile(r"\bcharge:\s*([0-9]+(?:\.[0-9]+)?)", re.IGNORECASE)
_LINE_END = re.compile(b"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One line about one message: accepted (``id``), refused (``error``), or a later ``status``.

    ``to`` is None if the file had one recipient. ``line`` counts from 1.
    """

    line: int
    id: str | None = None
    error: int | None = None
    text: str = ""
    to: str | None = None
    status: int | None = None
    client_id: str | None = None
    charge: Decimal | None = None
    time: str | None = None
    file: str | None = None

    @property
    def state(self) -> str:
        """One of accepted, refused, delivered, failed."""
        if self.error is not None:
            return "refused"
        if self.status in _DELIVERED:
            return "delivered"
        return "failed" if self.status in _FAILED else "accepted"

    @property
    def meaning(self) -> str:
        """What the number means; for an unknown number, the gateway's text."""
        if self.error is not None:
            return ERRORS.get(self.error, self.text or "unknown error")
        return "" if self.status is None else STATUSES.get(self.status, "unknown status")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply: the handset's digits, the number that it wrote to, and the text."""

    time: str
    handset: str
    to: str
    text: str

    @property
    def opt_out(self) -> bool:
        """Whether the handset asks for no more messages."""
        return self.text.strip().upper() in OPT_OUT


@dataclass(frozen=True, slots=True)
class Stray:
    """A line that is neither an answer nor a reply."""

    line: int
    text: str


def read_answers(octets: bytes, *, whole: bool = True) -> tuple[Answer | Stray, ...]:
    """The lines of ``<file>.log`` or ``history.log``; never fails.

    Without ``whole``, a last line without a line end is left for the next reading.
    """
    return tuple(_answer(line, text) for line, text in _lines(octets, whole=whole))


def read_replies(octets: bytes, *, whole: bool = True) -> tuple[Reply | Stray, ...]:
    """The lines of ``mo.log``; a line without a time continues the text before it."""
    strays: list[Stray] = []
    replies: list[tuple[re.Match[str], list[str]]] = []  # with the lines that continue its text
    for line, text in _lines(octets, whole=whole):
        if found := _REPLY.fullmatch(text):
            replies.append((found, [found[4]]))
        elif replies:
            replies[-1][1].append(text)
        else:
            strays.append(Stray(line, text))
    return (*strays, *(_reply(found, texts) for found, texts in replies))


def _reply(found: re.Match[str], texts: list[str]) -> Reply:
    return Reply(time=found[1], handset=found[2], to=found[3], text="\n".join(texts))


def complete(octets: bytes) -> int:
    """How many octets of a log that is still being written are complete lines."""
    return octets.rfind(b"\n") + 1


def _lines(octets: bytes, *, whole: bool) -> Iterator[tuple[int, str]]:
    lines = _LINE_END.split(octets if whole else octets[: complete(octets)])
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, _decoded(line)


def _decoded(line: bytes) -> str:
    # The files are ISO-8859-1; a newer gateway writes UTF-8.
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("iso-8859-1")


def _answer(line: int, text: str) -> Answer | Stray:
    stamped = _HISTORY.fullmatch(text)
    time, file, said = stamped.groups() if stamped else (None, None, text)
    refused = _ERROR.search(said)
    taken = _ID.search(said)
    if not refused and not taken:
        return Stray(line, text)
    return Answer(
        line=line,
        id=taken[1].lower() if taken and not refused else None,
        error=int(refused[1]) if refused else None,
        text=_FROM_TO_ON.split(said[refused.end() :], maxsplit=1)[0] if refused else "",
        to=_first(_TO, said, str),
        status=_first(_STATUS, said, int),
        client_id=_first(_CLIENT, said, str),
        charge=_first(_CHARGE, said, Decimal),
        time=time,
        file=file,
    )


def _first(pattern: re.Pattern[str], text: str, kind: Callable[[str], _T]) -> _T | None:
    found = pattern.search(text)
    return kind(found[1]) if found else None
