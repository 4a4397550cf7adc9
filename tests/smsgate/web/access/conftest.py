"""Pages with a log-in, on a database of each kind, and a clock that tests move."""

from __future__ import annotations

import re
from contextlib import ExitStack

import pytest
from argon2 import PasswordHasher
from asgiclients import Client
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route

from smsgate.gateway import accounts, passwords, users
from smsgate.gateway import database as databases
from smsgate.gateway.http import proxied
from smsgate.gateway.settings import HttpSettings, Settings
from smsgate.gateway.states import UserRole
from smsgate.web.access.guard import ForAdmins, guarded
from smsgate.web.forms import form_of
from smsgate.web.pages import Site, page

PASSWORD = "correct horse battery"  # noqa: S105 - made up
_TOKEN = re.compile(r'name="csrf" (?:content|value)="([0-9a-f]{64})"')


async def change(request):
    """What a page does that changes something."""
    form = await form_of(request)
    return PlainTextResponse(f"changed {form.get('what')} as {request.state.who.name}")


SITE = Site(title="access.login")


async def first(request):
    """Who is logged in."""
    return page(request, "problem.html", line=f"You are logged in as {request.state.who.name}.")


class World:
    """Pages with users ``admin``, ``reader`` and ``owner``, whose account has key ``account``."""

    def __init__(self, database, folder, monkeypatch, ends):
        self.database, self.told = database, []
        self._folder, self._ends = folder, ends
        self.now = 1_000_000.0
        monkeypatch.setattr(databases, "now", lambda: self.now)
        monkeypatch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=64))
        self.api_id = "1234567"
        new = self.do(lambda conn: accounts.named(conn, self.api_id, "u", credit=0, now=self.now))
        self.account = new.id
        for role in UserRole:
            api_id = self.api_id if role is UserRole.OWNER else ""
            self.do(
                lambda conn, role=role, api_id=api_id: users.add(
                    conn, role.value, role, api_id=api_id, password=PASSWORD, now=self.now
                )
            )
        self.app = self.make()

    def do(self, work):
        return self.database.transact(work)

    def make(self, *routes, **http):
        """The application; ``http`` are settings."""
        settings = Settings(data=self._folder, http=HttpSettings(**http))
        given = [
            *routes,
            Route("/", first),
            Route("/page", first),
            Route("/change", change, methods=["POST"]),
            Mount("/admins", ForAdmins(PlainTextResponse("for admins"))),
        ]
        made = guarded(
            given,
            SITE,
            self.database,
            settings.http,
            tell=self.told.append,
            clock=lambda: self.now,
        )
        return proxied(made, settings)

    def visitor(self, address="192.0.2.1", base="http://127.0.0.1", app=None):
        """A browser that has not logged in."""
        return self._ends.enter_context(Visitor(app or self.app, base, address))

    def user(self, name="admin", **given):
        """A browser in which a user is logged in."""
        found = self.visitor(**given)
        assert found.log_in(name).status_code == 303
        return found


class Visitor(Client):
    def __init__(self, *given):
        super().__init__(*given, headers={"Accept": "text/html,*/*"})

    def csrf(self, path="/login"):
        """The token of a page's forms."""
        return _TOKEN.search(self.get(path).text)[1]

    def log_in(self, name="admin", password=PASSWORD, **more):
        given = {"name": name, "password": password, "csrf": self.csrf()}
        return self.post("/login", data=given | more)

    def log_out(self):
        return self.post("/logout", data={"csrf": self.csrf("/")})

    @property
    def token(self):
        """What the cookie has."""
        (found,) = (one.value for one in self.cookies.jar)
        return found

    def steal(self, token):
        """Use another's cookie."""
        self.cookies.clear()
        self.cookies.set("smsenc-session", token, domain="127.0.0.1", path="/")

    def is_in(self):
        return self.get("/").status_code == 200


@pytest.fixture
def world(database, tmp_path, monkeypatch):
    with ExitStack() as ends:
        yield World(database, tmp_path, monkeypatch, ends)


@pytest.fixture
def simple(tmp_path, monkeypatch):
    """The same on SQLite only, for what does not depend on the database."""
    from smsgate.gateway.databases.sqlite import SqliteDatabase

    database = SqliteDatabase(tmp_path, make=True)
    with ExitStack() as ends:
        ends.callback(database.close)
        yield World(database, tmp_path, monkeypatch, ends)
