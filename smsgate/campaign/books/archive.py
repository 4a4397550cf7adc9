"""An outbox as one zip archive, packed from a folder in its records when all files are written.

While a campaign runs, its files are in that folder. They are packed at the end, and the folder is
removed. If the run is killed in between, the next run packs again. With the same version
of zlib, the same files give the same octets.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

from smsgate.outbox.home import Home, is_archive
from smsgate.outbox.writing import outbox_errors, replacing

#: The earliest time that an archive can store: it has no times of files.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX, _OWNER_ONLY = 3, 0o600 << 16


def folder_of(out: Path, records: Home) -> Path:
    """The folder that files are written to: the outbox, or one in the records of the archive."""
    return records.unpacked if is_archive(out) else out


def pack(out: Path, records: Home) -> None:
    """Add the files in the folder to the archive and remove the folder; raises OutboxError.

    The new archive replaces the old one only when it is complete.
    """
    folder = records.unpacked
    names = {str(path.relative_to(folder)) for path in _files(folder)}
    with outbox_errors(out):
        if names:
            with (
                replacing(out, mode=0o600) as new,
                zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive,
            ):
                _copy(out, archive, names)
                for name in sorted(names):
                    with (
                        open(folder / name, "rb") as file,
                        archive.open(_entry(name), "w") as entry,
                    ):
                        shutil.copyfileobj(file, entry)
        records.store_contents()
        shutil.rmtree(folder)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*.txt") if path.is_file())


def _copy(old: Path, archive: zipfile.ZipFile, without: set[str]) -> None:
    """Copy the files of an earlier archive, from before rows were added to the table."""
    if not old.exists():
        return
    with zipfile.ZipFile(old) as source:
        for name in sorted(set(source.namelist()) - without):
            with source.open(name) as file, archive.open(_entry(name), "w") as entry:
                shutil.copyfileobj(file, entry)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name.replace(os.sep, "/"), _EPOCH)
    entry.compress_type, entry.create_system, entry.external_attr = (
        zipfile.ZIP_DEFLATED,
        _UNIX,
        _OWNER_ONLY,
    )
    return entry
