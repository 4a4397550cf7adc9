"""What an address of the inbox says: which messages to show, and what was done before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from smsgate.simulator import receipts
from smsgate.simulator.query import Query, normal
from smsgate.simulator.store import Message, Store
from smsgate.web.problems import ProblemError
from smsgate.web.texts import catalogue, text

if TYPE_CHECKING:
    from starlette.requests import Request

#: The filters of a list, as they stand in addresses.
NAMES = ("to", "from", "q", "kind", "state", "unread", "tag")
_LONGEST, _MOST_WORDS = 200, 10
_MOST_COUNT, _DIGITS = 1_000_000, 9


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters that are set, by name."""

    values: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.values.get(name, "")

    @property
    def key(self) -> tuple[tuple[str, str], ...]:
        """The same for all lists with these filters."""
        return tuple(self.values.items())

    @property
    def beside_phone(self) -> bool:
        """Whether there are others than the phone."""
        return any(name != "to" for name in self.values)

    def path(self, page: str = "/", **changes: object) -> str:
        """The address of a page with these filters and further parameters."""
        found = urlencode({**self.values, **changes})
        return f"{page}?{found}" if found else page

    def query(self, after: int = 0, before: int | None = None) -> Query:
        """The same for the store."""
        return Query(
            to=self._number("to"),
            sender=self._number("from"),
            after=after,
            before=before,
            kind=self["kind"] or None,
            state=self["state"] or None,
            unread=True if self["unread"] else None,
            tag=self["tag"] or None,
            words=tuple(self["q"].casefold().split()),
        )

    def _number(self, name: str) -> str | None:
        return normal(self[name]) if self[name] else None


def filters(request: Request) -> Filters:
    """The filters in an address; raises ProblemError if they are too long."""
    given = request.query_params
    found = {name: given[name].strip() for name in NAMES if given.get(name, "").strip()}
    if any(len(value) > _LONGEST for value in found.values()):
        raise ProblemError("inbox.long", most=_LONGEST)
    if len(found.get("q", "").split()) > _MOST_WORDS:
        raise ProblemError("inbox.words", most=_MOST_WORDS)
    return Filters(found)


def id_of(given: str) -> int:
    """The id in an address; raises ProblemError."""
    found = receipts.read_id(given)
    if found is None:
        raise ProblemError("inbox.gone", status=404)
    return found


def message_of(store: Store, given: str) -> Message:
    """The message that an address is about; raises ProblemError."""
    message = store.message(id_of(given))
    if message is None:
        raise ProblemError("inbox.gone", status=404)
    return message


def done(request: Request) -> str:
    """What the action before this page has done, as a sentence."""
    key = f"inbox.done.{request.query_params.get('done', '')}"
    known = catalogue()
    if key not in known and f"{key}.other" not in known:
        return ""
    said = text(key, count=_count(request, "n"))
    waiting = _count(request, "waiting")
    return f"{said} {text('inbox.waiting', count=waiting)}" if waiting else said


def _count(request: Request, name: str) -> int:
    found = request.query_params.get(name, "0")
    return min(number(found), _MOST_COUNT)


def number(given: str) -> int:
    """A whole number in an address; 0 for anything else, and for one that is too long."""
    return int(given) if given.isascii() and given.isdigit() and len(given) <= _DIGITS else 0
