"""What a sender says: lines for people, and happenings for those who watch the gateway."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from smsgate.gateway import database as databases
from smsgate.gateway.queue.outcomes import Outcome
from smsgate.gateway.queue.picking import Due
from smsgate.gateway.reports.happenings import Announced, Report, RouteChanged, TriesEnded


class Notices:
    """Of one route; ``tell`` gets lines, ``report`` what happens.

    ``text`` returns that of a message which is sent.
    """

    def __init__(
        self,
        route: str,
        tell: Callable[[str], object],
        report: Report,
        text: Callable[[Due], str | None],
    ) -> None:
        self._route, self._tell, self._report, self._text = route, tell, report, text
        self._told = ""
        self._seconds: list[float] = []  # of the tries that are not reported yet

    def line(self, text: str) -> None:
        """Tell a line about the route."""
        self._tell(f"route {self._route}: {text}")

    def bound(self) -> None:
        """It is connected."""
        self._report(RouteChanged(self._route, ""))

    def problem(self, problem: str) -> None:
        """Tell a problem once, and when it has passed."""
        if problem != self._told:
            self._told = problem
            if problem:
                self._report(RouteChanged(self._route, problem))
            self.line(problem or "sending")

    def tried(self, seconds: float) -> None:
        """A try has ended after so long; it is reported when its outcome is committed."""
        self._seconds.append(seconds)

    def committed(self, ended: Sequence[Outcome], lot: Sequence[Due]) -> None:
        """These outcomes are recorded, and these messages announced."""
        if ended:  # without any, a try that has ended meanwhile is reported the next time
            seconds, self._seconds = self._seconds, []
            self._report(TriesEnded(self._route, ended, seconds))
        if lot:
            self._report(Announced(self._route, lot, databases.now(), self._text))
