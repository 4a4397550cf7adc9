"""What an outbox has to send: message files in their order, from a folder or an archive.

Their names are unique over the outbox and are kept on the server, in one folder; the outbox's own
folders (``000/``) only keep listings short.
"""

from __future__ import annotations

import os
import posixpath
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path

from converters.errors import GuardError
from smsenc.messagefile import names
from smsgate.errors import OutboxError
from smsgate.outbox.lock import lock

#: Message files lie in the outbox itself or in a numbered folder of it.
_VOLUME = re.compile("[0-9]*", re.ASCII)
# RuntimeError: a password is wanted, or a version of zip that is not known; ValueError: a name
# that is no UTF-8.
_DAMAGED = (
    OSError,
    EOFError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)
_MOST_OCTETS = 64 << 20  # of one file: 100 000 rows of text stay well below


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One message file: its ``name``, the ``message`` it is a part of, and its octets."""

    name: str
    message: str
    read: Callable[[], bytes]  # raises OutboxError


@contextmanager
def opened(outbox: Path, *, hold: bool = True) -> Iterator[tuple[Outgoing, ...]]:
    """The message files of a folder or of a ``.zip``, in the order of sending.

    With ``hold`` a run that writes to it meanwhile, or another upload, is refused. Raises
    OutboxError, and GuardError where another run holds it or two files have one name.
    """
    with _held(outbox) if hold else nullcontext():
        if outbox.is_dir():
            yield _ordered(_in_folder(outbox))
        else:
            with _archive(outbox) as archive:
                yield _ordered(_in_archive(archive))


@contextmanager
def _held(outbox: Path) -> Iterator[None]:
    try:
        held = lock(outbox, "expected an outbox that nobody uses, found another run on it")
    except OSError as error:
        raise OutboxError(f"expected an outbox, found: {_reason(error)}", source=str(outbox)) from (
            error
        )
    try:
        yield
    finally:
        os.close(held)


def _in_folder(outbox: Path) -> Iterator[tuple[str, Callable[[], bytes]]]:
    try:
        for path in (*outbox.glob("*.txt"), *outbox.glob("[0-9]*/*.txt")):
            yield path.relative_to(outbox).as_posix(), partial(_read_file, path)
    except OSError as error:
        raise _unreadable(str(outbox), error) from error


def _read_file(path: Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return _limited(path.name, file.read(_MOST_OCTETS + 1))
    except OSError as error:
        raise _unreadable(path.name, error) from error


def _archive(outbox: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(outbox)
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
            return _limited(entry.filename, file.read(_MOST_OCTETS + 1))
    except _DAMAGED as error:
        raise _unreadable(entry.filename, error) from error


def _limited(name: str, octets: bytes) -> bytes:
    if len(octets) > _MOST_OCTETS:
        raise OutboxError(f"expected at most {_MOST_OCTETS} octets, found more", source=name)
    return octets


def _ordered(found: Iterable[tuple[str, Callable[[], bytes]]]) -> tuple[Outgoing, ...]:
    rows = {}
    for path, read in found:
        folder, name = posixpath.split(path)
        said = names.parse(name)
        if said is None or said.suffix != ".txt" or not _VOLUME.fullmatch(folder):
            continue
        key = said.number, said.slug, said.part, name
        if key in rows:
            raise GuardError("expected each name once, found it in two folders", source=name)
        rows[key] = Outgoing(name, f"{said.number:06}-{said.slug}", read)
    return tuple(rows[key] for key in sorted(rows))


def messages(files: Iterable[Outgoing]) -> tuple[tuple[Outgoing, ...], ...]:
    """The files of each message together, in order."""
    return tuple(tuple(parts) for _, parts in groupby(files, lambda file: file.message))


def _unreadable(source: str, error: Exception) -> OutboxError:
    return OutboxError(f"expected a readable file, found: {_reason(error)}", source=source)


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error)).lower()
