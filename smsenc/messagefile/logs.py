"""What the gateway writes into its folder about messages: answers, final states, replies.

An answer is in ``<file>.log`` next to the uploaded file, and in the folder's ``history.log``, where
the time and the file's name precede it, separated by tabs. Replies of handsets are in ``mo.log``.
Any other line is returned as a ``Stray``, never dropped. A log may be larger than the memory and
may grow while it is read: ``Lines`` takes it in chunks. Each line is read in linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TypeVar

from smsenc.messagefile.lineends import complete
from smsenc.messagefile.wishes import Wish, wish

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

_STAMP = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}"
    r"(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_HISTORY = re.compile(rf"({_STAMP})\t([^\t]+)\t(.*)")
_REPLY = re.compile(rf"({_STAMP})[ \t]([0-9A-Za-z]+)\t([0-9A-Za-z]*)\t(.*)")
_ID = re.compile(r"ID:\s*([0-9A-Fa-f]{32})", re.IGNORECASE)
_ERROR = re.compile(r"ERR:\s*([0-9]{3})(?![0-9A-Za-z])", re.IGNORECASE)
_RECIPIENT = re.compile(r"\sTo:", re.IGNORECASE)
_TO = re.compile(r"\bTo:\s*\+?([0-9]+)", re.IGNORECASE)
_STATUS = re.compile(r"\bstatus:\s*([0-9]{3})", re.IGNORECASE)
_CLIENT = re.compile(r"\bcliMsgId:\s*([0-9A-Za-z]{1,32})", re.IGNORECASE)
_CHARGE = re.compile(r"\bcharge:\s*([0-9]+(?:\.[0-9]+)?)", re.IGNORECASE)
_LINE_END = re.compile(b"\r\n|\r|\n")
_SPACES = " \t\v\f"  # without those that only Unicode has: a line of such is not empty
_MORE = b"\t"  # begins a line that continues a reply, which may be an empty line of the text

#: Octets. A gateway's lines have at most a few hundred; a longer line is skipped and counted.
LONGEST_LINE = 8192
#: Octets before ``Lines.position`` that identify the log when it is read again.
LONGEST_TAIL = 1024
#: Characters: more than the longest message has, in 255 parts.
LONGEST_REPLY = 40_000


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
    """A reply: the handset's digits or name, the number that it wrote to, and the text.

    ``line`` is where it begins, from 1.
    """

    time: str
    handset: str
    to: str
    text: str
    line: int = field(default=0, compare=False)

    @property
    def opt_out(self) -> bool:
        """Whether the handset asks for no more messages."""
        return wish(self.text) is Wish.STOP


@dataclass(frozen=True, slots=True)
class Stray:
    """A line that is neither an answer nor a reply."""

    line: int
    text: str


class Lines:
    """The complete lines of a log that arrives in chunks, from the start or from a known place.

    ``position`` counts the octets of the log up to the end of the last complete line; ``line``
    counts the lines there, and ``skipped`` those that were longer than LONGEST_LINE. ``tail`` has
    the last octets before ``position``, at most LONGEST_TAIL.
    """

    def __init__(self, position: int = 0, line: int = 0, tail: bytes = b"") -> None:
        self.position, self.line, self.tail = position, line, tail
        self.skipped = 0
        self._rest = b""  # of a line whose end has not arrived; of a long one, its last octets
        self._cut = 0  # octets of that line that are no longer in ``_rest``

    def feed(self, chunk: bytes) -> list[tuple[int, str]]:
        """The lines that the chunk completes, with their numbers; empty ones are left out.

        A line of spaces that begins with a tab is not: it may be an empty one in a reply.
        """
        octets = self._rest + chunk
        end = complete(octets)
        self._rest, cut = octets[end:], self._cut
        if end:
            self.position += cut + end
            self.tail = (self.tail + octets[:end])[-LONGEST_TAIL:]
            self._cut = 0
        if len(self._rest) > LONGEST_LINE:
            self._cut += len(self._rest) - LONGEST_LINE
            self._rest = self._rest[-LONGEST_LINE:]
        return list(self._completed(octets[:end], cut)) if end else []

    def end(self) -> list[tuple[int, str]]:
        """The last line of a log that will not grow, which may have no line end."""
        return self.feed(b"\n") if self._rest else []

    @property
    def size(self) -> int:
        """Octets of the log, with those of a line whose end has not arrived."""
        return self.position + self._cut + len(self._rest)

    def unfinished(self) -> tuple[int, str] | None:
        """The line whose end has not arrived, None without one or for one that is too long."""
        if self._cut or not self._rest.strip():
            return None
        return self.line + 1, _decoded(self._rest.rstrip(b"\r"))

    def _completed(self, octets: bytes, cut: int) -> Iterator[tuple[int, str]]:
        for octets_of_line in _LINE_END.split(octets)[:-1]:
            self.line += 1
            if cut + len(octets_of_line) > LONGEST_LINE:
                self.skipped += 1
            elif octets_of_line.strip() or octets_of_line.startswith(_MORE):
                yield self.line, _decoded(octets_of_line)
            cut = 0


def _decoded(line: bytes) -> str:
    # The files are ISO-8859-1; a newer gateway writes UTF-8.
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("iso-8859-1")


def read_answers(octets: bytes, *, whole: bool = True) -> tuple[Answer | Stray, ...]:
    """The lines of ``<file>.log`` or ``history.log``; never fails.

    Without ``whole``, a last line without a line end is left for the next reading.
    """
    return tuple(
        answer(line, text) for line, text in _lines(octets, whole=whole) if text.strip(_SPACES)
    )


def read_replies(octets: bytes, *, whole: bool = True) -> tuple[Reply | Stray, ...]:
    """The lines of ``mo.log``; a line without a time continues the text before it."""
    return tuple(replies(_lines(octets, whole=whole)))


def _lines(octets: bytes, *, whole: bool) -> list[tuple[int, str]]:
    lines = Lines()
    found = lines.feed(octets)
    return found + (lines.end() if whole else [])


def of_history(text: str) -> tuple[str, str] | None:
    """The file that a line of ``history.log`` names, and what it says; None for another line."""
    stamped = _HISTORY.fullmatch(text)
    return (stamped[2], stamped[3]) if stamped else None


def answer(line: int, text: str) -> Answer | Stray:
    """One line of ``<file>.log`` or ``history.log``."""
    stamped = _HISTORY.fullmatch(text)
    time, file, said = stamped.groups() if stamped else (None, None, text)
    error, reason = _refusal(said)
    taken = _ID.search(said) if error is None else None
    if error is None and not taken:
        return Stray(line, text)
    return Answer(
        line=line,
        id=taken[1].lower() if taken else None,
        error=error,
        text=reason,
        to=_first(_TO, said, str),
        status=_first(_STATUS, said, int),
        client_id=_first(_CLIENT, said, str),
        charge=_first(_CHARGE, said, Decimal),
        time=time,
        file=file,
    )


_COMPLETE = re.compile(
    r"(?:ID:\s*+[0-9a-f]{32}|ERR:\s*+[0-9]{3}(?:\s*+,.*)?)(?:\s++To:\s*+\+?[0-9]++)?\s*+",
    re.IGNORECASE,
)


def is_complete(text: str, recipients: Sequence[str]) -> bool:
    """Whether a line of ``<file>.log`` that has no line end is all of an answer.

    Half a line may look like a shorter one. Its number must be one of the ``recipients`` of the
    file, and not the beginning of another; only an id to a single recipient needs no number.
    """
    if not _COMPLETE.fullmatch(text):
        return False
    to = _first(_TO, text, str)
    if to is None:
        return len(recipients) == 1 and not _ERROR.search(text)
    return {one for one in recipients if one.startswith(to)} == {to}


def _refusal(said: str) -> tuple[int | None, str]:
    """The number and text of ``ERR: 114, Cannot route To: 447700900123``; (None, "") without."""
    found = _ERROR.search(said)
    if not found:
        return None, ""
    until = _RECIPIENT.search(said, found.end())
    text = said[found.end() : until.start() if until else None].strip()
    if text and not text.startswith(","):
        return None, ""
    return int(found[1]), text[1:].strip()


def _first(pattern: re.Pattern[str], text: str, kind: Callable[[str], _T]) -> _T | None:
    found = pattern.search(text)
    return kind(found[1]) if found else None


def replies(
    lines: Iterable[tuple[int, str]], before: Reply | None = None
) -> Iterator[Reply | Stray]:
    """The replies in lines of ``mo.log``, where each is complete when the next begins.

    The first lines may continue the reply ``before``, which is then the first one here. A tab at
    the beginning of such a line is not in the text, and two join it to the line before. A text is
    at most LONGEST_REPLY characters long; lines beyond that are strays.
    """
    begun, texts, size = before, [before.text] if before else [], len(before.text) if before else 0
    for line, text in lines:
        found = _REPLY.fullmatch(text)
        if found:
            if begun:
                yield replace(begun, text="".join(texts))
            time, handset, to, words = found.groups()
            begun = Reply(time=time, handset=handset, to=to, text=words, line=line)
            texts, size = [words], len(words)
        elif begun and size + len(text) < LONGEST_REPLY:
            texts.append(_continued(text))
            size += len(texts[-1])
        elif text.strip(_SPACES):
            yield Stray(line, text)
    if begun:
        yield replace(begun, text="".join(texts))


def _continued(text: str) -> str:
    """More of a text: a line that begins with two tabs has no line end before it."""
    if text.startswith("\t\t"):
        return text[2:]
    return "\n" + text.removeprefix("\t")
