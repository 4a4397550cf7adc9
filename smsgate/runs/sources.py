"""Which files a run converts: the files that were named, and those of the folders named."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from converters import registry
from converters.errors import SourceError
from smsgate.outbox.reading import STDIN, unreadable


@dataclass(frozen=True, slots=True)
class Source:
    """A file to convert, named as the user typed it; or why it is skipped or cannot be read."""

    name: str
    skipped: str | None = None
    error: SourceError | None = None


def find_sources(given: Iterable[str], *, outbox: Path | None = None) -> Iterator[Source]:
    """Files in the order given; those of a folder in the order of their names, then its folders.

    In folders, hidden files are left out, and the outbox and files that no converter takes are
    skipped with a reason. A file that is found twice, under any name, is converted once.
    """
    own = os.path.realpath(outbox) if outbox else None
    seen: set[str] = set()
    for name in given:
        for source, place in _walk(name, own) if os.path.isdir(name) else (_named(name),):
            if source.skipped or source.error:
                yield source
            elif place in seen:
                yield Source(source.name, "named before")
            else:
                seen.add(place)
                yield source


def _named(name: str) -> tuple[Source, str]:
    return Source(name), name if name == STDIN else os.path.realpath(name)


def _walk(folder: str, own: str | None) -> Iterator[tuple[Source, str]]:
    """The files of a folder and of the folders in it, each with its path free of links.

    Links to folders are not followed, so only the first folder's path has links to resolve.
    """
    pending = [(folder, os.path.realpath(folder))]  # no recursion: Python's stack is limited
    while pending:
        root, place = pending.pop()
        if place == own:
            yield Source(root, "it is the outbox"), place
            continue
        try:
            names = sorted(name for name in os.listdir(root) if name[0] != ".")
        except OSError as error:
            yield Source(root, error=unreadable(error)), place
            continue
        folders = []
        for name in names:
            path, inner = os.path.join(root, name), os.path.join(place, name)
            if not os.path.isdir(path):
                yield _found(path), os.path.realpath(path) if os.path.islink(path) else inner
            elif not os.path.islink(path):
                folders.append((path, inner))
        pending += reversed(folders)


def _found(path: str) -> Source:
    if not os.path.isfile(path):
        return Source(path, "not a regular file")
    return Source(path, None if registry.has_suffix(path) else "no converter takes this suffix")
