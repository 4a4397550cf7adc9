"""An outbox as one archive: packed when all is written, from a folder beside it.

While a campaign runs, its files lie in ``outbox.zip.files``; they become the archive at once, and
the folder goes. Killed between, the next run packs again. The same files give the same archive,
octet for octet, under one version of zlib.
"""

from __future__ import annotations

import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

from smsgate.outbox.writing import outbox_errors, replacing

_SUFFIX = ".zip"
#: The first moment that an archive can tell; when a file was made is not in its octets.
_EPOCH = (1980, 1, 1, 0, 0, 0)
_UNIX, _OWNER_ALONE = 3, 0o600 << 16


def is_archive(out: Path) -> bool:
    """Whether an outbox of that name is an archive."""
    return out.suffix.lower() == _SUFFIX


def folder_of(out: Path) -> Path:
    """Where the files of an outbox are written: in itself, or beside the archive."""
    return out.with_name(f"{out.name}.files") if is_archive(out) else out


def pack(out: Path) -> None:
    """Put what lies in the folder into the archive, which keeps what it holds; raises OutboxError.

    An archive that is made anew replaces the old one only when it is complete.
    """
    folder = folder_of(out)
    names = {str(path.relative_to(folder)) for path in _files(folder)}
    with outbox_errors(out):
        if names:
            with (
                replacing(out, mode=0o600) as new,
                zipfile.ZipFile(new, "w", zipfile.ZIP_DEFLATED) as archive,
            ):
                _keep(out, archive, names)
                for name in sorted(names):
                    with (
                        open(folder / name, "rb") as file,
                        archive.open(_entry(name), "w") as entry,
                    ):
                        shutil.copyfileobj(file, entry)
        shutil.rmtree(folder)


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*.txt") if path.is_file())


def _keep(old: Path, archive: zipfile.ZipFile, without: set[str]) -> None:
    """Copy what an earlier archive holds: a campaign that grew has more files now."""
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
        _OWNER_ALONE,
    )
    return entry
