"""The files in a zip archive, such as an outbox that ``smsenc batch`` wrote as one file."""

from __future__ import annotations

import os
import posixpath
import zipfile
from collections.abc import Callable, Iterator

from converters.errors import SourceError
from converters.received.inspect import File
from smsgate.errors import reason
from smsgate.outbox.contents import DAMAGED
from smsgate.outbox.reading import LARGEST_SOURCE, open_file, read_stream

SUFFIX = ".zip"
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


def is_archive(name: str) -> bool:
    """Whether a name is that of an archive."""
    return os.path.splitext(name)[1].lower() == SUFFIX and os.path.isfile(name)


def entries(path: str, wanted: Callable[[str], bool]) -> Iterator[File]:
    """Names (``outbox.zip/000/000001-a.txt``) and octets of an archive's files, in its order.

    ``wanted`` says of a name without folders whether to read that file. All of them together may
    have as many octets as one source. Raises SourceError for a file that is no archive.
    """
    left = LARGEST_SOURCE
    with open_file(path) as file:
        try:
            archive = zipfile.ZipFile(file)
        except DAMAGED as error:
            raise SourceError("expected a zip archive, found another file") from error
        for entry in archive.infolist():
            base = posixpath.basename(entry.filename)
            if entry.is_dir() or base.startswith(".") or not wanted(base):
                continue
            name = f"{path}/{entry.filename}"
            try:
                octets = _octets(archive, entry, left)
            except SourceError as error:
                yield name, error
            else:
                left -= len(octets)
                yield name, octets


def _octets(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int) -> bytes:
    if entry.compress_type not in _METHODS:
        raise SourceError("expected a deflated file, found another kind")
    try:
        with archive.open(entry) as file:
            return read_stream(file, most)
    except DAMAGED as error:
        raise SourceError(f"cannot be read: {reason(error)}") from error
