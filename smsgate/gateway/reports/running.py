"""What the parts of a running gateway show of themselves: gauges of routes, FTP and database."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Protocol

from smsgate.gateway.database import Database
from smsgate.gateway.reports.exposition import Gauge
from smsgate.gateway.settings import Settings


class Stats(Protocol):
    """Of a sender: see ``smsgate.gateway.sending.sender.Stats``."""

    @property
    def bound(self) -> bool: ...  # noqa: D102
    @property
    def sent(self) -> int: ...  # noqa: D102
    @property
    def in_flight(self) -> int: ...  # noqa: D102
    @property
    def rate(self) -> float: ...  # noqa: D102
    @property
    def throttled(self) -> int: ...  # noqa: D102


class Senders(Protocol):
    """Of a node: see ``smsgate.gateway.sending.fleet.Fleet``."""

    def stats(self) -> Mapping[str, Stats]: ...  # noqa: D102
    def problems(self) -> Mapping[str, str]: ...  # noqa: D102


class Running(NamedTuple):
    """A gateway that runs; ``settings`` gives those of now."""

    database: Database
    settings: Callable[[], Settings]
    senders: Senders


def of_routes(stats: Mapping[str, Stats], problems: Mapping[str, str]) -> list[Gauge]:
    """Routes by name."""

    def gauge(name: str, text: str, values: Mapping[str, float]) -> Gauge:
        found = {(route,): value for route, value in values.items()}
        return Gauge(f"route_{name}", text, ("route",), found)

    rows = stats.items()
    return [
        gauge("bound", "Whether it is connected.", {name: one.bound for name, one in rows}),
        gauge("problem", "Whether it cannot send.", {n: bool(one) for n, one in problems.items()}),
        gauge("in_flight", "Parts without an answer.", {n: one.in_flight for n, one in rows}),
        gauge("parts_per_second", "Of the last ten seconds.", {n: one.rate for n, one in rows}),
        gauge(
            "throttled",
            "How often the message centre said that it is busy, since the start.",
            {name: one.throttled for name, one in rows},
        ),
    ]


def of_ftp(connections: int, uploads: int) -> list[Gauge]:
    """The FTP server."""
    return [
        Gauge("ftp_connections", "FTP clients.", (), {(): connections}),
        Gauge("ftp_uploads", "Uploads that are running.", (), {(): uploads}),
    ]


def of_database(path: Path | None, problem: str) -> list[Gauge]:
    """The database, and its files if it has some."""
    sizes: dict[tuple[str, ...], float] = {}
    for one in (path, path.with_name(f"{path.name}-wal")) if path else ():
        with suppress(OSError):
            sizes[one.name,] = one.stat().st_size
    return [
        Gauge("database_problem", "Whether nothing can be written.", (), {(): bool(problem)}),
        Gauge("database_octets", "Sizes of its files.", ("file",), sizes),
    ]
