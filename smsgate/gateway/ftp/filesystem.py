"""What pyftpdlib sees of a folder: paths are ``/`` and ``/NAME``, never those of the disk."""

from __future__ import annotations

import os
from typing import BinaryIO, NoReturn

from smsgate.gateway import names
from smsgate.gateway.ftp.folders import Folder, RefusedError
from smsgate.gateway.ftp.library import AbstractedFS
from smsgate.gateway.ftp.replies import NO_FOLDERS

ROOT = "/"


def name_in(path: str) -> str:
    """The name in a client's path, or an empty one for the folder itself; raises RefusedError."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not parts:
        return ""
    why = NO_FOLDERS if len(parts) > 1 or parts == [".."] else names.problem(parts[0])
    if why:
        raise RefusedError(550, why)
    return parts[0]


class FileSystem(AbstractedFS):  # type: ignore[misc]
    """A folder for one connection; methods raise OSError and RefusedError."""

    def __init__(self, folder: Folder, cmd_channel: object) -> None:
        super().__init__(ROOT, cmd_channel)
        self._folder = folder

    # Paths --------------------------------------------------------------------------------------

    def ftp2fs(self, ftppath: str) -> str:
        """A client's path as ``/`` or ``/NAME``."""
        return ROOT + name_in(ftppath)

    def fs2ftp(self, fspath: str) -> str:
        """The same path: clients see the paths that pyftpdlib sees."""
        return fspath

    def validpath(self, path: str) -> bool:
        """Whether a path is one of ours: ``ftp2fs`` makes no others."""
        return path.startswith(ROOT)

    def realpath(self, path: str) -> str:
        """The same path: there are no links."""
        return path

    # Looking ------------------------------------------------------------------------------------

    def isdir(self, path: str) -> bool:
        """Whether it is the folder itself."""
        return path == ROOT

    def isfile(self, path: str) -> bool:
        """Whether there is such a file."""
        return path != ROOT and self.lexists(path)

    def islink(self, path: str) -> bool:  # noqa: ARG002 - pyftpdlib's
        """Nothing is a link."""
        return False

    def lexists(self, path: str) -> bool:
        """Whether there is something."""
        try:
            self.stat(path)
        except OSError:
            return False
        return True

    def stat(self, path: str) -> os.stat_result:
        """A file's state, or the folder's."""
        if path == ROOT:
            return self._folder.account.folder.stat()
        return self._folder.place(path[1:]).lstat()

    lstat = stat

    def getsize(self, path: str) -> int:
        """Octets that have arrived so far."""
        upload = self._folder.uploads.get(path[1:])
        return upload.size if upload else self.stat(path).st_size

    def getmtime(self, path: str) -> float:
        """When it was last written, in UNIX seconds."""
        return self.stat(path).st_mtime

    def listdir(self, path: str) -> list[str]:  # noqa: ARG002 - pyftpdlib's
        """The names of all files."""
        return self._folder.listed()

    def get_user_by_uid(self, uid: int) -> str:  # noqa: ARG002 - pyftpdlib's
        """A name for listings that tells nothing of the system."""
        return "ftp"

    get_group_by_gid = get_user_by_uid

    # Changing -----------------------------------------------------------------------------------

    def open(self, filename: str, mode: str) -> BinaryIO:  # noqa: ARG002 - pyftpdlib's
        """A file to read from; uploads do not come here."""
        return self._folder.read(filename[1:])

    def remove(self, path: str) -> None:
        """Delete a file."""
        self._folder.remove(path[1:])

    def chdir(self, path: str) -> None:
        """Stay where we are."""
        if path != ROOT:
            _refuse()

    def mkdir(self, path: str) -> NoReturn:  # noqa: ARG002 - pyftpdlib's
        """Refused."""
        _refuse()

    rmdir = readlink = mkdir

    def rename(self, src: str, dst: str) -> NoReturn:  # noqa: ARG002 - pyftpdlib's
        """Refused, like the others: ``Folder`` does this."""
        _refuse()

    chmod = utime = rename

    def mkstemp(self, *_: object, **__: object) -> NoReturn:
        """Refused."""
        _refuse()


def _refuse() -> NoReturn:
    raise RefusedError(550, NO_FOLDERS)
