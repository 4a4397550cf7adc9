"""A gateway's database with an account, files and messages, and a sender of them."""

from __future__ import annotations

import time
from contextlib import asynccontextmanager

from simulators import until
from sqlalchemy import func, insert, select

from smsenc.messagefile import Message
from smsgate.gateway import content, tables
from smsgate.gateway import database as databases
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.queue import accept, ledger
from smsgate.gateway.sending.sender import Sender
from smsgate.gateway.settings import RouteSettings

ACCOUNT = 1
CREDITS = 10**15
ROUTE = "main"


def number(place):
    """The recipient of a message by its place."""
    return f"4477009{place:05}"


class Queue:
    """The database in a folder, made there, or another one."""

    def __init__(self, folder, database=None):
        self.database = database or SqliteDatabase(folder, make=True)
        self.database.transact(self._fill)

    def _fill(self, conn):
        if conn.execute(select(func.count()).select_from(tables.account)).scalar():
            return
        texts = dict.fromkeys(("user", "password_hash", "ftp_user", "ftp_password_hash"), "x")
        account = {"id": ACCOUNT, "api_id": "1", "state": "open", "balance": 0, "created": 0.0}
        conn.execute(insert(tables.account).values(account | texts))
        conn.execute(insert(tables.route).values(name=ROUTE, state="open"))
        ledger.grant(conn, ACCOUNT, CREDITS, "trial", 0.0)

    def file(self, **values):
        """A file of that content; its id."""
        values = values if "data" in values else {"text": "Hello"} | values
        message = Message(to=(content.NOBODY,), **values)
        row = {
            "account": ACCOUNT,
            "name": "a.txt",
            "size": 1,
            "digest": "",
            "taken": 0.0,
            "state": "read",
            "content": content.dumps(message),
        }
        return self.database.transact(
            lambda conn: conn.execute(
                insert(tables.file).values(row | {"spool": f"{time.monotonic_ns():032x}"})
            ).inserted_primary_key[0]
        )

    def add(self, count=1, *, parts=1, lasts=3600.0, texts=None, first=0, due=0.0, **values):
        """Messages of a new file to numbers from ``first`` on; their uids."""
        file, now = self.file(**values), databases.now()
        lot = [
            accept.New(
                *(place, number(first + place), texts and texts[place], 3, due, now + lasts),
                *(parts, 10),
                way=ROUTE,
            )
            for place in range(count)
        ]
        return self.database.transact(lambda conn: accept.accept(conn, ACCOUNT, file, lot, now))

    def rows(self, table=tables.message):
        """All rows of a table, by id or key."""
        key = list(table.primary_key)
        return self.database.transact(
            lambda conn: conn.execute(select(table).order_by(*key)).mappings().all()
        )

    def states(self):
        """The states of all messages."""
        return [row["state"] for row in self.rows()]

    def count(self, *states):
        """How many messages are in one of these states."""
        column = tables.message.c.state
        query = select(func.count()).where(column.in_(states))
        return self.database.transact(lambda conn: conn.execute(query).scalar())

    async def until(self, *states, seconds=60):
        """Wait until all messages are in one of these states."""
        await until(lambda: not set(self.states()) - set(states), seconds)

    @asynccontextmanager
    async def sender(self, smsc, **route):
        """A sender that runs, and what it tells."""
        settings = RouteSettings(name=ROUTE, smsc=smsc, **route)
        told = []
        sender = Sender(self.database, settings, smsc, told.append)
        sender.told = told
        await sender.start()
        try:
            yield sender
        finally:
            await sender.close()

    def close(self):
        self.database.close()
