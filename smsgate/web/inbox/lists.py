"""The list of messages by phone, live; marking and deleting many of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from converters.registry import UNKNOWN, viewers
from smsgate.simulator import receipts
from smsgate.simulator.query import Query
from smsgate.web.forms import form_of
from smsgate.web.inbox import shown
from smsgate.web.inbox.given import Filters, done, filters, id_of
from smsgate.web.inbox.handling import Handler, Pages, onward, updates, version
from smsgate.web.pages import fragment
from smsgate.web.problems import ProblemError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from smsgate.simulator.store import Message

#: Messages of a page, and phones beside it.
_ROWS, _PHONES = 25, 40


class _Found(NamedTuple):
    """The messages of a page, and the addresses of those before and after."""

    messages: list[Message]
    newer: str
    older: str


class ListPages(Pages):
    """Many messages."""

    def paths(self) -> Iterator[tuple[str, str, Handler]]:
        """Method, path and handler of each page."""
        yield "GET", "/", self._list
        yield "GET", "/live", self._stream
        yield "POST", "/read", self._read
        yield "GET", "/delete", self._ask
        yield "POST", "/delete", self._delete

    async def _list(self, request: Request) -> Response:
        given = filters(request)
        return self._page(
            request,
            "inbox/list.html",
            **await self._shown(request, given),
            said=done(request),
            kinds=sorted((*viewers(), UNKNOWN.kind)),
            states=list(receipts.STATES),
            tags=[tag for tag, _ in self._store.marks.tags()],
            is_live=not {"after", "before"} & set(request.query_params),
            **updates(request, given.path()),
        )

    async def _shown(self, request: Request, given: Filters) -> Mapping[str, Any]:
        """What the live part shows."""
        await self._actions.ready(given.query())
        found = self._found(request, given)
        rows = [shown.row(self._store, one) for one in found.messages]
        phones = self._store.phones(_PHONES + 1)
        total = self._store.count(Query())
        unread = self._store.count(Query(unread=True))
        return {
            "filters": given,
            "rows": rows,
            "phones": phones[:_PHONES],
            "more_phones": len(phones) > _PHONES,
            "total": total,
            "unread": unread,
            "newer": found.newer,
            "older": found.older,
            "version": version(rows, phones, total, unread),
        }

    def _found(self, request: Request, given: Filters) -> _Found:
        place = request.query_params
        after = id_of(place["after"]) if "after" in place else 0
        before = id_of(place["before"]) if "before" in place else None
        found = self._store.page(given.query(after, before), _ROWS + 1)
        more = len(found) > _ROWS
        rows = found[-_ROWS:] if after else found[:_ROWS]
        has_newer, has_older = (more, True) if after else (before is not None, more)
        if not rows:
            return _Found([], given.path() if has_newer or after else "", "")
        newest, oldest = (receipts.shown_id(rows[n].id) for n in (0, -1))
        return _Found(
            rows,
            given.path(after=newest) if has_newer else "",
            given.path(before=oldest) if has_older else "",
        )

    async def _stream(self, request: Request) -> Response:
        given = filters(request)
        content, known = "", -1

        async def render() -> str:
            nonlocal content, known
            now = self._store.version  # what comes meanwhile is shown the next time
            if known != now:
                found = await self._shown(request, given)
                content, known = fragment(request, "inbox/parts/live.html", **found), now
            return content

        return self._live.response(("list", given.key), render, "list")

    # --- Many at once ----------------------------------------------------------------------------

    async def _read(self, request: Request) -> Response:
        given = Filters({"to": to} if (to := (await form_of(request)).get("to")) else {})
        changed = self._store.mark(given.query(), unread=False)
        return onward(request, given.path(), "read", n=changed)

    async def _ask(self, request: Request) -> Response:
        to = filters(request)["to"]
        id_ = request.query_params.get("id", "")
        query = self._chosen(to, id_)
        count = self._store.count(query)
        return self._page(request, "inbox/delete.html", to=to, id=id_, count=count)

    async def _delete(self, request: Request) -> Response:
        form = await form_of(request)
        id_ = form.get("id")
        deleted = self._actions.delete(self._chosen(form.get("to"), id_))
        self._told(request, "deleted", id_, deleted)
        return onward(request, "/", "deleted", n=deleted)

    def _chosen(self, to: str, id_: str) -> Query:
        if not id_:
            return Filters({"to": to} if to else {}).query()
        query = Query.one(id_of(id_))
        if not self._store.count(query):
            raise ProblemError("inbox.gone", status=404)
        return query
