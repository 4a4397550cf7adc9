"""Look-ups of hosts, each in a thread, so that a slow name server delays only who needs it."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from smsgate.gateway.callbacks.addresses import Network, is_allowed

#: Addresses of a host, as text; raises OSError or UnicodeError.
LookUp = Callable[[str, int], Sequence[str]]

_FRESH = 10.0  # seconds for which a look-up is used again
_MOST = 1000  # hosts that are remembered
_ADDRESSES = 4  # that are tried


class UnusableError(Exception):
    """A host that is not called; the text says why."""


class _Known(NamedTuple):
    addresses: asyncio.Future[Sequence[str]]
    since: float  # monotonic


def look_up(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, in the system's order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(row[4][0]) for row in found))


def checked(host: str, addresses: Sequence[str], private: Sequence[Network]) -> list[str]:
    """Addresses that may be called; raises UnusableError if one of them may not be.

    The refused address is not shown: the account could find out what the network inside looks like.
    """
    if not addresses:
        raise UnusableError(f"{host}: it has no address")
    if not all(is_allowed(one, private) for one in addresses):
        raise UnusableError(f"{host}: its address is not public, and not in allow-private")
    return list(addresses[:_ADDRESSES])


class Resolver:
    """Looks hosts up, each only once at the same time."""

    def __init__(self, private: Sequence[Network], threads: int, look_up: LookUp = look_up) -> None:
        self._private = private
        self._look_up = look_up
        self._threads = ThreadPoolExecutor(threads, "gateway-callback-names")
        self._known: dict[tuple[str, int], _Known] = {}

    async def addresses(self, host: str, port: int) -> list[str]:
        """The addresses that may be called; raises UnusableError."""
        try:
            # A look-up cannot be cancelled; others may wait for it, too.
            found = await asyncio.shield(self._look(host, port))
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or type(error).__name__
            raise UnusableError(f"{host}: {why}") from None
        return checked(host, found, self._private)

    def _look(self, host: str, port: int) -> asyncio.Future[Sequence[str]]:
        key, now = (host, port), time.monotonic()
        known = self._known.get(key)
        if known and (not known.addresses.done() or now - known.since < _FRESH):
            return known.addresses
        if len(self._known) >= _MOST:
            self._known = {k: v for k, v in self._known.items() if not v.addresses.done()}
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._threads, self._look_up, host, port)
        future.add_done_callback(_seen)
        self._known[key] = _Known(future, now)
        return future

    def close(self) -> None:
        """End the threads, without waiting for look-ups that run."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _seen(future: asyncio.Future[Sequence[str]]) -> None:
    """Whoever waited may be gone: asyncio need not complain of an error that nobody has seen."""
    if not future.cancelled():
        future.exception()
