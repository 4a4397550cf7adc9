"""What lies in a watched folder: which files are complete, and which are left where they are.

A file is complete when it was the same in two looks that are ``settle`` seconds apart, and no
program on this machine has it open for writing. Its times are compared with each other only: clocks
of servers and cameras are wrong.
"""

from __future__ import annotations

import errno
import math
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from smsgate.errors import reason
from smsgate.runs.dropfolder.places import DONE, REJECTED, kind

try:
    import fcntl
except ImportError:  # Windows: a file that is being written cannot be renamed there anyway
    fcntl = None  # type: ignore[assignment]

#: Endings of names that programs give to unfinished files.
UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", "~")
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)

#: A file's state: as long as it is the same, the file has not changed.
_Signature = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Look:
    """The names of the ``complete`` files, and of those ``incomplete`` so far, in order."""

    complete: tuple[str, ...]
    incomplete: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Sight:
    """How a file was found, and ``since`` when; ``why`` it is left where it is ``until`` a time.

    It is a ``failure`` if the file was meant to be converted.
    """

    signature: _Signature
    since: float
    why: str = ""
    until: float = 0
    failure: bool = False


class Looks:
    """Looks at ``folder``, one after another.

    ``tell`` gets the name of each file that is left where it is, and why: once, until the file
    changes. ``clock`` gives seconds that only go forward.
    """

    def __init__(
        self,
        folder: Path,
        settle: float,
        tell: Callable[[str, str], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._settle = settle
        self._tell = tell
        self._clock = clock
        self._sights: dict[str, _Sight] = {}

    def look(self) -> Look:
        """What is there now; raises OSError for a folder that cannot be read."""
        before, self._sights = self._sights, {}
        now = self._clock()
        found: dict[bool, list[str]] = {True: [], False: []}
        for name, signature, what in _there(self._folder):
            sight = before.get(name)
            if sight is None or sight.signature != signature:
                sight = _Sight(signature, now)
            self._sights[name] = sight
            if what:
                self.leave(name, what)
            elif sight.until <= now:
                settled = now - sight.since >= self._settle
                with self._leaving(name):
                    complete = settled and not _being_written(self._folder / name)
                    found[complete].append(name)
        return Look(tuple(found[True]), tuple(found[False]))

    @contextmanager
    def _leaving(self, name: str) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            del self._sights[name]
        except OSError as error:
            self.leave(name, f"cannot be read: {reason(error)}", failure=True)

    def leave(self, name: str, why: str, *, failure: bool = False, pause: float = math.inf) -> None:
        """Leave a file where it is for ``pause`` seconds, or until it changes."""
        sight = self._sights[name]
        if sight.why != why:
            self._tell(name, why)
        until = self._clock() + pause
        self._sights[name] = replace(sight, why=why, until=until, failure=failure)

    @property
    def failures(self) -> int:
        """How many files were meant to be converted, and could not be taken."""
        return sum(sight.failure for sight in self._sights.values())


def _there(folder: Path) -> Iterator[tuple[str, _Signature, str]]:
    """Each file by its name, state, and why it can be no source; without those that are hidden."""
    with os.scandir(folder) as found:
        entries = sorted(found, key=lambda entry: entry.name)
    for entry in entries:
        name = entry.name
        if name.startswith(".") or name.endswith(UNFINISHED) or name in (DONE, REJECTED):
            continue
        try:
            status = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            continue
        what = kind(status.st_mode)
        yield name, _signature(status), f"skipped: it is {what}" if what else ""


def _signature(status: os.stat_result) -> _Signature:
    # The time of the last change of the inode: a file may be made readable.
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _being_written(path: Path) -> bool:
    """Whether a program on this machine has the file open for writing: it prevents a read lease.

    Raises OSError for a file that cannot be read.
    """
    descriptor = os.open(path, _OPEN)
    try:
        if not hasattr(fcntl, "F_SETLEASE"):
            return False
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        # Others: no leases on this file system, or for this user.
        return error.errno == errno.EAGAIN
    finally:
        os.close(descriptor)
    return False
