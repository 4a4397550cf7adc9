"""An account's folder and its uploads, as all connections of the account share them.

An upload is in ``incoming`` until its data connection ends in order; then it is moved into the
folder. Of files in both places, clients see the one in ``incoming``. Links are never followed, and
like everything else that is no regular file they do not exist for clients.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from smsgate.filelocks import take
from smsgate.gateway import names
from smsgate.gateway.ftp.library import FilesystemError
from smsgate.gateway.ftp.protocols import FtpAccount
from smsgate.gateway.ftp.replies import sentence
from smsgate.gateway.settings import FtpSettings

_STALLED = 15.0  # seconds without an octet, until another connection may store the same file
_WAS_CUT = "the upload was cut: send it again or continue it with APPE or REST first"
_COUNT_AGAIN = 1.0  # seconds between two counts of a full folder
_OPEN = (
    getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
)  # O_NONBLOCK: opening a pipe must not wait


class RefusedError(FilesystemError):  # type: ignore[misc]
    """What a client may not do, with the reply's code and a reason that begins a sentence."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(sentence(why).removesuffix("."))  # pyftpdlib adds the full stop
        self.code = code


class TooLargeError(OSError):
    """A file over the limit."""


class Upload:
    """A file in ``incoming`` that a data connection writes; closing it does not finish it."""

    def __init__(self, owner: Folder, name: str, file: BinaryIO, size: int) -> None:
        self.name = name
        self.size = size
        self.too_large = False
        self.abandoned = False
        self._held = -1  # a descriptor that keeps the lock from the end of writing on
        self._owner = owner
        self._file = file
        self._written = time.monotonic()

    @property
    def closed(self) -> bool:
        """Whether it can no longer be written to."""
        return self._file.closed

    @property
    def stalled(self) -> bool:
        """Whether nothing has arrived for so long that the client may be gone."""
        return time.monotonic() - self._written > _STALLED

    def write(self, octets: bytes) -> None:
        """Append octets; raises TooLargeError, and OSError."""
        if self.abandoned:
            raise OSError(0, "another connection stores this file")
        if self.size + len(octets) > self._owner.largest:
            self.too_large = True
            raise TooLargeError
        self._file.write(octets)
        self.size += len(octets)
        self._written = time.monotonic()

    def close(self) -> None:
        """Write what is left in memory; raises OSError.

        Other nodes are kept off until ``release``.
        """
        self._owner.closed(self)
        if not self._file.closed:
            self._held = os.dup(self._file.fileno())
        self._file.close()

    def release(self) -> None:
        """Let other nodes write the file, once it is finished or is not going to be."""
        if self._held >= 0:
            os.close(self._held)
            self._held = -1

    def abandon(self) -> None:
        """Let another connection have the file."""
        self.abandoned = True
        with suppress(OSError):
            self.close()
        self.release()


class Folder:
    """An account's files; methods raise OSError and RefusedError."""

    def renew(self, settings: FtpSettings) -> None:
        """Take other limits."""
        self.largest, self._most = settings.largest_file, settings.most_files

    def __init__(self, account: FtpAccount, settings: FtpSettings) -> None:
        self.account = account
        self.largest = settings.largest_file
        self.uploads: dict[str, Upload] = {}
        self._most = settings.most_files
        self._unproven: dict[str, Upload] = {}
        self._room = 0
        self._counted = -_COUNT_AGAIN
        for path in (account.folder, account.incoming):
            path.mkdir(mode=0o700, parents=True, exist_ok=True)

    # Looking ------------------------------------------------------------------------------------

    def place(self, name: str) -> Path:
        """Where a file is; raises FileNotFoundError."""
        for path in self._places(name):
            if _is_regular(path):
                return path
        raise FileNotFoundError(2, "no such file")

    def _places(self, name: str) -> tuple[Path, Path]:
        return self.account.incoming / name, self.account.folder / name

    def listed(self) -> list[str]:
        """The names of all files."""
        places = self.account.incoming, self.account.folder
        return sorted({name for place in places for name in _files(place)})

    def read(self, name: str) -> BinaryIO:
        """A file to read from."""
        return os.fdopen(_opened(self.place(name), os.O_RDONLY), "rb")

    # Uploading ----------------------------------------------------------------------------------

    def store(self, name: str) -> Upload:
        """Begin a file; one of this name in the folder stays until the new one is finished."""
        self._claim(name)
        path = self.account.incoming / name
        with suppress(FileNotFoundError):
            _discard(path)
        return self._begun(name, _opened(path, os.O_RDWR | os.O_CREAT | os.O_EXCL), 0)

    def resume(self, name: str, start: int | None) -> Upload:
        """Continue a file at ``start``, or at its end; what was there from ``start`` on is cut."""
        self._claim(name)
        incoming, finished = self._places(name)
        if not _is_regular(incoming) and _is_regular(finished):
            with suppress(FileNotFoundError):  # it may be taken just now
                os.replace(finished, incoming)
        descriptor = _opened(incoming, os.O_RDWR | (os.O_CREAT if start is None else 0))
        try:
            _hold(descriptor)
            size = os.fstat(descriptor).st_size
            if start is not None and start > size:
                raise RefusedError(554, f"cannot begin at {start}: the file has {size} octets")
            at = size if start is None else start
            os.ftruncate(descriptor, at)
            os.lseek(descriptor, at, os.SEEK_SET)
        except BaseException:
            os.close(descriptor)
            raise
        return self._begun(name, descriptor, at)

    def _begun(self, name: str, descriptor: int, at: int) -> Upload:
        try:
            _hold(descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        self.uploads[name] = upload = Upload(self, name, os.fdopen(descriptor, "wb"), at)
        return upload

    def _claim(self, name: str) -> None:
        """Check that a client may write this file, and nobody else is writing it."""
        _check_written(name)
        if upload := self.uploads.get(name):
            if not upload.stalled:
                raise RefusedError(450, "another connection is storing this file")
            upload.abandon()
        if not any(map(_is_regular, self._places(name))):
            self._take_room()

    def _take_room(self) -> None:
        if self._room <= 0 and time.monotonic() - self._counted >= _COUNT_AGAIN:
            places = self.account.incoming, self.account.folder
            files = sum(not names.is_log(name) for place in places for name in _files(place))
            self._room, self._counted = self._most - files, time.monotonic()
        if self._room <= 0:
            raise RefusedError(452, f"the folder is full: it may have {self._most} files")
        self._room -= 1

    def closed(self, upload: Upload) -> None:
        """Forget an upload that is not written any more."""
        if self.uploads.get(upload.name) is upload:
            del self.uploads[upload.name]

    def finish(self, upload: Upload) -> None:
        """Move a closed upload into the folder, in place of an earlier file of its name."""
        incoming, finished = self._places(upload.name)
        os.replace(incoming, finished)
        upload.release()
        self._unproven[upload.name] = upload

    def is_unproven(self, upload: Upload) -> bool:
        """Whether a finished upload is still in the folder, as far as clients have done."""
        return self._unproven.get(upload.name) is upload

    def settle(self, upload: Upload) -> None:
        """Let a finished upload stay where it is."""
        if self.is_unproven(upload):
            del self._unproven[upload.name]

    def withdraw(self, upload: Upload) -> bool:
        """Move a finished upload back to ``incoming``; whether it was still there."""
        if not self.is_unproven(upload):
            return False
        self.settle(upload)
        incoming, finished = self._places(upload.name)
        try:
            if upload.name in self.uploads:
                finished.unlink()  # it is being stored again
            else:
                os.replace(finished, incoming)
        except FileNotFoundError:
            return False
        return True

    # Changing -----------------------------------------------------------------------------------

    def remove(self, name: str) -> None:
        """Delete a file, finished or not."""
        self._check_idle(name)
        self.place(name)
        self._unproven.pop(name, None)
        for path in self._places(name):
            if _is_regular(path):
                with suppress(FileNotFoundError):
                    path.unlink()

    def size_so_far(self, name: str) -> int:
        """Octets of an upload that was cut or still runs; -1 if it is none."""
        path = self.account.incoming / name
        return path.lstat().st_size if _is_regular(path) else -1

    def check_rename(self, name: str, known: int | None) -> None:
        """Check that a file can be renamed.

        One that was cut is not taken for a whole one, unless the client knows its size.
        """
        if names.is_log(name):
            raise RefusedError(550, "only the gateway renames its logs")
        self._check_idle(name)
        self.place(name)
        if self.size_so_far(name) not in (-1, known):
            raise RefusedError(550, _WAS_CUT)

    def rename(self, name: str, final: str, known: int | None = None) -> None:
        """Give a file another name in the folder, in place of an earlier file of that name."""
        self.check_rename(name, known)
        _check_written(final)
        self._check_idle(final)
        os.replace(self.place(name), self.account.folder / final)
        self._unproven.pop(name, None)
        if name != final:
            self._unproven.pop(final, None)
            with suppress(OSError):  # half of an earlier file of this name
                (self.account.incoming / final).unlink()

    def undo_rename(self, name: str, final: str) -> bool:
        """Give a file its earlier name again; whether it was still there."""
        try:
            os.replace(self.account.folder / final, self.account.folder / name)
        except FileNotFoundError:
            return False
        return True

    def _check_idle(self, name: str) -> None:
        if name in self.uploads:
            raise RefusedError(450, "a connection is storing this file")


def _check_written(name: str) -> None:
    why = names.problem(name)
    if names.is_log(name):
        why = "names that end in .log are for the gateway's logs"
    if why:
        raise RefusedError(553, why)


def _is_regular(path: Path) -> bool:
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except OSError:
        return False


def _opened(path: Path, flags: int) -> int:
    """A descriptor of a regular file."""
    descriptor = os.open(path, flags | _OPEN, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise FileNotFoundError(2, "no such file")
    return descriptor


def _hold(descriptor: int) -> None:
    """Let no other node of the gateway write an upload, until the descriptor is closed."""
    if not take(descriptor):
        raise RefusedError(450, "another connection is storing this file")


def _discard(path: Path) -> None:
    """Delete what is left of an upload, unless another node writes it."""
    if not _is_regular(path):
        path.unlink()
        return
    descriptor = _opened(path, os.O_RDWR)
    try:
        _hold(descriptor)
        path.unlink()
    finally:
        os.close(descriptor)


def _files(folder: Path) -> Iterator[str]:
    """The names of files that clients may see."""
    with os.scandir(folder) as found:
        for entry in found:
            if entry.is_file(follow_symlinks=False) and not names.problem(entry.name):
                yield entry.name
