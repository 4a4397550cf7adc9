"""The folder that message files are written to, by one run at a time.

``Outbox`` takes one message at a time, from a run over sources. ``Volumes`` takes the files of a
campaign: thousands are staged and then published together.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Self

from converters.errors import GuardError
from converters.shared.words import counted
from smsenc.messagefile import names
from smsgate.outbox.lock import lock
from smsgate.outbox.writing import Staging, flush, outbox_errors, remove_leftovers

_VOLUME = re.compile("[0-9]{3,}")
_OWNER_ALONE, _BY_UMASK = 0o600, 0o666


@contextmanager
def _held(folder: Path) -> Iterator[None]:
    """Make a folder and hold it; raises OutboxError, and GuardError if another run holds it."""
    with ExitStack() as stack:
        with outbox_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            stack.enter_context(lock(folder, "another run is writing to this folder"))
        yield


class Outbox:
    """A folder held for one run; another run on it is refused meanwhile.

    Only their owner can read ``secret`` files. Entering raises OutboxError if the folder cannot be
    made or written, GuardError if it holds message files already and ``force`` is not set.
    """

    def __init__(self, folder: Path, *, secret: bool = False, force: bool = False) -> None:
        self.folder = folder
        self._mode = _OWNER_ALONE if secret else _BY_UMASK
        self._force = force
        self._open = ExitStack()
        self._found: set[str] = set()
        self._written: set[str] = set()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            stack.enter_context(_held(self.folder))
            with outbox_errors(self.folder):
                remove_leftovers(self.folder, names.parse)
                self.check_empty()
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def check_empty(self) -> None:
        """Raise GuardError if entering would; changes nothing."""
        there = os.listdir(self.folder) if self.folder.is_dir() else []
        self._found = set(filter(names.parse, there))
        if self._found and not self._force:
            found = counted(len(self._found), "message file")
            raise GuardError(
                f"already has {found}: use --force to overwrite, or another --out",
                source=str(self.folder),
            )

    def write(self, files: Iterable[tuple[str, bytes]]) -> tuple[Path, ...]:
        """Write the files of one message, all or none; raises OutboxError.

        A run that is killed between two renames leaves some of them.
        """
        paths = []
        with outbox_errors(self.folder), Staging(self._mode) as staging:
            for name, octets in files:
                paths.append(self.folder / name)
                staging.add(paths[-1], (octets,))
            staging.publish()
        self._written.update(path.name for path in paths)
        return tuple(paths)

    def others(self) -> int:
        """How many message files in the folder are not of this run."""
        return len(self._found - self._written)


class Volumes:
    """Message files in numbered subfolders: staged one by one, published together.

    The folder is held while this is ``opened``. Names are ``NNN/NNNNNN-slug….txt``. Raises
    OutboxError, and GuardError if another run writes to the folder.
    """

    def __init__(self, folder: Path, *, secret: bool = False) -> None:
        self.folder = folder
        self._staging = Staging(_OWNER_ALONE if secret else _BY_UMASK)
        self._volumes: set[str] = set()

    @contextmanager
    def opened(self) -> Iterator[Self]:
        """Hold the folder; files that are staged and not published are removed at the end."""
        with _held(self.folder), self._staging:
            yield self

    def sweep(self, keep: Callable[[int], bool]) -> None:
        """Remove what a killed run left: temporaries, and messages whose number is not kept."""
        with outbox_errors(self.folder):
            for volume in filter(_VOLUME.fullmatch, os.listdir(self.folder)):
                folder = self.folder / volume
                remove_leftovers(folder, names.parse)
                for name in os.listdir(folder):
                    if (found := names.parse(name)) and not keep(found.number):
                        (folder / name).unlink()

    def stage(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file under a temporary name."""
        with outbox_errors(self.folder):
            volume = os.path.dirname(name)
            if volume not in self._volumes:
                (self.folder / volume).mkdir(exist_ok=True)
                flush([str(self.folder)])
                self._volumes.add(volume)
            self._staging.add(os.path.join(self.folder, name), pieces)

    def publish(self) -> None:
        """Give the staged files their names; when this returns, the disk holds them."""
        with outbox_errors(self.folder):
            self._staging.publish()
