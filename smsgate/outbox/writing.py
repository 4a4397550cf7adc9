"""The one way of writing files: under its own name a file is complete, or not there at all.

A file is written under a temporary name in its folder, flushed to disk and renamed; then the folder
is flushed. The temporary name is random and must be new, so a link cannot lie in wait there. A run
that is killed leaves temporary files; ``remove_leftovers`` recognises them.
"""

from __future__ import annotations

import os
import re
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Self

from converters.errors import GuardError
from smsgate import tracing
from smsgate.errors import OutboxError, reason

#: ``.NAME.TOKEN.tmp``; versions before the token wrote ``.NAME.tmp``.
_TEMPORARY = re.compile(r"\.(?P<name>.+?)(?:\.[0-9a-f]{8})?\.tmp", re.DOTALL)
_LONGEST_NAME = 200  # octets; the token must still fit in the 255 octets of a file name
_MANY = 16  # files: flushing each of so many takes longer than flushing all files of the system
_BY_UMASK = 0o666
_OTHERS = 0o077
_BLOCK = 1 << 20  # octets
_IS_WINDOWS = os.name == "nt"
_PAUSES = (0.01, 0.05, 0.2, 0.5, 1.0)  # seconds


class Staging:
    """Files written under temporary names, which ``publish`` renames: all of them or none.

    ``mode`` is that of new files: without rights for others it is theirs from the first octet,
    whatever the umask is; otherwise the umask is applied. A link under a final name is replaced,
    never followed. At the end of a ``with`` block the files that were not published are removed.
    The methods raise OSError.
    """

    def __init__(self, mode: int = _BY_UMASK) -> None:
        self._mode = mode
        self._files: list[tuple[str, str]] = []  # temporary and final paths
        self._earlier: dict[str, str] = {}  # final paths, and second names of what was there

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for left in (*(temporary for temporary, _ in self._files), *self._earlier.values()):
            _remove(left)
        self._files.clear()
        self._earlier.clear()

    def create(self, path: str | Path) -> BinaryIO:
        """A new file to write to, which will be ``path``."""
        temporary = _temporary(path)
        self._files.append((temporary, os.fspath(path)))  # first, because an interrupt may follow
        try:
            # Mode x (O_EXCL) refuses whatever is there already, a link too.
            return open(temporary, "xb", opener=self._open)
        except FileExistsError:
            self._files.pop()  # it is not ours to remove
            raise

    def _open(self, path: str, flags: int) -> int:
        descriptor = os.open(path, flags | getattr(os, "O_NOFOLLOW", 0), self._mode)
        if not self._mode & _OTHERS:
            set_mode(descriptor, self._mode)
        return descriptor

    def add(self, path: str | Path, pieces: Iterable[bytes]) -> None:
        """Write a file that will be ``path``."""
        with self.create(path) as file:
            file.writelines(pieces)

    def publish(self) -> None:
        """Flush the files, rename them, and flush their folders.

        If that fails, what had these names before has them again.
        """
        flush([temporary for temporary, _ in self._files])
        renamed: list[str] = []
        try:
            for temporary, final in self._files:
                if len(self._files) > 1 and os.path.lexists(final):
                    self._keep(final)
                replace(temporary, final)
                renamed.append(final)
            flush(sorted({os.path.dirname(final) or "." for final in renamed}))
        except BaseException:
            self._take_back(renamed)
            raise
        for final in renamed:
            tracing.step("wrote {}", final)
        self._files.clear()
        self.__exit__()

    def _keep(self, final: str) -> None:
        """Give what is there a second name; its content is copied where links are impossible."""
        second = _temporary(final)
        self._earlier[final] = second
        try:
            os.link(final, second, follow_symlinks=False)
        except (OSError, NotImplementedError):
            with open(final, "rb") as old, open(second, "xb", opener=_private) as new:
                set_mode(new.fileno(), stat.S_IMODE(os.fstat(old.fileno()).st_mode))
                new.writelines(iter(lambda: old.read(_BLOCK), b""))

    def _take_back(self, renamed: list[str]) -> None:
        for final in reversed(renamed if len(self._files) > 1 else ()):
            with suppress(OSError):
                if earlier := self._earlier.get(final):
                    replace(earlier, final)
                else:
                    os.unlink(final)


def replace(source: str, target: str) -> None:
    """Give a file a name, in place of what has it; raises OSError.

    Windows refuses that while another program has one of them open, as virus scanners do for a
    moment: it is tried again for some seconds there.
    """
    for pause in _PAUSES if _IS_WINDOWS else ():
        with suppress(PermissionError):
            os.replace(source, target)
            return
        time.sleep(pause)
    os.replace(source, target)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _temporary(path: str | Path) -> str:
    """A new name in the same folder; ``remove_leftovers`` recognises it."""
    folder, name = os.path.split(path)
    return os.path.join(folder, f".{_short(name)}.{os.urandom(4).hex()}.tmp")


def _short(name: str) -> str:
    return os.fsencode(name)[:_LONGEST_NAME].decode(errors="ignore")


def set_mode(descriptor: int, mode: int) -> None:
    """Give a file of ours its mode, where there are modes; raises OSError."""
    if hasattr(os, "fchmod"):
        with suppress(PermissionError):  # a file system without modes
            os.fchmod(descriptor, mode)


@contextmanager
def replacing(
    path: Path, *, mode: int | None = None, owner: tuple[int, int] | None = None
) -> Iterator[BinaryIO]:
    """A new file that takes the place of ``path`` when the block ends without an error.

    ``mode``, whatever the umask is, and ``owner`` (user and group) are set before there is content.
    A link stays a link: the file that it names is replaced. What a killed run left of this file is
    removed first. Raises OutboxError, also for a device or pipe, because a file in its place would
    be there for every program.
    """
    with outbox_errors(path):
        final = _target(path)
        with suppress(OSError):  # a folder may be writable and not readable
            remove_leftovers(final.parent, lambda name: name == _short(final.name))
        with Staging(_BY_UMASK if mode is None else 0o600) as staging:
            with staging.create(final) as file:
                if owner is not None:
                    os.fchown(file.fileno(), *owner)
                if mode is not None:
                    set_mode(file.fileno(), mode)
                yield file
            staging.publish()


def _target(path: Path) -> Path:
    """The file to replace: ``path`` itself, or what a link at its end leads to."""
    final = Path(os.path.realpath(path))
    if final.is_symlink():
        raise OutboxError(f"cannot write to {path}: its links lead in a circle")
    if final.exists() and not (final.is_file() or final.is_dir()):
        raise OutboxError(f"cannot write to {path}: it is a device or pipe")
    return final


def write_pieces(path: Path, pieces: Iterable[bytes], *, mode: int | None = None) -> None:
    """Write one file, in place of an earlier one, as ``replacing`` does; raises OutboxError."""
    with replacing(path, mode=mode) as file:
        file.writelines(pieces)


def write_file(path: Path, octets: bytes, *, force: bool = False) -> None:
    """Write one file; raises GuardError if it exists and ``force`` is not set, and OutboxError."""
    if not force and os.path.lexists(path) and os.path.exists(path):
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
