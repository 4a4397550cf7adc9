"""The REST API: what was received, waiting for it, replies, receipts and release."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from smsenc import SmsencError
from smsenc.smpp import SmppError, mapping
from smsgate.simulator import receipts, replies, view
from smsgate.simulator.deliveries import ANYBODY
from smsgate.simulator.guard import BadRequestError, Guard, body_of, refusal
from smsgate.simulator.openapi import DESCRIPTION
from smsgate.simulator.release import Release
from smsgate.simulator.server import Server
from smsgate.simulator.store import Message, Query

PREFIX = "/api/v1"
_MOST = 1000  # messages in an answer
_LONGEST_WAIT = 300.0
Handler = Callable[[Request], Awaitable[Response]]


class Api:
    """The handlers of all paths."""

    def __init__(self, server: Server, release: Release, rng: random.Random | None = None) -> None:
        self._server = server
        self._store = server.store
        self._release = release
        self._rng = rng or random.Random()  # noqa: S311 - chance, no secret
        self._arrival = asyncio.Event()
        server.listeners.append(self._arrived)

    def app(self, host: str) -> Starlette:
        """The application; ``host`` is what it listens on."""
        return Starlette(
            routes=[
                Route(f"{PREFIX}{path}", handler, methods=[method])
                for method, path, handler in self._paths()
            ],
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
        yield "DELETE", "/messages", self._delete
        yield "GET", "/messages/wait", self._wait
        yield "GET", "/messages/{id}", self._get
        yield "DELETE", "/messages/{id}", self._delete_one
        yield "POST", "/messages/{id}/receipt", self._receipt
        yield "POST", "/messages/{id}/release", self._released
        yield "POST", "/replies", self._reply

    async def _openapi(self, _request: Request) -> Response:
        return JSONResponse(DESCRIPTION)

    # --- Messages --------------------------------------------------------------------------------

    async def _list(self, request: Request) -> Response:
        return JSONResponse({"messages": self._found(request, _query(request), _limit(request))})

    async def _wait(self, request: Request) -> Response:
        count = _number(request, "count", 1, _MOST)
        timeout = _number(request, "timeout", 10.0, _LONGEST_WAIT)
        query = _query(request, complete=True)
        status = 200
        try:
            async with asyncio.timeout(timeout):
                while not self._there(request, query, int(count)):
                    await self._arrival.wait()
        except TimeoutError:
            status = 408
        found = self._found(request, query, _limit(request))
        return JSONResponse({"messages": found}, status)

    def _there(self, request: Request, query: Query, count: int) -> bool:
        if self._store.count(query) < count:
            return False
        return (
            "text" not in request.query_params or len(self._found(request, query, count)) >= count
        )

    def _arrived(self, _message: Message) -> None:
        self._arrival.set()
        self._arrival = asyncio.Event()

    def _found(self, request: Request, query: Query, limit: int) -> list[dict[str, object]]:
        """The first messages, and only those with the text that was asked for."""
        wanted = request.query_params.get("text", "").casefold()
        found = []
        for message in self._store.messages(query):
            segments = self._store.segments(message.id)
            if not wanted or wanted in view.words(message, segments).casefold():
                found.append(view.record(message, segments))
            if len(found) >= limit:
                break
        return found

    async def _get(self, request: Request) -> Response:
        message = self._message(request)
        return JSONResponse(view.record(message, self._store.segments(message.id)))

    def _message(self, request: Request) -> Message:
        message = self._store.message(_id(request.path_params["id"]))
        if message is None:
            raise BadRequestError("no such message", 404)
        return message

    async def _delete(self, request: Request) -> Response:
        deleted = self._store.delete(_query(request))
        self._server.forget()
        return JSONResponse({"deleted": deleted})

    async def _delete_one(self, request: Request) -> Response:
        self._store.delete_one(self._message(request).id)
        self._server.forget()
        return JSONResponse({"deleted": 1})

    # --- To ESMEs, and on to another message centre ----------------------------------------------

    async def _receipt(self, request: Request) -> Response:
        segments = self._store.segments(self._message(request).id)
        state = (await body_of(request)).get("state")
        if not isinstance(state, str) or state not in receipts.STATES:
            raise BadRequestError(f"state: expected one of {', '.join(receipts.STATES)}")
        with self._store.writing():
            self._store.settle([(state, one.id) for one in segments])
        for one in segments:
            self._server.fates.cancel(one)
        return JSONResponse(
            {"receipts": sum(self._server.fates.report(s, state) for s in segments)}
        )

    async def _reply(self, request: Request) -> Response:
        wanted = await body_of(request)
        bodies = replies.parts(wanted, self._rng)
        system_id = wanted.get("system_id")
        if not isinstance(system_id, str):
            number = mapping.number_of(bodies[0].destination_addr)
            system_id = self._store.owner(number) or ANYBODY
        deliveries = self._server.deliveries
        for body in bodies:
            deliveries.add(system_id, body)
        deliveries.pump(system_id)
        deliveries.flush(system_id)
        return JSONResponse({"parts": len(bodies), "waiting": deliveries.waiting}, 202)

    async def _released(self, request: Request) -> Response:
        message = self._message(request)
        results = await self._release.send(message, self._store.segments(message.id))
        return JSONResponse({"results": results})


def _query(request: Request, *, complete: bool = False) -> Query:
    given = request.query_params
    after = _id(given["after"]) if "after" in given else 0
    to, sender = (_normal(given[key]) if key in given else None for key in ("to", "from"))
    return Query(to=to, sender=sender, after=after, complete=complete)


def _normal(text: str) -> str:
    """A number as messages have it; a ``+`` that was not escaped has become a space."""
    try:
        return mapping.number_of(mapping.address(text.strip()))
    except SmppError:
        return text


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
    try:
        found = int(text, 16)
    except ValueError:
        raise BadRequestError("expected the id of a message", 404) from None
    if not 0 <= found < 1 << 62:
        raise BadRequestError("no such message", 404)
    return found


async def _bad(_request: Request, error: Exception) -> Response:
    return refusal(str(error), getattr(error, "status", 400))


async def _refused(_request: Request, error: Exception) -> Response:
    return refusal(str(error), 400)


async def _missing(_request: Request, error: Exception) -> Response:
    return refusal("no such path or method", getattr(error, "status_code", 404))
