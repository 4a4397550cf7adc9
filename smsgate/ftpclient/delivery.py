"""Files through one connection: stored under temporary names, then renamed.

A lot of messages is stored first; then the journal says, once and durably, that their final names
may appear; then they are renamed. A message of which one part cannot be stored shows none of them.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from smsenc import SmsencError
from smsenc.messagefile import Credentials
from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError
from smsgate.ftpclient.retry import Line, UnreachableError
from smsgate.ftpclient.session import Session
from smsgate.ftpclient.transfers import State, Transfer, Transfers
from smsgate.outbox import fill
from smsgate.outbox.contents import Outgoing

#: The files of one message, in order.
Message = tuple[Outgoing, ...]

_MOST_LOSSES = 3  # files in a row whose connection was lost, before nothing more is tried
_MAY_BE_SEEN = (State.RENAMING, State.UNKNOWN)
_NOWHERE = "on the server under neither name: taken by the gateway, or lost"


@dataclass(frozen=True, slots=True)
class _Job:
    """A file that is to go: its octets as they go, and the digest of those on disk."""

    name: str
    octets: bytes
    digest: str

    def begun(self, row: Transfer) -> Transfer:
        """The row with which sending begins or, where the octets are the same, goes on."""
        same = (row.size, row.digest) == (len(self.octets), self.digest)
        if same and row.state in (State.SENDING, State.SENT):
            return row
        attempt = row.attempt + (row.state is not State.PLANNED)
        return Transfer(self.name, State.SENDING, len(self.octets), self.digest, attempt)


class Courier:
    """Sends lots of messages over ``line`` and keeps ``transfers`` true at every step.

    ``pace`` is told the octets that are about to go, and may wait.
    """

    def __init__(
        self,
        line: Line,
        transfers: Transfers,
        credentials: Credentials,
        pace: Callable[[int], None] | None = None,
    ) -> None:
        self._line = line
        self._transfers = transfers
        self._credentials = credentials
        self._pace = pace
        self._touched: set[str] = set()  # files of which the server may hold something
        self._judged: set[str] = set()  # messages that this run has given up
        self._found: dict[str, int | None] = {}  # octets under each name, of the lot at hand
        self._losses = 0

    def deliver(self, lot: Sequence[Message], back: Callable[[list[Message]], object]) -> None:
        """Send a lot; what could not be tried goes ``back`` before UnreachableError is raised."""
        try:
            jobs = {message: self._prepared(message) for message in lot}
            self._begin([job for part in jobs.values() for job in part])
            stored = {message: self._stored(message, part) for message, part in jobs.items()}
            self._look_at([job for part in stored.values() for job in part])
            self._reveal({message: self._whole(message, part) for message, part in stored.items()})
        except UnreachableError:
            back([message for message in lot if not self._settled(message)])
            raise

    def _row(self, name: str) -> Transfer:
        return self._transfers.rows[name]

    def _settled(self, message: Message) -> bool:
        states = {self._row(part.name).state for part in message}
        return message[0].message in self._judged or states == {State.DONE}

    def _give_up(self, message: Message, name: str, error: SmsencError) -> None:
        """Leave a file, and with it its message, to a later run."""
        self._judged.add(message[0].message)
        lost = isinstance(error, GatewayLostError)
        state = self._row(name).state
        if lost and state is State.RENAMING:
            state = State.UNKNOWN
        elif not lost and not isinstance(error, GatewayBusyError):
            state = State.REFUSED
        self._transfers.set([name], state, error.message)
        self._losses = self._losses + 1 if lost else 0
        if isinstance(error, GatewayLostError) and self._losses >= _MOST_LOSSES:
            raise UnreachableError(error)

    # Reading -------------------------------------------------------------------------------------

    def _prepared(self, message: Message) -> list[_Job]:
        """The parts of a message that are left; none where one of them cannot be sent."""
        jobs = []
        for part in message:
            if self._row(part.name).state is State.DONE:
                continue
            try:
                octets = part.read()
                sent = fill.put_in(octets, self._credentials)
            except SmsencError as error:
                self._give_up(message, part.name, error)
                return []
            jobs.append(_Job(part.name, sent, hashlib.sha256(octets).hexdigest()))
        return jobs

    def _begin(self, jobs: Iterable[_Job]) -> None:
        """Say that something of these files may be on the server from now on."""
        before = [(job, self._row(job.name)) for job in jobs]
        begun = [job.begun(row) for job, row in before if row.state not in _MAY_BE_SEEN]
        self._touched.update(row.name for row in begun if row == self._row(row.name))
        self._transfers.write([row for row in begun if row != self._row(row.name)])

    # Storing -------------------------------------------------------------------------------------

    def _stored(self, message: Message, jobs: Sequence[_Job]) -> list[_Job]:
        """Those of a message's files that the server has taken, under their temporary names.

        None where one is not taken; files that turn out to be done, or cannot be known, are left
        out.
        """
        stored = []
        for job in jobs:
            try:
                state = self._line.ask(partial(self._bring, job))
            except GatewayError as error:
                self._give_up(message, job.name, error)
                return []
            if state is State.SENT:
                stored.append(job)
            else:
                self._settle([job.name], state)
        return stored

    def _settle(self, names: Sequence[str], state: State) -> None:
        if names:
            self._transfers.set(names, state, _NOWHERE if state is State.UNKNOWN else "")

    def _bring(self, job: _Job, session: Session) -> State:
        """Have the server take a file under its temporary name, or learn that it had gone on."""
        row = self._row(job.name)
        if row.state not in _MAY_BE_SEEN:
            start = self._there(job, session)
        else:
            found = self._look(job.name, session)
            if found is not State.SENT or row.digest == job.digest:
                return found
            start = self._anew(job, session)
        if not 0 < start == len(job.octets):
            self._store(job, session, start)
        return State.SENT

    def _look(self, name: str, session: Session) -> State:
        """What the server tells of a file whose renaming was begun.

        SENT: it did not happen. DONE: it did. UNKNOWN: neither name is there.
        """
        size = self._row(name).size
        if session.size(self._transfers.temporary(name)) == size:
            return State.SENT
        return State.DONE if session.size(name) == size else State.UNKNOWN

    def _there(self, job: _Job, session: Session) -> int:
        """How many octets of a file the server holds; with none, its temporary name is new."""
        if job.name not in self._touched:
            self._touched.add(job.name)
            return 0
        there = session.size(self._transfers.temporary(job.name)) or 0
        return there if 0 < there <= len(job.octets) else self._anew(job, session)

    def _anew(self, job: _Job, session: Session) -> int:
        """Another temporary name: a command of a lost connection may yet truncate the last one."""
        self._touched.add(job.name)
        self._delete(job, session)
        attempt = self._row(job.name).attempt + 1
        row = Transfer(job.name, State.SENDING, len(job.octets), job.digest, attempt)
        self._transfers.write([row])
        return 0

    def _delete(self, job: _Job, session: Session) -> None:
        with suppress(GatewayError):
            session.delete(self._transfers.temporary(job.name))

    def _store(self, job: _Job, session: Session, start: int) -> None:
        name = self._transfers.temporary(job.name)
        try:
            session.store(name, job.octets, start, self._pace)
        except GatewayLostError:
            raise
        except GatewayError as error:
            if start:  # not every server takes REST before STOR
                return self._store(job, session, self._anew(job, session))
            if not isinstance(error, GatewayBusyError):
                self._delete(job, session)
            raise
        return None

    # Checking ------------------------------------------------------------------------------------

    def _names(self, job: _Job) -> tuple[str, str]:
        return self._transfers.temporary(job.name), job.name

    def _look_at(self, jobs: Sequence[_Job]) -> None:
        """Ask for the sizes of a lot together; where that fails, nothing is known of any."""
        names = [name for job in jobs for name in self._names(job)]
        self._found = {}
        if names:
            with suppress(GatewayError):
                sizes = self._line.ask(lambda session: session.sizes(names))
                self._found = dict(zip(names, sizes, strict=True))

    def _whole(self, message: Message, jobs: Sequence[_Job]) -> list[_Job]:
        """The jobs whose files stand complete, if no final name is taken; else none."""
        whole = []
        for job in jobs:
            try:
                state = self._checked(job)
            except GatewayError as error:
                self._give_up(message, job.name, error)
                return []
            if state is State.SENT:
                whole.append(job)
            else:
                self._settle([job.name], state)
        return whole

    def _checked(self, job: _Job) -> State:
        found = [self._found.get(name, 0) for name in self._names(job)]
        if found == [len(job.octets), None]:
            return State.SENT
        return self._line.ask(partial(self._complete, job))

    def _complete(self, job: _Job, session: Session) -> State:
        """Have a file stand complete beside a free final name, or learn that it had gone on."""
        state = self._bring(job, session)
        if state is not State.SENT:
            return state
        # One at a time: what was asked together may have been answered in another order.
        size, taken = map(session.size, self._names(job))
        if taken is not None:
            self._delete(job, session)
            raise GatewayError(f"expected a free name on the server, found {taken} octets there")
        if size != len(job.octets):
            raise GatewayBusyError(f"expected {len(job.octets)} octets to arrive, found {size}")
        return State.SENT

    # Renaming ------------------------------------------------------------------------------------

    def _reveal(self, jobs: dict[Message, list[_Job]]) -> None:
        """Give a lot its final names, in order; the journal says so before and after."""
        waiting = deque((message, job) for message, part in jobs.items() for job in part)
        names = [job.name for _, job in waiting]
        self._settle(names, State.SENT)
        self._transfers.set(names, State.RENAMING, durable=True)
        done: list[str] = []
        try:
            while waiting:
                message, job = waiting.popleft()
                if self._rename(message, job):
                    done.append(job.name)
        except UnreachableError:
            self._transfers.set([job.name for _, job in waiting], State.SENT)
            raise
        finally:
            self._settle(done, State.DONE)

    def _rename(self, message: Message, job: _Job) -> bool:
        """Whether the file has its final name; where not, the journal says what it has."""
        tries = 0

        def rename(session: Session) -> State:
            nonlocal tries
            tries += 1
            if tries > 1 and (found := self._look(job.name, session)) is not State.SENT:
                return found
            return self._renamed(job, session)

        try:
            state = self._line.ask(rename)
        except UnreachableError as lost:
            self._transfers.set([job.name], State.UNKNOWN if tries else State.SENT, str(lost))
            raise
        except GatewayError as error:
            self._give_up(message, job.name, error)
            return False
        self._losses = 0
        self._line.renew()
        if state is State.UNKNOWN:
            self._settle([job.name], state)
        return state is State.DONE

    def _renamed(self, job: _Job, session: Session) -> State:
        try:
            session.rename(self._transfers.temporary(job.name), job.name)
        except (GatewayLostError, GatewayBusyError):
            raise
        except GatewayError:
            # A rename asked for on a lost connection may have come first.
            found = self._look(job.name, session)
            if found is State.SENT:
                self._delete(job, session)
                raise
            return found
        return State.DONE
