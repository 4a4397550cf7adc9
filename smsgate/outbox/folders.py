"""The files of a folder and of the folders in it, without following links."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from converters.errors import SourceError
from smsgate.outbox.reading import unreadable

#: The folder of an outbox's records, and the end of the name of that of an archive.
RECORDS = ".smsenc"
LINK = "a link, which is followed only if you name it yourself"


class Found(NamedTuple):
    """A file, or what is not read and why.

    ``path`` begins with the folder as it was named; ``place`` is the same without links.
    """

    path: str
    place: str
    skipped: str | None = None
    error: SourceError | None = None


def walk(folder: str, without: str | None = None) -> Iterator[Found]:
    """Files in the order of their names, those of a folder before those of its folders.

    Hidden ones and the records of archives (``NAME.zip.smsenc``) are left out. ``without`` is the
    outbox, a path without links, which is skipped.
    """
    pending = [(folder, os.path.realpath(folder))]  # no recursion: Python's stack is limited
    while pending:
        root, place = pending.pop()
        if place == without:
            yield Found(root, place, "it is the outbox")
            continue
        try:
            entries = _entries(root)
        except OSError as error:
            yield Found(root, place, error=unreadable(error))
            continue
        folders = []
        for entry in entries:
            path, inner = os.path.join(root, entry.name), os.path.join(place, entry.name)
            if entry.is_dir(follow_symlinks=False):
                if not entry.name.endswith(RECORDS):
                    folders.append((path, inner))
            else:
                yield Found(path, inner, _skipped(entry))
        pending += reversed(folders)


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        shown = (entry for entry in entries if not entry.name.startswith("."))
        return sorted(shown, key=lambda entry: entry.name)


def _skipped(entry: os.DirEntry[str]) -> str | None:
    if entry.is_symlink():
        return LINK
    return None if entry.is_file(follow_symlinks=False) else "not a regular file"
