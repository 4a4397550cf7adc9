"""A POST to a URL for each message that is complete."""

from __future__ import annotations

import asyncio
import json
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPException
from urllib.parse import urlsplit

from smsenc import OptionError
from smsgate.errors import reason

_MOST_WAITING = 1000
_PAUSES = (0.5, 2.0)  # seconds before the second and the third try
_TIMEOUT = 5.0


def check(url: str) -> None:
    """Raise OptionError for what is no URL of the web."""
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname)
        _ = parts.port
    except ValueError:
        good = False
    if not good:
        raise OptionError("expected http://host/path or https://host/path", name="--webhook")


def _opener() -> urllib.request.OpenerDirector:
    """It follows no redirection, and knows no proxy."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPDefaultErrorHandler(),
        urllib.request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


class Webhook:
    """Posts JSON in the order of arrival; ``tell`` gets what could not be posted."""

    def __init__(self, url: str, tell: Callable[[str], object]) -> None:
        self._url = url
        self._tell = tell
        self._queue: asyncio.Queue[dict[str, object]] = asyncio.Queue(_MOST_WAITING)
        self._opener = _opener()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def post(self, record: dict[str, object]) -> None:
        """Post a message after those before; if too many wait, it is left out."""
        try:
            self._queue.put_nowait(record)
        except asyncio.QueueFull:
            self._tell(f"webhook: {record['id']} left out: {_MOST_WAITING} messages wait")

    async def _run(self) -> None:
        while True:
            record = await self._queue.get()
            octets = json.dumps(record).encode()
            for pause in (*_PAUSES, None):
                problem = await asyncio.to_thread(self._try, octets)
                if not problem or pause is None:
                    break
                await asyncio.sleep(pause)
            if problem:
                self._tell(f"webhook: {record['id']} not posted: {problem}")

    def _try(self, octets: bytes) -> str:
        """Post once; why it failed, or nothing."""
        headers = {"Content-Type": "application/json", "User-Agent": "smsenc"}
        request = urllib.request.Request(self._url, octets, headers)  # noqa: S310 - see check
        try:
            with self._opener.open(request, timeout=_TIMEOUT):
                return ""
        except (OSError, HTTPException, ValueError) as error:
            return reason(error)

    async def close(self) -> None:
        """Stop; what waits is left out."""
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task
