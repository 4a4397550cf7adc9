"""Files that nothing proves complete, until they have not changed for their settle time."""

from __future__ import annotations

import os
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from smsenc import SmsencError
from smsgate.gateway import names
from smsgate.gateway.intake.taking import is_whole

_Stamp = tuple[int, int, int]
_CUT = "incomplete: it has no recipients, no content or no last line end"
_RACE = 2.0  # seconds in which a folder may change without another time


class Place(NamedTuple):
    """A file in an account's folder."""

    folder: Path
    name: str


@dataclass(slots=True)
class _Pending:
    stamp: _Stamp
    since: float  # monotonic
    proven: bool
    odd: bool = False  # it has been looked at and is not whole


class Settling:
    """Knows since when files are unchanged; threads may share it.

    ``settle`` gives the seconds for a folder. ``take`` gets each file that is settled, ``odd`` each
    one that is not taken, once until it changes, with the reason: it has no proof and looks cut, or
    ``take`` raised SmsencError or OSError.
    """

    def __init__(
        self,
        settle: Callable[[Path], float],
        take: Callable[[Path, str], object],
        odd: Callable[[Path, str, str], object],
    ) -> None:
        self._settle, self._take, self._odd = settle, take, odd
        self._pending: dict[Place, _Pending] = {}
        self._listed: dict[Path, tuple[int, float]] = {}
        self._lock = threading.Lock()

    def note(self, folder: Path, name: str, *, proven: bool = False) -> None:
        """Let a file settle, from now on if it has changed; one that is proven need not look whole.

        Other names than those of finished uploads are left alone.
        """
        place = Place(folder, name)
        if names.is_temporary(name) or names.is_log(name):
            return
        stamp = _stamp(place)
        with self._lock:
            known = self._pending.get(place)
            if stamp is None:
                self._pending.pop(place, None)
            elif known is None or known.stamp != stamp:
                self._pending[place] = _Pending(stamp, time.monotonic(), proven)
            elif proven:
                known.proven, known.odd = True, False

    def forget(self, folder: Path, name: str) -> None:
        """Drop a file that was taken."""
        with self._lock:
            self._pending.pop(Place(folder, name), None)

    def scan(self, folder: Path) -> None:
        """Note the files of a folder, if it has changed since the last time."""
        try:
            changed = folder.stat().st_mtime_ns
            seen, at = self._listed.get(folder, (-1, 0.0))
            if seen == changed and at * 1e9 > changed + _RACE * 1e9:
                return
            self._listed[folder] = changed, time.time()
            found = os.listdir(folder)
        except OSError:
            return
        for name in found:
            if Place(folder, name) not in self._pending:
                self.note(folder, name)

    def check(self) -> None:
        """Pass on the files that are settled; may read them."""
        for place in list(self._settled()):
            pending = self._pending.get(place)
            if pending is None or pending.odd:
                continue
            if why := _unusable(place):
                self._set_odd(place, why)
            elif pending.proven or is_whole(place.folder / place.name):
                self._try(place)
            else:
                self._set_odd(place, _CUT)

    def _try(self, place: Place) -> None:
        try:
            self._take(*place)
        except (SmsencError, OSError) as error:
            if _stamp(place) is not None:
                self._set_odd(place, f"not read: {error}")

    def _set_odd(self, place: Place, why: str) -> None:
        with self._lock:
            if pending := self._pending.get(place):
                pending.odd, pending.since = True, time.monotonic()
        self._odd(*place, why)

    def _settled(self) -> Iterator[Place]:
        now = time.monotonic()
        with self._lock:
            pending = list(self._pending.items())
        for place, one in pending:
            if now - one.since < self._settle(place.folder):
                continue
            self.note(*place, proven=one.proven)
            with self._lock:
                again = self._pending.get(place)
            if again is one:
                yield place


def _stamp(place: Place) -> _Stamp | None:
    try:
        status = os.lstat(place.folder / place.name)
    except OSError:
        return None
    if stat.S_ISDIR(status.st_mode):
        return None
    return status.st_ino, status.st_size, status.st_mtime_ns


def _unusable(place: Place) -> str:
    """Why a file is not taken whatever is in it; empty if it is."""
    if why := names.problem(place.name):
        return f"not read: {why}"
    try:
        regular = stat.S_ISREG(os.lstat(place.folder / place.name).st_mode)
    except OSError:
        return ""
    return "" if regular else "not read: not a regular file"
