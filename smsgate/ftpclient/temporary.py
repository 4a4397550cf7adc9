"""The names under which files are on the server until they are complete, and what became of them.

A gateway must not take half a file. It ignores hidden names, and most ignore unknown suffixes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from enum import StrEnum

#: Tables in the journal. They belong to one server: ``reset`` empties them for another.
SCHEMA = """
CREATE TABLE IF NOT EXISTS upload_setting (  -- what was learned about the server
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload_temporary (  -- files whose temporary name is not hidden
    file TEXT PRIMARY KEY,
    kind TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS upload_leftover (  -- temporary names that may still be on the server
    name TEXT PRIMARY KEY
) WITHOUT ROWID;
"""
_SETTING = "temporary"


class Temporary(StrEnum):
    """What temporary names look like, as ``--temporary`` names it."""

    HIDDEN = "hidden"  # .NAME.MARK-N.tmp
    SUFFIX = "suffix"  # NAME.MARK-N.part, for servers that refuse hidden names
    NONE = "none"  # the final name: a gateway may take half a file


class TemporaryNames:
    """The temporary names of a journal's files, in the tables of ``base``.

    The caller holds a transaction during ``begin``, ``leave``, ``forget`` and ``remember_suffix``.
    ``kind`` is for files that are begun now; it is SUFFIX instead of HIDDEN once that has been
    remembered.
    """

    def __init__(self, base: sqlite3.Connection, mark: str, kind: Temporary) -> None:
        self.kind = kind
        self.learned = False  # whether the server has refused hidden names
        self._base = base
        self._mark = mark
        known = base.execute("SELECT value FROM upload_setting WHERE key = ?", (_SETTING,))
        if kind is Temporary.HIDDEN and known.fetchone() == (Temporary.SUFFIX,):
            self.kind, self.learned = Temporary.SUFFIX, True
        rows = base.execute("SELECT file, kind FROM upload_temporary")
        self._kinds = {file: Temporary(kind) for file, kind in rows}
        self._leftovers = [name for (name,) in base.execute("SELECT name FROM upload_leftover")]

    def kind_of(self, file: str) -> Temporary:
        """What the temporary name of a file that was begun looks like."""
        return self._kinds.get(file, Temporary.HIDDEN)

    def name(self, file: str, attempt: int) -> str:
        """The temporary name of a file; no other journal uses it."""
        kind = self.kind_of(file)
        if kind is Temporary.NONE:
            return file
        unique = f"{file}.{self._mark}-{attempt}"
        return f".{unique}.tmp" if kind is Temporary.HIDDEN else f"{unique}.part"

    def begin(self, file: str, kind: Temporary | None = None) -> None:
        """Give a file that is begun a name of this kind, or of the usual one."""
        kind = kind or self.kind
        if kind is self.kind_of(file):
            return
        self._kinds[file] = kind
        self._base.execute("INSERT OR REPLACE INTO upload_temporary VALUES (?, ?)", (file, kind))

    def leave(self, file: str, attempt: int) -> None:
        """Note that a file is begun again, under another name than that of ``attempt``."""
        name = self.name(file, attempt)
        if name != file:
            self._leftovers.append(name)
            self._base.execute("INSERT OR REPLACE INTO upload_leftover VALUES (?)", (name,))

    @property
    def has_leftovers(self) -> bool:
        """Whether there are names to delete that nobody has taken yet."""
        return bool(self._leftovers)

    def take_leftovers(self) -> list[str]:
        """The names that are to be deleted; each is given to one caller."""
        found, self._leftovers = self._leftovers, []
        return found

    def forget(self, names: Iterable[str]) -> None:
        """Note that these names are no longer on the server."""
        rows = [(name,) for name in names]
        self._base.executemany("DELETE FROM upload_leftover WHERE name = ?", rows)

    def remember_suffix(self) -> None:
        """Use suffixes from now on, also in later runs."""
        self.kind, self.learned = Temporary.SUFFIX, True
        row = (_SETTING, Temporary.SUFFIX)
        self._base.execute("INSERT OR REPLACE INTO upload_setting VALUES (?, ?)", row)


def reset(base: sqlite3.Connection) -> None:
    """Forget a server to which nothing was sent."""
    for table in ("upload_setting", "upload_temporary", "upload_leftover"):
        base.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
