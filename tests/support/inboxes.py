"""A simulator with its pages in the process of a test, and requests to them without a server.

with Inbox(folder) as inbox:
    inbox.submit(text(b"Hello"))
    inbox.get("/inbox/")
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Self

from asgiclients import Client

from smsenc.smpp.pdus import Body
from smsgate.simulator.service import Settings, Simulator
from smsgate.simulator.store import Store
from smsgate.smppclient import Client as Esme
from smsgate.smppclient import Smsc
from smsgate.web.inbox.application import pages


class Inbox(Client):
    """``told`` has the errors that are ours, ``prefix`` stands before all paths."""

    def __init__(self, folder: Any, prefix: str = "", **settings: Any) -> None:
        super().__init__(self._call)
        self.prefix = prefix
        self.told: list[str] = []
        given = Settings(port=0, http_port=None, folder=folder, **settings)
        self.simulator = Simulator(given, tell=self.told.append, pages=pages)
        self.run(self.simulator.__aenter__())
        #: Wraps the application, as the gateway may do.
        self.outer: Any = self.simulator.app

    async def _call(self, scope: Any, receive: Any, send: Any) -> None:
        await self.outer(scope, receive, send)

    @property
    def store(self) -> Store:
        """The simulator's store."""
        return self.simulator.store

    def submit(self, *bodies: Body, user: str = "me") -> None:
        """Have an ESME submit these."""

        async def go() -> None:
            host, port = self.simulator.smpp
            async with Esme(Smsc(host=host, port=port, user=user, password="x")) as esme:
                await asyncio.gather(*(esme.submit(one) for one in bodies))

        self.run(go())

    @property
    def ids(self) -> list[str]:
        """The ids of the messages on the first page, the newest first."""
        return re.findall(r'id="m-(\w+)"', self.page("/"))

    def page(self, path: str, status: int = 200, **given: Any) -> str:
        """The HTML of a page."""
        answer = self.get(f"{self.prefix}/inbox{path}", **given)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        return answer.text

    def token(self) -> str:
        """The token of this visit."""
        found = re.search('name="csrf" content="([0-9a-f]+)"', self.page("/"))
        assert found
        return found[1]

    def form(self, path: str, status: int = 303, **fields: object) -> str:
        """Send a form; the HTML of the answer, or of the page that it leads to."""
        sent = {"csrf": self.token(), **{name.rstrip("_"): one for name, one in fields.items()}}
        answer = self.post(f"{self.prefix}/inbox{path}", data=sent)
        assert answer.status_code == status, (path, answer.status_code, answer.text)
        if status == 303:
            answer = self.get(answer.headers["Location"])
        return answer.text

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *given: object) -> None:
        self.run(self.simulator.__aexit__(None, None, None))
        super().__exit__(*given)
        assert self.told == []
