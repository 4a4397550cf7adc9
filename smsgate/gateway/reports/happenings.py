"""What the parts of a gateway report: one value for each lot, so that reporting costs nothing.

    report(Announced("main", lot, now))

A happening refers to what there is anyway, and copies nothing. Those who listen decide what of it
is shown: texts and whole numbers are not, unless somebody asked for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from smsgate.gateway.queue.outcomes import Outcome
from smsgate.gateway.queue.picking import Due


class FileTaken(NamedTuple):
    """A file is out of its client's reach."""

    account: str  # api_id
    file: str


class LotAccepted(NamedTuple):
    """Recipients of a file are committed; ``refused`` counts those that are not by error."""

    account: str
    file: str
    accepted: int
    refused: Mapping[int, int]


class FileAnswered(NamedTuple):
    """The answers to a file are in its folder, ``seconds`` after it was complete.

    It was read to its end: so many of its recipients were accepted, and refused.
    """

    account: str
    file: str
    seconds: float
    accepted: int
    refused: int


class Announced(NamedTuple):
    """Messages are announced to a route, and leave now; ``text`` returns that of one of them."""

    route: str
    lot: Sequence[Due]
    now: float
    text: Callable[[Due], str | None]


class TriesEnded(NamedTuple):
    """What became of messages is committed; ``seconds`` are from submit to the last answer."""

    route: str
    lot: Sequence[Outcome]
    seconds: Sequence[float]


class Received(NamedTuple):
    """Receipts, and messages of phones, are committed."""

    route: str
    receipts: int
    replies: int


class Logged(NamedTuple):
    """Lines are in history.log: how many of each status."""

    statuses: Mapping[int, int]


class CalledBack(NamedTuple):
    """A callback was tried; ``kind`` is status or reply."""

    account: str
    kind: str
    done: bool
    seconds: float


class RouteChanged(NamedTuple):
    """A route sends, or why it does not."""

    route: str
    problem: str


class Reloaded(NamedTuple):
    """gateway.toml was read again: what has changed, or all that is wrong in it."""

    done: bool
    lines: Sequence[str]


class Draining(NamedTuple):
    """The gateway takes no more files, and ends when all is sent."""


class Swept(NamedTuple):
    """What was too old is gone."""

    texts: int
    rows: int


class Told(NamedTuple):
    """A line for people."""

    text: str


Happening = (
    FileTaken
    | LotAccepted
    | FileAnswered
    | Announced
    | TriesEnded
    | Received
    | Logged
    | CalledBack
    | RouteChanged
    | Reloaded
    | Draining
    | Swept
    | Told
)
#: Gets happenings, in any thread; it raises nothing.
Report = Callable[[Happening], object]


def nobody(_happening: Happening) -> None:
    """Listen to nothing."""


def to_all(*reports: Report) -> Report:
    """Pass on to several."""

    def report(happening: Happening) -> None:
        for one in reports:
            one(happening)

    return report


def telling(tell: Callable[[str], object], report: Report) -> Callable[[str], None]:
    """A ``tell`` whose lines are happenings, too."""

    def told(line: str) -> None:
        tell(line)
        report(Told(line))

    return told
