"""The message files of an outbox, a folder or an archive, in the order of sending.

Their names are unique in the outbox, because the server has all of them in one folder; the outbox's
own folders (``000/``) only keep its listings short.
"""

from __future__ import annotations

import os
import posixpath
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from converters.errors import GuardError, SourceError
from smsenc import messagefile
from smsenc.messagefile import names
from smsgate.errors import OutboxError, reason
from smsgate.outbox.folders import walk
from smsgate.outbox.reading import read_file, read_stream

#: Message files are in the outbox itself or in a numbered folder of it.
_VOLUME = re.compile("[0-9]*", re.ASCII)
#: Names that people and programs give to message files, although they are none.
_MEANT = re.compile(r".*\.txt|[0-9]{6,}-.*(?<!\.log)", re.ASCII | re.IGNORECASE | re.DOTALL)
#: Folders with sources and reports of a watched folder.
_OF_SOURCES = ("done", "rejected")
#: What zipfile raises for damage. RuntimeError: a password is needed, or an unknown version of zip;
#: ValueError: a name that is not UTF-8.
DAMAGED = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
_SUFFIX = ".txt"
_MOST_OCTETS = 64 << 20  # of one file: 100 000 rows of text need less


class Stamp(NamedTuple):
    """What tells a file from one that is written later: its inode and its times.

    ``changed`` is when its status was changed. In an archive there is only ``written``.
    """

    inode: str
    written: str
    changed: str = ""

    @property
    def kept(self) -> Stamp:
        """What a new name leaves as it is."""
        return Stamp(self.inode, self.written)


_NO_STAMP = Stamp("", "")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message file to send: its name, the fields of its name, its size, and its octets.

    ``stamp`` says when it was written. ``read`` raises OutboxError.
    """

    name: str
    fields: names.FileName
    size: int
    read: Callable[[], bytes]
    stamp: Stamp = _NO_STAMP

    @property
    def message(self) -> str:
        """What the parts of a message share."""
        return self.fields.message


#: The files of one message, in order.
Parts = tuple[Outgoing, ...]


def names_in(outbox: Path) -> tuple[str, ...]:
    """The names of an outbox's message files; raises OutboxError, GuardError for a name twice."""
    with opened(outbox) as files:
        return tuple(file.name for file in files)


@contextmanager
def opened(
    outbox: Path, ranks: Mapping[str, int] = MappingProxyType({})
) -> Iterator[tuple[Outgoing, ...]]:
    """The message files of a folder or a ``.zip``, in the order of sending.

    ``ranks`` has the rank of each run by its mark; files of other runs come first. Raises
    OutboxError, and GuardError if two files have the same name.
    """
    if outbox.is_dir():
        yield _ordered(_in_folder(outbox), ranks)
    else:
        with _archive(outbox) as archive:
            yield _ordered(_in_archive(archive), ranks)


def misnamed(outbox: Path) -> tuple[str, ...]:
    """Paths in the outbox of files that seem to be message files, and have another name or place.

    Hidden files are left out, and those that commands of this program write. Raises OutboxError.
    """
    if outbox.is_dir():
        start = len(os.path.join(outbox, ""))
        found = [one.path[start:] for one in walk(str(outbox)) if not one.error]
    else:
        with _archive(outbox) as archive:
            found = [entry.filename for entry in archive.infolist() if not entry.is_dir()]
    return tuple(sorted(filter(_is_misnamed, found)))


def _is_misnamed(path: str) -> bool:
    *folders, name = path.replace(os.sep, "/").split("/")
    hidden = any(part.startswith(".") for part in (*folders, name))
    if hidden or (folders and folders[0] in _OF_SOURCES):
        return False
    fields = names.parse(name)
    if fields is None:
        return _MEANT.fullmatch(name) is not None
    return fields.suffix == _SUFFIX and not _VOLUME.fullmatch("/".join(folders))


def check_message(octets: bytes) -> None:
    """Raise MessageFileError for octets that no gateway would take for a message file."""
    messagefile.loads(octets)


_Found = tuple[str, int, Stamp, Callable[[], bytes]]


def _in_folder(outbox: Path) -> Iterator[_Found]:
    try:
        for folder in ("", *sorted(filter(_VOLUME.fullmatch, os.listdir(outbox)))):
            place = outbox / folder
            if folder and not stat.S_ISDIR(place.lstat().st_mode):
                continue
            with os.scandir(place) as entries:
                for entry in entries:
                    inside = f"{folder}/{entry.name}" if folder else entry.name
                    status = os.lstat(entry.path)  # not entry's, which has no inode on Windows
                    yield inside, status.st_size, _stamp(status), partial(_read_file, entry.path)
    except OSError as error:
        raise _unreadable(str(outbox), error) from error


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(str(status.st_ino), str(status.st_mtime_ns), str(status.st_ctime_ns))


def _read_file(path: str) -> bytes:
    try:
        return read_file(path, _MOST_OCTETS, follow=False)
    except SourceError as error:
        raise OutboxError(error.message, source=os.path.basename(path)) from error


def _archive(outbox: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(outbox)
    except FileNotFoundError as error:
        raise OutboxError("no such folder or archive", source=str(outbox)) from error
    except DAMAGED as error:
        raise OutboxError(
            "expected a folder or a zip archive, found another file", source=str(outbox)
        ) from error


def _in_archive(archive: zipfile.ZipFile) -> Iterator[_Found]:
    for entry in archive.infolist():
        stamp = Stamp("", "-".join(map(str, entry.date_time)))
        yield entry.filename, entry.file_size, stamp, partial(_read_entry, archive, entry)


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise OutboxError("expected a deflated file, found another kind", source=entry.filename)
    try:
        with archive.open(entry) as file:
            return read_stream(file, _MOST_OCTETS)
    except SourceError as error:
        raise OutboxError(error.message, source=entry.filename) from error
    except DAMAGED as error:
        raise _unreadable(entry.filename, error) from error


def _ordered(found: Iterable[_Found], ranks: Mapping[str, int]) -> tuple[Outgoing, ...]:
    files: dict[str, Outgoing] = {}
    for path, size, stamp, read in found:
        folder, name = posixpath.split(path)
        fields = names.parse(name)
        if fields is None or fields.suffix != _SUFFIX or not _VOLUME.fullmatch(folder):
            continue
        if name in files:
            raise GuardError("two folders of the outbox have a file of this name", source=name)
        files[name] = Outgoing(name, fields, size, read, stamp)

    def order(file: Outgoing) -> tuple[int, int, str, str, int]:
        number, slug, part, _, _, mark = file.fields
        return ranks.get(mark, 0), number, slug, mark, part

    return tuple(sorted(files.values(), key=order))


def messages(files: Iterable[Outgoing]) -> tuple[Parts, ...]:
    """The files of each message together, in order."""
    return tuple(tuple(parts) for _, parts in groupby(files, lambda file: file.message))


def _unreadable(source: str, error: Exception) -> OutboxError:
    return OutboxError(f"cannot be read: {reason(error)}", source=source)
