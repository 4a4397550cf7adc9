"""A control connection: the commands of a client, and what they prove about its uploads.

A data connection that ends in order proves nothing: the client may have been killed. Its file is
taken when it gets its final name, or when the same control connection gives a further command. Not
every command counts: those that begin the next transfer, and those that name the file, may mean
that the client is not done with it; and what was sent before the reply says nothing. ABOR means the
contrary, and so does a control connection that is lost without QUIT.
"""

from __future__ import annotations

import select
from collections.abc import Callable
from contextlib import suppress

from OpenSSL import SSL

from smsgate.gateway import names
from smsgate.gateway.ftp.commands import COMMANDS, NO_PROOF, TRANSFERS
from smsgate.gateway.ftp.filesystem import name_in
from smsgate.gateway.ftp.folders import Folder, RefusedError, Upload
from smsgate.gateway.ftp.library import strerror
from smsgate.gateway.ftp.login import LoggingIn
from smsgate.gateway.ftp.protocols import Cut
from smsgate.gateway.ftp.replies import FULL, NO_FOLDERS, SHUTTING_DOWN


class Session(LoggingIn):
    """The control connection of one client; ``server`` is a ``server.Listener``."""

    proto_cmds = COMMANDS
    _restart_position: int
    _in_dtp_queue: tuple[Upload, str] | None

    def __init__(self, *arguments: object, **named: object) -> None:
        self._new: dict[str, Upload] = {}  # stored; the next command may prove them complete
        self._odd: dict[str, Upload] = {}  # proven, and left because they look cut
        self._told: dict[str, int] = {}  # the sizes of cut uploads, as SIZE gave them
        self._unread = False  # whether the next commands were sent before the last reply
        self._cut = Cut.LOST  # what it is if an upload ends now
        self.dismissed = False  # whether we end the connection, or the client said QUIT
        super().__init__(*arguments, **named)

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return bool(self._closed)

    # Commands -----------------------------------------------------------------------------------

    def handle_read(self) -> None:
        """Read commands: those that come next were sent after the last reply."""
        try:
            super().handle_read()
        finally:
            self._unread = False

    def decode(self, octets: bytes) -> str:
        """A command's text: UTF-8, or Latin-1 from old clients."""
        try:
            return octets.decode()
        except UnicodeDecodeError:
            return octets.decode("latin-1")

    def run_command(self, line: str, cmd: str, arg: str) -> None:
        """Execute a command, after what it proves."""
        self._note(cmd, arg)
        if cmd in TRANSFERS and self._is_busy():
            self.respond("450 A transfer is running.")
            return
        try:
            super().run_command(line, cmd, arg)
        except RefusedError as error:
            code = 553 if cmd in ("STOR", "APPE", "RNTO") else error.code
            self.respond(f"{code} {error}.")

    def _is_busy(self) -> bool:
        channel = self.data_channel
        return channel is not None and (channel.receive or channel.cmd is not None)

    # Proofs -------------------------------------------------------------------------------------

    def _note(self, cmd: str, arg: str) -> None:
        if cmd[-4:] == "ABOR":  # Telnet's signals may stand before it
            self._withdraw(self._new, Cut.ABORTED)
        elif self._new and not self._unread and cmd not in NO_PROOF:
            about = arg, self._rnfr or ""
            for name, upload in list(self._new.items()):
                if not any(one.endswith(name) for one in about):
                    del self._new[name]
                    self._prove(upload)

    def _prove(self, upload: Upload) -> None:
        folder, name = self.folder.account.folder, upload.name
        if not self.folder.is_unproven(upload):  # it was deleted, or another took its place
            return
        if names.is_temporary(name) or self.ask(lambda: self.server.taker.prove(folder, name)):
            self.folder.settle(upload)
        else:
            self._odd[name] = upload

    def _withdraw(self, uploads: dict[str, Upload], cut: Cut) -> None:
        while uploads:
            name, upload = uploads.popitem()
            with suppress(OSError):
                if self.folder.withdraw(upload):
                    self._report(name, upload.size, cut)

    def _report(self, name: str, size: int, cut: Cut) -> None:
        api_id = self.folder.account.api_id
        self.ask(lambda: self.server.taker.incomplete(api_id, name, size, cut))

    def received(self, upload: Upload) -> None:
        """Finish an upload whose data connection has ended in order; raises OSError."""
        if upload.abandoned:
            raise OSError(0, "another connection stores this file")
        self.folder.finish(upload)
        self._new[upload.name] = upload
        self._unread = bool(self._in_buffer) or _has_input(self.socket)

    def on_file_received(self, file: str) -> None:
        """Pass on that a file was stored, after its reply."""
        folder = self.folder.account.folder
        if not names.is_temporary(file):
            self.ask(lambda: self.server.taker.stored(folder, file))

    def cut(self, upload: Upload) -> None:
        """Keep what came of an upload that was cut; one that is too large is removed."""
        if upload.abandoned:
            return
        if upload.too_large:
            with suppress(OSError, RefusedError):
                self.folder.remove(upload.name)
        else:
            self._report(upload.name, upload.size, self._cut)

    def close(self) -> None:
        """Close; uploads that nothing has proven are withdrawn if the client is lost."""
        if self.closed:
            return
        super().close()
        uploads = self._new | self._odd
        if self.dismissed or self.server.ending:
            for upload in uploads.values():
                self.folder.settle(upload)
        else:
            self._withdraw(uploads, Cut.UNPROVEN)

    def ask(self, question: Callable[[], object]) -> object:
        """What another part of the gateway answers; None if it fails, which is told."""
        try:
            return question()
        except FileNotFoundError:  # its settle time has just ended
            return None
        except Exception:  # noqa: BLE001 - no fault of theirs may end the server
            self.log_exception(self)
            return None

    # Commands that are not as in pyftpdlib ------------------------------------------------------

    def ftp_STOR(self, path: str) -> None:  # noqa: N802 - pyftpdlib's
        """Store a file, from the position of REST on."""
        start, self._restart_position = self._restart_position, 0
        self._receive("STOR", path, Folder.store if not start else _resume_at(start))

    def ftp_APPE(self, path: str) -> None:  # noqa: N802 - pyftpdlib's
        """Continue a file at its end."""
        self._restart_position = 0
        self._receive("APPE", path, _resume_at(None))

    def _receive(self, cmd: str, path: str, begin: Callable[[Folder, str], Upload]) -> None:
        if self.server.quiescing:
            self.respond(f"450 {SHUTTING_DOWN}")
            return
        if self._is_full():
            self.respond(f"451 {FULL}")
            return
        self._drop_queued()
        name = name_in(path)
        self._take_back(name)
        try:
            upload = begin(self.folder, name)
        except RefusedError as error:
            self.respond(f"{error.code} {error}.")
        except OSError as error:
            self.respond(f"550 {strerror(error)}.")
        else:
            self._open(cmd, upload)

    def _is_full(self) -> bool:
        api_id = self.folder.account.api_id
        return bool(self.ask(lambda: self.server.taker.is_full(api_id)))

    def _take_back(self, name: str) -> None:
        """Withdraw what this connection stored under a name that it stores again."""
        for uploads in (self._new, self._odd):
            upload = uploads.pop(name, None)
            if upload and name not in self.folder.uploads:
                with suppress(OSError):
                    self.folder.withdraw(upload)

    def _open(self, cmd: str, upload: Upload) -> None:
        if self.data_channel is None:
            self._in_dtp_queue = upload, cmd
            self.respond("150 Ready for data.")
        else:
            self.data_channel.file_obj = upload
            self.data_channel.enable_receiving(self._current_type, cmd)
            self.respond("125 Ready for data.")

    def _drop_queued(self) -> None:
        """Close a file that waits for a data connection that never came."""
        if self._in_dtp_queue is not None:
            with suppress(OSError):
                self._in_dtp_queue[0].close()
            self._in_dtp_queue = None

    def flush_account(self) -> None:
        """Forget the log-in."""
        self._told.clear()
        self._drop_queued()
        super().flush_account()

    def ftp_ABOR(self, line: str) -> None:  # noqa: N802 - pyftpdlib's
        """End a transfer that runs; an upload is cut."""
        self._cut = Cut.ABORTED
        try:
            super().ftp_ABOR(line)
        finally:
            self._cut = Cut.LOST

    def ftp_SIZE(self, path: str) -> None:  # noqa: N802 - pyftpdlib's
        """Give a size; who knows it may rename an upload that was cut after its last octet."""
        super().ftp_SIZE(path)
        name = name_in(path)
        self._told.pop(name, None)
        if self._current_type == "i" and (size := self.folder.size_so_far(name)) >= 0:
            self._told[name] = size

    def ftp_RNFR(self, path: str) -> None:  # noqa: N802 - pyftpdlib's
        """Name the file to rename."""
        self._rnfr = None
        try:
            name = name_in(path)
            self.folder.check_rename(name, self._told.get(name))
        except OSError as error:
            self.respond(f"550 {strerror(error)}.")
        else:
            self._rnfr = path
            self.respond("350 Ready for the new name.")

    def ftp_RNTO(self, path: str) -> None:  # noqa: N802 - pyftpdlib's
        """Rename a file, and take it if the name is final, before the client hears of it."""
        if not self._rnfr:
            self.respond("503 Bad sequence of commands: use RNFR first.")
            return
        name, final = name_in(self._rnfr), name_in(path)
        self._rnfr = None
        if not names.is_temporary(final) and self._is_full():
            self.respond(f"451 {FULL}")
            return
        try:
            self.folder.rename(name, final, self._told.get(name))
        except OSError as error:
            self.respond(f"550 {strerror(error)}.")
            return
        for uploads in (self._new, self._odd):
            uploads.pop(name, None)
            uploads.pop(final, None)
        if names.is_temporary(final) or self._take(name, final):
            self.respond("250 File renamed.")
        else:
            self.respond("451 The file could not be taken: try again.")

    def _take(self, name: str, final: str) -> bool:
        """Have a file taken; if that fails, it gets its earlier name, for another try."""
        try:
            self.server.taker.take(self.folder.account.folder, final)
        except Exception:  # noqa: BLE001 - no fault of theirs may end the server
            self.log_exception(self)
            with suppress(OSError):
                return not self.folder.undo_rename(name, final)
            return False
        return True

    def ftp_MKD(self, _path: str) -> None:  # noqa: N802 - pyftpdlib's
        """Refuse to make or remove folders."""
        self.respond(f"550 {NO_FOLDERS}")

    ftp_RMD = ftp_MKD  # noqa: N815 - pyftpdlib's

    def ftp_CWD(self, path: str) -> None:  # noqa: N802 - pyftpdlib's
        """Stay in the one folder."""
        if self.fs.isdir(path):
            self.respond('250 "/" is the current directory.')
        else:
            self.ftp_MKD(path)

    def ftp_STAT(self, path: str) -> None:  # noqa: N802 - pyftpdlib's
        """Tell nothing of the server; a file's state as in pyftpdlib."""
        if path:
            super().ftp_STAT(path)
        else:
            self.respond("211 Ready.")

    def ftp_NOOP(self, _line: str) -> None:  # noqa: N802 - pyftpdlib's
        """Do nothing."""
        self.respond("200 OK.")

    def ftp_QUIT(self, line: str) -> None:  # noqa: N802 - pyftpdlib's
        """End the session."""
        self.dismissed = True
        super().ftp_QUIT(line)

    def handle_timeout(self) -> None:
        """End an idle session."""
        self.dismissed = True
        super().handle_timeout()


def _resume_at(start: int | None) -> Callable[[Folder, str], Upload]:
    return lambda folder, name: folder.resume(name, start)


def _has_input(sock: object) -> bool:
    """Whether commands have arrived that nobody has read."""
    if isinstance(sock, SSL.Connection) and sock.pending():
        return True
    descriptor = sock.fileno()  # type: ignore[attr-defined]
    if hasattr(select, "poll"):
        poller = select.poll()
        poller.register(descriptor, select.POLLIN)
        return bool(poller.poll(0))
    return bool(select.select([descriptor], [], [], 0)[0])
