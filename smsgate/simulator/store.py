"""What the simulator has received, in one SQLite file.

A message is one row, its parts are others. Parts are kept as the PDUs that carried them: all that
can be said about a message is read from those.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from smsgate.errors import OutboxError, reason
from smsgate.outbox import journal
from smsgate.outbox.lock import lock
from smsgate.simulator.marks import SCHEMA, Marks
from smsgate.simulator.query import Query

#: The first message id: eight digits in hexadecimal that are no decimal number.
FIRST = 0xA0000001

_SCHEMA = """
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY, sender TEXT NOT NULL, recipient TEXT NOT NULL, time REAL NOT NULL,
    parts INTEGER NOT NULL, missing INTEGER NOT NULL, mark TEXT
) STRICT;
CREATE INDEX IF NOT EXISTS messages_recipient ON messages (recipient, id);
CREATE TABLE IF NOT EXISTS segments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, message INTEGER NOT NULL, named INTEGER NOT NULL,
    system_id TEXT NOT NULL, place INTEGER NOT NULL, pdu BLOB NOT NULL, state TEXT NOT NULL,
    time REAL NOT NULL, due REAL, fate TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS segments_message ON segments (message, id);
CREATE TABLE IF NOT EXISTS waiting (
    id INTEGER PRIMARY KEY, system_id TEXT NOT NULL, pdu BLOB NOT NULL
) STRICT;
"""


class Segment(NamedTuple):
    """A part: ``named`` is the id that its sender knows, ``place`` its number in the message.

    ``pdu`` is the request in octets, ``due`` the time at which ``fate`` becomes its ``state``, None
    once it has.
    """

    id: int
    message: int
    named: int
    system_id: str
    place: int
    pdu: bytes
    state: str
    time: float
    due: float | None
    fate: str


class Message(NamedTuple):
    """A message, of which ``missing`` parts have not come; ``mark`` is what its parts share."""

    id: int
    sender: str
    recipient: str
    time: float
    parts: int
    missing: int
    mark: str | None


class Phone(NamedTuple):
    """A number that messages came for, how many, how many are unread, and the newest one's id."""

    number: str
    messages: int
    unread: int
    newest: int


@contextmanager
def _owned(folder: Path) -> Iterator[None]:
    """Make a folder, and hold it while it is used."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        held = lock(folder, "another simulator uses this folder")
        held.__enter__()
    except OSError as error:
        raise OutboxError(f"cannot use the folder {folder}: {reason(error)}") from error
    try:
        yield
    finally:
        held.__exit__(None, None, None)


class Store:
    """The messages in ``folder``; at most ``keep`` of them, 0 for no limit.

    Raises OutboxError, and BusyError for a folder that another simulator uses.
    """

    def __init__(self, folder: Path, *, keep: int = 0) -> None:
        self._keep = keep
        with ExitStack() as held:
            held.enter_context(_owned(folder))
            self._base = journal.connect(folder / "simulator.db", _SCHEMA + SCHEMA)
            held.callback(self._base.close)
            self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
            self.marks = Marks(self._base)
            rows = self._rows("SELECT id FROM messages ORDER BY id")
            self._ids = deque(id_ for (id_,) in rows)
            self._held = held.pop_all()

    def close(self) -> None:
        """Move all into the one file."""
        self._held.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Everything that is written inside is committed at the end."""
        with journal.transaction(self._base, durable=False):
            yield

    def _rows(self, query: str, values: Sequence[object] = ()) -> Iterator[tuple[int, ...]]:
        return iter(self._base.execute(query, values))

    # --- Writing ---------------------------------------------------------------------------------

    @property
    def first(self) -> int:
        """The id of the oldest message that is kept; 0 if there is none."""
        return self._ids[0] if self._ids else 0

    @property
    def last(self) -> int:
        """The id of the newest message; 0 if there is none."""
        return self._ids[-1] if self._ids else 0

    @property
    def version(self) -> int:
        """Another number after each change."""
        return self._base.total_changes

    def next_id(self) -> int:
        """The first id that was never given."""
        query = "SELECT seq FROM sqlite_sequence WHERE name = 'segments'"
        found = self._base.execute(query).fetchone()
        return max(FIRST, found[0] + 1) if found else FIRST

    def add(self, messages: Iterable[Message], segments: Iterable[Segment]) -> None:
        """Add new ones, and replace messages that got another part."""
        messages = list(messages)
        self._base.executemany("REPLACE INTO messages VALUES (?, ?, ?, ?, ?, ?, ?)", messages)
        row = "INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        self._base.executemany(row, segments)
        last = self.last
        self.marks.changed(one.id for one in messages if one.id <= last)
        self._ids.extend(one.id for one in messages if one.id > last)
        if self._keep and len(self._ids) > self._keep:
            self._forget_first(len(self._ids) - self._keep)

    def _forget_first(self, count: int) -> None:
        last = 0
        for _ in range(count):
            last = self._ids.popleft()
        self._base.execute("DELETE FROM messages WHERE id <= ?", (last,))
        self._base.execute("DELETE FROM segments WHERE message <= ?", (last,))
        self.marks.forget_first(last)

    def settle(self, states: Iterable[tuple[str, int]]) -> None:
        """Set states, each with the id of its segment: nothing is due for it any more."""
        self._base.executemany("UPDATE segments SET state = ?, due = NULL WHERE id = ?", states)

    def change(self, segment: Segment, pdu: bytes) -> None:
        """Replace the octets of a segment."""
        self._base.execute("UPDATE segments SET pdu = ? WHERE id = ?", (pdu, segment.id))
        self.marks.changed((segment.message,))

    def mark(self, query: Query, *, unread: bool) -> int:
        """Mark messages as read or unread; returns how many were not so before."""
        with self.writing():
            return self.marks.set_unread(*query.where(), unread=unread)

    def tag(self, message: int, tags: Collection[str]) -> None:
        """Give a message these tags alone; raises OptionError if there are too many."""
        with self.writing():
            self.marks.set_tags(message, tags)

    def delete(self, query: Query) -> int:
        """Delete messages; returns how many."""
        where, values = query.where()
        found = {id_ for (id_,) in self._rows(f"SELECT id FROM messages WHERE {where}", values)}  # noqa: S608
        self._delete(found)
        return len(found)

    def delete_one(self, id_: int) -> bool:
        """Delete one message; false if there is none."""
        if self.message(id_) is None:
            return False
        self._delete({id_})
        return True

    def delete_older(self, than: float) -> None:
        """Delete messages that came before a time."""
        self._delete(
            {id_ for (id_,) in self._rows("SELECT id FROM messages WHERE time < ?", [than])}
        )

    def _delete(self, ids: set[int]) -> None:
        if not ids:
            return
        values = [(id_,) for id_ in ids]
        with self.writing():
            self._base.executemany("DELETE FROM messages WHERE id = ?", values)
            self._base.executemany("DELETE FROM segments WHERE message = ?", values)
            self.marks.forget(ids)
        self._ids = deque(id_ for id_ in self._ids if id_ not in ids)

    # --- Reading ---------------------------------------------------------------------------------

    def count(self, query: Query) -> int:
        """How many messages there are."""
        where, values = query.where()
        (found,) = self._base.execute(
            f"SELECT count(*) FROM messages WHERE {where}",  # noqa: S608 - conditions of ours
            values,
        ).fetchone()
        return int(found)

    def messages(self, query: Query) -> Iterator[Message]:
        """Messages, the oldest first."""
        where, values = query.where()
        rows = self._base.execute(
            f"SELECT * FROM messages WHERE {where} ORDER BY id",  # noqa: S608 - as above
            values,
        )
        return (Message(*row) for row in rows)

    def page(self, query: Query, count: int) -> list[Message]:
        """The newest messages; with ``after``, the first ones after that. The newest is first."""
        where, values = query.where()
        order = "ASC" if query.after else "DESC"
        rows = self._base.execute(
            f"SELECT * FROM messages WHERE {where} ORDER BY id {order} LIMIT ?",  # noqa: S608 - as above
            [*values, count],
        )
        return sorted((Message(*row) for row in rows), reverse=True)

    def phones(self, count: int) -> list[Phone]:
        """Who got messages, the last one first."""
        query = """SELECT recipient, count(*), count(*) - count(seen.message), max(id) AS newest
            FROM messages LEFT JOIN seen ON seen.message = messages.id
            GROUP BY recipient ORDER BY newest DESC LIMIT ?"""
        return [Phone(*row) for row in self._base.execute(query, (count,))]

    def message(self, id_: int) -> Message | None:
        """One message."""
        row = self._base.execute("SELECT * FROM messages WHERE id = ?", (id_,)).fetchone()
        return Message(*row) if row else None

    def segments(self, message: int) -> list[Segment]:
        """The parts of a message, as they came."""
        return self._segments("message = ?", message)

    def segment(self, id_: int) -> Segment | None:
        """One part."""
        return next(iter(self._segments("id = ?", id_)), None)

    def owner(self, sender: str) -> str | None:
        """Who submitted the newest message from a number."""
        query = """SELECT system_id FROM segments WHERE message =
            (SELECT id FROM messages WHERE sender = ? ORDER BY id DESC LIMIT 1) LIMIT 1"""
        row = self._base.execute(query, (sender,)).fetchone()
        return row[0] if row else None

    def between(self, sender: str, recipient: str) -> list[Segment]:
        """The parts of all messages from one number to another."""
        query = """SELECT * FROM segments WHERE message IN
            (SELECT id FROM messages WHERE recipient = ? AND sender = ?) ORDER BY id"""
        return [Segment(*row) for row in self._base.execute(query, (recipient, sender))]

    def pending(self) -> list[Segment]:
        """All parts with something due."""
        return self._segments("due > ?", 0)

    def incomplete(self) -> list[Message]:
        """Messages with missing parts."""
        rows = self._base.execute("SELECT * FROM messages WHERE missing > 0 ORDER BY id")
        return [Message(*row) for row in rows]

    def _segments(self, where: str, value: int) -> list[Segment]:
        query = f"SELECT * FROM segments WHERE {where} ORDER BY id"  # noqa: S608 - as above
        return [Segment(*row) for row in self._base.execute(query, (value,))]

    # --- PDUs that wait for a session ------------------------------------------------------------

    def keep_waiting(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Keep PDUs for the next run."""
        with self.writing():
            self._base.executemany("INSERT INTO waiting (system_id, pdu) VALUES (?, ?)", rows)

    def take_waiting(self) -> list[tuple[str, bytes]]:
        """The PDUs that the last run kept; they are forgotten here."""
        found = self._base.execute("SELECT system_id, pdu FROM waiting ORDER BY id").fetchall()
        with self.writing():
            self._base.execute("DELETE FROM waiting")
        return found
