"""Where files are in a gateway's storage, which is its folder unless ``[node] storage`` is set.

``accounts/<api_id>`` is what FTP clients see, ``incoming/<api_id>`` has uploads that are not
finished, and ``spool`` has what was taken; with several nodes, each has a folder in it. All are on
one file system, so that files are renamed from one to the next.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from smsgate.gateway.settings import Settings

ACCOUNTS, INCOMING, SPOOL = "accounts", "incoming", "spool"
#: Locked by the node that writes the logs.
GUARD = "logs.lock"
#: Each of its files is locked while answers of an account get their names.
LOCKS = "locks"
FOLDERS = (ACCOUNTS, INCOMING, SPOOL, LOCKS)
_PART = re.compile(r"(?![0-9a-f]{32}\Z)[A-Za-z0-9_-]{1,32}(\.[0-9]{1,4})?")
_MOST = 100_000  # entries of a spool that are looked at


def folder(settings: Settings, api_id: str) -> Path:
    """The folder of an account: its own in the gateway's, or the one that another server fills."""
    given = settings.accounts.get(api_id)
    return given.folder if given and given.folder else settings.storage / ACCOUNTS / api_id


def parts(spool: Path) -> Iterator[str]:
    """The folders of nodes in a spool; there are no others but those of files."""
    with suppress(OSError), os.scandir(spool) as found:
        for one in islice(found, _MOST):
            if _PART.fullmatch(one.name) and one.is_dir(follow_symlinks=False):
                yield one.name


def spools(settings: Settings) -> tuple[Path, ...]:
    """All folders that files are taken to."""
    given = (one.spool for one in settings.accounts.values() if one.spool)
    bases = [one / SPOOL for one in (settings.storage, *given)]
    return tuple(one / part for one in bases for part in ("", *sorted(parts(one))))
