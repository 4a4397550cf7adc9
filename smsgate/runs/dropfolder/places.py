"""The folders inside a watched folder, its identity, and names in them that are free."""

from __future__ import annotations

import itertools
import os
import re
import secrets
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from converters.errors import SourceError
from smsgate.errors import OutboxError
from smsgate.masking import cleaned
from smsgate.outbox.reading import read_file
from smsgate.outbox.runs import RunIdentity, RunKind, key_of
from smsgate.outbox.writing import Staging, remove_leftovers

DONE, REJECTED, TAKEN = "done", "rejected", ".taken"
IDENTITY = ".smsenc-watch"
#: Of the file in ``.taken`` that says which outbox a mark is of.
OUTBOX_NOTE = ".outbox"
_REPORT = ".txt"

_LONGEST_NAME = 255  # octets: the limit of most file systems
_LONGEST_REPORT = 200  # octets: its temporary name is longer
_LONGEST_LINE = 2000  # characters
_LARGEST = 1 << 20  # octets of a report
_RAW = re.compile("[\udc80-\udcff]")  # PEP 383: octets of a name that is not UTF-8
_IDENTITY = re.compile(r"smsenc watch (?P<id>[0-9a-f]{32})\n")
#: What a file is that is not a regular file, by the type in its mode.
_KINDS = {
    stat.S_IFLNK: "a link",
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFBLK: "a device",
    stat.S_IFCHR: "a device",
}


def kind(mode: int) -> str | None:
    """What a file is, by its mode; None for a regular file."""
    return None if stat.S_ISREG(mode) else _KINDS.get(stat.S_IFMT(mode), "not a file")


def shown(text: str) -> str:
    r"""A name or a line for people: cleaned, and ``\xff`` for an octet that is not UTF-8."""
    return cleaned(_RAW.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", text), _LONGEST_LINE)


# --- Folders -------------------------------------------------------------------------------------


def make_folders(folder: Path) -> None:
    """Make the folders in which sources are put; raises OSError, and OutboxError as ``checked``."""
    for name in (DONE, REJECTED, TAKEN):
        if not os.path.lexists(folder / name):
            (folder / name).mkdir()
        checked(folder / name)


def remove_temporary(folder: Path) -> None:
    """Remove the temporary files of ours that a killed run left; raises OSError."""
    remove_leftovers(folder, lambda name: name == IDENTITY)
    remove_leftovers(folder / TAKEN, lambda name: name.endswith(OUTBOX_NOTE))
    remove_leftovers(folder / REJECTED, lambda name: name.endswith(_REPORT))


def checked(folder: Path) -> Path:
    """``folder``, which nobody has put a link or a file in the place of; raises OutboxError.

    A source moved through a link would leave the watched folder.
    """
    found = kind(folder.lstat().st_mode) or "a file"
    if found != "a folder":
        raise OutboxError(
            f"expected a folder, found {found}: move it away and run the command again",
            source=str(folder),
        )
    return folder


# --- Identity ------------------------------------------------------------------------------------


def identity(folder: Path) -> str:
    """The identity of a watched folder, 32 hex digits, made when there is none.

    It is in a file in the folder, so that a folder that was renamed or mounted elsewhere is the
    same one. Raises OutboxError.
    """
    return read_identity(folder) or new_identity(folder)


def read_identity(folder: Path) -> str | None:
    """The identity in a folder, None if it has none; raises OutboxError for anything else there."""
    path = folder / IDENTITY
    if not os.path.lexists(path):
        return None
    if found := kind(path.lstat().st_mode):
        raise _not_identity(path, found)
    try:
        octets = read_file(path, 1000, follow=False)
    except SourceError as error:
        raise OutboxError(error.message, source=str(path)) from error
    match = _IDENTITY.fullmatch(octets.decode("ascii", "replace"))
    if match is None:
        raise _not_identity(path, "something else")
    return match["id"]


def new_identity(folder: Path) -> str:
    """Give a folder a new identity, also in place of one that was copied with it."""
    made = secrets.token_hex(16)
    write(folder / IDENTITY, f"smsenc watch {made}\n".encode())
    return made


def run_identity(outbox_id: str, folder_id: str) -> RunIdentity:
    """The run of a watched folder in an outbox: it is the same for ever."""
    key = key_of({"outbox": outbox_id, "folder": folder_id})
    return RunIdentity(kind=RunKind.WATCH, key=key, label="")


def _not_identity(path: Path, found: str) -> OutboxError:
    return OutboxError(
        f"expected the identity of a watched folder, found {found}: restore the file, or remove it",
        source=str(path),
    )


def write(path: Path, octets: bytes) -> None:
    """Write a file of ours; a link in its place is replaced, never followed. Raises OSError."""
    with Staging() as staging:
        staging.add(path, (octets,))
        staging.publish()


# --- Free names ----------------------------------------------------------------------------------


def free(folder: Path, name: str) -> Path:
    """A path in ``folder`` with this name, or ``name-2.ext`` and so on if something has it."""
    return _free(folder, _candidates(name, "", _LONGEST_NAME))


def free_report(folder: Path, name: str) -> Path:
    """A path for a report on ``name``: ``name.txt``, or ``name-2.txt`` and so on."""
    return _free(folder, _candidates(name, _REPORT, _LONGEST_REPORT))


def _free(folder: Path, candidates: Iterator[str]) -> Path:
    return next(path for name in candidates if not os.path.lexists(path := folder / name))


def write_report(path: Path, lines: Iterable[str]) -> Path:
    """Write a report at ``path``, or beside it if something else is there; raises OSError.

    A run that was killed after it wrote the report writes no second one.
    """
    octets = "".join(f"{shown(line)}\n" for line in lines).encode()[:_LARGEST]
    if os.path.lexists(path):
        if _holds(path, octets):
            return path
        path = free(path.parent, path.name)
    write(path, octets)
    return path


def _holds(path: Path, octets: bytes) -> bool:
    if kind(path.lstat().st_mode) or path.lstat().st_size != len(octets):
        return False
    try:
        return read_file(path, _LARGEST, follow=False) == octets
    except SourceError:
        return False


def _candidates(name: str, ending: str, most: int) -> Iterator[str]:
    """``name`` and ``ending``, then ``name-2``, ``name-3`` … of at most ``most`` octets."""
    stem, suffix = os.path.splitext(name)
    if len(os.fsencode(suffix)) > most // 4:  # no suffix that a program would know
        stem, suffix = name, ""
    tails = itertools.chain([""], (f"-{n}" for n in itertools.count(2)))
    for tail in tails:
        end = f"{tail}{suffix}{ending}"
        yield _cut(stem, most - len(os.fsencode(end))) + end


def _cut(text: str, most: int) -> str:
    """The start of a name that fits in ``most`` octets; no character is cut in two."""
    while len(os.fsencode(text)) > most:
        text = text[:-1]
    return text
