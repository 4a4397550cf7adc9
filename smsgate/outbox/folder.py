"""The folder that message files are written to: the only place that writes files.

A file is complete or absent: it is written under a temporary name beside its place, flushed to
disk and renamed. The parts of one message come together or not at all, unless the run is killed
between two renames.

``Outbox`` is for a run over sources, a message at a time; ``Volumes`` for a campaign, where
thousands of files are staged and then published together.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Self

from converters.errors import GuardError
from smsenc.messagefile import names
from smsgate.errors import OutboxError
from smsgate.outbox.lock import lock


def hold(folder: Path) -> int:
    """Make a folder and lock it for one run; the lock lasts until the descriptor is closed.

    Raises OSError, and GuardError where another run holds it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return lock(folder, "expected a folder of our own, found another run writing to it")


class Outbox:
    """A folder held open for one run; another run on it is refused while it lasts.

    ``secret`` files are readable by their owner alone. Raises OutboxError when the folder cannot be
    made or written, GuardError when it holds message files already and ``force`` is not set.
    """

    def __init__(self, folder: Path, *, secret: bool = False, force: bool = False) -> None:
        self.folder = folder
        self._mode = 0o600 if secret else 0o666
        self._force = force
        self._lock = -1
        self._found: set[str] = set()
        self._written: set[str] = set()

    def __enter__(self) -> Self:
        try:
            self._lock = hold(self.folder)
            self._look_round()
        except OSError as error:
            self.close()
            raise _outbox_error(self.folder, error) from error
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _look_round(self) -> None:
        for name in filter(_is_temporary, os.listdir(self.folder)):
            (self.folder / name).unlink(missing_ok=True)  # of a run that was killed
        self.look()

    def look(self) -> None:
        """Raise GuardError where opening would; changes nothing."""
        there = os.listdir(self.folder) if self.folder.is_dir() else []
        self._found = set(filter(names.parse, there))
        if self._found and not self._force:
            raise GuardError(
                f"expected no message files, found {len(self._found)} (--force writes over them)",
                source=str(self.folder),
            )

    def write(self, files: Iterable[tuple[str, bytes]]) -> tuple[Path, ...]:
        """Write the files of one message, all or none; raises OutboxError."""
        done: list[tuple[Path, Path]] = []
        renamed: list[Path] = []
        try:
            for name, octets in files:
                temporary = self.folder / f".{name}.tmp"
                done.append((temporary, self.folder / name))
                self._write(temporary, octets)
            for temporary, final in done:
                renamed.append(final)
                temporary.replace(final)
        except BaseException as error:
            for path in (*(temporary for temporary, _ in done), *renamed):
                with suppress(OSError):
                    path.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise _outbox_error(self.folder, error) from error
            raise
        self._written.update(final.name for _, final in done if final.name in self._found)
        return tuple(final for _, final in done)

    def _write(self, path: Path, octets: bytes) -> None:
        path.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, self._mode), "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())

    def strangers(self) -> int:
        """How many message files lie here that this run did not write."""
        return len(self._found - self._written)


class Volumes:
    """Message files in subfolders of a folder: staged one by one, published together.

    The folder is locked while this is open. Names are ``NNN/NNNNNN-slug….txt``. Raises
    OutboxError, and GuardError where another run writes there.
    """

    def __init__(self, folder: Path, *, secret: bool = False) -> None:
        self.folder = folder
        self._mode = 0o600 if secret else 0o666
        self._staged: list[str] = []
        self._made: set[str] = set()

    @contextmanager
    def opened(self) -> Iterator[Self]:
        """Hold the folder; what is staged and not published at the end is taken away."""
        with outbox_errors(self.folder):
            held = hold(self.folder)
        try:
            yield self
        finally:
            for name in self._staged:
                with suppress(OSError):
                    os.unlink(self._temporary(name))
            os.close(held)

    def sweep(self, keep: Callable[[int], bool]) -> None:
        """Remove what a killed run left: temporaries, and messages whose number is not kept."""
        with outbox_errors(self.folder):
            for volume in filter(_VOLUME.fullmatch, os.listdir(self.folder)):
                for name in os.listdir(self.folder / volume):
                    said = names.parse(name)
                    if _is_temporary(name) or (said and not keep(said.number)):
                        (self.folder / volume / name).unlink()

    def stage(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file under a temporary name."""
        with outbox_errors(self.folder):
            volume = os.path.dirname(name)
            if volume not in self._made:
                (self.folder / volume).mkdir(exist_ok=True)
                self._made.add(volume)
            self._staged.append(name)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            with open(os.open(self._temporary(name), flags, self._mode), "wb", 0) as file:
                file.writelines(pieces)

    def publish(self) -> None:
        """Flush all that is staged to disk, give it its names, and flush those."""
        with outbox_errors(self.folder):
            flush(list(map(self._temporary, self._staged)))
            for name in self._staged:
                os.replace(self._temporary(name), self.folder / name)
            for volume in sorted({os.path.dirname(name) for name in self._staged}):
                flush([os.path.join(self.folder, volume)])
            if self._staged:
                flush([str(self.folder)])
        self._staged.clear()

    def _temporary(self, name: str) -> str:
        volume, base = os.path.split(name)
        return os.path.join(self.folder, volume, f".{base}.tmp")


def _is_temporary(name: str) -> bool:
    """Whether a file is what a killed run left half-written."""
    ours = name.startswith(".") and name.endswith(_TEMPORARY)
    return ours and names.parse(name[1 : -len(_TEMPORARY)]) is not None


_TEMPORARY = ".tmp"
_VOLUME = re.compile("[0-9]{3,}")
_MANY = 16  # files; to flush as many one by one takes longer than to flush all there is


def flush(paths: list[str]) -> None:
    """Have the disk hold what was written to files or folders."""
    if len(paths) > _MANY and sys.platform == "linux":  # elsewhere sync() does not wait
        os.sync()
        return
    for path in paths:
        if os.path.isdir(path) and os.name != "posix":
            continue  # Windows has no descriptors of folders
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def outbox_errors(folder: Path) -> Iterator[None]:
    """Errors of the system as OutboxError."""
    try:
        yield
    except OSError as error:
        raise _outbox_error(folder, error) from error


def write_file(path: Path, octets: bytes, *, force: bool = False) -> None:
    """Write one file, complete or not at all; raises GuardError for one that is there already."""
    if path.exists() and not force:
        raise GuardError(
            "expected no such file, found one (--force writes over it)", source=str(path)
        )
    write_pieces(path, (octets,))


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """Write one file piece by piece, complete or not at all, in place of an earlier one.

    A link stays one, and the file that it names is written. Raises OutboxError, also for a device
    or pipe: a file put in its place would be there for everybody.
    """
    final = _final(path)
    temporary = final.with_name(f".{final.name}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(final)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _outbox_error(path, error) from error
        raise


def _final(path: Path) -> Path:
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OutboxError(f"expected to write to a file, found a device or pipe: {path}")
    return Path(os.path.realpath(path))


def _outbox_error(folder: Path, error: OSError) -> OutboxError:
    reason = (error.strerror or str(error)).lower()
    return OutboxError(f"expected to write to {folder}, found: {reason}")
