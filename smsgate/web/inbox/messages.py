"""One message: what the phone shows and plays, its parts and octets, and what is done with it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from converters.received import export
from smsgate.simulator import receipts, view
from smsgate.simulator.marks import LONGEST_TAG, MOST_TAGS, checked
from smsgate.simulator.query import Query
from smsgate.web.forms import form_of
from smsgate.web.inbox import shown
from smsgate.web.inbox.given import done, message_of, number
from smsgate.web.inbox.handling import Handler, Pages, may, onward, refusals, updates, version
from smsgate.web.pages import by_script, fragment, page
from smsgate.web.problems import ProblemError
from smsgate.web.texts import text

if TYPE_CHECKING:
    from starlette.requests import Request

    from smsgate.simulator.store import Message

#: Parts of a page; up to so many have their octets there, too.
_PARTS, _WITH_OCTETS = 25, 3
_RESULT = "accepted"
_PATH = "/messages/{id}"


class MessagePages(Pages):
    """The page of a message."""

    def paths(self) -> Iterator[tuple[str, str, Handler]]:
        """Method, path and handler of each page."""
        yield "GET", _PATH, self._show
        yield "GET", f"{_PATH}/live", self._stream
        yield "GET", f"{_PATH}/screen.png", self._screen
        yield "GET", f"{_PATH}/tone.wav", self._tone
        yield "GET", f"{_PATH}/text", self._text
        yield "GET", f"{_PATH}/parts/{{number}}", self._part
        yield "POST", f"{_PATH}/mark", self._mark
        yield "POST", f"{_PATH}/tag", self._tag
        yield "POST", f"{_PATH}/untag", self._untag
        yield "POST", f"{_PATH}/receipt", self._receipt
        yield "POST", f"{_PATH}/release", self._release

    def _message(self, request: Request) -> Message:
        return message_of(self._store, request.path_params["id"])

    async def _show(self, request: Request) -> Response:
        message = self._message(request)
        said = done(request)
        return self._page(
            request,
            "inbox/message.html",
            **self._shown(message, _first(request)),
            **self._marks(message),
            said=said,
            states=list(receipts.STATES),
            releases=self._actions.release.allows(message.recipient),
            is_new=not said,
            **updates(request, f"{_path(message)}?part={_first(request)}"),
        )

    def _shown(self, message: Message, first: int) -> Mapping[str, Any]:
        """What the live part shows."""
        segments = self._store.segments(message.id)
        parts = shown.parts(segments, first, _PARTS, with_octets=len(segments) <= _WITH_OCTETS)
        whole = shown.whole(self._store, message)
        return {
            "message": whole,
            "parts": parts,
            "first": first,
            "came": len(segments),
            "newer": first - _PARTS if first > _PARTS else 0,
            "older": first + _PARTS if len(segments) >= first + _PARTS else 0,
            "version": version(whole, parts),
        }

    def _marks(self, message: Message) -> Mapping[str, Any]:
        marked = self._store.marks.of(message.id)
        bounds = {"longest_tag": LONGEST_TAG, "most_tags": MOST_TAGS}
        return {"id": receipts.shown_id(message.id), "marked": marked, **bounds}

    async def _stream(self, request: Request) -> Response:
        id_, first = self._message(request).id, _first(request)
        content, known = "", None

        async def render() -> str:
            nonlocal content, known
            message, segments = self._store.message(id_), self._store.segments(id_)
            if known != (message, segments):  # of all that comes, little is about this message
                known = (message, segments)
                found = self._shown(message, first) if message else {}
                template = "inbox/parts/messagelive.html" if message else "inbox/parts/gone.html"
                content = fragment(request, template, **found)
            return content

        return self._live.response(("message", id_, first), render, "message")

    async def _part(self, request: Request) -> Response:
        message, place = self._message(request), number(request.path_params["number"])
        segments = self._store.segments(message.id)
        found = shown.parts(segments, place, 1, with_octets=True) if place else []
        if not found:
            raise ProblemError("inbox.part-gone", status=404)
        row = shown.row(self._store, message)
        return self._page(request, "inbox/part.html", part=found[0], row=row)

    async def _text(self, request: Request) -> Response:
        message = self._message(request)
        name = f"{receipts.shown_id(message.id)}.txt"
        found = shown.lines(self._store, message).encode("utf-8", "replace")
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(found, media_type="text/plain", headers=headers)

    # --- What is seen and heard ------------------------------------------------------------------

    async def _screen(self, request: Request) -> Response:
        return await self._preview(request, ".png", "image/png")

    async def _tone(self, request: Request) -> Response:
        return await self._preview(request, ".wav", "audio/wav")

    async def _preview(self, request: Request, suffix: str, kind: str) -> Response:
        message = self._message(request)
        payload = view.as_shown(message, self._store.segments(message.id)).payload
        if payload is None:
            raise ProblemError("inbox.no-preview", status=404)
        with refusals():
            made = await asyncio.to_thread(export.preview, payload, suffix)
        return Response(made.octets, media_type=kind)

    # --- Actions ---------------------------------------------------------------------------------

    async def _mark(self, request: Request) -> Response:
        form = await form_of(request)
        message = self._message(request)
        unread = form.get("unread") == "yes"
        self._store.mark(Query.one(message.id), unread=unread)
        what = "unread" if unread else "read-one"
        return self._marked(request, message, "" if form.get("quiet") else what)

    async def _tag(self, request: Request) -> Response:
        form = await form_of(request)
        message, given = self._message(request), self._tags(request)
        with refusals():
            self._store.tag(message.id, {**given, checked(form.get("tag")): None})
        return self._marked(request, message, "tagged")

    async def _untag(self, request: Request) -> Response:
        form = await form_of(request)
        message, given = self._message(request), self._tags(request)
        given.pop(form.get("tag"), None)
        self._store.tag(message.id, given)
        return self._marked(request, message, "untagged")

    def _tags(self, request: Request) -> dict[str, None]:
        return dict.fromkeys(self._store.marks.of(self._message(request).id).tags)

    def _marked(self, request: Request, message: Message, what: str) -> Response:
        """The marks alone for a script, otherwise the page again."""
        if not by_script(request):
            return onward(request, _path(message), what)
        spoken = text(f"inbox.done.{what}") if what else ""
        given = {**self._marks(message), "spoken": spoken}
        return page(request, "inbox/parts/marks.html", may=may(request), **given)

    async def _receipt(self, request: Request) -> Response:
        form = await form_of(request)
        message = self._message(request)
        with refusals():
            sent = self._actions.settle(message, form.get("state"))
        self._told(request, "receipts", receipts.shown_id(message.id), sent)
        return onward(request, _path(message), "receipts", n=sent)

    async def _release(self, request: Request) -> Response:
        await form_of(request)
        message = self._message(request)
        with refusals():
            results = await self._actions.send_on(message)
        if accepted := sum(one["result"] == _RESULT for one in results):
            self._told(request, "released", receipts.shown_id(message.id), accepted)
        _check(results)
        return onward(request, _path(message), "released", n=len(results))


def _path(message: Message) -> str:
    return f"/messages/{receipts.shown_id(message.id)}"


def _first(request: Request) -> int:
    """The first part to show."""
    return max(1, number(request.query_params.get("part", "1")))


def _check(results: list[dict[str, object]]) -> None:
    """Raise ProblemError with what became of the first part that was not accepted."""
    for one in results:
        if one["result"] != _RESULT:
            why = one.get("reason") or one.get("status")
            raise ProblemError("inbox.not-released", status=502, result=one["result"], why=why)
