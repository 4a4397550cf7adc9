"""Where the files of a campaign lie: their names, and folders that stay handy.

``NNN/NNNNNN-slug[.pI-N].txt``: the running number keeps the order of sending, and no folder holds
more than ``MOST_FILES``. Everything follows from how many files came before, so that a run that
was killed gives the same names again.
"""

from __future__ import annotations

from typing import NamedTuple

from smsenc.messagefile.names import file_name

#: More than that, and file managers and FTP servers take their time to list a folder.
MOST_FILES = 10_000


class Place(NamedTuple):
    """Where the next message goes: its running number, its folder and how many files lie there.

    ``files`` are all that came before.
    """

    number: int = 1
    volume: int = 0
    used: int = 0
    files: int = 0


def placed(place: Place, slug: str, files: int) -> tuple[tuple[str, ...], Place]:
    """Names of the files of one message, which stay in one folder, and the place behind them."""
    number, volume, used, before = place
    if used and used + files > MOST_FILES:
        volume, used = volume + 1, 0
    names = (f"{volume:03}/{file_name(number, slug, n, files)}" for n in range(1, files + 1))
    return tuple(names), Place(number + 1, volume, used + files, before + files)
