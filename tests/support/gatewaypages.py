"""The gateway's pages on a database that has some of everything, and who looks at them.

    with World(folder) as world:
        client = world.client()
        client.get("/messages", headers=world.as_("owner"))

Accounts are 1111111 and 2222222; ``owner`` has the first, ``other`` the second.
"""

from __future__ import annotations

import secrets
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace

import uvicorn
from asgiclients import Client
from sqlalchemy import insert, select
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection

from smsenc.messagefile import Message
from smsenc.smpp.receipts import MessageState
from smsgate.gateway import accounts, content, database, layout, listed, routes, tables
from smsgate.gateway.credits import CREDIT
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.listed import Kind
from smsgate.gateway.queue import accept, outcomes, picking, receipts
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.reports.running import Running
from smsgate.gateway.settings import AccountSettings, RouteSettings, Settings
from smsgate.smppclient import Smsc
from smsgate.web.admin import SITE
from smsgate.web.admin import routes as pages
from smsgate.web.application import application
from smsgate.web.live import Live
from smsgate.web.who import Role, Who

FIRST, SECOND = "1111111", "2222222"
TOKEN = "token"  # noqa: S105 - of a test
HEADER, COOKIE = "x-test-who", "test-who"
PEOPLE = {
    "admin": Who("ann", Role.ADMIN),
    "reader": Who("rita", Role.READER),
    "owner": Who("otto", Role.OWNER, 1),
    "other": Who("olga", Role.OWNER, 2),
}
HOST = "127.0.0.1"
_SECONDS = 20


class LoggedIn:
    """Whoever the header or the cookie of a test says, with a token; ``admin-2`` is another."""

    def __init__(self, app):
        self._app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http":
            found = HTTPConnection(scope)
            name = found.headers.get(HEADER) or found.cookies.get(COOKIE, "admin")
            role, _, number = name.partition("-")
            who = replace(PEOPLE[role], name=f"{PEOPLE[role].name}{number}")
            scope.setdefault("state", {}).update(who=who, csrf=TOKEN)
        await self._app(scope, receive, send)


class Senders:
    """What a fleet says of itself."""

    def __init__(self):
        self.found, self.wrong = {}, {}

    def stats(self):
        return self.found

    def problems(self):
        return self.wrong


class World:
    """A gateway's folder and database, with pages; ``told`` are lines about what was done."""

    def __init__(self, folder, database=None, **settings):
        self.database = database or SqliteDatabase(folder, make=True)
        self.told = []
        given = {
            "accounts": {
                FIRST: AccountSettings(
                    callback="https://one.example/secret-path", prefix="44", callback_user="me"
                ),
                SECOND: AccountSettings(callback="https://two.example/other-path"),
            },
            "routes": (
                RouteSettings(name="main", smsc=Smsc(host="smsc.example", user="u", rate=50)),
                RouteSettings(name="spare", smsc=Smsc(host="smsc2.example", user="u")),
            ),
        }
        self.settings = Settings(data=folder, **given | settings)
        self.senders = Senders()
        self.live = Live(interval=0.1)
        self.run(self._fill)

    def run(self, work, *values, **named):
        return self.database.transact(lambda conn: work(conn, *values, **named))

    def rows(self, table, *conditions):
        query = select(table).where(*conditions).order_by(*table.primary_key)
        return self.run(lambda conn: [dict(row) for row in conn.execute(query).mappings()])

    def _fill(self, conn):
        now = database.now()
        for api_id, user in ((FIRST, "anton"), (SECOND, "berta")):
            accounts.named(conn, api_id, user, credit=1000 * CREDIT, now=now)
        routes.configure(conn, [one.name for one in self.settings.routes])

    # --- What is in it ----------------------------------------------------------------------------

    def accounts(self, names):
        """More accounts without credits."""
        rows = [
            {
                "api_id": str(one),
                "ftp_user": str(one),
                "user": "u",
                "balance": 0,
                "password_hash": "",
                "ftp_password_hash": "",
                "state": "open",
                "created": 1.0,
            }
            for one in names
        ]
        self.run(lambda conn: conn.execute(insert(tables.account), rows))

    def file(self, account=1, name="order.txt", text="Hello", **row):
        """A file with this text, and its log in the folder; its id."""
        values = {
            "account": account,
            "name": name,
            "spool": secrets.token_hex(16),
            "size": 100,
            "digest": "d",
            "taken": database.now(),
            "state": "read",
            "content": content.dumps(Message(to=(content.NOBODY,), text=text, sender="smsenc")),
            **row,
        }
        table = insert(tables.file)
        return self.run(lambda conn: conn.execute(table.values(values)).inserted_primary_key[0])

    def log(self, name, octets, account=FIRST):
        """The answers to a file."""
        folder = layout.folder(self.settings, account)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{name}.log").write_bytes(octets)

    def messages(self, count=1, account=1, file=None, first=0, **given):
        """Messages that wait, of a file; their uids."""
        file = file or self.file(account)
        now = database.now()
        values = {
            "text": None,
            "queue": 3,
            "due": now,
            "expires": now + 86_400,
            "parts": 1,
            "charge": CREDIT,
            "way": "main",
            **given,
        }
        lot = [
            accept.New(line=place, recipient=f"4477{account}{first + place:06}", **values)
            for place in range(count)
        ]
        return self.run(accept.accept, account, file, lot, now)

    def send(self, count=1, ended=Ended.SENT, route="main", **given):
        """Send so many of what waits; the ids of messages."""
        now = database.now()
        found = self.run(picking.pick, route, count, now, 0, 0)
        ids = ended is Ended.SENT
        lot = [
            Outcome(due.message, ((1, f"smsc{due.message}"),) * ids, ended, **given)
            for due in found
        ]
        self.run(outcomes.record, route, lot, now)
        return [due.message for due in found]

    def receive(self, message, state=MessageState.DELIVERED, route="main"):
        """A receipt for a message that was sent."""
        one = receipts.Received(f"smsc{message}", state)
        self.run(receipts.apply, route, [one], database.now())

    def reply(self, text, account=None, handset="447700900999", **row):
        """A reply; its uid."""
        uid = secrets.token_hex(16)
        values = {"uid": uid, "account": account, "route": "main", "handset": handset}
        values |= {"number": "12345", "text": text, "time": database.now()} | row
        self.run(lambda conn: conn.execute(insert(tables.reply).values(values)))
        return uid

    def callback(self, uid, state="waiting", **row):
        """A callback about a message; its id."""
        (message,) = self.rows(tables.message, tables.message.c.uid == uid)
        now = database.now()
        values = {"account": message["account"], "kind": "status", "message": message["id"]}
        values |= {"status": 4, "time": now, "state": state, "due": now, "changed": now} | row
        table = insert(tables.callback)
        return self.run(lambda conn: conn.execute(table.values(values)).inserted_primary_key[0])

    def list_number(self, number, account=1, kind=Kind.OPTED_OUT):
        self.run(listed.add, account, [number], kind, database.now())

    # --- Its pages --------------------------------------------------------------------------------

    @property
    def app(self):
        running = Running(self.database, lambda: self.settings, self.senders)
        made = pages(lambda: running, self.live, self.told.append)
        return application(SITE, made, [Middleware(LoggedIn)], self.told.append)

    def client(self, **given):
        """Requests to them without a server."""
        return Client(self.app, **given)

    @contextmanager
    def served(self):
        """Their address while a thread serves them."""
        sock = socket.create_server((HOST, 0))
        config = uvicorn.Config(
            self.app,
            http="h11",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
        thread.start()
        try:
            yield f"http://{HOST}:{sock.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(_SECONDS)
            sock.close()

    def close(self):
        self.database.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def as_(name):
    """The header with which somebody asks."""
    return {HEADER: name}
