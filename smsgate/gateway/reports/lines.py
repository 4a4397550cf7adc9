"""Structured logs: one line for each happening, as JSON or as words, without texts and passwords.

    log = EventLog(write, json=True, level=logging.INFO, node="gw1")
    log(FileTaken("1234567", "order.txt"))

Numbers of phones show their last three digits, wherever they are; texts are left out. Both can be
asked for.
"""

from __future__ import annotations

import json as coder
import logging
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, NamedTuple, TextIO

from smsgate.gateway.reports import happenings as seen
from smsgate.gateway.reports.happenings import Happening
from smsgate.masking import cleaned

LEVELS = MappingProxyType(
    {name: getattr(logging, name.upper()) for name in ("debug", "info", "warning", "error")}
)
_LISTED = 50  # messages in one line
_LONGEST = 1000  # characters of a value
_SHOWN = 3  # last digits of a number
#: An id of a message, which stays, or a number of a phone.
_NUMBER = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])|[0-9]{7,}")
_Fields = Mapping[str, Any]


class _Said(NamedTuple):
    level: int
    event: str
    fields: _Fields


class _Shown(NamedTuple):
    """What a line may have."""

    numbers: bool
    texts: bool

    def safe(self, text: str) -> str:
        """Text from outside for a line."""
        found = cleaned(text, _LONGEST)
        return found if self.numbers else _NUMBER.sub(_hidden, found)


def _hidden(found: re.Match[str]) -> str:
    text = found[0]
    if len(text) == 32:
        return text
    return "*" * (len(text) - _SHOWN) + text[-_SHOWN:]


class EventLog:
    """Writes to ``stream``; ``node`` is in every line if it is given."""

    def __init__(  # noqa: PLR0913 - what was asked for
        self,
        stream: TextIO,
        *,
        json: bool,
        level: int,
        node: str = "",
        numbers: bool = False,
        texts: bool = False,
    ) -> None:
        self._shown = _Shown(numbers, texts)
        self._logger = logging.Logger("smsenc.gateway", level)  # noqa: LOG001 - of this gateway alone
        handler = logging.StreamHandler(stream)
        handler.setFormatter((_Json if json else _Words)(node))
        self._logger.addHandler(handler)
        self._tells = json  # otherwise lines for people are printed as they are

    def __call__(self, happening: Happening) -> None:
        """Write the lines of a happening."""
        level, say = _ROWS.get(type(happening), (logging.NOTSET, None))
        if say is None or not self._logger.isEnabledFor(level):
            return
        if isinstance(happening, seen.Told) and not self._tells:
            return
        for one in say(happening, self._shown):
            self._logger.log(one.level, one.event, extra={"fields": one.fields})


class _Json(logging.Formatter):
    def __init__(self, node: str) -> None:
        super().__init__()
        self._node = {"node": node} if node else {}

    def format(self, record: logging.LogRecord) -> str:
        head = {"time": _time(record), "level": record.levelname.lower(), "event": record.msg}
        return coder.dumps(head | self._node | record.__dict__["fields"])


class _Words(_Json):
    def format(self, record: logging.LogRecord) -> str:
        fields = {**self._node, **record.__dict__["fields"]}
        words = (f"{name}={coder.dumps(value)}" for name, value in fields.items())
        return " ".join((_time(record), record.levelname.lower(), record.msg, *words))


def _time(record: logging.LogRecord) -> str:
    moment = datetime.fromtimestamp(record.created, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


# --- Each kind of happening -----------------------------------------------------------------------


def _taken(one: seen.FileTaken, shown: _Shown) -> Iterator[_Said]:
    yield _Said(logging.INFO, "file.taken", {"account": one.account, "file": shown.safe(one.file)})


def _lot(one: seen.LotAccepted, shown: _Shown) -> Iterator[_Said]:
    refused = {f"{code:03}": number for code, number in sorted(one.refused.items())}
    named = {"account": one.account, "file": shown.safe(one.file)}
    yield _Said(logging.DEBUG, "file.lot", named | {"accepted": one.accepted, "refused": refused})


def _answered(one: seen.FileAnswered, shown: _Shown) -> Iterator[_Said]:
    named = {"account": one.account, "file": shown.safe(one.file)}
    counts = {"accepted": one.accepted, "refused": one.refused}
    found = named | counts | {"seconds": round(one.seconds, 3)}
    yield _Said(logging.INFO, "file.answered", found)


def _announced(one: seen.Announced, shown: _Shown) -> Iterator[_Said]:
    for some in _pieces(one.lot):
        listed = []
        for due in some:
            entry = {"id": due.uid, "to": shown.safe(due.recipient), "attempt": due.attempts}
            text = one.text(due) if shown.texts else None
            listed.append(entry if text is None else entry | {"text": cleaned(text, _LONGEST)})
        yield _Said(logging.DEBUG, "messages.announced", {"route": one.route, "messages": listed})


def _ended(one: seen.TriesEnded, _shown: _Shown) -> Iterator[_Said]:
    for some in _pieces(one.lot):
        listed = [
            {"key": outcome.message, "end": outcome.end.value, "parts": len(outcome.accepted)}
            for outcome in some
        ]
        yield _Said(logging.DEBUG, "messages.ended", {"route": one.route, "messages": listed})


def _received(one: seen.Received, _shown: _Shown) -> Iterator[_Said]:
    numbers = {"receipts": one.receipts, "replies": one.replies}
    yield _Said(logging.DEBUG, "route.received", {"route": one.route} | numbers)


def _called(one: seen.CalledBack, _shown: _Shown) -> Iterator[_Said]:
    level = logging.DEBUG if one.done else logging.WARNING
    named = {"account": one.account, "kind": one.kind, "done": one.done}
    yield _Said(level, "callback", named | {"seconds": round(one.seconds, 3)})


def _route(one: seen.RouteChanged, shown: _Shown) -> Iterator[_Said]:
    level = logging.WARNING if one.problem else logging.INFO
    found = {"problem": shown.safe(one.problem)} if one.problem else {}
    yield _Said(level, "route.stopped" if found else "route.sending", {"route": one.route} | found)


def _reloaded(one: seen.Reloaded, shown: _Shown) -> Iterator[_Said]:
    level = logging.INFO if one.done else logging.ERROR
    yield _Said(level, "reload", {"done": one.done, "lines": [*map(shown.safe, one.lines)]})


def _draining(_one: seen.Draining, _shown: _Shown) -> Iterator[_Said]:
    yield _Said(logging.INFO, "drain", {})


def _swept(one: seen.Swept, _shown: _Shown) -> Iterator[_Said]:
    yield _Said(logging.INFO, "swept", {"texts": one.texts, "rows": one.rows})


def _told(one: seen.Told, shown: _Shown) -> Iterator[_Said]:
    yield _Said(logging.WARNING, "told", {"text": shown.safe(one.text)})


def _pieces(lot: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for at in range(0, len(lot), _LISTED):
        yield lot[at : at + _LISTED]


#: The highest level of each kind, and its lines.
_ROWS: Mapping[type, tuple[int, Callable[[Any, _Shown], Iterator[_Said]]]] = MappingProxyType(
    {
        seen.FileTaken: (logging.INFO, _taken),
        seen.LotAccepted: (logging.DEBUG, _lot),
        seen.FileAnswered: (logging.INFO, _answered),
        seen.Announced: (logging.DEBUG, _announced),
        seen.TriesEnded: (logging.DEBUG, _ended),
        seen.Received: (logging.DEBUG, _received),
        seen.CalledBack: (logging.WARNING, _called),
        seen.RouteChanged: (logging.WARNING, _route),
        seen.Reloaded: (logging.ERROR, _reloaded),
        seen.Draining: (logging.INFO, _draining),
        seen.Swept: (logging.INFO, _swept),
        seen.Told: (logging.WARNING, _told),
    }
)
