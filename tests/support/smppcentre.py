"""A message centre that does what a test wants, in the test's loop or in a thread."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager

from smsenc.smpp import Request, Role, pdus
from smsgate.smppclient import Smsc
from smsgate.smppclient.session import Session


class Centre:
    """Answers every bind, and submits as ``answer`` says: a status, or None for silence."""

    def __init__(self, answer=lambda _: 0, **options):
        self.answer = answer
        self.options = options
        self.sessions = []
        self.seen = []
        self.bodies = []
        self.bind_status = 0

    async def __aenter__(self):
        loop = asyncio.get_running_loop()
        self.server = await loop.create_server(self._session, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_):
        self.server.close()
        for session in self.sessions:
            session.abort()

    def _session(self):
        session = Session(Role.SMSC, self.on_events, **self.options)
        self.sessions.append(session)
        return session

    def on_events(self, session, events):
        for event in events:
            if isinstance(event, Request):
                self.on_request(session, event.pdu)

    def on_request(self, session, pdu):
        if isinstance(pdu.body, pdus.Bind):
            session.answer(pdu, status=self.bind_status)
        elif isinstance(pdu.body, pdus.SubmitSm):
            self.seen.append(pdu.body.short_message)
            self.bodies.append(pdu.body)
            code = self.answer(len(self.seen))
            if code == "cut":
                session.flush()
                session.abort()
            elif code is not None:
                body = pdus.SubmitSmResp(message_id=f"{len(self.seen)}") if not code else None
                session.answer(pdu, body, code)

    def smsc(self, **options):
        options = {"first_wait": 0.02, "longest_wait": 0.1} | options
        return Smsc(host="127.0.0.1", port=self.port, user="me", password="secret", **options)


@contextmanager
def in_thread(centre):
    """The message centre for commands, which have loops of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(centre.__aenter__(), loop).result(10)
        yield centre
        asyncio.run_coroutine_threadsafe(centre.__aexit__(), loop).result(10)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
