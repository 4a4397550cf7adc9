"""Names of a campaign's files, in folders that stay small.

A name is ``NNN/NNNNNN-slug.MARK[.pI-N].txt``: the running number keeps the order of sending, and no
folder has more than ``MOST_FILES`` of a run. A name depends only on the run's mark and the number
of files before it, so that a run that was killed gives the same names again.
"""

from __future__ import annotations

from typing import NamedTuple

from smsenc.messagefile.names import file_name

#: With more files, file managers and FTP servers list a folder slowly.
MOST_FILES = 10_000


class Position(NamedTuple):
    """Where the next message goes: its running number, its folder, and the files in that folder.

    ``files`` counts the run's files in all folders.
    """

    number: int = 1
    folder: int = 0
    used: int = 0
    files: int = 0


def assign_names(
    position: Position, slug: str, files: int, mark: str = ""
) -> tuple[tuple[str, ...], Position]:
    """Names of the files of one message, which are in one folder, and the next position."""
    number, folder, used, before = position
    if used and used + files > MOST_FILES:
        folder, used = folder + 1, 0
    names = (
        f"{folder:03}/{file_name(number, slug, n, files, mark=mark)}" for n in range(1, files + 1)
    )
    return tuple(names), Position(number + 1, folder, used + files, before + files)
