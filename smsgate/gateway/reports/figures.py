"""Figures: sums of what has happened since the start, kept by the process that did it."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from smsgate.gateway.queue.outcomes import Ended
from smsgate.gateway.reports import happenings as seen
from smsgate.gateway.reports.happenings import Happening

#: Accounts that have figures of their own; those of others are added up under OTHER.
MOST_ACCOUNTS = 1000
OTHER = "other"


class Sum(NamedTuple):
    """A sum by labels: what it counts."""

    help: str
    labels: tuple[str, ...] = ()


#: The sums by name; ``smsenc_gateway_`` comes before, ``_total`` behind.
SUMS: Mapping[str, Sum] = MappingProxyType(
    {
        "files": Sum("Message files that were answered."),
        "accepted_messages": Sum("Messages that were committed.", ("account",)),
        "refused_recipients": Sum("Recipients that were not accepted.", ("error",)),
        "announced_messages": Sum("Messages that were given to a route.", ("route",)),
        "sent_parts": Sum("Parts that a message centre has accepted.", ("route",)),
        "tries": Sum("How tries to send a message ended.", ("route", "end")),
        "receipts": Sum("Delivery receipts that were kept.", ("route",)),
        "replies": Sum("Messages of phones that were kept.", ("route",)),
        "statuses": Sum("Changes of messages that are in history.log.", ("status",)),
        "callbacks": Sum("Callbacks that were tried.", ("kind", "result")),
        "reloads": Sum("How often gateway.toml was read again.", ("result",)),
        "erased_texts": Sum("Texts that were erased because of their age."),
        "pruned_rows": Sum("Rows that were deleted because of their age."),
    }
)
_END, _ACCEPTED = attrgetter("end"), attrgetter("accepted")
#: Members by their identity: to find one by its hash takes ten times as long.
_ENDS = {id(one): one.value for one in Ended}
_QUICK = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_SLOW = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 3600.0, 21600.0, 86400.0)
#: The histograms of seconds by name: what they measure, and the ends of their buckets.
SECONDS: Mapping[str, tuple[str, tuple[float, ...]]] = MappingProxyType(
    {
        "answer_seconds": ("From a complete file to its answers.", _QUICK),
        "wait_seconds": ("From when a message was due to its first try.", _SLOW),
        "submit_seconds": ("From a try of a message to the last answer to its parts.", _QUICK),
        "receipt_seconds": ("From the answer to the final receipt, of some messages.", _SLOW),
        "callback_seconds": ("Of a callback that was tried.", _QUICK),
    }
)


class Histogram:
    """How many values were not over each end of ``ends``, and their sum."""

    def __init__(self, ends: tuple[float, ...]) -> None:
        self.ends = ends
        self.counts = [0] * (len(ends) + 1)
        self.sum = 0.0

        self._place = partial(bisect_left, ends)

    def add(self, values: Sequence[float]) -> None:
        """Count values; when a clock was set back, their sum may not grow."""
        for place, number in Counter(map(self._place, values)).items():
            self.counts[place] += number
        self.sum += max(0.0, sum(values))

    def buckets(self) -> list[tuple[float, int]]:
        """Each end with the number of values up to it."""
        found, total = [], 0
        for end, count in zip((*self.ends, float("inf")), self.counts, strict=True):
            total += count
            found.append((end, total))
        return found


class Figures:
    """Adds up happenings, which may come from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sums: dict[str, Counter[tuple[str, ...]]] = {name: Counter() for name in SUMS}
        self._seconds = {name: Histogram(ends) for name, (_, ends) in SECONDS.items()}

    def __call__(self, happening: Happening) -> None:
        """Take a happening."""
        count = _COUNTED.get(type(happening))
        if count:
            with self._lock:
                count(self, happening)

    def measured(self, name: str, values: Sequence[float]) -> None:
        """Add seconds to a histogram."""
        with self._lock:
            self._seconds[name].add(values)

    def sums(self) -> dict[str, dict[tuple[str, ...], int]]:
        """All sums by name and labels, as they are now."""
        with self._lock:
            return {name: dict(one) for name, one in self._sums.items()}

    def seconds(self) -> dict[str, tuple[list[tuple[float, int]], float]]:
        """The buckets and the sum of each histogram, as they are now."""
        with self._lock:
            return {name: (one.buckets(), one.sum) for name, one in self._seconds.items()}

    # --- Each kind of happening; the lock is held -------------------------------------------------

    def _add(self, name: str, number: int, *labels: str) -> None:
        if number:
            self._sums[name][labels] += number

    def _lot(self, lot: seen.LotAccepted) -> None:
        known = self._sums["accepted_messages"]
        is_new = (lot.account,) not in known
        account = OTHER if is_new and len(known) >= MOST_ACCOUNTS else lot.account
        self._add("accepted_messages", lot.accepted, account)
        for code, number in lot.refused.items():
            self._add("refused_recipients", number, f"{code:03}")

    def _answered(self, one: seen.FileAnswered) -> None:
        self._add("files", 1)
        self._seconds["answer_seconds"].add((one.seconds,))

    def _announced(self, one: seen.Announced) -> None:
        self._add("announced_messages", len(one.lot), one.route)
        waits = [one.now - due.due for due in one.lot if due.attempts == 1]
        self._seconds["wait_seconds"].add(waits)

    def _ended(self, one: seen.TriesEnded) -> None:
        for end, number in Counter(map(id, map(_END, one.lot))).items():
            self._add("tries", number, one.route, _ENDS[end])
        self._add("sent_parts", sum(map(len, map(_ACCEPTED, one.lot))), one.route)
        self._seconds["submit_seconds"].add(one.seconds)

    def _received(self, one: seen.Received) -> None:
        self._add("receipts", one.receipts, one.route)
        self._add("replies", one.replies, one.route)

    def _logged(self, one: seen.Logged) -> None:
        for status, number in one.statuses.items():
            self._add("statuses", number, f"{status:03}")

    def _called(self, one: seen.CalledBack) -> None:
        self._add("callbacks", 1, one.kind, "sent" if one.done else "failed")
        self._seconds["callback_seconds"].add((one.seconds,))

    def _reloaded(self, one: seen.Reloaded) -> None:
        self._add("reloads", 1, "done" if one.done else "refused")

    def _swept(self, one: seen.Swept) -> None:
        self._add("erased_texts", one.texts)
        self._add("pruned_rows", one.rows)


_COUNTED: Mapping[type, Callable[[Figures, Any], None]] = MappingProxyType(
    {
        seen.LotAccepted: Figures._lot,  # noqa: SLF001 - as all here: of the class above
        seen.FileAnswered: Figures._answered,  # noqa: SLF001
        seen.Announced: Figures._announced,  # noqa: SLF001
        seen.TriesEnded: Figures._ended,  # noqa: SLF001
        seen.Received: Figures._received,  # noqa: SLF001
        seen.Logged: Figures._logged,  # noqa: SLF001
        seen.CalledBack: Figures._called,  # noqa: SLF001
        seen.Reloaded: Figures._reloaded,  # noqa: SLF001
        seen.Swept: Figures._swept,  # noqa: SLF001
    }
)
