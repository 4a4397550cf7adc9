"""The names of files that may have become visible on a server, in a second place than the journal.

A journal that was restored from a backup is older than this list, and so it is noticed. The list is
in the outbox's records and, for copies of the outbox and for outboxes that were restored as a
whole, in a folder of this machine.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from converters.errors import SourceError
from smsgate import userfolders
from smsgate.errors import OutboxError, reason
from smsgate.outbox.reading import read_file

_NAME = "announced"
#: No link is followed, and Windows changes no line ends.
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_LARGEST = 1 << 30  # octets: ten million names


class Announced(NamedTuple):
    """A list of names, the same in each of ``folders``; one that is None has no list.

    Only the first one, the outbox's own, must take what is added. The journal holds the same names
    before this list does, so the list is not flushed to disk.
    """

    folders: tuple[Path | None, ...]

    def names(self) -> frozenset[str]:
        """The names in any of the lists; raises OutboxError."""
        return frozenset(name for folder in self._known() for name in _names(folder / _NAME))

    def add(self, names: Iterable[str]) -> OutboxError | None:
        """Append names, one to a line; raises OutboxError.

        Returns why they are not in the lists of other folders; None if they are.
        """
        octets = "".join(f"{name}\n" for name in names).encode("utf-8", "surrogateescape")
        own, *others = self._known()
        _append(own / _NAME, octets)
        try:
            for folder in others:
                _append(folder / _NAME, octets)
        except OutboxError as error:
            return error
        return None

    def _known(self) -> tuple[Path, ...]:
        return tuple(folder for folder in self.folders if folder is not None)


def _names(path: Path) -> list[str]:
    if not os.path.lexists(path):
        return []
    try:
        octets = read_file(path, _LARGEST, follow=False)
    except SourceError as error:
        raise OutboxError(error.message, source=str(path)) from error
    *lines, _unfinished = octets.decode("utf-8", "surrogateescape").split("\n")
    return lines


def _append(path: Path, octets: bytes) -> None:
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | _FLAGS
    try:
        descriptor = os.open(path, flags, 0o600)
        try:
            size = os.lseek(descriptor, 0, os.SEEK_END)
            torn = size and _octet(descriptor, size - 1) != b"\n"  # by a crash
            left = memoryview(b"\n" + octets if torn else octets)
            while left:
                left = left[os.write(descriptor, left) :]
        finally:
            os.close(descriptor)
    except OSError as error:
        raise OutboxError(f"cannot write to {path}: {reason(error)}") from error


def _octet(descriptor: int, place: int) -> bytes:
    os.lseek(descriptor, place, os.SEEK_SET)  # Windows has no pread
    return os.read(descriptor, 1)


def of_machine(identity: str) -> Path | None:
    """This machine's folder for an outbox; None if it cannot be made or written.

    It is below ``$XDG_STATE_HOME/smsenc``, or ``~/.local/state/smsenc``.
    """
    folder = userfolders.state(os.environ) / "outboxes" / identity
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if os.access(folder, os.W_OK | os.X_OK):
            return folder
    return None
