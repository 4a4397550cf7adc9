"""Waiting for a folder to change."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_SHORTEST = 0.5  # seconds between two looks


class Changes:
    """Changes of ``folder``; some time after ``settle`` seconds is one too, as a file is complete.

    With the package watchfiles they are noticed at once, without it after ``settle`` seconds, at
    least half a second. Only the main thread may wait.
    """

    def __init__(self, folder: Path, settle: float) -> None:
        self._folder = folder
        self._pause = max(_SHORTEST, settle + 0.1)
        self._asked = threading.Event()
        self._noticed = self._notice()

    def wait(self) -> bool:
        """Wait for the next change; false if the process was asked to end (SIGTERM)."""
        # watchfiles would raise an interrupt instead of what the usual handler raises.
        before = signal.signal(signal.SIGTERM, lambda *_: self._asked.set())
        try:
            next(self._noticed)
        finally:
            signal.signal(signal.SIGTERM, before)
        return not self._asked.is_set()

    def _notice(self) -> Iterator[None]:
        # It is not installed, or the system has no watch left.
        with suppress(ImportError, OSError, RuntimeError):
            yield from self._notified()
        while True:
            self._asked.wait(self._pause)
            yield

    def _notified(self) -> Iterator[None]:
        from watchfiles import watch  # noqa: PLC0415 - an extra

        for _ in watch(
            self._folder,
            recursive=False,
            rust_timeout=round(1000 * self._pause),
            yield_on_timeout=True,
            stop_event=self._asked,
        ):
            yield
