"""The folder that message files are written to: the only place that writes files.

A file is complete or absent: it is written under a temporary name beside its place, flushed to
disk and renamed. The parts of one message come together or not at all, unless the run is killed
between two renames.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from smsenc import GuardError, OutboxError

try:
    import fcntl
except ImportError:  # Windows has no advisory locks on folders; two runs at once are not told
    fcntl = None  # type: ignore[assignment]

#: NNNNNN-slug[.pI-N].txt
NAME = re.compile(r"(?P<message>[0-9]{6,}-[a-z0-9-]+)(\.p[0-9]+-[0-9]+)?\.(txt|pdu|sms|json)")
_TEMPORARY = re.compile(r"\.[0-9]{6,}-[a-z0-9-]+(\.p[0-9]+-[0-9]+)?\.(txt|pdu|sms|json)\.tmp")


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
            self.folder.mkdir(parents=True, exist_ok=True)
            self._lock = os.open(self.folder, os.O_RDONLY)
            self._hold()
            self._look_round()
        except OSError as error:
            self.close()
            raise _outbox_error(self.folder, error) from error
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the folder."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _hold(self) -> None:
        if fcntl is None:
            return
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise GuardError(
                "expected a folder of our own, found another run writing to it",
                source=str(self.folder),
            ) from None
        except OSError:
            return  # a file system without locks: two runs at once are not told apart

    def _look_round(self) -> None:
        for name in filter(_TEMPORARY.fullmatch, os.listdir(self.folder)):
            (self.folder / name).unlink(missing_ok=True)  # of a run that was killed
        self.look()

    def look(self) -> None:
        """Raise GuardError where opening would; changes nothing."""
        names = os.listdir(self.folder) if self.folder.is_dir() else []
        self._found = set(filter(NAME.fullmatch, names))
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


def write_file(path: Path, octets: bytes, *, force: bool = False) -> None:
    """Write one file, complete or not at all; raises GuardError for one that is there already."""
    if path.exists() and not force:
        raise GuardError(
            "expected no such file, found one (--force writes over it)", source=str(path)
        )
    temporary = path.with_name(f".{path.name}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(octets)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _outbox_error(path, error) from error
        raise


def _outbox_error(folder: Path, error: OSError) -> OutboxError:
    reason = (error.strerror or str(error)).lower()
    return OutboxError(f"expected to write to {folder}, found: {reason}")
