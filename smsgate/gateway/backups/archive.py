"""What is in a backup: a tar of regular files, each under a name that is known here.

``manifest.json`` comes first. The spool has files that were taken and are not read to their end.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import tarfile
from pathlib import Path
from typing import IO, BinaryIO

from smsenc import OptionError
from smsgate.gateway import configuration, names
from smsgate.gateway.database import NAME
from smsgate.gateway.ftp import certificate
from smsgate.gateway.layout import SPOOL

MANIFEST = "manifest.json"
VERSION = 1
#: Files of the gateway's folder; the first is always there.
FILES = (NAME, configuration.NAME, certificate.NAME, certificate.AUTHORITY)
_SPOOLED = re.compile(rf"{SPOOL}/[0-9a-f]{{32}}(?:\.log|/(?P<name>[^/]+))")
_LARGEST_MANIFEST = 1 << 16
_NOT_ONE = "expected a backup of smsenc gateway, found something else"


def add(tar: tarfile.TarFile, name: str, path: Path) -> None:
    """Add a file as it is, readable for its owner alone."""
    with path.open("rb") as file:
        tar.addfile(_member(name, os.fstat(file.fileno()).st_size), file)


def add_octets(tar: tarfile.TarFile, name: str, octets: bytes) -> None:
    """Add a file with these octets."""
    tar.addfile(_member(name, len(octets)), io.BytesIO(octets))


def _member(name: str, size: int) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.size, found.mode = size, 0o600
    return found


def extract(source: BinaryIO, folder: Path) -> dict[str, object]:
    """Write all files below a folder that is empty; the manifest. Raises OptionError, OSError."""
    manifest: dict[str, object] = {}
    try:
        with tarfile.open(fileobj=source, mode="r|*") as tar:
            for member in tar:
                file = tar.extractfile(member) if member.isreg() else None
                if file is None or not _is_known(member.name):
                    raise OptionError(_NOT_ONE)
                if member.name == MANIFEST:
                    manifest = json.loads(file.read(_LARGEST_MANIFEST))
                else:
                    _write(folder / member.name, file)
    except (tarfile.TarError, ValueError, EOFError) as error:
        raise OptionError(_NOT_ONE) from error
    if manifest.get("version") != VERSION or not (folder / NAME).exists():
        raise OptionError(_NOT_ONE)
    return manifest


def _is_known(name: str) -> bool:
    if name in {MANIFEST, *FILES}:
        return True
    found = _SPOOLED.fullmatch(name)
    inner = found["name"] if found else None
    return bool(found) and (inner is None or inner.startswith(".") or not names.problem(inner))


def _write(path: Path, file: IO[bytes]) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with open(os.open(path, flags, 0o600), "wb") as target:
        shutil.copyfileobj(file, target)
        target.flush()
        os.fsync(target.fileno())
