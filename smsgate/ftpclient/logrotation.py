"""Logs that were rotated: what ``history.log`` said before is in ``history.log.1``.

A rotation may happen between any two commands. So a log is known by the octets before the place up
to which it was read, not by its name; and the log that follows it is kept in a temporary file until
the one before it is seen to have its name still.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from tempfile import TemporaryFile

from smsenc.messagefile.logs import Lines
from smsgate.errors import GatewayError
from smsgate.ftpclient import replies
from smsgate.ftpclient.lognames import HISTORY, REPLIES
from smsgate.ftpclient.logoctets import fetched, octets_from, split
from smsgate.ftpclient.logrecords import Place
from smsgate.ftpclient.session import Session

_ROTATED = re.compile(rf"(?i)({'|'.join(map(re.escape, (HISTORY, REPLIES)))})\.([1-9][0-9]{{0,3}})")
_TRIES = 100
_CHUNK = 1 << 16

#: Records lines that were read from a place on; returns the new place, None for another run's.
Record = Callable[[Place, Lines, Iterable[bytes]], Place | None]

_Logs = list[tuple[str, int | None]]  # names and sizes in octets


class _RotatedError(Exception):
    """The logs have been renamed meanwhile."""


def rotated(name: str) -> str | None:
    """The log of which a name is that of an older one: ``history.log.1``; None for other names."""
    found = _ROTATED.fullmatch(name)
    return found[1].casefold() if found else None


def has_rotated(session: Session, log: str) -> bool:
    """Whether there are older ones of a log."""
    return bool(session.names(lambda name: rotated(name) == log.casefold()))


def read_older(session: Session, place: Place, record: Record) -> Place | None:
    """Read the rest of the log that has the place, and all that came after it.

    If no log has it, all are read, the oldest first. Returns the new place; None if another run
    has read the log meanwhile.
    """
    for _ in range(_TRIES):
        with suppress(_RotatedError):
            logs = _listed(session, place.log)
            at, now = _read_rest(session, logs, place, record)
            if now is None or at == 0:
                return now
            place = now
            after = _read_next(session, logs, at, place, record)
            if after in (None, place):
                return after
            place = after or place
    return place


def _listed(session: Session, log: str) -> _Logs:
    """A log and the older ones that there are, newest first."""
    found = session.names(lambda name: rotated(name) == log.casefold())
    numbers = {name: _ROTATED.fullmatch(name) for name in found}
    older = sorted((int(match[2]), name) for name, match in numbers.items() if match)
    names = [log, *(name for _, name in older)]
    with suppress(GatewayError):
        return list(zip(names, session.sizes(names), strict=True))
    return [(name, None) for name in names]


def _expect_same(session: Session, log: str, logs: _Logs) -> None:
    """Raise _RotatedError if the older logs, which do not change, have got other names."""
    if _listed(session, log)[1:] != logs[1:]:
        raise _RotatedError


def _read_rest(
    session: Session, logs: _Logs, place: Place, record: Record
) -> tuple[int | None, Place | None]:
    """Which of the logs has the place, and the new place at its end. Raises _RotatedError."""
    for at, (name, size) in enumerate(logs if place.position else ()):
        if size is not None and size < place.position:
            continue
        with _may_be_gone(), closing(_from(session, name, place)) as chunks:
            tail, more = split(chunks, place.tail)
            if place.follows(tail):
                return at, record(place, Lines(place.position, place.line, tail), more)
    if place.position:
        _expect_same(session, place.log, logs)
    return None, place


def _read_next(
    session: Session, logs: _Logs, at: int | None, place: Place, record: Record
) -> Place | None:
    """Read the log that came after the one that has the place, or the oldest one.

    Returns the place itself if there is nothing to read. Raises _RotatedError.
    """
    begin = place.restarted() if place.position else place
    for name, _ in reversed(logs[:at]):
        with TemporaryFile() as kept:
            with _may_be_gone(), closing(fetched(session, name)) as chunks:
                kept.writelines(chunks)
            if at is None:
                _expect_same(session, place.log, logs)
            elif not _has(session, logs[at][0], place):
                raise _RotatedError
            kept.seek(0)
            after = record(begin, Lines(), iter(partial(kept.read, _CHUNK), b""))
        if after != begin:
            return after
    return place


def _has(session: Session, name: str, place: Place) -> bool:
    with _may_be_gone(), closing(_from(session, name, place)) as chunks:
        return place.follows(split(chunks, place.tail)[0])
    return False


def _from(session: Session, name: str, place: Place) -> Generator[bytes]:
    return octets_from(session, name, place.position - place.tail)


@contextmanager
def _may_be_gone() -> Iterator[None]:
    try:
        yield
    except GatewayError as error:
        if error.reply != replies.NO_SUCH_FILE:
            raise
