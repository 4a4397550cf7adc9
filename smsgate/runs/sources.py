"""Which files a run converts: the files that were named, and those of the folders named."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from converters import registry
from converters.errors import SourceError
from smsgate.outbox.folders import walk
from smsgate.outbox.reading import STDIN


class Source(NamedTuple):
    """A file to convert, named as the user typed it; or why it is skipped or cannot be read."""

    name: str
    skipped: str | None = None
    error: SourceError | None = None


def find_sources(given: Iterable[str], *, outbox: Path | None = None) -> Iterator[Source]:
    """Files in the order given; those of a folder in the order of their names, then its folders.

    In folders, hidden files are left out, and links, the outbox and files that no converter reads
    are skipped with a reason. A file that is found twice, under any name, is converted once.
    """
    own = os.path.realpath(outbox) if outbox else None
    seen: set[str] = set()
    for name in given:
        for source, place in _in_folder(name, own) if os.path.isdir(name) else (_named(name),):
            if source.skipped or source.error:
                yield source
            elif place in seen:
                yield Source(source.name, "named before")
            else:
                seen.add(place)
                yield source


def _named(name: str) -> tuple[Source, str]:
    return Source(name), name if name == STDIN else os.path.realpath(name)


def _in_folder(folder: str, own: str | None) -> Iterator[tuple[Source, str]]:
    for found in walk(folder, own):
        skipped = found.skipped or (None if found.error else registry.unread(found.path))
        yield Source(found.path, skipped, found.error), found.place
