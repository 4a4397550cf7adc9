"""A backup, while the gateway runs or not: one moment of the database, with the spool of then.

A file that is being read goes away when it is read. So the spool is linked before the moment, and
again at the moment for what came between; if a file is lost in between, another moment is taken.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from smsgate.errors import OutboxError, reason
from smsgate.gateway import configuration, layout
from smsgate.gateway.backups import archive
from smsgate.gateway.database import NAME
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.queue import ledger
from smsgate.gateway.settings import Settings
from smsgate.gateway.states import FileState

_TRIES = 50
_WAIT = 20.0  # seconds for another process that holds the database
_FOLDER = ".backup-"
_UID = re.compile(r"([0-9a-f]{32})(\.log)?")
#: A password that somebody wrote where none is read.
_PASSWORD = re.compile(rb"(?im)^[^\n#=]*password(?!-file|-env)[^\n=]*=[^\n]*$")


class Made(NamedTuple):
    """How large a backup is, and how many files of the spool are in it."""

    octets: int
    files: int


class _Reading(NamedTuple):
    """A file that is not read to its end; ``log`` is whether it has answers."""

    uid: str
    log: bool


class _MovedError(Exception):
    """A file was read to its end between the spool and the database."""


def make(settings: Settings, config: Path, target: BinaryIO, now: float) -> Made:
    """Write a backup to ``target``; raises OutboxError, also if the copy is damaged."""
    try:
        with _workshop(settings.data) as work:
            files = _moment(settings, work)
            _check(work)
            return _pack(settings, config, work, target, files, now)
    except sqlite3.Error as error:
        what = f"cannot back up {settings.data / NAME}: {error}"
        raise OutboxError(what) from error
    except OSError as error:
        what = f"cannot back up {settings.data}: {reason(error)}"
        raise OutboxError(what) from error


@contextmanager
def _workshop(data: Path) -> Iterator[Path]:
    """A folder on the gateway's file system; what a killed backup has left there is removed."""
    for left in data.glob(f"{_FOLDER}*"):
        with suppress(OSError, ValueError):
            if _runs(int(left.name.removeprefix(_FOLDER).partition("-")[0])):
                continue
        shutil.rmtree(left, ignore_errors=True)
    work = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-", dir=data))
    try:
        yield work
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _runs(process: int) -> bool:
    """Whether a process runs; on Windows, where asking would interrupt it, it always does."""
    if os.name == "posix":
        os.kill(process, 0)
    return True


# --- One moment ----------------------------------------------------------------------------------


def _moment(settings: Settings, work: Path) -> list[str]:
    """Copy database and spool into ``work``; the uids of the files in the spool."""
    for _ in range(_TRIES):
        with suppress(_MovedError):
            return _try(settings, work)
    raise OutboxError("the spool changes all the time: try it again when fewer files come")


def _try(settings: Settings, work: Path) -> list[str]:
    spools, into = layout.spools(settings), work / layout.SPOOL
    shutil.rmtree(into, ignore_errors=True)
    into.mkdir(mode=0o700)
    _link(spools, into)
    source = sqlite3.connect(settings.data / NAME, timeout=_WAIT, isolation_level=None)
    with contextlib.closing(source):
        source.execute("BEGIN")  # from the first query on, it is this moment
        rows = source.execute("SELECT spool, state, log_size FROM file").fetchall()
        reading = [_Reading(row[0], row[2] > 0) for row in rows if row[1] == FileState.READING]
        _link(spools, into, {one.uid for one in reading})
        for one in reading:
            _require(into, one)
        with contextlib.closing(sqlite3.connect(work / NAME)) as copy:
            source.backup(copy)
    os.chmod(work / NAME, 0o600)
    over = {row[0] for row in rows} - {one.uid for one in reading}
    return sorted(uid for uid in os.listdir(into) if len(uid) == 32 and uid not in over)


def _link(spools: Iterable[Path], into: Path, only: set[str] | None = None) -> None:
    """Give the files of the spools second names in ``into``."""
    for spool in spools:
        for entry in _entries(spool):
            found = _UID.fullmatch(entry)
            if not found or (only is not None and found[1] not in only):
                continue
            if found[2]:
                _linked(spool / entry, into / entry)
                continue
            (into / entry).mkdir(mode=0o700, exist_ok=True)
            for inner in _entries(spool / entry):
                _linked(spool / entry / inner, into / entry / inner)


def _entries(folder: Path) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _linked(path: Path, name: Path) -> None:
    """A second name, or a copy on another file system; nothing if it is there, or gone."""
    try:
        os.link(path, name)
    except (FileExistsError, FileNotFoundError):
        return
    except OSError:  # another file system, or one without links
        with suppress(FileNotFoundError):
            shutil.copyfile(path, name)


def _require(into: Path, one: _Reading) -> None:
    inside = [name for name in _entries(into / one.uid) if not name.startswith(".")]
    if not inside or (one.log and not (into / f"{one.uid}.log").exists()):
        raise _MovedError


def _check(work: Path) -> None:
    """Whether the copy is whole, and each balance is the sum of its ledger."""
    with contextlib.closing(sqlite3.connect(work / NAME)) as copy:
        found = [row[0] for row in copy.execute("PRAGMA integrity_check(5)")]
    database = SqliteDatabase(work)
    try:
        faults = [line for line in found if line != "ok"] + database.read(ledger.check)
    finally:
        database.close()
    if faults:
        raise OutboxError(f"the copy of {NAME} is not right, and is not kept: {faults[0]}")


# --- One file ------------------------------------------------------------------------------------


def _pack(  # noqa: PLR0913, PLR0917 - what it packs
    settings: Settings, config: Path, work: Path, target: BinaryIO, uids: list[str], now: float
) -> Made:
    counting = _Counting(target)
    out = cast("BinaryIO", counting)
    manifest = {"version": archive.VERSION, "made": f"{datetime.fromtimestamp(now, UTC):%FT%TZ}"}
    with tarfile.open(fileobj=out, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        archive.add_octets(tar, archive.MANIFEST, json.dumps(manifest).encode())
        archive.add(tar, NAME, work / NAME)
        if config.is_file():
            archive.add_octets(tar, configuration.NAME, without_passwords(config.read_bytes()))
        for name in archive.FILES[2:]:
            if (settings.data / name).is_file():
                archive.add(tar, name, settings.data / name)
        for path in _spooled(work / layout.SPOOL, uids):
            archive.add(tar, str(path.relative_to(work)), path)
    return Made(counting.octets, len(uids))


def _spooled(folder: Path, uids: list[str]) -> Iterator[Path]:
    for uid in uids:
        yield from sorted((folder / uid).iterdir())
        if (log := folder / f"{uid}.log").exists():
            yield log


def without_passwords(octets: bytes) -> bytes:
    """gateway.toml without lines of passwords, which the gateway does not read either."""
    return _PASSWORD.sub(b"# a password was left out here", octets)


class _Counting:
    """Counts what is written."""

    def __init__(self, target: BinaryIO) -> None:
        self._target = target
        self.octets = 0

    def write(self, octets: bytes) -> int:
        self.octets += len(octets)
        return self._target.write(octets)
