"""A client of one message centre: it stays bound, and sends in order.

    async with Client(smsc) as client:
        result = await client.submit(SubmitSm(...))

What is refused because the message centre is busy is sent again, before all that came after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Container
from contextlib import suppress
from typing import Self

from smsenc.smpp import Answer, Closed, Event, Overdue, Pdu, Request, Status, pdus
from smsenc.smpp.pdus import Body
from smsgate import masking, tracing
from smsgate.smppclient.backoff import Backoff
from smsgate.smppclient.bucket import TokenBucket
from smsgate.smppclient.connecting import WRONG_LOG_IN, BindError, connect, why
from smsgate.smppclient.queue import Queue, Waiting
from smsgate.smppclient.results import (
    BUSY,
    Accepted,
    ClosedError,
    RecalledError,
    Refused,
    Result,
    Unknown,
)
from smsgate.smppclient.session import Session
from smsgate.smppclient.smsc import Smsc

#: Seconds for requests that wait when the client ends, and for the unbind.
_PATIENCE = 5.0
#: Messages of the message centre that are handled at once; more of them have to come again. A read
#: from a socket has up to 2,000 receipts.
_MOST_HANDLED = 5000

#: What handles a deliver_sm or data_sm: a message or a receipt. What it returns is the
#: command_status of the answer: 0 once the message is kept, another to refuse it.
OnRequest = Callable[[Pdu], Awaitable[int]]
#: Called with True when a session is bound, and with False when it is lost.
OnState = Callable[[bool], object]


class Client:
    """Connects, binds, and connects again, until it is closed.

    ``on_request`` is awaited for each message and receipt that arrives (deliver_sm and data_sm),
    several at once. What it returns is the command_status of the answer: 0 says that the message
    is kept, and it is not sent again. If it raises an exception, the answer is ESME_RX_T_APPN: the
    message centre sends the message again later, the session goes on, and asyncio logs the
    exception. Without ``on_request`` every message is answered so.

    When ``on_state`` is told that a session is lost, what was sent and not answered is Unknown.
    """

    def __init__(
        self,
        smsc: Smsc,
        on_request: OnRequest | None = None,
        on_state: OnState = lambda _bound: None,
    ) -> None:
        self.smsc = smsc
        self.problem: str = ""  #: why it is not bound, for people
        self.throttled: int = 0  #: how often the message centre said that it is busy
        self._on_request = on_request or _take
        self._on_state = on_state
        self._loop = asyncio.get_running_loop()
        self._queue = Queue()
        self._sent: dict[int, Waiting] = {}
        self._session: Session | None = None
        self._bound: asyncio.Future[None] = self._loop.create_future()
        self._bucket = TokenBucket(smsc.rate, self._loop.time)
        self._pause = Backoff(smsc.first_wait, smsc.longest_wait)
        self._busy = False
        self._pumping = False
        self._was_bound = False
        self._connecting: Session | None = None
        self._wake: asyncio.TimerHandle | None = None
        self._handlers: set[asyncio.Task[None]] = set()
        self._closing = False
        self._runner = self._loop.create_task(self._run())
        self._runner.add_done_callback(self._on_run_end)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # --- Sending ---------------------------------------------------------------------------------

    async def bound(self) -> None:
        """Wait until the session is bound; raises BindError for a log-in that is refused."""
        await asyncio.shield(self._bound)

    def submit(self, body: Body, *, parts: int = 1) -> asyncio.Future[Result]:
        """Send a message when its turn comes; ``parts`` count for the rate.

        The future has an Accepted, a Refused or an Unknown. It raises ClosedError for a message
        that was not sent before the client ended, SmppError for one that cannot be sent. Raises
        OptionError for ``parts`` below 1.
        """
        future: asyncio.Future[Result] = self._loop.create_future()
        if self._closing:
            future.set_exception(ClosedError())
            return future
        self._queue.put(body, parts, future)
        self._pump_soon()
        return future

    def recall(
        self, futures: Container[asyncio.Future[Result]] | None = None
    ) -> list[asyncio.Future[Result]]:
        """Withdraw what is not sent, or was sent and answered that the message centre is busy.

        Of all messages or of those with ``futures``. Returns the futures of the withdrawn, in
        order; they raise RecalledError.
        """
        removed = self._queue.remove(futures)
        for one in removed:
            _fail(one, RecalledError())
        return [one.future for one in removed]

    @property
    def waiting(self) -> int:
        """Messages that have no result yet."""
        return len(self._queue) + len(self._sent)

    @property
    def in_flight(self) -> int:
        """Messages that were sent and are not answered."""
        return len(self._sent)

    @property
    def is_bound(self) -> bool:
        """Whether there is a session, so that messages leave soon."""
        return self._session is not None and not self._closing

    @property
    def ended(self) -> bool:
        """Whether it was closed, or has ended by an internal error: nothing is sent any more."""
        return self._closing

    def _pump_soon(self) -> None:
        """Send once for all that is submitted in one turn of the loop."""
        if not self._pumping and self._session is not None:
            self._pumping = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        """Send what the window and the rate allow."""
        self._pumping = False
        session = self._session
        if session is None or self._wake:
            return
        connection, queue = session.connection, self._queue
        while connection.room > 0 and session.can_write and (one := queue.first()):
            if wait := self._bucket.take(one.parts):
                self._wake_in(wait)
                break
            queue.take()
            if one.future.cancelled():
                continue
            try:
                pdu = session.send(one.body)
            except Exception as error:  # noqa: BLE001 - who waits must not wait for ever
                one.future.set_exception(error)
                continue
            self._sent[pdu.sequence_number] = one
        session.flush()

    def _wake_in(self, seconds: float) -> None:
        """Send nothing for so long."""
        if self._wake:
            self._wake.cancel()
        self._wake = self._loop.call_later(seconds, self._woken)

    def _woken(self) -> None:
        self._wake = None
        self._busy = False
        self._pump()

    # --- Results ---------------------------------------------------------------------------------

    def _on_events(self, session: Session, events: list[Event]) -> None:
        for event in events:
            match event:
                case Answer():
                    self._answered(session, event)
                case Request(pdu):
                    self._requested(session, pdu)
                case Overdue(request):
                    self._unknown(request, "no answer came in time")
                case Closed(reason, unanswered):
                    self._lost(session, reason, unanswered)
        if session is self._session:
            self._pump_soon()  # who is told the results may withdraw some before

    def _answered(self, session: Session, event: Answer) -> None:
        code = event.status
        if isinstance(event.request.body, pdus.Bind):
            self._on_bind(session, code)
            return
        one = self._sent.pop(event.request.sequence_number, None)
        if one is None:
            return
        if code in BUSY and not self._closing:
            self._queue.put_back(one)
            self.throttled += 1
            if not self._busy:
                self._busy = True
                self._wake_in(self._pause())
        elif code:
            _finish(one, Refused(code))
        else:
            _finish(one, Accepted(getattr(event.pdu.body, "message_id", "")))
            self._busy = False
            self._pause.reset()

    def _unknown(self, request: Pdu, reason: str) -> None:
        if one := self._sent.pop(request.sequence_number, None):
            _finish(one, Unknown(reason))

    def _lost(self, session: Session, reason: str, unanswered: tuple[Pdu, ...]) -> None:
        for request in unanswered:
            self._unknown(request, reason)
        self.problem = self.problem or masking.cleaned(reason)
        if session is self._session:
            self._session = None
            self._bound = self._loop.create_future()
            self._on_state(False)

    # --- Requests of the message centre ----------------------------------------------------------

    def _requested(self, session: Session, request: Pdu) -> None:
        if len(self._handlers) >= _MOST_HANDLED:
            session.answer(request, status=Status.ESME_RX_T_APPN)
        elif isinstance(request.body, (pdus.DeliverSm, pdus.DataSm)):
            task = self._loop.create_task(self._handle(session, request))
            self._handlers.add(task)
            task.add_done_callback(self._handlers.discard)

    async def _handle(self, session: Session, request: Pdu) -> None:
        """Answer when the message is kept; the message centre sends it again if it is not."""
        code: int = Status.ESME_RX_T_APPN
        try:
            code = await self._on_request(request)
        finally:
            session.answer(request, status=code)

    # --- The connection --------------------------------------------------------------------------

    async def _run(self) -> None:
        backoff = Backoff(self.smsc.first_wait, self.smsc.longest_wait)
        while not self._closing:
            try:
                session = await self._connect()
                await session.ended
                if self._was_bound:
                    backoff.reset()
            except (OSError, ValueError) as error:  # ValueError: no host can have this name
                self.problem = masking.cleaned(f"cannot connect to {self.smsc}: {why(error)}")
            if not self._closing:
                await asyncio.sleep(self.smsc.longest_wait if self._is_refused else backoff())

    @property
    def _is_refused(self) -> bool:
        """Whether the log-in was refused: many tries may lock the account."""
        return self._bound.done() and self._bound.exception() is not None

    def _on_run_end(self, runner: asyncio.Task[None]) -> None:
        """An internal error ends the client; who waits must not wait for ever."""
        if runner.cancelled() or not (error := runner.exception()):
            return
        self._closing, self.problem = True, "internal error"
        for one in self._queue.remove():
            _fail(one, error)
        if not self._bound.done():
            self._bound.set_exception(error)
            self._bound.exception()  # nobody need wait for it

    async def _connect(self) -> Session:
        self._was_bound = False
        self._connecting = await connect(self.smsc, self._on_events)
        return self._connecting

    def _on_bind(self, session: Session, code: int) -> None:
        if not code:
            self._session, self._was_bound, self.problem = session, True, ""
            if self._bound.done():  # an earlier log-in was refused
                self._bound = self._loop.create_future()
            self._bound.set_result(None)
            tracing.step("SMPP: bound to {}", self.smsc)
            self._on_state(True)
            return
        self.problem = str(BindError(code))
        if code in WRONG_LOG_IN and not self._bound.done():
            self._bound.set_exception(BindError(code))
            self._bound.exception()  # nobody need wait for it
        session.end(self.problem)

    async def close(self) -> None:
        """Wait a little for answers, unbind, and end; what was not sent raises ClosedError."""
        self._closing = True
        for one in self._queue.remove():
            _fail(one, ClosedError())
        session = self._session
        if session is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self._drained()
            if session is self._session:
                session.send(pdus.Unbind())
                session.flush()
                with suppress(TimeoutError):
                    await asyncio.wait_for(asyncio.shield(session.ended), _PATIENCE)
        if self._connecting is not None:
            self._connecting.end("the client has ended")
        self._runner.cancel()
        with suppress(asyncio.CancelledError):
            await self._runner
        await asyncio.gather(*self._handlers, return_exceptions=True)

    async def _drained(self) -> None:
        """Wait for the answers of what is sent."""
        if self._sent:  # gather would cancel those that are not answered in time
            await asyncio.wait([one.future for one in self._sent.values()])
        await asyncio.gather(*self._handlers, return_exceptions=True)


def _finish(one: Waiting, result: Result) -> None:
    if not one.future.done():
        one.future.set_result(result)


def _fail(one: Waiting, error: BaseException) -> None:
    if not one.future.done():
        one.future.set_exception(error)


async def _take(_request: Pdu) -> int:
    """Without a handler nothing is kept: the message centre may try again."""
    return Status.ESME_RX_T_APPN
