"""A gateway's intake with one account, for tests."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from sqlalchemy import select

from smsgate.gateway import accounts, tables
from smsgate.gateway.credits import CREDIT
from smsgate.gateway.databases.opening import opened
from smsgate.gateway.intake.intake import Intake
from smsgate.gateway.intake.taking import Spool
from smsgate.gateway.passwords import Verifier
from smsgate.gateway.reports.happenings import Happening
from smsgate.gateway.settings import Limits, Settings

API_ID, USER, PASSWORD = "3141592", "joe", "correct horse 1"
LOGIN = f"api_id:{API_ID}\nuser:{USER}\npassword:{PASSWORD}\n".encode()
#: Long after the files of tests are taken, unless a test says otherwise.
VERIFIER = Verifier()
WAIT = 90.0


class Room:
    """The folders and the database of a gateway in ``data``."""

    def __init__(self, data: Path, **given) -> None:
        self.data = data
        self.settings = Settings(data=data, **{"limits": Limits(settle=0.2)} | given)
        data.mkdir(exist_ok=True)
        self.database = opened(self.settings, make=True)
        if not self.database.read(accounts.listed):
            self.add(API_ID, USER, PASSWORD)
        self.folder = accounts.folders(data, API_ID).folder
        self.told: list[str] = []
        self.reported: list[Happening] = []
        self.accepted = 0

    def add(self, api_id, user, password, credit=1000 * CREDIT):
        def work(conn):
            accounts.named(conn, api_id, user, credit=credit, now=1.0)
            accounts.set_password(conn, api_id, accounts.Which.FILE, password)

        self.database.transact(work)
        return accounts.folders(self.data, api_id).folder

    def intake(self, rules=None) -> Intake:
        spool = Spool(self.data)
        given = (self.database, self.settings, spool, self.told.append, self._count)
        return Intake(*given, rules, VERIFIER, report=self.reported.append)

    def _count(self):
        self.accepted += 1

    def upload(self, name: str, octets: bytes, folder: Path | None = None) -> None:
        (folder or self.folder).joinpath(name).write_bytes(octets)

    def run(self, intake: Intake, until) -> None:
        """Run an intake until a function is true."""

        async def main():
            running = asyncio.create_task(intake.run())
            async with asyncio.timeout(WAIT):
                while not until():
                    assert not running.done(), running.result()
                    await asyncio.sleep(0.005)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

        asyncio.run(main())

    def idle(self) -> bool:
        """Whether the spool is empty."""
        return not list((self.data / "spool").iterdir())

    def handled(self, name: str, octets: bytes, rules=None) -> str:
        """Take one proven file, and return what its log says."""
        intake = self.intake(rules)
        self.upload(name, octets)
        intake.take(self.folder, name)
        self.run(intake, self.idle)
        return self.log(name)

    def log(self, name: str) -> str:
        return self.folder.joinpath(f"{name}.log").read_text("ascii")

    def rows(self, table, *columns):
        found = [table.c[one] for one in columns] or [table]
        return self.database.transact(
            lambda conn: [tuple(row) for row in conn.execute(select(*found).order_by(table.c.id))]
        )

    def messages(self):
        """Recipient, text, state, queue, parts and charge of each message."""
        return self.rows(tables.message, "recipient", "text", "state", "queue", "parts", "charge")

    def files(self):
        return self.rows(tables.file, "name", "state", "done", "accepted", "refused")

    def remarks(self):
        return self.rows(tables.remark, "file", "text")

    def content(self):
        return json.loads(self.rows(tables.file, "content")[-1][0])

    def close(self):
        self.database.close()
