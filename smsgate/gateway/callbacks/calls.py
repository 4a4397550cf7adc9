"""One call of a URL: to an address that was checked, without redirects, cookies or proxies.

    async with Caller(settings) as caller:
        answer = await caller.call(target, fields, "…")

A call has an end: its time covers the look-up, the connection, and the whole answer.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import TracebackType
from typing import NamedTuple, Self

import httpx

from smsgate.errors import reason
from smsgate.gateway.callbacks.resolving import LookUp, Resolver, UnusableError, look_up
from smsgate.gateway.callbacks.urls import Url
from smsgate.gateway.settings import CallbackSettings, Method
from smsgate.masking import cleaned

_LONGEST = 200  # characters of what went wrong
_CONNECT = 0.4  # of the time of a call, for the connection to one address
_BODY = 2.0  # seconds for the rest of an answer: its status is all that counts
_HEADERS = {"User-Agent": "smsenc", "Accept-Encoding": "identity", "Connection": "close"}
_SUCCESS = range(200, 300)
_REDIRECT = range(300, 400)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL, and how it is called."""

    url: Url
    method: Method = Method.POST
    user: str = ""
    password: str = field(default="", repr=False)


class Answer(NamedTuple):
    """How a call ended; ``detail`` is for people and names no more than the host."""

    ok: bool
    detail: str


class _Pinned(httpx.AsyncBaseTransport):
    """Connects to addresses that were checked: no second look-up can name another one.

    The certificate is still that of the host (SNI and its check), and so is the Host header.
    Connections are not kept: one to an address must not serve another host.
    """

    def __init__(self, resolver: Resolver, verify: ssl.SSLContext, most: int) -> None:
        self._resolver = resolver
        limits = httpx.Limits(max_connections=most, max_keepalive_connections=0)
        self._inner = httpx.AsyncHTTPTransport(verify=verify, trust_env=False, limits=limits)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        url = request.url
        default = 443 if url.scheme == "https" else 80
        addresses = await self._resolver.addresses(_ascii(url), url.port or default)
        for address in addresses[:-1]:
            with suppress(httpx.ConnectError, httpx.ConnectTimeout):
                return await self._send(request, address)
        return await self._send(request, addresses[-1])

    async def _send(self, request: httpx.Request, address: str) -> httpx.Response:
        pinned = httpx.Request(
            request.method,
            request.url.copy_with(host=address),
            headers=request.headers,
            stream=request.stream,
            extensions={**request.extensions, "sni_hostname": _ascii(request.url)},
        )
        return await self._inner.handle_async_request(pinned)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _ascii(url: httpx.URL) -> str:
    """The host as it is in the URL: ``host`` decodes xn-- by other rules than who looks it up."""
    return url.raw_host.decode("ascii")


class Caller:
    """Calls URLs; raises OSError if there is no such ``ca_file``."""

    def __init__(self, settings: CallbackSettings, *, look_up: LookUp = look_up) -> None:
        self._settings = settings
        self._resolver = Resolver(settings.allow_private, settings.at_once, look_up)
        verify = ssl.create_default_context(cafile=settings.ca_file)
        self._client = httpx.AsyncClient(
            transport=_Pinned(self._resolver, verify, settings.at_once * 2),
            trust_env=False,
            follow_redirects=False,
            headers=_HEADERS,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            timeout=httpx.Timeout(settings.timeout, connect=settings.timeout * _CONNECT),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End its connections and threads."""
        await self._client.aclose()
        self._resolver.close()

    async def call(self, target: Target, fields: Mapping[str, str], key: str) -> Answer:
        """Call a URL with fields; ``key`` is the same in all calls about one thing."""
        end = asyncio.get_running_loop().time() + self._settings.timeout
        try:
            request = self._request(target, fields, key)
            auth = httpx.BasicAuth(target.user, target.password) if target.user else None
            async with asyncio.timeout_at(end):
                response = await self._client.send(request, auth=auth, stream=True)
        except TimeoutError:
            return Answer(ok=False, detail=f"no answer within {self._settings.timeout:g} seconds")
        except (httpx.HTTPError, httpx.InvalidURL, UnusableError, OSError, UnicodeError) as error:
            return Answer(ok=False, detail=_said(error))
        try:
            await self._drop(response, end)
        finally:
            await response.aclose()
        return _judged(response.status_code)

    def _request(self, target: Target, fields: Mapping[str, str], key: str) -> httpx.Request:
        url, headers = httpx.URL(target.url.text), {"Idempotency-Key": key}
        if target.method is Method.GET:
            url = url.copy_merge_params(dict(fields))
            return self._client.build_request("GET", url, headers=headers)
        return self._client.build_request("POST", url, data=dict(fields), headers=headers)

    async def _drop(self, response: httpx.Response, end: float) -> None:
        """Read an answer, as far as that is allowed, so that its server sees it taken."""
        size, now = 0, asyncio.get_running_loop().time()
        with suppress(httpx.HTTPError, TimeoutError):
            async with asyncio.timeout_at(min(end, now + _BODY)):
                async for octets in response.aiter_raw():
                    size += len(octets)
                    if size > self._settings.largest_answer:
                        return


def _judged(status: int) -> Answer:
    hint = ": redirects are not followed" if status in _REDIRECT else ""
    return Answer(ok=status in _SUCCESS, detail=f"answered {status}{hint}")


def _said(error: Exception) -> str:
    if isinstance(error, httpx.ConnectTimeout):
        return "no connection in time"
    if isinstance(error, httpx.TimeoutException):
        return "no answer in time"
    text = reason(error) if isinstance(error, OSError) else str(error) or type(error).__name__
    connect = "no connection: " if isinstance(error, httpx.ConnectError) else ""
    return cleaned(f"{connect}{text}", _LONGEST)
