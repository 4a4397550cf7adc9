"""The folder that message files are written to, by one run at a time.

``Outbox`` takes messages from a run over sources. ``Volumes`` takes the files of a campaign:
thousands are staged and then published together.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Callable, Container, Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Self, TypeAlias

from converters.errors import GuardError
from smsenc.messagefile import names
from smsgate.outbox import files, home, journal, runs
from smsgate.outbox.runs import Run, RunIdentity
from smsgate.outbox.writing import Staging, flush, outbox_errors, remove_leftovers

#: The files of one message, as names and octets.
Message: TypeAlias = Iterable[tuple[str, bytes]]

_VOLUME = re.compile("[0-9]{3,}")
_OWNER_ALONE, _BY_UMASK = 0o600, 0o666


class Outbox:
    """An outbox that is held for one command, which adds the files of one run; see docs/outbox.md.

    Only their owner can read ``secret`` files. Entering raises OutboxError if the folder cannot be
    made or written, GuardError if another run holds the outbox or its journal is lost. A folder
    that this made is removed at the end if nothing was written.
    """

    _base: sqlite3.Connection  # while the outbox is held
    _run: Run

    def __init__(self, folder: Path, *, secret: bool = False) -> None:
        self.folder = folder
        self.sent = 0  # files of this run that had been sent before
        self._mode = _OWNER_ALONE if secret else _BY_UMASK
        self._open = ExitStack()
        self._written: set[str] = set()

    def __enter__(self) -> Self:
        if home.is_archive(self.folder):
            raise GuardError(
                "expected a folder: only smsenc batch writes archives", source=str(self.folder)
            )
        with ExitStack() as stack:
            if not self.folder.exists():
                stack.callback(self._remove_unused)
            found = stack.enter_context(home.held(self.folder))
            with outbox_errors(self.folder):
                remove_leftovers(self.folder, names.parse)
            self._base = stack.enter_context(closing(home.connect(found)))
            self._open = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def _remove_unused(self) -> None:
        """Remove the folder if nothing is in it but its records."""
        with suppress(OSError):
            if os.listdir(self.folder) == [home.FOLDER]:
                shutil.rmtree(home.folder_of(self.folder), ignore_errors=True)
                self.folder.rmdir()

    def planned_mark(self, identity: RunIdentity) -> str:
        """The mark that ``begin`` would give; changes nothing. Raises what entering raises."""
        found = home.find(self.folder)
        if found is None:
            return identity.mark
        with closing(home.connect(found)) as base, journal.reading(found.journal):
            run = runs.known(base, identity)
        return run.mark if run else identity.mark

    def begin(self, identity: RunIdentity) -> Run:
        """Continue the run of that identity, or begin it; raises OutboxError."""
        with journal.transaction(self._base):
            self._run = runs.begin(self._base, identity)
        return self._run

    def write(self, messages: Iterable[Message]) -> None:
        """Write the files of messages and record them, all or none; raises OutboxError.

        A run that is killed between two renames leaves some of them, and writes all again when it
        is continued. Files that were sent are not written again: they are the same messages, even
        if the log-in in them is another.
        """
        given = [file for message in messages for file in message]
        with journal.reading(self.folder):
            unsent = files.unsent(self._base, (name for name, _ in given))
        written = [file for file in given if file[0] in unsent]
        digests = [(name, files.digest_of(octets)) for name, octets in written]
        with outbox_errors(self.folder), Staging(self._mode) as staging:
            for name, octets in written:
                staging.add(self.folder / name, (octets,))
            staging.publish()
        with journal.transaction(self._base):
            files.record(self._base, self._run.mark, digests)
        self.sent += len(given) - len(written)
        self._written.update(name for name, _ in given)

    def finish(self) -> None:
        """Record that the run wrote all it had to write; raises OutboxError."""
        with journal.transaction(self._base):
            runs.finish(self._base, self._run)

    def others(self) -> int:
        """How many message files in the folder are not of this run; raises OutboxError."""
        with outbox_errors(self.folder):
            there = filter(names.parse, os.listdir(self.folder))
            return sum(name not in self._written for name in there)


class Volumes:
    """Message files in numbered subfolders: staged one by one, published together.

    Whoever uses it holds the outbox. Names are ``NNN/NNNNNN-slug….txt``. Raises OutboxError.
    """

    def __init__(self, folder: Path, *, secret: bool = False) -> None:
        self.folder = folder
        self._staging = Staging(_OWNER_ALONE if secret else _BY_UMASK)
        self._staged: list[tuple[str, str]] = []
        self._volumes: set[str] = set()

    @contextmanager
    def opened(self) -> Iterator[Self]:
        """Make the folder; files that are staged and not published are removed at the end."""
        with outbox_errors(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
        with self._staging:
            yield self

    def sweep(
        self, keep: Callable[[names.FileName], bool], sent: Container[str] = frozenset()
    ) -> None:
        """Remove what a killed run left: temporaries, and files of names that are not kept.

        Another command may have ``sent`` some of them: those stay.
        """
        with outbox_errors(self.folder):
            for volume in filter(_VOLUME.fullmatch, os.listdir(self.folder)):
                folder = self.folder / volume
                remove_leftovers(folder, names.parse)
                for name in os.listdir(folder):
                    found = names.parse(name)
                    if found and not keep(found) and name not in sent:
                        (folder / name).unlink()

    def stage(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file under a temporary name."""
        with outbox_errors(self.folder):
            volume = os.path.dirname(name)
            if volume not in self._volumes:
                (self.folder / volume).mkdir(exist_ok=True)
                flush([str(self.folder)])
                self._volumes.add(volume)
            digest = files.hasher()
            self._staging.add(os.path.join(self.folder, name), _hashed(pieces, digest))
            self._staged.append((os.path.basename(name), digest.hexdigest()))

    def publish(self) -> list[tuple[str, str]]:
        """Give the staged files their names, and return these without folders, with digests.

        When this returns, the disk holds the files.
        """
        with outbox_errors(self.folder):
            self._staging.publish()
        published, self._staged = self._staged, []
        return published

    def digests(self, wanted: Callable[[names.FileName], bool]) -> dict[str, str]:
        """The digests of the regular files of wanted names."""
        found = {}
        with outbox_errors(self.folder):
            for volume in filter(_VOLUME.fullmatch, os.listdir(self.folder)):
                for entry in os.scandir(self.folder / volume):
                    name = names.parse(entry.name)
                    if name and wanted(name) and entry.is_file(follow_symlinks=False):
                        with open(entry.path, "rb") as file:
                            found[entry.name] = hashlib.file_digest(file, files.hasher).hexdigest()
        return found


def _hashed(pieces: Iterable[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    for piece in pieces:
        digest.update(piece)
        yield piece
