"""A gateway's database for tests of its queue: an account, messages by name, and their states."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, false, insert, not_, select

from smsenc.smpp.receipts import MessageState
from smsgate.gateway import tables
from smsgate.gateway.database import Database
from smsgate.gateway.queue import (
    accept,
    changes,
    expiry,
    ledger,
    outcomes,
    picking,
    receipts,
    recovery,
)
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.settings import Unknown

DAY = 86400.0
START = 1_700_000_000.0


def new(recipient: str = "447900000001", **changed) -> accept.New:
    values = {
        "line": 1,
        "recipient": recipient,
        "text": None,
        "queue": 3,
        "due": START,
        "expires": START + DAY,
        "parts": 1,
        "charge": 100,
        "way": "r",
        **changed,
    }
    return accept.New(**values)


#: Rows are numbered from 1 again.
_RESTART = {
    "sqlite": "DELETE FROM sqlite_sequence",
    "postgresql": "SELECT setval(sequencename::regclass, start_value, false) FROM pg_sequences",
}


def emptied(database: Database) -> Database:
    """Without rows, as when it was made: for the next of many trials on one database."""

    def work(conn):
        for table in reversed(tables.metadata.sorted_tables):
            is_kept = table.c.key == "version" if table is tables.setting else false()
            conn.execute(delete(table).where(not_(is_kept)))
        conn.exec_driver_sql(_RESTART[conn.dialect.name])

    database.transact(work)
    return database


@dataclass
class Queue:
    """Functions of the queue on a database, each in a transaction, at ``now``."""

    database: Database
    now: float = START

    def run(self, function, *values, **named):
        return self.database.transact(lambda conn: function(conn, *values, **named))

    def account(self, number: int = 1, amount: int = 1_000_000, state: str = "open"):
        names = {"api_id": str(number), "ftp_user": str(number), "user": f"user{number}"}
        row = {**names, "id": number, "password_hash": "", "ftp_password_hash": ""}
        table = insert(tables.account)
        self.run(
            lambda conn: conn.execute(table.values(**row, state=state, balance=0, created=START))
        )
        if amount:
            self.run(ledger.grant, number, amount, "", self.now)

    def accept(self, *lot, account: int = 1, file: int = 1):
        return self.run(accept.accept, account, file, lot, self.now)

    def pick(self, parts: int = 100, route: str = "r", after: int = 0, lacking: int = 0):
        return self.run(picking.pick, route, parts, self.now, after, lacking)

    def record(self, *lot: Outcome, route: str = "r"):
        self.run(outcomes.record, route, lot, self.now)

    def end(self, due, ended: Ended = Ended.SENT, *ids: str, **named):
        """Record that a message ended so; ``ids`` are those of its parts from ``first_part``."""
        parts = tuple(enumerate(ids, due.first_part))
        self.record(Outcome(due.message, parts, ended, **named))

    def sent(self, *ids: str, **changed):
        """A new message that has been sent, with these ids of its parts."""
        (uid,) = self.accept(new(parts=len(ids), **changed))
        (due,) = self.pick()
        self.end(due, Ended.SENT, *ids)
        return uid

    def receive(self, *lot: tuple[str, MessageState], route: str = "r"):
        self.run(receipts.apply, route, [receipts.Received(*one) for one in lot], self.now)

    def promote(self):
        return self.run(picking.promote, self.now)

    def expire(self):
        return self.run(expiry.expire, self.now)

    def recover(self, **policies: Unknown):
        self.run(recovery.recover, policies, self.now)

    def cancel(self, uid: str):
        return self.run(changes.cancel, uid, self.now)

    def resend(self, uid: str):
        return self.run(changes.resend, uid, self.now)

    def rows(self, table, *conditions):
        query = select(table).where(*conditions).order_by(*table.primary_key)
        return self.run(lambda conn: list(conn.execute(query).mappings()))

    def message(self, uid: str):
        (found,) = self.rows(tables.message, tables.message.c.uid == uid)
        return found

    def state(self, uid: str):
        found = self.message(uid)
        return found["state"], found["status"]

    def statuses(self, uid: str):
        """The statuses of a message's events, in order."""
        condition = tables.event.c.message == self.message(uid)["id"]
        return [row["status"] for row in self.rows(tables.event, condition)]

    def booked(self, uid: str):
        """A message's ledger rows: kind and amount."""
        condition = tables.ledger.c.message == self.message(uid)["id"]
        return [(row["kind"], row["amount"]) for row in self.rows(tables.ledger, condition)]

    def balance(self, number: int = 1):
        (row,) = self.rows(tables.account, tables.account.c.id == number)
        assert self.run(ledger.balance, number) == row["balance"]
        return row["balance"]
