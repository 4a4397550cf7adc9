"""What lies in ``.taken`` and has no row in the journal: from another outbox, or one that is lost.

``.taken/MARK-000001`` holds one source; ``.taken/MARK.outbox`` says which outbox MARK is of.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from contextlib import suppress
from pathlib import Path

from smsenc import SmsencError
from smsgate.errors import reason
from smsgate.outbox import home
from smsgate.outbox.reading import read_file
from smsgate.runs.dropfolder import places
from smsgate.runs.dropfolder.places import OUTBOX_NOTE, REJECTED, TAKEN, kind, shown

_OF_MARK = re.compile(r"(?P<mark>[a-z2-7]{8})-[0-9]{6,}")
_LOST = (
    "{name}: an earlier run took it, and the journal does not know it: it may have been sent; to "
    "send it again, put it into the watched folder"
)


def file_orphans(
    folder: Path, outbox: Path, mark: str, known: AbstractSet[Path], tell: Callable[[str], object]
) -> int:
    """Move sources without a row to ``rejected``, with a report; ``known`` are those with one.

    Returns how many were left, because they belong to another outbox or cannot be moved. Raises
    OSError and OutboxError.
    """
    places.write(folder / TAKEN / f"{mark}{OUTBOX_NOTE}", os.fsencode(outbox.resolve()))
    left = 0
    for path in _found(folder / TAKEN):
        if path in known:
            continue
        owner = _owner(path, mark)
        if owner:
            tell(
                f"{shown(str(path))}: taken for {shown(str(owner))}: run the command with "
                f"--out {shown(str(owner))} to finish it"
            )
            left += 1
        elif what := kind(path.lstat().st_mode):
            tell(f"{shown(str(path))}: skipped: it is {what}")
        else:
            left += not _reject(folder, path, tell)
    return left


def _found(taken: Path) -> Iterator[Path]:
    """What is in the folders of ``.taken``; folders that are empty are removed."""
    for entry in sorted(taken.iterdir()):
        if kind(entry.lstat().st_mode) != "a folder":
            if not entry.name.endswith(OUTBOX_NOTE):
                yield entry
            continue
        yield from sorted(entry.iterdir())
        with suppress(OSError):
            entry.rmdir()


def _owner(path: Path, mark: str) -> Path | None:
    """The other outbox that a source was taken for; None if it is not there any more."""
    match = _OF_MARK.fullmatch(path.parent.name)
    if match is None or match["mark"] == mark:
        return None
    taken = path.parent.parent
    try:
        outbox = Path(
            os.fsdecode(read_file(taken / f"{match['mark']}{OUTBOX_NOTE}", 1 << 16, follow=False))
        )
        records = home.find(outbox)
        identity = places.read_identity(taken.parent)
    except (SmsencError, OSError):
        return None
    if records and identity:
        other = places.run_identity(records.id, identity).mark
        return outbox if other == match["mark"] else None
    return None


def _reject(folder: Path, path: Path, tell: Callable[[str], object]) -> bool:
    line = _LOST.format(name=shown(path.name))
    try:
        final = places.free(places.checked(folder / REJECTED), path.name)
        places.write_report(places.free_report(final.parent, final.name), (line,))
        os.rename(path, final)
    except OSError as error:
        tell(f"{shown(str(path))}: cannot be moved to {REJECTED}: {reason(error)}")
        return False
    with suppress(OSError):
        path.parent.rmdir()
    tell(f"{line}: moved to {shown(str(final))}")
    return True
