"""Requests to an application without a server in between."""

from __future__ import annotations

import asyncio
from typing import Any, Self

import httpx


class Client:
    """A client at an address with its cookies; ``http`` is its httpx.AsyncClient."""

    def __init__(
        self, app: Any, base: str = "http://127.0.0.1", address: str = "127.0.0.1", **given: Any
    ) -> None:
        self._runner = asyncio.Runner()
        transport = httpx.ASGITransport(app, client=(address, 50_000))
        self.http = httpx.AsyncClient(transport=transport, base_url=base, **given)

    def run(self, work: Any) -> Any:
        """Run a coroutine in the client's loop."""
        return self._runner.run(work)

    def get(self, path: str, **given: Any) -> httpx.Response:
        """A page."""
        return self.request("GET", path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        """A form."""
        return self.request("POST", path, **given)

    def request(self, method: str, path: str, **given: Any) -> httpx.Response:
        """Any request."""
        found: httpx.Response = self.run(self.http.request(method, path, **given))
        return found

    @property
    def cookies(self) -> httpx.Cookies:
        """The cookies that the application gave."""
        return self.http.cookies

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self.http.aclose())
        self._runner.close()
