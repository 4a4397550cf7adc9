"""One file of the spool: read, judged, and cut into lots that are committed one after another."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from smsenc.messagefile import Message
from smsenc.messagefile.stream import read_head, recipients
from smsgate.gateway import content
from smsgate.gateway.intake import notes
from smsgate.gateway.intake.checks import (
    INTERNAL,
    Fault,
    Refused,
    RefusedError,
    Rules,
    Terms,
    checked,
    message_of,
    terms_of,
)
from smsgate.gateway.intake.taking import Taken, chunks
from smsgate.gateway.queue.accept import New

#: Recipients of one file that are committed together.
LOT = 500
_FAULT = "refused"  # key of a fault in file.content

#: The number of the error of a log-in (api_id, user, password), 0 for the right one.
LogIn = Callable[[str, str, str], int]


class Row(NamedTuple):
    """What the database knows of a file; sizes are in octets."""

    id: int
    state: str
    digest: str
    content: str
    done: int
    log_size: int
    accepted: int
    refused: int


class Lot(NamedTuple):
    """The next recipients of a file."""

    entries: list[New | Refused]
    last: bool


class Job:
    """A file of the spool; ``row`` is where an earlier run stopped, None for a new file.

    ``notes`` are remarks for history.log: odd keys, and in detail why the whole file is refused.
    ``pushes``: whether the account has a URL for the callbacks that the file asks for.

    The constructor and ``lots`` read the file and block. They raise SourceError and OSError.
    """

    def __init__(  # noqa: PLR0913 - what it is read with
        self,
        taken: Taken,
        rules: Rules,
        log_in: LogIn,
        row: Row | None,
        *,
        prefix: str = "",
        pushes: bool = False,
    ) -> None:
        self.taken = taken
        self._pushes = pushes
        self.size = 0
        self._prefix = prefix
        digest = hashlib.sha256()
        self._head = read_head(self._counted(digest))
        self.digest = digest.hexdigest()
        self.done = row.done if row else 0
        self.fault: Fault | None = None
        self.notes = notes.of_keys(self._head.odd_keys) + notes.of_reply(self._head)
        self._terms: Terms | None = None
        try:
            self._terms = self._judge(rules, log_in, row)
        except RefusedError as error:
            self.fault = error.fault
            self.notes += (error.detail,) * bool(error.detail)
        self.content = stored(self._terms.message if self._terms else None, self.fault)

    def _counted(self, digest: hashlib._Hash) -> Iterator[bytes]:
        for chunk in chunks(self.taken.path):
            digest.update(chunk)
            self.size += len(chunk)
            yield chunk

    def _judge(self, rules: Rules, log_in: LogIn, row: Row | None) -> Terms:
        """The terms of the file, or of what an earlier run has stored of it."""
        if row is None:
            message = message_of(self._head, rules)
            _check_log_in(message, log_in)
        elif row.digest != self.digest:
            raise RefusedError(INTERNAL)
        else:
            message = _restored(row.content)
        terms = terms_of(message, rules, self.taken.time, self._head)
        return replace(terms, callback=message.callback or 0) if self._pushes else terms

    def lots(self, now: Callable[[], float]) -> Iterator[Lot]:
        """The recipients that are not done; one entry without a number for a file without any."""
        found = recipients(self._unchanged(), self._head, prefix=self._prefix)
        found = islice(found, self.done, None)
        done, total = self.done, self._head.recipients
        while done < total and (lot := list(islice(found, LOT))):
            done += len(lot)
            if terms := self._terms:
                instant = now()
                yield Lot([checked(terms, one, instant) for one in lot], done == total)
            else:
                code, line = self.fault or Fault(INTERNAL)
                yield Lot([Refused(code, line, one.number) for one in lot], done == total)
        if not total:
            yield Lot([Refused(*(self.fault or Fault(INTERNAL)), None)], last=True)

    def _unchanged(self) -> Iterator[bytes]:
        """The octets that were there when the file was judged, and no more."""
        left = self.size
        for chunk in chunks(self.taken.path):
            yield chunk[:left]
            left -= len(chunk)
            if left <= 0:
                return


def _check_log_in(message: Message, log_in: LogIn) -> None:
    found = message.credentials
    if code := log_in(found.api_id, found.user, found.password):
        raise RefusedError(code)


def stored(message: Message | None, fault: Fault | None) -> str:
    """The column file.content: a message, or why the file is refused."""
    if message:
        return content.dumps(message)
    return json.dumps({_FAULT: fault})


def _restored(stored: str) -> Message:
    """The inverse of ``stored``; raises RefusedError."""
    fault = json.loads(stored).get(_FAULT)
    if fault:
        raise RefusedError(*fault)
    return content.loads(stored)
