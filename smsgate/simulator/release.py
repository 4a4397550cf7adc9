"""Received messages that are sent on to a real message centre, if the number is allowed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from smsenc.smpp import status
from smsgate.simulator.fates import body_of
from smsgate.simulator.guard import BadRequestError
from smsgate.simulator.store import Message, Segment
from smsgate.smppclient import Accepted, Client, Refused, Result, Smsc, Unknown

#: Seconds for the results of one message.
_PATIENCE = 30.0


class Release:
    """Connects when the first message is released; ``numbers`` are those that may get messages."""

    def __init__(self, smsc: Smsc | None = None, numbers: frozenset[str] = frozenset()) -> None:
        self._smsc = smsc
        self._numbers = numbers
        self._client: Client | None = None

    def allows(self, number: str) -> bool:
        """Whether messages to a number can be sent on."""
        return self._smsc is not None and number in self._numbers

    async def send(self, message: Message, segments: Sequence[Segment]) -> list[dict[str, object]]:
        """Submit all parts as they came; what became of each. Raises BadRequestError."""
        if self._smsc is None:
            raise BadRequestError("start the simulator with --release smpp://user@host", 409)
        if message.recipient not in self._numbers:
            raise BadRequestError(f"{message.recipient} is not among those of --release-to", 403)
        client = self._client = self._client or Client(self._smsc)
        bodies = [body_of(one) for one in sorted(segments, key=lambda one: one.place)]
        futures = [client.submit(body) for body in bodies]
        await asyncio.wait(futures, timeout=_PATIENCE)
        return [_record(client, one) for one in futures]

    async def close(self) -> None:
        """Unbind."""
        if self._client:
            await self._client.close()


def _record(client: Client, future: asyncio.Future[Result]) -> dict[str, object]:
    if not future.done():
        future.cancel()
        return {"result": "unknown", "reason": client.problem or "no answer came in time"}
    if error := future.exception():
        return {"result": "not sent", "reason": str(error)}
    match future.result():
        case Accepted(message_id):
            return {"result": "accepted", "id": message_id}
        case Refused(code):
            return {"result": "refused", "status": status.name(code)}
        case Unknown(reason):
            return {"result": "unknown", "reason": reason}
