"""What is appended to the logs of accounts, in threads: text from rows, then octets to files."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from heapq import merge
from operator import itemgetter
from pathlib import Path

from smsgate.gateway.logs import folders, lines, rotation
from smsgate.gateway.logs.folders import Place
from smsgate.gateway.logs.lines import Subject
from smsgate.gateway.logs.lots import Lot
from smsgate.gateway.settings import Limits

_NAMELESS = Subject("-", "")
_Dated = tuple[float, str]

#: Where a log ends, or why it cannot be written.
Outcome = Place | OSError


@dataclass(frozen=True, slots=True)
class Log:
    """The octets for one account's log, and where that ends in the database."""

    account: int
    path: Path
    octets: bytes
    known: Place | None


def logs_of(lot: Lot, paths: Mapping[int, Path], subjects: Mapping[int, Subject]) -> list[Log]:
    """What is appended for each account that has a path: events in order, remarks by their time."""
    said = _events(lot, subjects)
    noted: dict[int, list[_Dated]] = defaultdict(list)
    for row in lot.remarks:
        noted[row.account].append((row.time, lines.remark(row)))
    return [
        Log(account, path, _joined(said[account], noted[account]), lot.places.get(account))
        for account, path in paths.items()
    ]


def _events(lot: Lot, subjects: Mapping[int, Subject]) -> dict[int, list[_Dated]]:
    found: dict[int, list[_Dated]] = defaultdict(list)
    for row in lot.events:
        text = lines.event(subjects.get(row.file, _NAMELESS), row)
        found[row.account].append((row.time, text))
    return found


def _joined(events: list[_Dated], remarks: list[_Dated]) -> bytes:
    rows = merge(events, remarks, key=itemgetter(0)) if remarks else events
    return "".join(text for _, text in rows).encode(errors="backslashreplace")


class Appender:
    """Writes several logs at a time: each is flushed to disk."""

    def __init__(self, limits: Limits, threads: int) -> None:
        self.renew(limits)
        self._threads = ThreadPoolExecutor(threads, "gateway-history-files")

    def renew(self, limits: Limits) -> None:
        """Take other limits."""
        self._limits = limits

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown()

    def prepare(self, logs: Iterable[Log]) -> dict[int, Outcome]:
        """Where each log begins, after it was rotated or made; nothing is written."""
        return self._each(logs, self._placed)

    def append(self, logs: Iterable[Log], places: Mapping[int, Place]) -> dict[int, Outcome]:
        """The new ends of the logs that have a place."""
        return self._each(
            [log for log in logs if log.account in places],
            lambda log: _appended(log, places[log.account]),
        )

    def _placed(self, log: Log) -> Place:
        largest, most = self._limits.history_size, self._limits.history_files
        return rotation.placed(log.path, log.known, len(log.octets), largest, most)

    def _each(self, logs: Iterable[Log], work: Callable[[Log], Place]) -> dict[int, Outcome]:
        todo = list(logs)
        run = self._threads.map if len(todo) > 1 else map
        return {
            log.account: found for log, found in zip(todo, run(_caught(work), todo), strict=True)
        }


def _appended(log: Log, place: Place) -> Place:
    return Place(folders.append(log.path, log.octets, *place), place.inode)


def _caught(work: Callable[[Log], Place]) -> Callable[[Log], Outcome]:
    def tried(log: Log) -> Outcome:
        try:
            return work(log)
        except OSError as error:
            return error

    return tried
