"""What an outbox knows about itself, in its folder ``.smsenc``; docs/outbox.md explains it.

A folder has its records inside, so that they are found by whatever name the folder is reached. An
archive has them beside it, in ``NAME.zip.smsenc``; a digest of its contents there says whose they
are when the archive was renamed.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from converters.errors import GuardError, SourceError
from smsgate.errors import OutboxError
from smsgate.outbox import announced, files, folders, journal, runs
from smsgate.outbox.announced import Announced
from smsgate.outbox.lock import lock
from smsgate.outbox.reading import read_file
from smsgate.outbox.writing import outbox_errors, write_pieces

if TYPE_CHECKING:
    from zipfile import ZipFile

FOLDER = folders.RECORDS
_ARCHIVE = ".zip"
_ID, _LOCK, _JOURNAL, _CONTENTS = "id", "lock", "journal", "contents"
_ID_TEXT = re.compile(r"smsenc outbox (?P<id>[0-9a-f]{32})\n?")
_BUSY = "another run is using this outbox, or a copy of it"
_RESTORE = (
    "restore the folder {folder} from a backup, or let smsenc upload --resend begin a new journal, "
    "which sends everything again"
)
#: Tables of every journal: which outbox it belongs to, its runs, and its files.
_SCHEMA = "CREATE TABLE IF NOT EXISTS outbox (id TEXT NOT NULL);" + runs.SCHEMA + files.SCHEMA


class Home(NamedTuple):
    """The records of the ``outbox``: its identity, and the ``folder`` that they are in."""

    outbox: Path
    folder: Path
    id: str

    @property
    def journal(self) -> Path:
        """The SQLite file that says how far each file has come."""
        return self.folder / _JOURNAL

    @property
    def unpacked(self) -> Path:
        """The folder of files that are not in their archive yet."""
        return self.folder / "files"

    @property
    def place(self) -> str:
        """Another text after the outbox was moved to another disk, copied or restored."""
        with suppress(OSError):
            return str((self.folder / _ID).lstat().st_ctime_ns)
        return ""

    def announced(self) -> Announced:
        """The names that may have become visible on a server."""
        return Announced((self.folder, announced.of_machine(self.id)))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What cannot be noticed here."""
        if announced.of_machine(self.id):
            return ()
        return ("no state folder (XDG_STATE_HOME): a copy of this outbox would not be recognised",)

    def store_contents(self) -> None:
        """Record what is in the archive, by which it is recognised; raises OutboxError."""
        digest = _digest_of_archive(self.outbox)
        write_pieces(self.folder / _CONTENTS, (f"{digest}\n".encode(),), mode=0o600)


def is_archive(outbox: Path) -> bool:
    """Whether an outbox is an archive, or will be one by its name."""
    return outbox.is_file() or (outbox.suffix.lower() == _ARCHIVE and not outbox.is_dir())


def folder_of(outbox: Path) -> Path:
    """Where the records of an outbox are, whether they exist or not."""
    if not is_archive(outbox):
        return outbox / FOLDER
    real = Path(os.path.realpath(outbox))
    return real.with_name(real.name + FOLDER)


@contextmanager
def held(outbox: Path, *, renew: bool = False) -> Iterator[Home]:
    """Hold an outbox, and all its copies on this machine; make its records if it has none.

    A folder is made, too. With ``renew`` a lost journal is replaced by a new one. Raises
    OutboxError, and GuardError if another run holds the outbox or its journal is lost.
    """
    _follow_renamed(outbox)
    folder = folder_of(outbox)
    if outbox.is_file() and not folder.exists():  # records beside any other file would be left
        with _archive(outbox):
            pass
    with ExitStack() as stack:
        with outbox_errors(outbox):
            _make_folder(folder)
            stack.enter_context(_locked(folder / _LOCK, outbox))
            _adopt_journal(outbox, folder)
        home = Home(outbox, folder, _identity(outbox, folder, renew=renew))
        if place := announced.of_machine(home.id):
            with suppress(OSError):
                stack.enter_context(_locked(place / _LOCK, outbox))
        yield home


def outbox_of(path: Path) -> Path | None:
    """The folder with records that a message file is in, itself or in a numbered folder of it."""
    inside = path.parent.name.isdecimal()
    places = (path.parent, path.parent.parent) if inside else (path.parent,)
    return next((one for one in places if (one / FOLDER / _ID).is_file()), None)


def exists(outbox: Path) -> bool:
    """Whether an outbox has records, whatever state they are in, or those of an earlier version."""
    _follow_renamed(outbox)
    return (folder_of(outbox) / _ID).exists() or _old_journal(outbox).is_file()


def find(outbox: Path) -> Home | None:
    """The records of an outbox, None if it has none; raises GuardError if its journal is lost."""
    folder = folder_of(outbox)
    found = _stored_id(folder)
    if found is None:
        return None
    _check_journal(folder, found)
    return Home(outbox, folder, found)


def copied(outbox: Path, folder: Path) -> Home:
    """Records in ``folder``, with a copy of the outbox's journal if it has one; for a rehearsal.

    Raises OutboxError, and GuardError if the journal is lost.
    """
    copy = Home(outbox, folder, "")
    if found := find(outbox):
        with (
            closing(connect(found)) as old,
            closing(connect(copy)) as new,
            journal.reading(found.journal),
        ):
            old.backup(new)
    return copy


def connect(home: Home, *, threads: bool = False) -> sqlite3.Connection:
    """The journal of an outbox; raises OutboxError."""
    return journal.connect(home.journal, _SCHEMA, threads=threads)


# --- Identity ------------------------------------------------------------------------------------


def _identity(outbox: Path, folder: Path, *, renew: bool) -> str:
    """The identity of a held outbox; a new one is stored in the journal, then beside it."""
    found = _stored_id(folder)
    if found is not None:
        try:
            _check_journal(folder, found)
        except (GuardError, OutboxError) as error:
            good = isinstance(error, OutboxError) and not journal.is_damaged(error)
            if good or not renew:
                raise
            _set_aside(folder / _JOURNAL)
        else:
            return found
    return _store_id(folder, found or _journal_id(folder) or _new_id(outbox))


def _stored_id(folder: Path) -> str | None:
    path = folder / _ID
    try:
        text = read_file(path, 1000).decode("ascii", "replace")
    except SourceError as error:
        if not os.path.lexists(path):
            return None
        raise OutboxError(error.message, source=str(path)) from error
    if not (match := _ID_TEXT.fullmatch(text)):
        raise _lost(folder, "cannot be trusted: the file id is damaged")
    return match["id"]


def _store_id(folder: Path, identity: str) -> str:
    home = Home(folder, folder, identity)
    with closing(connect(home)) as base, journal.transaction(base):
        base.execute("DELETE FROM outbox")
        base.execute("INSERT INTO outbox VALUES (?)", (identity,))
        files.adopt(base)
    write_pieces(folder / _ID, (_text_of(identity).encode(),), mode=0o600)
    return identity


def _text_of(identity: str) -> str:
    return f"smsenc outbox {identity}\n"


def _check_journal(folder: Path, identity: str) -> None:
    path = folder / _JOURNAL
    if not path.is_file() or not path.stat().st_size:
        raise _lost(folder, "is missing")
    found = _journal_id(folder)
    if found is None:
        raise _lost(folder, "is empty")
    if found != identity:
        raise _lost(folder, "belongs to another outbox")


def _journal_id(folder: Path) -> str | None:
    """The identity in the journal; None without a journal, or in one that has none yet."""
    path = folder / _JOURNAL
    if not path.is_file() or not path.stat().st_size:
        return None
    with closing(journal.connect(path)) as base, journal.reading(path):
        if not base.execute("SELECT 1 FROM sqlite_master WHERE name = 'outbox'").fetchone():
            return None
        row = base.execute("SELECT id FROM outbox").fetchone()
        return str(row[0]) if row else None


def _new_id(outbox: Path) -> str:
    """A random identity; for an archive of another program a digest of its contents.

    So the same archive is recognised elsewhere on this machine, although nothing is written to it.
    """
    return _digest_of_archive(outbox) if outbox.is_file() else os.urandom(16).hex()


def _digest_of_archive(outbox: Path) -> str:
    digest = hashlib.sha256()
    with _archive(outbox) as archive:
        for entry in sorted(archive.infolist(), key=lambda one: one.filename):
            digest.update(f"{entry.filename}\0{entry.CRC}\0{entry.file_size}\n".encode())
    return digest.hexdigest()[:32]


@contextmanager
def _archive(outbox: Path) -> Iterator[ZipFile]:
    import zipfile  # noqa: PLC0415 - most outboxes are folders

    try:
        with zipfile.ZipFile(outbox) as archive:
            yield archive
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise OutboxError(
            "expected a folder or a zip archive, found another file", source=str(outbox)
        ) from error


def _lost(folder: Path, how: str) -> GuardError:
    return GuardError(
        f"the journal {how}, so nobody knows what was sent: {_RESTORE.format(folder=folder)}",
        source=str(folder / _JOURNAL),
    )


def _set_aside(path: Path) -> None:
    """Rename what is in the place of a journal; it is kept."""
    with outbox_errors(path):
        for suffix in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                old = path.with_name(f"{path.name}.{os.urandom(4).hex()}.old{suffix}")
                path.with_name(path.name + suffix).rename(old)


# --- Folders and locks ---------------------------------------------------------------------------


def _make_folder(folder: Path) -> None:
    """Make the folder of the records, which only its owner can read; raises OSError."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    if not stat.S_ISDIR(folder.lstat().st_mode):
        raise OutboxError("expected a folder, found another file or a link", source=str(folder))


@contextmanager
def _locked(path: Path, outbox: Path) -> Iterator[None]:
    flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0)
    os.close(os.open(path, flags, 0o600))
    with lock(path, _BUSY, source=outbox):
        yield


# --- Earlier places ------------------------------------------------------------------------------


def _adopt_journal(outbox: Path, folder: Path) -> None:
    """Move the journal of an earlier version, which was beside the outbox."""
    old = _old_journal(outbox)
    if (folder / _JOURNAL).exists() or (folder / _ID).exists() or not old.is_file():
        return
    if journal.settle(old):
        old.rename(folder / _JOURNAL)


def _old_journal(outbox: Path) -> Path:
    real = Path(os.path.realpath(outbox))
    return real.with_name(f"{real.name}.journal")


def _follow_renamed(outbox: Path) -> None:
    """Find the records of an archive that was renamed in its folder, and rename them alike."""
    folder = folder_of(outbox)
    if folder.exists() or not outbox.is_file():
        return
    alone = [
        other
        for other in sorted(folder.parent.glob(f"?*{FOLDER}"))
        if not other.with_name(other.name.removesuffix(FOLDER)).exists()
    ]
    wanted = f"{_digest_of_archive(outbox)}\n" if alone else ""
    with outbox_errors(folder):
        for other in alone:
            with suppress(FileNotFoundError):
                if (other / _CONTENTS).read_text("ascii", "replace") == wanted:
                    other.rename(folder)
                    return
