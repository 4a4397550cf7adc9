"""The sources of a watched folder in the journal of its outbox.

A source gets its row before it is moved, and before any message of it is written. Rows of several
folders may be in one journal; each folder sees its own.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from smsgate.errors import OutboxError
from smsgate.outbox import files, journal
from smsgate.outbox.files import Transfer
from smsgate.runs.dropfolder import places
from smsgate.runs.dropfolder.places import DONE, REJECTED

SCHEMA = """
CREATE TABLE IF NOT EXISTS drop_folder (
    id TEXT PRIMARY KEY,         -- its identity
    path BLOB NOT NULL           -- where it was last
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS drop_source (
    id INTEGER PRIMARY KEY AUTOINCREMENT, -- never used again: names a folder in .taken
    folder TEXT NOT NULL,        -- identity of the watched folder
    name BLOB NOT NULL,          -- octets, which need not be UTF-8
    number INTEGER NOT NULL,     -- of its first message file
    reference INTEGER NOT NULL,  -- of its first message in several parts
    next_number INTEGER,         -- of the next source; NULL until this one is written
    next_reference INTEGER,
    files TEXT NOT NULL DEFAULT '[]',       -- names, as JSON
    complaints TEXT NOT NULL DEFAULT '[]',  -- lines, as JSON
    fate TEXT,                              -- where it goes and what is reported, as JSON
    filed INTEGER NOT NULL DEFAULT 0        -- 1 when it is there
);
"""
_COLUMNS = "id, name, number, reference, files, complaints, fate"


@dataclass(frozen=True, slots=True)
class TakenSource:
    """A source that is being converted: ``id`` counts them, its first file gets ``number``."""

    id: int
    name: str
    number: int
    reference: int


@dataclass(frozen=True, slots=True)
class ConvertedSource:
    """A source whose messages are written: the names of their files, and its errors."""

    source: TakenSource
    files: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to a converted source: it becomes ``name`` in the folder ``place``.

    ``lines`` are written to ``report`` in rejected, if there are any. The ``refused`` files, which
    were not sent, are removed from the outbox.
    """

    place: str
    name: str
    report: str
    lines: tuple[str, ...]
    refused: tuple[str, ...]


class Rows:
    """The rows of one watched ``folder``, an identity, in the journal ``base`` of an ``outbox``.

    Raises OutboxError for a journal that cannot be used, or has values that cannot be ours.
    """

    def __init__(self, base: sqlite3.Connection, outbox: Path, folder: str) -> None:
        self._base = base
        self._outbox = outbox
        self._folder = folder

    def next(self) -> tuple[int, int] | None:
        """Number and reference after those of the last source; None for the first one."""
        with journal.reading(self._outbox):
            row = self._base.execute(
                "SELECT next_number, next_reference FROM drop_source"
                " WHERE folder = ? AND next_number IS NOT NULL ORDER BY id DESC LIMIT 1",
                (self._folder,),
            ).fetchone()
            return (_number(row[0]), _number(row[1])) if row else None

    def add(self, name: str, number: int, reference: int) -> TakenSource:
        """Begin a source."""
        added = self._write(
            "INSERT INTO drop_source (folder, name, number, reference) VALUES (?, ?, ?, ?)",
            *(self._folder, os.fsencode(name), number, reference),
        )
        return TakenSource(added, name, number, reference)

    def remove(self, source: TakenSource) -> None:
        """Forget a source, which was not moved."""
        self._write("DELETE FROM drop_source WHERE id = ?", source.id)

    def begun(self) -> tuple[TakenSource, ...]:
        """The sources whose messages are not all written."""
        return tuple(one.source for one, _ in self._found("next_number IS NULL"))

    def write(self, converted: ConvertedSource, number: int, reference: int) -> None:
        """Record that the messages of a source are written; the next source gets ``number``."""
        made, errors = json.dumps(converted.files), json.dumps(converted.errors)
        self._write(
            "UPDATE drop_source SET next_number = ?, next_reference = ?, files = ?, complaints = ?"
            " WHERE id = ?",
            *(number, reference, made, errors, converted.source.id),
        )

    def written(self) -> tuple[ConvertedSource, ...]:
        """The sources whose messages are written, and whose fate is open."""
        return tuple(one for one, _ in self._found("next_number IS NOT NULL AND fate IS NULL"))

    def decide(self, source: TakenSource, fate: Fate) -> None:
        """Record what is about to happen to a source."""
        text = json.dumps(asdict(fate))
        self._write("UPDATE drop_source SET fate = ? WHERE id = ?", text, source.id)

    def decided(self) -> tuple[tuple[TakenSource, Fate], ...]:
        """The sources to which something is about to happen."""
        found = self._found("fate IS NOT NULL AND NOT filed")
        return tuple((one.source, fate) for one, fate in found if fate)

    def file(self, source: TakenSource) -> None:
        """Record that a source is in done or rejected."""
        self._write("UPDATE drop_source SET filed = 1 WHERE id = ?", source.id)

    def row_of(self, name: str) -> Transfer | None:
        """What the journal says of a file of the outbox, None if it does not know it."""
        with journal.reading(self._outbox):
            return files.row(self._base, name)

    def unsent(self, names: Iterable[str]) -> set[str]:
        """Those of the names that the journal does not have as sent."""
        with journal.reading(self._outbox):
            return files.unsent(self._base, names)

    def settled(self) -> frozenset[str]:
        """The files of the outbox, of any run, that were sent or refused, or may have been sent."""
        query = "SELECT name FROM file WHERE state IN (?, ?, ?)"
        with journal.reading(self._outbox):
            found = self._base.execute(query, files.SETTLED)
            return frozenset(_name(name) for (name,) in found)

    def _found(self, condition: str) -> tuple[tuple[ConvertedSource, Fate | None], ...]:
        with journal.reading(self._outbox):
            rows = self._base.execute(
                f"SELECT {_COLUMNS} FROM drop_source WHERE folder = ? AND {condition} ORDER BY id",  # noqa: S608 - constants
                (self._folder,),
            )
            return tuple(map(_decoded, rows.fetchall()))

    def _write(self, statement: str, *values: object) -> int:
        with journal.transaction(self._base):
            return int(self._base.execute(statement, values).lastrowid or 0)


def place(base: sqlite3.Connection, folder: str) -> Path | None:
    """Where the folder of that identity was last; None for a new one. Raises sqlite3.Error."""
    row = base.execute("SELECT path FROM drop_folder WHERE id = ?", (folder,)).fetchone()
    return Path(os.fsdecode(row[0])) if row else None


def set_place(base: sqlite3.Connection, folder: str, path: Path) -> None:
    """Record where a folder is now; raises sqlite3.Error."""
    base.execute("INSERT OR REPLACE INTO drop_folder VALUES (?, ?)", (folder, os.fsencode(path)))


def identity_of(base: sqlite3.Connection, folder: Path) -> str:
    """The identity of a watched folder; a copy of one that is still there gets its own."""
    found, here = places.identity(folder), folder.resolve()
    before = place(base, found)
    if before and _is_other(before, here, found):
        found = places.new_identity(folder)
    set_place(base, found, here)
    return found


def _is_other(before: Path, here: Path, identity: str) -> bool:
    try:
        return not before.samefile(here) and places.read_identity(before) == identity
    except (OSError, OutboxError):
        return False


# --- Values --------------------------------------------------------------------------------------


def _decoded(row: Sequence[object]) -> tuple[ConvertedSource, Fate | None]:
    """A row as values; raises ValueError if it cannot be one of ours."""
    key, octets, number, reference, made, errors, fate = row
    name = os.fsdecode(octets) if isinstance(octets, bytes) else ""
    source = TakenSource(_number(key), _name(name), _number(number), _number(reference))
    converted = ConvertedSource(source, _texts(_json(made)), _texts(_json(errors)))
    return converted, None if fate is None else _fate(_json(fate))


def _fate(value: object) -> Fate:
    if not isinstance(value, dict) or set(value) != {one.name for one in fields(Fate)}:
        raise ValueError("expected a fate")
    lines, refused = _texts(value["lines"]), _texts(value["refused"])
    if value["place"] not in (DONE, REJECTED):
        raise ValueError(f"expected {DONE} or {REJECTED}")
    name, report = _name(value["name"]), _name(value["report"])
    return Fate(value["place"], name, report, lines, tuple(map(_name, refused)))


def _number(value: object) -> int:
    if not isinstance(value, int) or not 0 < value < 1 << 40:
        raise ValueError("expected a number of 1 or more")
    return value


def _name(value: object) -> str:
    """The name of a file, with no folder: nothing outside of ours is moved or removed."""
    if not isinstance(value, str) or value in ("", ".", "..") or set(value) & set("/\0"):
        raise ValueError("expected the name of a file")
    return value


def _json(value: object) -> object:
    found: object = json.loads(value) if isinstance(value, str) else None
    return found


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError("expected a list of texts")
    return tuple(value)
