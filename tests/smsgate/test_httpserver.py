"""Connections that bring no request take no room for ever."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Route

from smsgate import httpserver

GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n"


async def hello(request):
    return PlainTextResponse(await request.body() or b"hello")


async def drops(_request):
    async def made():
        for n in range(8):
            yield f"{n}\n"
            await asyncio.sleep(0.1)

    return StreamingResponse(made())


def answers(*pieces, pause=0.0):
    """What a server answers to pieces that come one after another."""

    async def go():
        routes = [Route("/", hello, methods=["GET", "POST"]), Route("/drops", drops)]
        async with AsyncExitStack() as ends:
            sock = httpserver.listening("127.0.0.1", 0, "--port", ends)
            httpserver.serve(Starlette(routes=routes), sock, ends)
            reader, writer = await asyncio.open_connection(*httpserver.place(sock))
            async with asyncio.timeout(60):
                for piece in pieces:
                    writer.write(piece)
                    await asyncio.sleep(pause)
                found = await reader.read()
            writer.close()
            return found

    return asyncio.run(go())


@pytest.mark.parametrize(
    "pieces",
    [
        (),
        (GET,),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n", b"1234"),
    ],
)
def test_a_request_that_does_not_come_ends_the_connection(monkeypatch, pieces):
    monkeypatch.setattr(httpserver, "_SLOW", 0.2)
    try:
        assert answers(*pieces) == b""
    except ConnectionResetError:
        pass


def test_one_that_takes_its_time_is_answered(monkeypatch):
    monkeypatch.setattr(httpserver, "_SLOW", 2.0)
    found = answers(GET, b"Connection: close\r\n", b"\r\n", pause=0.3)
    assert found.endswith(b"hello")


def test_a_long_answer_is_no_slow_request(monkeypatch):
    monkeypatch.setattr(httpserver, "_SLOW", 0.1)
    found = answers(GET.replace(b"/ ", b"/drops "), b"Connection: close\r\n\r\n")
    assert b"7\n" in found
