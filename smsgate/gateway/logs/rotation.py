"""history.log becomes history.log.1 when it is large, and the older ones move up by one.

A log is renamed when it has just its committed octets, and the new one is empty. Only then is the
new one committed as the log, and only after that is it written. So a gateway that is killed in
between finds a log that is missing or empty, and goes on with it: no line is lost or doubled.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from smsgate.gateway.logs import folders
from smsgate.gateway.logs.folders import Place
from smsgate.outbox.writing import flush

HISTORY = "history.log"


def placed(path: Path, known: Place | None, coming: int, largest: int, most: int) -> Place:
    """Where ``coming`` octets belong: the ``known`` log, or a new one where it ends or is full.

    A log that somebody has cut or replaced is moved away like a full one, and so is anything else
    of that name. Raises OSError.
    """
    if known and _continues(path, known):
        if not known.size or known.size + coming <= largest:
            return known
        folders.truncate(path, known.size)
    return _begun(path, most)


def _begun(path: Path, most: int) -> Place:
    """A new, empty log."""
    with suppress(FileNotFoundError):
        found = os.lstat(path)
        if found.st_size or not folders.is_plain(found):
            rotate(path, most)
    descriptor = folders.open_file(path)
    try:
        return folders.place_of(os.fstat(descriptor))
    finally:
        os.close(descriptor)


def _continues(path: Path, known: Place) -> bool:
    """Whether a file is the known one, and has its octets up to the end of a line."""
    try:
        found = os.lstat(path)
        size, inode = folders.place_of(found)
        same = folders.is_plain(found) and inode == known.inode and size >= known.size
        return same and (not known.size or _octet(path, known.size - 1) == b"\n")
    except (FileNotFoundError, PermissionError):
        return False


def _octet(path: Path, at: int) -> bytes:
    descriptor = folders.open_file(path)
    try:
        os.lseek(descriptor, at, os.SEEK_SET)
        return os.read(descriptor, 1)
    finally:
        os.close(descriptor)


def rotate(path: Path, most: int) -> None:
    """Move a log to the name that ends in ``.1``; of the older ones, at most ``most`` stay.

    A rotation that was interrupted goes on: only the logs below the first free number move.
    Raises OSError.
    """
    names = [path, *(path.with_name(f"{path.name}.{n}") for n in range(1, most + 1))]
    free = next((n for n, name in enumerate(names) if not os.path.lexists(name)), len(names))
    if free == len(names):
        free -= 1
        _remove(names[free])
    for n in range(free, 0, -1):
        names[n - 1].rename(names[n])
    flush([str(path.parent)])


def _remove(path: Path) -> None:
    if stat.S_ISDIR(os.lstat(path).st_mode):
        path.rmdir()
    else:
        path.unlink()
