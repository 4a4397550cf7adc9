"""One log-in to a message centre, to see whether it works: bind, unbind, and nothing sent."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from smsenc.smpp import Answer, Closed, Event, Request, Status, pdus
from smsgate import masking
from smsgate.smppclient.connecting import BindError, connect, why
from smsgate.smppclient.session import Session
from smsgate.smppclient.smsc import Smsc

#: Seconds for the connection and the bind, and for the unbind.
LONGEST, _FAREWELL = 10.0, 2.0


async def problem(smsc: Smsc, longest: float = LONGEST) -> str:
    """Why a message centre does not let us in, for people; empty if it does."""
    trial = _Trial()
    try:
        async with asyncio.timeout(longest):
            trial.session = await connect(smsc, trial.on_events)
            found = await trial.answer
    except TimeoutError:
        found = f"{smsc} has not answered within {longest:g} seconds"
    except (OSError, ValueError) as error:  # ValueError: no host can have this name
        found = f"cannot connect to {smsc}: {why(error)}"
    await trial.end(unbinds=not found)
    return masking.cleaned(found)


class _Trial:
    """``answer`` is what is wrong, once it is known."""

    def __init__(self) -> None:
        self.session: Session | None = None
        self.answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def on_events(self, session: Session, events: list[Event]) -> None:
        """Hear the answer to the bind; what phones have sent is to come again later."""
        for event in events:
            match event:
                case Answer(request=request, status=code) if isinstance(request.body, pdus.Bind):
                    self._known(str(BindError(code)) if code else "")
                case Closed(reason):
                    self._known(reason)
                case Request(pdu) if isinstance(pdu.body, pdus.DeliverSm | pdus.DataSm):
                    session.answer(pdu, status=Status.ESME_RX_T_APPN)

    def _known(self, found: str) -> None:
        if not self.answer.done():
            self.answer.set_result(found)

    async def end(self, *, unbinds: bool) -> None:
        """Take leave, and close."""
        if self.session is None:
            return
        if unbinds and not self.session.connection.closed:
            self.session.send(pdus.Unbind())
            self.session.flush()
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self.session.ended), _FAREWELL)
        self.session.end("the trial has ended")
