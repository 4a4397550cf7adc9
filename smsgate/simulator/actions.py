"""What people and programs do with messages and phones: the same for the REST API and for pages."""

from __future__ import annotations

import random
from collections.abc import Mapping
from itertools import count
from typing import NamedTuple

from smsenc.smpp import mapping
from smsgate.simulator import receipts, replies
from smsgate.simulator.behaviour import Behaviour, Fault
from smsgate.simulator.contents import Contents
from smsgate.simulator.deliveries import ANYBODY
from smsgate.simulator.guard import BadRequestError
from smsgate.simulator.query import Query
from smsgate.simulator.release import Release
from smsgate.simulator.server import Server
from smsgate.simulator.store import Message, Store


class Replied(NamedTuple):
    """How many parts a reply has, and how many deliveries wait for a session."""

    parts: int
    waiting: int


class Actions:
    """``release`` sends messages on; ``rng`` chooses the first reference of a reply."""

    def __init__(self, server: Server, release: Release, rng: random.Random | None = None) -> None:
        self._server = server
        self.release = release
        self._contents = Contents(server.store)
        rng = rng or random.Random()  # noqa: S311 - chance, no secret
        self._references = count(rng.randrange(256))  # one after another, as phones count them

    @property
    def store(self) -> Store:
        """The messages."""
        return self._server.store

    @property
    def behaviour(self) -> Behaviour:
        """How the network behaves; it can be replaced."""
        return self._server.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._server.behaviour = behaviour

    @property
    def faults(self) -> Mapping[Fault, int]:
        """How often each fault happened."""
        return self._server.faults

    async def ready(self, query: Query) -> None:
        """Wait until the store finds all messages of a query."""
        await self._contents.ready(query)

    def delete(self, query: Query) -> int:
        """Delete messages; returns how many."""
        deleted = self.store.delete(query)
        self._server.forget()
        return deleted

    def settle(self, message: Message, state: object) -> int:
        """Set the state of a message; returns how many receipts its sender gets.

        Raises BadRequestError.
        """
        if not isinstance(state, str) or state not in receipts.STATES:
            raise BadRequestError(f"state: expected one of {', '.join(receipts.STATES)}")
        segments = self.store.segments(message.id)
        with self.store.writing():
            self.store.settle([(state, one.id) for one in segments])
        fates = self._server.fates
        for one in segments:
            fates.cancel(one)
        return sum(fates.report(one, state) for one in segments)

    async def send_on(self, message: Message) -> list[dict[str, object]]:
        """Send a message to the real message centre; raises BadRequestError."""
        return await self.release.send(message, self.store.segments(message.id))

    def reply(self, wanted: Mapping[str, object]) -> Replied:
        """Send a message from a phone, as ``replies.parts`` has it; raises SmsencError."""
        bodies = replies.parts(wanted, next(self._references) % 256)
        system_id = wanted.get("system_id")
        if not isinstance(system_id, str):
            number = mapping.number_of(bodies[0].destination_addr)
            system_id = self.store.owner(number) or ANYBODY
        deliveries = self._server.deliveries
        for body in bodies:
            deliveries.add(system_id, body)
        deliveries.pump(system_id)
        deliveries.flush(system_id)
        return Replied(len(bodies), deliveries.waiting)
