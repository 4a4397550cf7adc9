"""One file on its way to the server: stored, continued, checked, found again.

Half a file is continued with REST, not APPE: a late write of a lost connection then puts the same
octets in the same place. After an attempt that left nothing, the next one takes another temporary
name, because the server may carry out a command of a lost connection late.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError
from smsgate.ftpclient.session import Session
from smsgate.ftpclient.sizes import UNTOLD
from smsgate.ftpclient.temporary import Temporary
from smsgate.ftpclient.transfers import Transfers
from smsgate.outbox.files import State, Transfer

MAYBE_RENAMED = (State.RENAMING, State.UNKNOWN)
UNCHECKED = "size not checked: the server tells no sizes"
_NAME_REFUSED = (501, 550, 553)  # replies to STOR for a name that is not allowed


@dataclass(frozen=True, slots=True)
class File:
    """A file to send: its octets as they are sent, and the digest of those on disk."""

    name: str
    octets: bytes
    digest: str

    def begun(self, row: Transfer, state: State = State.SENDING) -> Transfer:
        """The row that begins the file's sending, or continues it if the octets are the same."""
        same = (row.size, row.digest) == (len(self.octets), self.digest)
        if same and state is State.SENDING and row.state in (State.SENDING, State.SENT):
            return row
        attempt = row.attempt + (row.state is not State.PLANNED)
        return row.begun(len(self.octets), self.digest, attempt, state)


class Storing:
    """Stores files under their temporary names, with any session, and records it.

    ``pace`` is called with the number of octets that will be sent next, and may wait.
    """

    def __init__(self, transfers: Transfers, pace: Callable[[int], None] | None) -> None:
        self.touched: set[str] = set()  # files of which the server may have octets
        self.complete: set[str] = set()  # files of which it has confirmed all octets
        self.unchecked: set[str] = set()  # files of which it tells no size
        self._transfers = transfers
        self._pace = pace
        self._hidden_works = False
        self._is_checked = False  # whether the server has told the right size of a file
        self._is_losing = False  # whether a file has not arrived as it was sent

    def names(self, file: File) -> tuple[str, str]:
        """The temporary and the final name."""
        return self._transfers.temporary(file.name), file.name

    def put(self, file: File, session: Session, *, ahead: bool = False) -> State:
        """Store a file under its temporary name, unless it may have been renamed before.

        With ``ahead`` a server may lose octets, and the caller has to compare the size; it is not
        done before a size has shown that this server tells it.
        """
        ahead = ahead and self._is_checked and not self._is_losing
        row = self._transfers.rows[file.name]
        if row.state in MAYBE_RENAMED:
            found = self.state_on_server(file, session)
            if found is not State.SENT or row.digest == file.digest:
                return found
            start = self._start_again(file)
        elif row.state is State.SENT or file.name in self.complete:
            return self._still_there(file, session)
        else:
            start = self._octets_there(file, session)
        if not 0 < start == len(file.octets):
            self._store(file, session, start, ahead=ahead)
            self.complete.add(file.name)
        return State.SENT

    def state_on_server(self, file: File, session: Session) -> State:
        """What the server says about a file whose renaming was begun.

        SENT: it was not renamed. DONE: it was. UNKNOWN: the server has neither name.
        """
        name, size = file.name, self._transfers.rows[file.name].size
        temporary = self._transfers.temporary(name)
        if size is not None and temporary != name and session.size(temporary) == size:
            return State.SENT
        found = session.size(name)
        self.note(name, found)
        # Without a size in this journal, another one knows more about the file.
        return State.DONE if found == (size or len(file.octets)) else State.UNKNOWN

    def _still_there(self, file: File, session: Session) -> State:
        """A file that was complete: UNKNOWN if it has gone, because nobody can tell where to."""
        if session.size(self._transfers.temporary(file.name)) is None:
            return State.UNKNOWN
        self.complete.discard(file.name)
        start = self._octets_there(file, session)
        if start != len(file.octets):
            self._store(file, session, start)
        self.complete.add(file.name)
        return State.SENT

    def _octets_there(self, file: File, session: Session) -> int:
        """How many octets of a file the server has; if none, the file gets a new temporary name."""
        if file.name not in self.touched:
            self.touched.add(file.name)
            if self._transfers.kind_of(file.name) is not self._transfers.kind:
                self._transfers.write([self._transfers.rows[file.name]], kind=self._transfers.kind)
            return 0
        there = session.size(self._transfers.temporary(file.name)) or 0
        return there if 0 < there <= len(file.octets) else self._start_again(file)

    def _start_again(self, file: File) -> int:
        """Begin a file again at octet 0, under another temporary name.

        The server may still execute a command of a lost connection that truncates the last one.
        """
        self.touched.add(file.name)
        before = self._transfers.rows[file.name]
        row = before.begun(len(file.octets), file.digest, before.attempt + 1)
        direct = self._transfers.kind is Temporary.NONE  # that is not done here
        kind = self._transfers.kind_of(file.name) if direct else self._transfers.kind
        self._transfers.write([row], kind=kind)
        return 0

    def delete(self, file: File, session: Session) -> None:
        """Delete what is under the temporary name, if the server allows it."""
        with suppress(GatewayError):
            session.delete(self._transfers.temporary(file.name))

    def clear(self, session: Session) -> None:
        """Delete what earlier attempts left on the server; a later run tries what is refused."""
        names = self._transfers.take_leftovers()
        self._transfers.forget_leftovers([name for name in names if _is_gone(name, session)])

    def _store(self, file: File, session: Session, start: int, *, ahead: bool = False) -> None:
        name = self._transfers.temporary(file.name)
        try:
            session.store(name, file.octets, start, self._pace, ahead=ahead)
        except GatewayLostError:
            raise
        except GatewayError as error:
            if start:  # not every server supports REST before STOR
                return self._store(file, session, self._start_again(file))
            if self._is_hidden_refused(name, error):
                return self._store_with_suffix(file, session, error)
            if not isinstance(error, GatewayBusyError):
                self.delete(file, session)
            raise
        self._hidden_works |= name[0] == "."
        return None

    def _is_hidden_refused(self, name: str, error: GatewayError) -> bool:
        return name[0] == "." and not self._hidden_works and error.reply in _NAME_REFUSED

    def _store_with_suffix(self, file: File, session: Session, refusal: GatewayError) -> None:
        """Find out whether it was the hidden name that the server refused."""
        self._transfers.write([self._transfers.rows[file.name]], kind=Temporary.SUFFIX)
        try:
            session.store(self._transfers.temporary(file.name), file.octets, 0, self._pace)
        except GatewayLostError:
            raise
        except GatewayError:
            self.delete(file, session)
            raise refusal from None
        self._transfers.use_suffix()

    # Checking ------------------------------------------------------------------------------------

    def is_right(self, file: File, size: int | None, taken: int | None) -> bool:
        """Whether a file is complete and its final name free, or the server does not tell."""
        self.note(file.name, size)
        self._is_checked |= size == len(file.octets)
        self._is_losing |= size not in (len(file.octets), UNTOLD)
        return size in (len(file.octets), UNTOLD) and taken in (None, UNTOLD)

    def note(self, name: str, size: int | None) -> None:
        """Note whether the server tells the size of a file."""
        if size == UNTOLD:
            self.unchecked.add(name)
            self._transfers.warn(UNCHECKED)

    def put_and_check(self, file: File, session: Session) -> State:
        """Store a file that is not on the server yet, and compare its size."""
        state = self.put(file, session)
        if state is not State.SENT:
            return state
        # One at a time: the replies to commands sent together may have come in another order.
        size, taken = map(session.size, self.names(file))
        if self.is_right(file, size, taken):
            return State.SENT
        if taken not in (None, UNTOLD):
            self.delete(file, session)
            raise name_taken(taken)
        if size is None:
            return State.UNKNOWN
        self.complete.discard(file.name)
        raise GatewayBusyError(f"{size} of {len(file.octets)} octets arrived")


def name_taken(octets: int | None) -> GatewayError:
    """The error of a final name that a file on the server has already."""
    return GatewayError(f"the server already has a file of this name, of {octets} octets")


def _is_gone(name: str, session: Session) -> bool:
    """Delete a file; false if it can be tried later. One that we may not delete counts as gone."""
    try:
        session.delete(name)
    except GatewayLostError:
        raise
    except GatewayError as error:
        return not isinstance(error, GatewayBusyError)
    return True
