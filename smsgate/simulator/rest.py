"""The REST API: what was received, waiting for it, replies, receipts and release."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from itertools import islice

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from smsenc import SmsencError
from smsgate.simulator import behaviourrecord, receipts, view
from smsgate.simulator.actions import Actions
from smsgate.simulator.guard import BadRequestError, Guard, body_of, refusal
from smsgate.simulator.marks import checked
from smsgate.simulator.openapi import DESCRIPTION
from smsgate.simulator.query import Query, normal
from smsgate.simulator.server import Server
from smsgate.simulator.store import Message, Phone

PREFIX = "/api/v1"
_MOST = 1000  # messages in an answer
_LONGEST_WAIT = 300.0
Handler = Callable[[Request], Awaitable[Response]]


class Api:
    """The handlers of all paths."""

    def __init__(self, server: Server, actions: Actions) -> None:
        self._store = server.store
        self._actions = actions
        self._arrival = asyncio.Event()
        server.listeners.append(self._arrived)

    def app(self, host: str, further: Sequence[BaseRoute] = ()) -> Starlette:
        """The application; ``host`` is what it listens on. ``further`` routes are guarded too."""
        routes = [
            Route(f"{PREFIX}{path}", handler, methods=[method])
            for method, path, handler in self._paths()
        ]
        return Starlette(
            routes=[*routes, *further],
            middleware=[Middleware(Guard, host=host)],
            exception_handlers={
                BadRequestError: _bad,
                SmsencError: _refused,
                404: _missing,
                405: _missing,
            },
        )

    def _paths(self) -> Iterator[tuple[str, str, Handler]]:
        yield "GET", "/openapi.json", self._openapi
        yield "GET", "/messages", self._list
        yield "PATCH", "/messages", self._mark
        yield "DELETE", "/messages", self._delete
        yield "GET", "/messages/wait", self._wait
        yield "GET", "/messages/{id}", self._get
        yield "PATCH", "/messages/{id}", self._mark_one
        yield "DELETE", "/messages/{id}", self._delete_one
        yield "POST", "/messages/{id}/receipt", self._receipt
        yield "POST", "/messages/{id}/release", self._released
        yield "GET", "/phones", self._phones
        yield "GET", "/tags", self._tags
        yield "POST", "/replies", self._reply
        yield "GET", "/behaviour", self._behaviour
        yield "PUT", "/behaviour", self._behave

    async def _openapi(self, _request: Request) -> Response:
        return JSONResponse(DESCRIPTION)

    # --- Messages --------------------------------------------------------------------------------

    async def _list(self, request: Request) -> Response:
        query = _query(request)
        await self._actions.ready(query)
        return JSONResponse({"messages": self._found(query, _limit(request))})

    async def _wait(self, request: Request) -> Response:
        count = int(_number(request, "count", 1, _MOST))
        timeout = _number(request, "timeout", 10.0, _LONGEST_WAIT)
        query, limit = _query(request, complete=True), _limit(request)
        status = 200
        try:
            async with asyncio.timeout(timeout):
                await self._arrived_for(query, count)
        except TimeoutError:
            status = 408
        return JSONResponse({"messages": self._found(query, limit)}, status)

    async def _arrived_for(self, query: Query, count: int) -> None:
        while True:
            arrival = self._arrival
            await self._actions.ready(query)
            if self._store.count(query) >= count:
                return
            await arrival.wait()

    def _arrived(self, _message: Message) -> None:
        self._arrival.set()
        self._arrival = asyncio.Event()

    def _found(self, query: Query, limit: int) -> list[dict[str, object]]:
        """The first messages."""
        return [self._record(one) for one in islice(self._store.messages(query), limit)]

    def _record(self, message: Message) -> dict[str, object]:
        segments, marked = self._store.segments(message.id), self._store.marks.of(message.id)
        return view.record(message, segments, marked)

    async def _get(self, request: Request) -> Response:
        return JSONResponse(self._record(self._message(request)))

    def _message(self, request: Request) -> Message:
        message = self._store.message(_id(request.path_params["id"]))
        if message is None:
            raise BadRequestError("no such message", 404)
        return message

    async def _delete(self, request: Request) -> Response:
        query = _query(request)
        await self._actions.ready(query)
        return JSONResponse({"deleted": self._actions.delete(query)})

    async def _delete_one(self, request: Request) -> Response:
        query = Query.one(self._message(request).id)
        return JSONResponse({"deleted": self._actions.delete(query)})

    # --- Marks -----------------------------------------------------------------------------------

    async def _mark(self, request: Request) -> Response:
        unread, query = _unread(await body_of(request)), _query(request)
        if unread is None:
            raise BadRequestError("unread: expected true or false")
        await self._actions.ready(query)
        return JSONResponse({"changed": self._store.mark(query, unread=unread)})

    async def _mark_one(self, request: Request) -> Response:
        wanted = await body_of(request)
        message = self._message(request)
        unread, tags = _unread(wanted), wanted.get("tags")
        if tags is not None:
            if not isinstance(tags, list):
                raise BadRequestError("tags: expected a list of texts")
            self._store.tag(message.id, {checked(one): None for one in tags})
        if unread is not None:
            self._store.mark(Query.one(message.id), unread=unread)
        return JSONResponse(self._record(message))

    async def _phones(self, request: Request) -> Response:
        found = self._store.phones(_limit(request))
        return JSONResponse({"phones": [_phone(one) for one in found]})

    async def _tags(self, _request: Request) -> Response:
        found = self._store.marks.tags()
        return JSONResponse({"tags": [{"tag": tag, "messages": count} for tag, count in found]})

    # --- To ESMEs, and on to another message centre ----------------------------------------------

    async def _receipt(self, request: Request) -> Response:
        message = self._message(request)
        state = (await body_of(request)).get("state")
        return JSONResponse({"receipts": self._actions.settle(message, state)})

    async def _reply(self, request: Request) -> Response:
        return JSONResponse(self._actions.reply(await body_of(request))._asdict(), 202)

    async def _released(self, request: Request) -> Response:
        return JSONResponse({"results": await self._actions.send_on(self._message(request))})

    # --- The network -----------------------------------------------------------------------------

    async def _behaviour(self, _request: Request) -> Response:
        return JSONResponse(behaviourrecord.record(self._actions.behaviour))

    async def _behave(self, request: Request) -> Response:
        self._actions.behaviour = behaviourrecord.read(await body_of(request))
        return await self._behaviour(request)


def _phone(one: Phone) -> dict[str, object]:
    return {**one._asdict(), "newest": receipts.shown_id(one.newest)}


def _unread(wanted: Mapping[str, object]) -> bool | None:
    found = wanted.get("unread")
    if found is not None and not isinstance(found, bool):
        raise BadRequestError("unread: expected true or false")
    return found


def _query(request: Request, *, complete: bool = False) -> Query:
    given = request.query_params
    text = given.get("text", "").casefold()
    return Query(
        to=_normal(given.get("to")),
        sender=_normal(given.get("from")),
        after=_id(given["after"]) if "after" in given else 0,
        complete=complete,
        kind=given.get("kind"),
        state=given.get("state"),
        unread=_flag(given.get("unread")),
        tag=given.get("tag"),
        words=(text,) if text else (),
    )


def _normal(text: str | None) -> str | None:
    return None if text is None else normal(text)


def _flag(text: str | None) -> bool | None:
    if text not in (None, "true", "false"):
        raise BadRequestError("unread: expected true or false")
    return None if text is None else text == "true"


def _limit(request: Request) -> int:
    return int(_number(request, "limit", _MOST, _MOST))


def _number(request: Request, key: str, default: float, most: float) -> float:
    text = request.query_params.get(key)
    if text is None:
        return default
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= most:
        raise BadRequestError(f"{key}: expected a number from 0 to {most:g}")
    return number


def _id(text: str) -> int:
    found = receipts.read_id(text)
    if found is None:
        raise BadRequestError("expected the id of a message", 404)
    return found


async def _bad(_request: Request, error: Exception) -> Response:
    return refusal(str(error), getattr(error, "status", 400))


async def _refused(_request: Request, error: Exception) -> Response:
    return refusal(str(error), 400)


async def _missing(_request: Request, error: Exception) -> Response:
    return refusal("no such path or method", getattr(error, "status_code", 404))
