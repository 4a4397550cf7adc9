"""Files are taken out of the client's reach: renamed into the spool, where only the gateway writes.

A taken file is ``spool/<uid>/<name>``. Beside it is an empty file whose name has the account and
the time, so that a file that was taken just before a crash is known without the database.
"""

from __future__ import annotations

import errno
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from converters.errors import SourceError
from smsenc.messagefile.pairs import pairs
from smsenc.messagefile.parameters import canonical
from smsenc.messagefile.stream import read_head
from smsgate.errors import OutboxError, reason
from smsgate.gateway import layout, names
from smsgate.masking import harmless
from smsgate.outbox.reading import open_file
from smsgate.outbox.writing import flush

UID = re.compile("[0-9a-f]{32}")
_MARK = re.compile(r"\.(?P<api_id>[^.]{1,16})\.(?P<time>[0-9]{1,18})")
_MICROS = 1_000_000
CHUNK = 1 << 16  # octets that are read at once
_LINE_ENDS = (b"\r", b"\n")
_CONTENTS = frozenset(("text", "data"))
_RECIPIENTS = frozenset(("to", "csv"))


class Taken(NamedTuple):
    """A file in the spool: of which account, under which name it came, and when (UNIX seconds)."""

    spool: Spool
    uid: str
    api_id: str
    name: str
    time: float

    @property
    def path(self) -> Path:
        """Where it is."""
        return self.spool.folder / self.uid / self.name

    @property
    def log(self) -> Path:
        """Where its answers are written until the file is done."""
        return self.spool.folder / f"{self.uid}.log"


class Spool:
    """The folder ``spool`` in ``data``, or a node's ``part`` of it, made if it is not there.

    ``home`` is whose storage it is.
    """

    def __init__(self, data: Path, part: str = "", home: str = "") -> None:
        self.part, self.home = part, home
        self.folder = data / layout.SPOOL / part
        for one in (data / layout.SPOOL, self.folder):
            one.mkdir(mode=0o700, parents=True, exist_ok=True)

    def take(self, folder: Path, name: str, api_id: str, now: float) -> Taken:
        """Move a regular file here; when this returns, the disk holds it.

        Raises OutboxError for a link, device or folder, for a name that may not be, for a folder
        that is on another file system, and for what the system refuses.
        """
        if why := names.problem(name):
            raise _refused(name, why)
        taken = Taken(self, secrets.token_hex(16), api_id, name, int(now * _MICROS) / _MICROS)
        try:
            identity = _flushed(folder / name)
            self._move(folder / name, taken)
            if _identity(os.lstat(taken.path)) != identity:
                os.rename(taken.path, folder / name)
                self.remove(taken)
                raise _refused(name, "it was replaced while it was taken")
        except SourceError as error:
            raise _refused(name, error.message) from error
        except OSError as error:
            raise _refused(name, _why(error)) from error
        return taken

    def _move(self, source: Path, taken: Taken) -> None:
        home = taken.path.parent
        home.mkdir(mode=0o700)
        try:
            mark = home / f".{taken.api_id}.{round(taken.time * _MICROS)}"
            os.close(os.open(mark, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            os.rename(source, taken.path)
        except OSError:
            self.remove(taken)
            raise
        flush([str(home), str(self.folder), str(source.parent)])

    def found(self) -> Iterator[Taken]:
        """The files that are here, oldest first; what is left of files that are not is removed."""
        taken = [self._read(uid) for uid in os.listdir(self.folder) if UID.fullmatch(uid)]
        yield from sorted((one for one in taken if one), key=lambda one: (one.time, one.uid))

    def _read(self, uid: str) -> Taken | None:
        inside = os.listdir(self.folder / uid)
        name = next((one for one in inside if not one.startswith(".")), None)
        mark = next(filter(None, map(_MARK.fullmatch, inside)), None)
        if mark and name:
            return Taken(self, uid, mark["api_id"], name, int(mark["time"]) / _MICROS)
        if not name:
            _clear(self.folder / uid)
        return None

    def remove(self, taken: Taken) -> None:
        """Delete a file that is done, or what is left of it; raises OSError."""
        with suppress(FileNotFoundError):
            taken.path.unlink()
        _clear(taken.path.parent)


def _clear(home: Path) -> None:
    with suppress(FileNotFoundError):
        for one in os.listdir(home):
            if one.startswith("."):
                (home / one).unlink()
        home.rmdir()


def _flushed(path: Path) -> tuple[int, int]:
    """Flush a regular file that has one name; its identity. Raises SourceError, OSError."""
    with open_file(path, follow=False, pipes=False) as file:
        status = os.fstat(file.fileno())
        if status.st_nlink > 1:
            raise SourceError("has a second name (a hard link)")
        if os.name == "posix":
            os.fsync(file.fileno())
    return _identity(status)


def _identity(status: os.stat_result) -> tuple[int, int]:
    return status.st_dev, status.st_ino


def _why(error: OSError) -> str:
    if error.errno == errno.EXDEV:
        return "the folder is on another file system: set spool for this account"
    return reason(error)


def _refused(name: str, why: str) -> OutboxError:
    return OutboxError(f"cannot take {harmless(name)}: {why}")


# Whether a file is all there ----------------------------------------------------------------------


def chunks(path: Path) -> Iterator[bytes]:
    """The octets of a regular file, in pieces; raises SourceError, OSError."""
    with open_file(path, follow=False, pipes=False) as file:
        while octets := file.read(CHUNK):
            yield octets


def looks_whole(path: Path) -> bool:
    """Whether the last line has an end, and the first or last lines have a content and recipients.

    At most two pieces are read, so that the answer is there at once.
    """
    try:
        with open_file(path, follow=False, pipes=False) as file:
            size = os.fstat(file.fileno()).st_size
            first = file.read(CHUNK)
            file.seek(max(len(first), size - CHUNK))
            last = file.read(CHUNK)
    except (SourceError, OSError):
        return False
    if not (last or first).endswith(_LINE_ENDS):
        return False
    if len(first) + len(last) < size:  # the rest of a line that began before
        last = last[min(filter(None, (last.find(b"\n") + 1, last.find(b"\r") + 1)), default=0) :]
    keys = {canonical(found[1]) for found in pairs((first, last)) if isinstance(found, tuple)}
    return bool(keys & _CONTENTS and keys & _RECIPIENTS)


def is_whole(path: Path) -> bool:
    """The same, of the whole file: however many recipients are around the content."""
    if looks_whole(path):
        return True
    last = b""

    def seen() -> Iterator[bytes]:
        nonlocal last
        for chunk in chunks(path):
            last = chunk
            yield chunk

    try:
        head = read_head(seen())
    except (SourceError, OSError):
        return False
    contents = any(map(head.has, _CONTENTS))
    return bool(last.endswith(_LINE_ENDS) and contents and head.recipients)
