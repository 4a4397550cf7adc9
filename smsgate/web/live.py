"""Live parts of pages: rendered once for all who look at the same, and sent when they change.

    live = Live()
    return live.response(("queue", account), render, event="queue")

It is an event stream (https://html.spec.whatwg.org/multipage/server-sent-events.html): each event
has the new content of an element.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from smsgate.web.problems import ProblemError

if TYPE_CHECKING:
    from starlette.types import Message, Receive, Scope, Send

#: Streams of one process at most.
MOST = 400
_INTERVAL = 1.0  # seconds between two looks
_SIGN_OF_LIFE = 15.0  # seconds
_RETRY = 3000  # milliseconds after which a browser comes again
#: Seconds after which a stream ends: the browser comes again, and may be someone else by then.
_LONGEST = 300.0
#: Streams of one viewer, where viewers have names.
MOST_OF_ONE = 40
_TRIES = 3  # looks that fail one after another, after which streams end: pages say that they have
_SLOW = 30.0  # seconds in which a client must take what is sent
Render = Callable[[], Awaitable[str]]
Tell = Callable[[str], object]


class _Topic:
    """What some look at, and a task that keeps it up to date until it ``is_over``."""

    def __init__(self, render: Render, interval: float, tell: Tell) -> None:
        self._render, self._interval, self._tell = render, interval, tell
        self.is_over = False
        self.content: str | None = None
        self.number = 0  # of the content
        self.viewers = 0
        self.changed = asyncio.Event()
        self.task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        failed = 0
        while failed < _TRIES:
            content = self.content
            try:
                content = await self._render()
                failed = 0
            except Exception as error:  # noqa: BLE001 - such as a database that is away for now
                failed += 1
                if failed == _TRIES and not isinstance(error, ProblemError):
                    self._tell(f"a live page cannot be made: {type(error).__name__}: {error}")
            if content is not None and content != self.content:
                self.content, self.number = content, self.number + 1
                self.changed.set()
                self.changed = asyncio.Event()
            await asyncio.sleep(self._interval)
        self.is_over = True
        self.changed.set()


class Live:
    """The streams of an application; ``close`` ends them. ``tell`` gets errors that are ours."""

    def __init__(
        self, tell: Tell = lambda _: None, *, interval: float = _INTERVAL, most: int = MOST
    ) -> None:
        self._tell, self._interval, self._most = tell, interval, most
        self._topics: dict[Hashable, _Topic] = {}
        self._viewers: Counter[str] = Counter()
        self._is_closed = False

    def response(self, key: Hashable, render: Render, event: str, viewer: str = "") -> Response:
        """A stream of what ``render`` returns, the same for all with this key.

        ``viewer`` is the name of who looks, if people have names. Raises ProblemError if there are
        too many.
        """
        mine = self._viewers[viewer] if viewer else 0
        if self._is_closed or self._viewers.total() >= self._most or mine >= MOST_OF_ONE:
            raise ProblemError("problems.many", status=503)
        return _Stream(self._events(key, render, event, viewer))

    def close(self) -> None:
        """End all streams."""
        self._is_closed = True
        for topic in self._topics.values():
            topic.task.cancel()
            topic.changed.set()

    async def _events(
        self, key: Hashable, render: Render, event: str, viewer: str
    ) -> AsyncIterator[str]:
        topic = self._topics.get(key)
        if topic is None or topic.is_over:
            topic = self._topics[key] = _Topic(render, self._interval, self._tell)
        self._viewers[viewer] += 1
        topic.viewers += 1
        try:
            yield f"retry: {_RETRY}\n\n"
            async for content in self._contents(topic):
                yield ":\n\n" if content is None else _event(event, content)
        finally:
            self._viewers -= Counter((viewer,))
            topic.viewers -= 1
            if not topic.viewers and self._topics.get(key) is topic:
                topic.task.cancel()
                del self._topics[key]

    async def _contents(self, topic: _Topic) -> AsyncIterator[str | None]:
        """The content as often as it changes; None from time to time, to learn who is gone."""
        seen, end = 0, time.monotonic() + _LONGEST
        while not (self._is_closed or topic.is_over) and time.monotonic() < end:
            changed = topic.changed
            if topic.content is not None and topic.number != seen:
                seen = topic.number
                yield topic.content
                continue
            try:
                async with asyncio.timeout(min(_SIGN_OF_LIFE, _LONGEST)):
                    await changed.wait()
            except TimeoutError:
                yield None


class _Stream(StreamingResponse):
    def __init__(self, events: AsyncIterator[str]) -> None:
        super().__init__(events, media_type="text/event-stream")
        self._events = events

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the events; what the stream holds is released when the client goes, or is slow."""

        async def sending(message: Message) -> None:
            async with asyncio.timeout(_SLOW):
                await send(message)

        try:
            await super().__call__(scope, receive, sending)
        except TimeoutError:
            pass  # the server ends the connection, because the answer has no end
        finally:
            await self._events.aclose()  # type: ignore[attr-defined] # it is a generator


def _event(name: str, content: str) -> str:
    lines = "".join(f"data: {line}\n" for line in content.splitlines())
    return f"event: {name}\n{lines}\n"
