"""Writing files: under its own name a file is complete, or not there at all.

A file is written under a temporary name in its folder, flushed to disk and renamed; then the folder
is flushed. A run that is killed leaves temporary files; ``remove_leftovers`` recognises them.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Self

from converters.errors import GuardError
from smsgate.errors import OutboxError, reason

#: ``.NAME.TOKEN.tmp``; versions before the token wrote ``.NAME.tmp``.
_TEMPORARY = re.compile(r"\.(?P<name>.+?)(?:\.[0-9a-f]{8})?\.tmp", re.DOTALL)
_LONGEST_NAME = 200  # characters; the token must still fit in the 255 octets of a file name
_MANY = 16  # files: flushing each of so many takes longer than flushing all files of the system


class Staging:
    """Files written under temporary names, which ``publish`` renames: all of them or none.

    ``mode`` is that of new files, before the umask. At the end of a ``with`` block the files that
    were not published are removed. The methods raise OSError.
    """

    def __init__(self, mode: int = 0o666) -> None:
        self._mode = mode
        self._token = secrets.token_hex(4)
        self._files: list[tuple[str, str]] = []  # temporary and final paths

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for temporary, _final in self._files:
            _remove(temporary)
        self._files.clear()

    def create(self, path: str | Path) -> BinaryIO:
        """A new file to write to, which will be ``path``."""
        folder, name = os.path.split(path)
        temporary = os.path.join(folder, f".{name[:_LONGEST_NAME]}.{self._token}.tmp")
        self._files.append((temporary, os.fspath(path)))
        # Mode x (O_EXCL) refuses whatever is there already, a link too.
        return open(temporary, "xb", opener=self._open)

    def _open(self, path: str, flags: int) -> int:
        return os.open(path, flags, self._mode)

    def add(self, path: str | Path, pieces: Iterable[bytes]) -> None:
        """Write a file that will be ``path``."""
        with self.create(path) as file:
            file.writelines(pieces)

    def publish(self) -> None:
        """Flush the files, rename them, and flush their folders."""
        flush([temporary for temporary, _ in self._files])
        try:
            for temporary, final in self._files:
                os.replace(temporary, final)
            flush(sorted({os.path.dirname(final) or "." for _, final in self._files}))
        except BaseException:
            self._take_back()
            raise
        self._files.clear()

    def _take_back(self) -> None:
        for temporary, final in self._files:
            if not os.path.lexists(temporary):  # so it has been renamed
                _remove(final)


@contextmanager
def replacing(path: Path, *, mode: int | None = None) -> Iterator[BinaryIO]:
    """A new file that takes the place of ``path`` when the block ends without an error.

    ``mode`` is set whatever the umask is. A link stays a link: the file that it names is replaced.
    What a killed run left of this file is removed first. Raises OutboxError, also for a device or
    pipe, because a file in its place would be there for every program.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OutboxError(f"cannot write to {path}: it is a device or pipe")
    final = Path(os.path.realpath(path))
    with outbox_errors(path), Staging() as staging:
        with suppress(OSError):  # a folder may be writable and not readable
            remove_leftovers(final.parent, lambda name: name == final.name[:_LONGEST_NAME])
        with staging.create(final) as file:
            if mode is not None:
                os.chmod(file.name, mode)
            yield file
        staging.publish()


def write_pieces(path: Path, pieces: Iterable[bytes], *, mode: int | None = None) -> None:
    """Write one file, in place of an earlier one, as ``replacing`` does; raises OutboxError."""
    with replacing(path, mode=mode) as file:
        file.writelines(pieces)


def write_file(path: Path, octets: bytes, *, force: bool = False) -> None:
    """Write one file; raises GuardError if it exists and ``force`` is not set, and OutboxError."""
    if path.exists() and not force:
        raise GuardError("the file already exists: use --force to overwrite it", source=str(path))
    write_pieces(path, (octets,))


def remove_leftovers(folder: str | Path, wanted: Callable[[str], object]) -> None:
    """Remove temporary files that a killed run left, of names for which ``wanted`` is true.

    No other run may be writing these files. Raises OSError.
    """
    for found in os.listdir(folder):
        temporary = _TEMPORARY.fullmatch(found)
        if temporary and wanted(temporary["name"]):
            with suppress(FileNotFoundError):
                os.unlink(os.path.join(folder, found))


def flush(paths: list[str]) -> None:
    """Return when the disk holds what was written to these files or folders; raises OSError."""
    if len(paths) > _MANY and sys.platform == "linux":  # elsewhere sync() does not wait
        os.sync()
        return
    for path in paths:
        if os.name != "posix" and os.path.isdir(path):
            continue  # Windows has no descriptors of folders
        descriptor = os.open(path, os.O_RDONLY if os.name == "posix" else os.O_RDWR)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def outbox_errors(place: Path) -> Iterator[None]:
    """Raise OutboxError, which names ``place``, for an OSError of the block."""
    try:
        yield
    except OSError as error:
        raise OutboxError(f"cannot write to {place}: {reason(error)}") from error


def _remove(path: str) -> None:
    with suppress(OSError):
        os.unlink(path)
