"""An outbox as one zip archive, packed from a folder in its records when all files are written.

While a campaign runs, its files are in that folder. They are packed at the end, and the folder is
removed. If the run is killed in between, the next run packs again. Entries are in the order of
their names; with the same version of zlib, the same files give the same octets.
"""

from __future__ import annotations

import os
import shutil
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from converters.shared.words import quoted
from smsenc.messagefile import names
from smsgate.errors import OutboxError, reason
from smsgate.outbox.home import Home, is_archive
from smsgate.outbox.writing import outbox_errors, replacing

#: The earliest time that an archive can store: it has no times of files.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX, _OWNER_ONLY = 3, 0o600 << 16
_MOST_ENTRIES = 10_000_000
# What zipfile raises for damage (``outbox.contents`` has the same list for reading).
_DAMAGED = (EOFError, RuntimeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error)


def folder_of(out: Path, records: Home) -> Path:
    """The folder that files are written to: the outbox, or one in the records of the archive."""
    return records.unpacked if is_archive(out) else out


def pack(out: Path, records: Home) -> None:
    """Add the files in the folder to the archive and remove the folder.

    The new archive replaces the old one only when it is complete. Raises OutboxError, also for an
    old archive with entries that are not message files.
    """
    folder = records.unpacked
    with outbox_errors(out):
        new = {str(path.relative_to(folder)).replace(os.sep, "/"): path for path in _files(folder)}
        if new:
            with _damage(out), ExitStack() as stack:
                old = stack.enter_context(zipfile.ZipFile(out)) if out.exists() else None
                file = stack.enter_context(replacing(out, mode=0o600))
                archive = stack.enter_context(zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED))
                for name in sorted({*_names(out, old), *new}):
                    with _source(name, new, old) as source, archive.open(_entry(name), "w") as to:
                        shutil.copyfileobj(source, to)
            records.store_contents()
        shutil.rmtree(folder)


def packed(out: Path) -> tuple[str, ...]:
    """The names of the archive's files, without folders; empty if there is no archive."""
    if not out.exists():
        return ()
    with outbox_errors(out), _damage(out), zipfile.ZipFile(out) as archive:
        return tuple(name.rpartition("/")[2] for name in _names(out, archive))


@contextmanager
def _damage(out: Path) -> Iterator[None]:
    try:
        yield
    except _DAMAGED as error:
        raise OutboxError(f"the archive is damaged: {reason(error)}", source=str(out)) from error


def _names(out: Path, archive: zipfile.ZipFile | None) -> list[str]:
    """The names in an archive of message files."""
    found = archive.namelist() if archive else []
    if len(found) > _MOST_ENTRIES:
        raise OutboxError(f"expected at most {_MOST_ENTRIES:,} entries", source=str(out))
    for name in found:
        folder, _, last = name.rpartition("/")
        if not names.parse(last) or not (folder.isdecimal() or not folder):
            raise OutboxError(
                f"expected only message files in the archive, found {quoted(name)}", source=str(out)
            )
    if len(set(found)) < len(found):
        raise OutboxError("the archive has two entries of one name", source=str(out))
    return found


def _source(name: str, new: dict[str, Path], old: zipfile.ZipFile | None) -> IO[bytes]:
    if old is None or name in new:
        return open(new[name], "rb")
    return old.open(name)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*.txt") if path.is_file() and not path.is_symlink())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type, entry.create_system, entry.external_attr = (
        zipfile.ZIP_DEFLATED,
        _UNIX,
        _OWNER_ONLY,
    )
    return entry
