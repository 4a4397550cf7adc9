"""Folders that other FTP servers fill: what inotify tells, and a scan for what it does not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from smsgate.gateway import names


class Watch:
    """Watches folders until it is closed; ``renamed`` and ``closed`` are called in its thread.

    ``renamed`` gets files that got their final name by a rename, which proves them complete;
    ``closed`` those that were written and closed, which proves nothing. Without the package
    watchdog, or where the system does not tell, nothing is called: a scan must find the files.
    """

    def __init__(
        self,
        folders: Iterable[Path],
        renamed: Callable[[Path, str], object],
        closed: Callable[[Path, str], object],
    ) -> None:
        self._renamed, self._closed = renamed, closed
        self.watched: tuple[Path, ...] = ()
        self._observer: Any = None
        try:
            from watchdog.observers import Observer  # noqa: PLC0415 - only some gateways need it
        except ImportError:
            return
        self._observer = Observer()
        for folder in folders:
            self._add(folder)
        self._observer.start()

    def _add(self, folder: Path) -> None:
        try:
            self._observer.schedule(_Handler(folder, self._renamed, self._closed), str(folder))
        except OSError:  # no such folder, or no watch left
            return
        self.watched = (*self.watched, folder)

    def close(self) -> None:
        """End the thread."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()


class _Handler:
    """What watchdog calls for the events of one folder."""

    def __init__(
        self,
        folder: Path,
        renamed: Callable[[Path, str], object],
        closed: Callable[[Path, str], object],
    ) -> None:
        self._folder, self._renamed, self._closed = folder, renamed, closed

    def dispatch(self, event: Any) -> None:
        """Take one event; those of folders and of other kinds are left out."""
        if event.is_directory:
            return
        kind = event.event_type
        path = os.fsdecode(event.dest_path if kind == "moved" else event.src_path)
        name = os.path.basename(path)
        if os.path.dirname(path) != str(self._folder) or names.is_log(name):
            return
        if kind == "moved" and not names.is_temporary(name):
            self._renamed(self._folder, name)
        elif kind in ("closed", "created"):
            self._closed(self._folder, name)
