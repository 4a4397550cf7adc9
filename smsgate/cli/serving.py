"""What commands that serve pages share: where they listen, and how they end."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress

from smsgate.cli.stopping import SIGNALS, meant


def url(place: tuple[str, int], path: str = "", scheme: str = "http") -> str:
    """The address of a server on this machine."""
    host, port = place
    return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{path}"


def catch_signals(stopped: asyncio.Future[int]) -> None:
    """Let the first signal end the loop."""

    def stop(number: int) -> None:
        if not stopped.done():
            stopped.set_result(number)

    on_signals(stop)


def on_signals(act: Callable[[int], object]) -> None:
    """Have signals that end a command handled in the loop; Ctrl-C that is ignored stays so."""
    loop = asyncio.get_running_loop()
    for one in SIGNALS:
        if one != signal.SIGINT or signal.getsignal(one) is not signal.SIG_IGN:
            _handle(loop, one, act)


def _handle(loop: asyncio.AbstractEventLoop, one: int, act: Callable[[int], object]) -> None:
    try:
        loop.add_signal_handler(one, act, meant(one))
    except NotImplementedError:  # Windows

        def from_outside(number: int, _frame: object) -> None:
            loop.call_soon_threadsafe(act, meant(number))

        signal.signal(one, from_outside)


def stop_handling() -> None:
    """Let a further signal end the process at once: asyncio.run would wait for threads."""
    loop = asyncio.get_running_loop()
    for one in SIGNALS:
        with suppress(NotImplementedError):  # Windows
            if not loop.remove_signal_handler(one):
                continue  # ignored
        signal.signal(one, signal.SIG_DFL)
