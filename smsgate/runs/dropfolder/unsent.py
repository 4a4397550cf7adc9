"""Whether an outbox has files to send, whichever run wrote them."""

from __future__ import annotations

import os
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from pathlib import Path

from smsgate.outbox import contents

#: Folders and when their contents changed.
_Times = dict[str, int]


class Unsent:
    """Files of an ``outbox``, a folder, that no upload has tried.

    ``settled`` gives the names of the others. As long as no folder has changed after everything was
    settled, the files are not listed again: there may be many, and there are many looks.
    """

    def __init__(self, outbox: Path, settled: Callable[[], AbstractSet[str]]) -> None:
        self._outbox = outbox
        self._settled = settled
        self._quiet: _Times = {}

    def __bool__(self) -> bool:
        if self._quiet and self._quiet == _times(self._quiet):
            return False
        times = _times((str(self._outbox), *_volumes(self._outbox)))
        found = set(contents.names_in(self._outbox)) - self._settled()
        self._quiet = {} if found else times
        return bool(found)


def _volumes(outbox: Path) -> list[str]:
    with os.scandir(outbox) as entries:
        return [e.path for e in entries if e.name.isdecimal() and e.is_dir(follow_symlinks=False)]


def _times(folders: _Times | tuple[str, ...]) -> _Times:
    """When each folder changed, -1 for one that is gone."""
    return {folder: _time(folder) for folder in folders}


def _time(folder: str) -> int:
    try:
        return os.stat(folder).st_mtime_ns
    except OSError:
        return -1
