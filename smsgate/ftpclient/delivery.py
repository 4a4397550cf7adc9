"""Sending files over one connection: they are stored under temporary names, then renamed.

A batch of messages is stored first; then the journal records, once and durably, that their final
names may appear; then they are renamed. If one part of a message cannot be stored, none of its
parts is renamed.

Only commands whose outcome a size tells are sent together (SIZE, and PASV with STOR and octets),
and the two commands of one rename: of several renames without replies, as many files would be
unknown if the gateway had taken them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial

from smsenc import SmsencError
from smsenc.messagefile import Credentials
from smsgate import masking
from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError
from smsgate.ftpclient.direct import Direct
from smsgate.ftpclient.retry import RetryingSession, UnreachableError
from smsgate.ftpclient.session import Session
from smsgate.ftpclient.storing import MAYBE_RENAMED, UNCHECKED, File, Storing
from smsgate.ftpclient.temporary import Temporary
from smsgate.ftpclient.transfers import Transfers
from smsgate.outbox.contents import Parts, check_message
from smsgate.outbox.credentials import fill_in
from smsgate.outbox.files import State, Transfer, digest_of

_MOST_LOSSES = 3  # consecutive files whose connection was lost, before the connection is given up
_FOUND = "was on the server already"
_MISSING = "on the server under neither name: taken by the gateway, or lost"
_UNTOLD = "the server does not tell whether it has the file"
_HALF = "not complete under its final name: the gateway may have taken a part of it"


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
        self._storing = Storing(transfers, pace)
        self._direct = Direct(session, transfers, self._storing, pace)
        self._abandoned: set[str] = set()  # messages that this run has given up
        self._sizes: dict[str, int | None] = {}  # octets under each name of the current batch
        self._losses = 0

    def send(self, batch: Sequence[Parts], give_back: Callable[[list[Parts]], object]) -> None:
        """Send a batch; raises UnreachableError after giving back the messages not yet tried."""
        try:
            self._clear()
            files = {message: self._prepared(message) for message in batch}
            self._send(files)
            self._clear()
        except UnreachableError:
            self._keep_complete()
            give_back([message for message in batch if not self._is_settled(message)])
            raise

    def _keep_complete(self) -> None:
        """Record which files are complete on the server, so that nobody sends them again."""
        names = self._storing.complete.intersection(self._transfers.rows)
        sending = [name for name in names if self._row(name).state is State.SENDING]
        self._record(sorted(sending), State.SENT)

    def _send(self, files: dict[Parts, list[File]]) -> None:
        if self._transfers.kind is Temporary.NONE:
            files = {message: self._sent_directly(message, some) for message, some in files.items()}
        self._begin([file for some in files.values() for file in some])
        stored = {message: self._stored(message, some) for message, some in files.items()}
        self._get_sizes([file for some in stored.values() for file in some])
        self._rename_all(
            {message: self._complete(message, some) for message, some in stored.items()}
        )

    def _sent_directly(self, message: Parts, files: Sequence[File]) -> list[File]:
        """Store files under their final names; those that may be there already are returned."""
        known = [file for file in files if self._row(file.name).state in MAYBE_RENAMED]
        self._sent(message, [file for file in files if file not in known], self._put_directly)
        return known

    def _put_directly(self, file: File) -> State:
        state = self._direct.put(file)
        self._worked()
        return state

    def _worked(self) -> None:
        self._losses = 0
        self._session.reset_pauses()

    def _clear(self) -> None:
        """Delete what earlier attempts left; it does not matter if this fails."""
        if self._transfers.has_leftovers:
            with suppress(GatewayError):
                self._session.ask(self._storing.clear)

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

    def _prepared(self, message: Parts) -> list[File]:
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
                if sent is not octets:
                    masking.remember_login(sent)
            except SmsencError as error:
                self._give_up(message, part.name, error)
                return []
            files.append(File(part.name, sent, digest))
        return files

    def _begin(self, files: Iterable[File]) -> None:
        """Record that the server may have octets of these files from now on."""
        before = [(file, self._row(file.name)) for file in files]
        begun = [file.begun(row) for file, row in before if row.state not in MAYBE_RENAMED]
        self._storing.touched.update(row.name for row in begun if row == self._row(row.name))
        self._transfers.write([row for row in begun if row != self._row(row.name)])

    # Storing -------------------------------------------------------------------------------------

    def _stored(self, message: Parts, files: Sequence[File]) -> list[File]:
        """The files of a message that are now on the server under their temporary names.

        Empty if one of them could not be stored.
        """
        put = partial(self._storing.put, ahead=True)
        return self._sent(message, files, lambda file: self._ask(put, file))

    def _sent(
        self, message: Parts, files: Sequence[File], action: Callable[[File], State]
    ) -> list[File]:
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

    def _ask(self, action: Callable[[File, Session], State], file: File) -> State:
        return self._session.ask(partial(action, file))

    def _record(self, names: Sequence[str], state: State) -> None:
        reasons: dict[str, list[str]] = {}
        for name in names:
            reasons.setdefault(self._reason(name, state), []).append(name)
        for reason, some in reasons.items():
            self._transfers.set(some, state, reason)

    def _reason(self, name: str, state: State) -> str:
        untold = name in self._storing.unchecked
        if state is State.DONE:
            seen = self._row(name).state is State.UNKNOWN
            return UNCHECKED if untold else _FOUND if seen else ""
        if state is not State.UNKNOWN:
            return ""
        if self._row(name).state is State.UNKNOWN and self._row(name).reason:
            return self._row(name).reason
        if untold:
            return _UNTOLD
        return _HALF if self._transfers.kind_of(name) is Temporary.NONE else _MISSING

    # Checking ------------------------------------------------------------------------------------

    def _get_sizes(self, files: Sequence[File]) -> None:
        """Ask for the sizes of a batch together; after a failure each file is asked for alone."""
        names = [name for file in files for name in self._storing.names(file)]
        self._sizes = {}
        if names:
            with suppress(GatewayError):
                sizes = self._session.ask(lambda session: session.sizes(names))
                self._sizes = dict(zip(names, sizes, strict=True))

    def _complete(self, message: Parts, files: Sequence[File]) -> list[File]:
        """The files that are complete on the server; empty if one is not, or its name is taken."""
        return self._sent(message, files, self._checked)

    def _checked(self, file: File) -> State:
        size, taken = (self._sizes.get(name, 0) for name in self._storing.names(file))
        if self._storing.is_right(file, size, taken):
            return State.SENT
        return self._ask(self._storing.put_and_check, file)

    # Renaming ------------------------------------------------------------------------------------

    def _rename_all(self, files: dict[Parts, list[File]]) -> None:
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

    def _rename(self, message: Parts, file: File) -> bool:
        """Rename a file; false if its final name is not known to exist, which is recorded."""
        tries = 0

        def rename(session: Session) -> State:
            nonlocal tries
            tries += 1
            if (
                tries > 1
                and (found := self._storing.state_on_server(file, session)) is not State.SENT
            ):
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
        self._worked()
        if state is State.UNKNOWN:
            self._record([file.name], state)
        return state is State.DONE

    def _renamed(self, file: File, session: Session) -> State:
        try:
            session.rename(self._transfers.temporary(file.name), file.name)
        except (GatewayLostError, GatewayBusyError):
            raise
        except GatewayError:
            # A rename that was asked for on a lost connection may have been done since.
            found = State.SENT  # as far as a server without sizes lets us know
            if file.name not in self._storing.unchecked:
                found = self._storing.state_on_server(file, session)
            if found is State.SENT:
                self._storing.delete(file, session)
                raise
            return found
        return State.DONE
