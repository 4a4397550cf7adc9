"""What is known of messages beside what came: who has read them, their tags, their contents.

Contents are kept for those who search; ``contents.Contents`` fills them in.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable
from typing import NamedTuple

from smsenc import OptionError

#: Tags of a message, characters of a tag, and different tags in all.
MOST_TAGS, LONGEST_TAG, MOST_NAMES = 10, 32, 200

SCHEMA = """
CREATE TABLE IF NOT EXISTS seen (message INTEGER PRIMARY KEY) STRICT;
CREATE TABLE IF NOT EXISTS tags (
    message INTEGER NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (message, tag)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tags_tag ON tags (tag);
CREATE TABLE IF NOT EXISTS contents (
    message INTEGER PRIMARY KEY, kind TEXT NOT NULL, words TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS contents_kind ON contents (kind);
"""
_TABLES = ("seen", "tags", "contents")


class Marked(NamedTuple):
    """Whether a message is unread, and its tags in their order."""

    unread: bool
    tags: tuple[str, ...]


#: The marks of a message that has just come.
NEW = Marked(unread=True, tags=())


class Content(NamedTuple):
    """The kind of a message, and all texts in it as ``casefold`` writes them."""

    message: int
    kind: str
    words: str


def checked(tag: object) -> str:
    """A tag without spaces around it; raises OptionError."""
    found = " ".join(tag.split()) if isinstance(tag, str) else ""
    if not (0 < len(found) <= LONGEST_TAG and found.isprintable()):
        raise OptionError(f"expected 1 to {LONGEST_TAG} characters", name="tag")
    return found


class Marks:
    """The tables in the store's database; who writes begins and ends the transaction."""

    def __init__(self, base: sqlite3.Connection) -> None:
        self._base = base

    def of(self, message: int) -> Marked:
        """The marks of a message."""
        seen = self._base.execute("SELECT 1 FROM seen WHERE message = ?", (message,)).fetchone()
        rows = self._base.execute("SELECT tag FROM tags WHERE message = ?", (message,))
        return Marked(seen is None, tuple(tag for (tag,) in rows))

    def set_tags(self, message: int, tags: Collection[str]) -> None:
        """Give a message these tags alone; raises OptionError if there are too many."""
        if len(tags) > MOST_TAGS:
            raise OptionError(f"expected at most {MOST_TAGS}, found {len(tags)}", name="tags")
        self._base.execute("DELETE FROM tags WHERE message = ?", (message,))
        known = {tag for tag, _ in self.tags()}
        if len(known.union(tags)) > MOST_NAMES:
            raise OptionError(f"expected at most {MOST_NAMES} different ones", name="tags")
        rows = [(message, tag) for tag in tags]
        self._base.executemany("INSERT OR IGNORE INTO tags VALUES (?, ?)", rows)

    def tags(self) -> list[tuple[str, int]]:
        """All tags, each with the number of its messages."""
        query = "SELECT tag, count(*) FROM tags GROUP BY tag ORDER BY tag"
        return self._base.execute(query).fetchall()

    def set_unread(self, where: str, values: list[object], *, unread: bool) -> int:
        """Mark the messages of a condition; returns how many were marked otherwise."""
        found = f"SELECT id FROM messages WHERE {where}"  # noqa: S608 - a condition of ours
        statement = (
            f"DELETE FROM seen WHERE message IN ({found})"  # noqa: S608 - as above
            if unread
            else f"INSERT OR IGNORE INTO seen {found}"
        )
        return self._base.execute(statement, values).rowcount

    # --- Contents --------------------------------------------------------------------------------

    def unknown(self, last: int, most: int) -> list[int]:
        """The first messages up to ``last`` whose contents are not known."""
        query = """SELECT id FROM messages LEFT JOIN contents ON contents.message = id
            WHERE contents.message IS NULL AND id <= ? ORDER BY id LIMIT ?"""
        return [id_ for (id_,) in self._base.execute(query, (last, most))]

    def learn(self, contents: Iterable[Content]) -> None:
        """Keep contents."""
        self._base.executemany("REPLACE INTO contents VALUES (?, ?, ?)", contents)

    # --- With the store --------------------------------------------------------------------------

    def changed(self, messages: Iterable[int]) -> None:
        """What these messages say has changed."""
        rows = [(id_,) for id_ in messages]
        if rows:
            self._base.executemany("DELETE FROM contents WHERE message = ?", rows)

    def forget(self, messages: Iterable[int]) -> None:
        """Messages are gone."""
        rows = [(id_,) for id_ in messages]
        for table in _TABLES:
            self._base.executemany(f"DELETE FROM {table} WHERE message = ?", rows)  # noqa: S608 - a name of ours

    def forget_first(self, last: int) -> None:
        """All messages up to one are gone."""
        for table in _TABLES:
            self._base.execute(f"DELETE FROM {table} WHERE message <= ?", (last,))  # noqa: S608 - as above
