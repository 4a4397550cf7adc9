"""Sending files over one connection: they are stored under temporary names, then renamed.

A batch of messages is stored first; then the journal records, once and durably, that their final
names may appear; then they are renamed. If one part of a message cannot be stored, none of its
parts is renamed.

Half a file is continued with REST, not APPE: a late write of a lost connection then puts the same
octets in the same place. After an attempt that left nothing, the next one takes another temporary
name, because the server may carry out a command of a lost connection late. Only commands without
side effects are sent together (SIZE), and the two commands of one rename; octets are not sent
before the server asks for them, because pyftpdlib loses those.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from smsenc import SmsencError
from smsenc.messagefile import Credentials
from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError
from smsgate.ftpclient.retry import RetryingSession, UnreachableError
from smsgate.ftpclient.session import Session
from smsgate.ftpclient.transfers import Transfers
from smsgate.outbox.contents import Parts, check_message
from smsgate.outbox.credentials import fill_in
from smsgate.outbox.files import State, Transfer, digest_of

_MOST_LOSSES = 3  # consecutive files whose connection was lost, before the connection is given up
_MAYBE_RENAMED = (State.RENAMING, State.UNKNOWN)
_MISSING = "on the server under neither name: taken by the gateway, or lost"


@dataclass(frozen=True, slots=True)
class _File:
    """A file to send: its octets as they are sent, and the digest of those on disk."""

    name: str
    octets: bytes
    digest: str

    def begun(self, row: Transfer) -> Transfer:
        """The row that begins the file's sending, or continues it if the octets are the same."""
        same = (row.size, row.digest) == (len(self.octets), self.digest)
        if same and row.state in (State.SENDING, State.SENT):
            return row
        attempt = row.attempt + (row.state is not State.PLANNED)
        return row.begun(len(self.octets), self.digest, attempt)


class Delivery:
    """Sends batches of messages over ``session`` and records each step in ``transfers``.

    ``pace`` is called with the number of octets that will be sent next, and may wait.
    """

    def __init__(
        self,
        session: RetryingSession,
        transfers: Transfers,
        credentials: Credentials,
        pace: Callable[[int], None] | None = None,
    ) -> None:
        self._session = session
        self._transfers = transfers
        self._credentials = credentials
        self._pace = pace
        self._touched: set[str] = set()  # files of which the server may have octets
        self._abandoned: set[str] = set()  # messages that this run has given up
        self._sizes: dict[str, int | None] = {}  # octets under each name of the current batch
        self._losses = 0

    def send(self, batch: Sequence[Parts], give_back: Callable[[list[Parts]], object]) -> None:
        """Send a batch; raises UnreachableError after giving back the messages not yet tried."""
        try:
            files = {message: self._prepared(message) for message in batch}
            self._begin([file for some in files.values() for file in some])
            stored = {message: self._stored(message, some) for message, some in files.items()}
            self._get_sizes([file for some in stored.values() for file in some])
            self._rename_all(
                {message: self._complete(message, some) for message, some in stored.items()}
            )
        except UnreachableError:
            give_back([message for message in batch if not self._is_settled(message)])
            raise

    def _row(self, name: str) -> Transfer:
        return self._transfers.rows[name]

    def _is_settled(self, message: Parts) -> bool:
        states = {self._row(part.name).state for part in message}
        return message[0].message in self._abandoned or states == {State.DONE}

    def _give_up(self, message: Parts, name: str, error: SmsencError) -> None:
        """Leave a file, and so its message, to a later run."""
        self._abandoned.add(message[0].message)
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

    def _prepared(self, message: Parts) -> list[_File]:
        """The parts of a message that are not sent yet; none if one of them cannot be sent."""
        files = []
        for part in message:
            if self._row(part.name).state is State.DONE:
                continue
            try:
                octets = part.read()
                digest = digest_of(octets)
                if digest != self._row(part.name).digest:  # not as this program wrote it
                    check_message(octets)
                sent = fill_in(octets, self._credentials)
            except SmsencError as error:
                self._give_up(message, part.name, error)
                return []
            files.append(_File(part.name, sent, digest))
        return files

    def _begin(self, files: Iterable[_File]) -> None:
        """Record that the server may have octets of these files from now on."""
        before = [(file, self._row(file.name)) for file in files]
        begun = [file.begun(row) for file, row in before if row.state not in _MAYBE_RENAMED]
        self._touched.update(row.name for row in begun if row == self._row(row.name))
        self._transfers.write([row for row in begun if row != self._row(row.name)])

    # Storing -------------------------------------------------------------------------------------

    def _stored(self, message: Parts, files: Sequence[_File]) -> list[_File]:
        """The files of a message that are now on the server under their temporary names.

        Empty if one of them could not be stored.
        """
        return self._sent(message, files, lambda file: self._session.ask(partial(self._put, file)))

    def _sent(
        self, message: Parts, files: Sequence[_File], action: Callable[[_File], State]
    ) -> list[_File]:
        """The files that are SENT after ``action``; empty if the action failed for one of them.

        Others turn out to have been renamed by an earlier run, or to be unknown; this is recorded.
        """
        sent = []
        for file in files:
            try:
                state = action(file)
            except GatewayError as error:
                self._give_up(message, file.name, error)
                return []
            if state is State.SENT:
                sent.append(file)
            else:
                self._record([file.name], state)
        return sent

    def _record(self, names: Sequence[str], state: State) -> None:
        if names:
            self._transfers.set(names, state, _MISSING if state is State.UNKNOWN else "")

    def _put(self, file: _File, session: Session) -> State:
        """Store a file under its temporary name, unless it may have been renamed before."""
        row = self._row(file.name)
        if row.state not in _MAYBE_RENAMED:
            start = self._octets_there(file, session)
        else:
            found = self._state_on_server(file.name, session)
            if found is not State.SENT or row.digest == file.digest:
                return found
            start = self._start_again(file, session)
        if not 0 < start == len(file.octets):
            self._store(file, session, start)
        return State.SENT

    def _state_on_server(self, name: str, session: Session) -> State:
        """What the server says about a file whose renaming was begun.

        SENT: it was not renamed. DONE: it was. UNKNOWN: the server has neither name.
        """
        size = self._row(name).size
        if size is None:  # another journal knows more
            return State.UNKNOWN
        if session.size(self._transfers.temporary(name)) == size:
            return State.SENT
        return State.DONE if session.size(name) == size else State.UNKNOWN

    def _octets_there(self, file: _File, session: Session) -> int:
        """How many octets of a file the server has; if none, the file gets a new temporary name."""
        if file.name not in self._touched:
            self._touched.add(file.name)
            return 0
        there = session.size(self._transfers.temporary(file.name)) or 0
        return there if 0 < there <= len(file.octets) else self._start_again(file, session)

    def _start_again(self, file: _File, session: Session) -> int:
        """Begin a file again at octet 0, under another temporary name.

        The server may still execute a command of a lost connection that truncates the last one.
        """
        self._touched.add(file.name)
        self._delete(file, session)
        row = self._row(file.name)
        self._transfers.write([row.begun(len(file.octets), file.digest, row.attempt + 1)])
        return 0

    def _delete(self, file: _File, session: Session) -> None:
        with suppress(GatewayError):
            session.delete(self._transfers.temporary(file.name))

    def _store(self, file: _File, session: Session, start: int) -> None:
        name = self._transfers.temporary(file.name)
        try:
            session.store(name, file.octets, start, self._pace)
        except GatewayLostError:
            raise
        except GatewayError as error:
            if start:  # not every server supports REST before STOR
                return self._store(file, session, self._start_again(file, session))
            if not isinstance(error, GatewayBusyError):
                self._delete(file, session)
            raise
        return None

    # Checking ------------------------------------------------------------------------------------

    def _names(self, file: _File) -> tuple[str, str]:
        return self._transfers.temporary(file.name), file.name

    def _get_sizes(self, files: Sequence[_File]) -> None:
        """Ask for the sizes of a batch together; after a failure each file is asked for alone."""
        names = [name for file in files for name in self._names(file)]
        self._sizes = {}
        if names:
            with suppress(GatewayError):
                sizes = self._session.ask(lambda session: session.sizes(names))
                self._sizes = dict(zip(names, sizes, strict=True))

    def _complete(self, message: Parts, files: Sequence[_File]) -> list[_File]:
        """The files that are complete on the server; empty if one is not, or its name is taken."""
        return self._sent(message, files, self._checked)

    def _checked(self, file: _File) -> State:
        found = [self._sizes.get(name, 0) for name in self._names(file)]
        if found == [len(file.octets), None]:
            return State.SENT
        return self._session.ask(partial(self._put_and_check, file))

    def _put_and_check(self, file: _File, session: Session) -> State:
        state = self._put(file, session)
        if state is not State.SENT:
            return state
        # One at a time: the replies to commands sent together may have come in another order.
        size, taken = map(session.size, self._names(file))
        if taken is not None:
            self._delete(file, session)
            raise GatewayError(f"the server already has a file of this name, of {taken} octets")
        if size != len(file.octets):
            raise GatewayBusyError(f"{size} of {len(file.octets)} octets arrived")
        return State.SENT

    # Renaming ------------------------------------------------------------------------------------

    def _rename_all(self, files: dict[Parts, list[_File]]) -> None:
        """Give a batch its final names, in order; the journal records it before and after."""
        waiting = deque((message, file) for message, some in files.items() for file in some)
        names = [file.name for _, file in waiting]
        self._record(names, State.SENT)
        self._transfers.announce(names)
        done: list[str] = []
        try:
            while waiting:
                message, file = waiting.popleft()
                if self._rename(message, file):
                    done.append(file.name)
        except UnreachableError:
            self._transfers.set([file.name for _, file in waiting], State.SENT)
            raise
        finally:
            self._record(done, State.DONE)

    def _rename(self, message: Parts, file: _File) -> bool:
        """Rename a file; false if its final name is not known to exist, which is recorded."""
        tries = 0

        def rename(session: Session) -> State:
            nonlocal tries
            tries += 1
            if tries > 1 and (found := self._state_on_server(file.name, session)) is not State.SENT:
                return found
            return self._renamed(file, session)

        try:
            state = self._session.ask(rename)
        except UnreachableError as lost:
            self._transfers.set([file.name], State.UNKNOWN if tries else State.SENT, str(lost))
            raise
        except GatewayError as error:
            self._give_up(message, file.name, error)
            return False
        self._losses = 0
        self._session.reset_pauses()
        if state is State.UNKNOWN:
            self._record([file.name], state)
        return state is State.DONE

    def _renamed(self, file: _File, session: Session) -> State:
        try:
            session.rename(self._transfers.temporary(file.name), file.name)
        except (GatewayLostError, GatewayBusyError):
            raise
        except GatewayError:
            # A rename that was asked for on a lost connection may have been done since.
            found = self._state_on_server(file.name, session)
            if found is State.SENT:
                self._delete(file, session)
                raise
            return found
        return State.DONE
