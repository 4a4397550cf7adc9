"""The message files of an outbox, a folder or an archive, in the order of sending.

Their names are unique in the outbox, because the server has all of them in one folder; the outbox's
own folders (``000/``) only keep its listings short.
"""

from __future__ import annotations

import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from converters.errors import GuardError, SourceError
from smsenc.messagefile import names
from smsgate.errors import OutboxError, reason
from smsgate.outbox.lock import lock
from smsgate.outbox.reading import read_file, read_stream

#: Message files are in the outbox itself or in a numbered folder of it.
_VOLUME = re.compile("[0-9]*", re.ASCII)
# What zipfile raises for damage. RuntimeError: a password is needed, or an unknown version of zip;
# ValueError: a name that is not UTF-8.
_DAMAGED = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
_MOST_OCTETS = 64 << 20  # of one file: 100 000 rows of text need less


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message file to send: its name, the message that it is a part of, and its octets."""

    name: str
    message: str
    read: Callable[[], bytes]  # raises OutboxError


#: The files of one message, in order.
Parts = tuple[Outgoing, ...]


@contextmanager
def opened(outbox: Path, *, hold: bool = True) -> Iterator[tuple[Outgoing, ...]]:
    """The message files of a folder or a ``.zip``, in the order of sending.

    With ``hold``, a run that writes to the outbox or another upload is refused meanwhile. Raises
    OutboxError, and GuardError if another run holds the outbox or two files have the same name.
    """
    with _held(outbox) if hold else nullcontext():
        if outbox.is_dir():
            yield _ordered(_in_folder(outbox))
        else:
            with _archive(outbox) as archive:
                yield _ordered(_in_archive(archive))


@contextmanager
def _held(outbox: Path) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(lock(outbox, "another run is using this outbox"))
        except FileNotFoundError as error:
            raise OutboxError("no such folder or archive", source=str(outbox)) from error
        except OSError as error:
            raise _unreadable(str(outbox), error) from error
        yield


def _in_folder(outbox: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    try:
        for path in (*outbox.glob("*.txt"), *outbox.glob("[0-9]*/*.txt")):
            yield path.relative_to(outbox).as_posix(), partial(_read_file, path)
    except OSError as error:
        raise _unreadable(str(outbox), error) from error


def _read_file(path: Path) -> bytes:
    try:
        return read_file(path, _MOST_OCTETS)
    except SourceError as error:
        raise OutboxError(error.message, source=path.name) from error


def _archive(outbox: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(outbox)
    except FileNotFoundError as error:
        raise OutboxError("no such folder or archive", source=str(outbox)) from error
    except _DAMAGED as error:
        raise OutboxError(
            "expected a folder or a zip archive, found another file", source=str(outbox)
        ) from error


def _in_archive(archive: zipfile.ZipFile) -> Iterator[tuple[str, Callable[[], bytes]]]:
    for entry in archive.infolist():
        yield entry.filename, partial(_read_entry, archive, entry)


def _read_entry(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise OutboxError("expected a deflated file, found another kind", source=entry.filename)
    try:
        with archive.open(entry) as file:
            return read_stream(file, _MOST_OCTETS)
    except SourceError as error:
        raise OutboxError(error.message, source=entry.filename) from error
    except _DAMAGED as error:
        raise _unreadable(entry.filename, error) from error


def _ordered(found: Iterable[tuple[str, Callable[[], bytes]]]) -> tuple[Outgoing, ...]:
    rows = {}
    for path, read in found:
        folder, name = posixpath.split(path)
        parsed = names.parse(name)
        if parsed is None or parsed.suffix != ".txt" or not _VOLUME.fullmatch(folder):
            continue
        key = parsed.number, parsed.slug, parsed.part, name
        if key in rows:
            raise GuardError("two folders of the outbox have a file of this name", source=name)
        rows[key] = Outgoing(name, f"{parsed.number:06}-{parsed.slug}", read)
    return tuple(rows[key] for key in sorted(rows))


def messages(files: Iterable[Outgoing]) -> tuple[Parts, ...]:
    """The files of each message together, in order."""
    return tuple(tuple(parts) for _, parts in groupby(files, lambda file: file.message))


def _unreadable(source: str, error: Exception) -> OutboxError:
    return OutboxError(f"cannot be read: {reason(error)}", source=source)
