"""Log-ins: TLS first where it is required, wrong passwords answered later and later."""

from __future__ import annotations

import sys
import time
from collections import deque
from functools import partial

from smsenc import SmsencError
from smsgate.gateway.ftp.commands import PORTS
from smsgate.gateway.ftp.filesystem import FileSystem
from smsgate.gateway.ftp.folders import Folder
from smsgate.gateway.ftp.library import TLS_FTPHandler
from smsgate.gateway.ftp.protocols import FtpAccount
from smsgate.gateway.ftp.replies import SHUTTING_DOWN
from smsgate.gateway.problems import said

_DEADLINE = 60.0  # seconds to log in
_MOST_WAITING = 16  # commands sent before the answer to a log-in
_FAILED = "421 The log-in could not be checked: try again later."


class Authorizer:
    """What pyftpdlib asks about users who are logged in; ``LoggingIn`` lets them in."""

    def has_perm(self, _user: str, perm: str, _path: object = None) -> bool:
        """Whether users may do this; what it is about is checked elsewhere."""
        return perm in self.get_perms(_user)

    def get_perms(self, _user: str) -> str:
        """All but permissions and times of files."""
        return "elradfwm"

    def get_msg_quit(self, _user: str) -> str:
        """The reply to QUIT."""
        return "Goodbye."

    def impersonate_user(self, _user: str, _password: str) -> None:
        """Do nothing: users are not known to the system."""

    def terminate_impersonation(self, _user: str) -> None:
        """Do nothing."""


class LoggingIn(TLS_FTPHandler):  # type: ignore[misc]
    """A connection from its beginning to its log-in; ``server`` is a ``server.Listener``."""

    authorizer = Authorizer()
    banner = "FTP server ready"
    folder: Folder

    def __init__(self, *arguments: object, **named: object) -> None:
        self._waiting = False  # for the answer to a log-in
        self._later: deque[tuple[str, str, str]] = deque()
        self._account: FtpAccount | None = None  # counted by the server
        super().__init__(*arguments, **named)
        self._extra_feats = [one for one in ("AUTH TLS", "PBSZ", "PROT") if self._has(one)]
        self._current_facts = ["type", "perm", "size", "modify"]
        self._available_facts = list(self._current_facts)

    def _has(self, feature: str) -> bool:
        return feature.partition(" ")[0] in self.proto_cmds

    # Connections --------------------------------------------------------------------------------

    def on_connect(self) -> None:
        """Refuse new connections before the end, and those that do not log in."""
        if self.server.quiescing:
            self.dismiss(f"421 {SHUTTING_DOWN}")
        else:
            self.call_later(_DEADLINE, self._check_deadline)

    def _check_deadline(self) -> None:
        if not self.authenticated:
            self.dismiss("421 No log-in.")

    def dismiss(self, reply: str) -> None:
        """Say why, and end the connection."""
        self.respond(reply)
        self.close_when_done()

    def close(self) -> None:
        """Close, and let another connection of the account in."""
        super().close()
        self._leave()

    def _leave(self) -> None:
        if self._account is not None:
            self.server.leave(self._account)
            self._account = None

    def handle_error(self) -> None:
        """Tell of an internal error, and end this connection only."""
        self._error = True
        self.log_exception(self)
        self.close()

    def log(self, msg: str, logfun: object = None) -> None:
        """Nothing: what pyftpdlib logs holds commands as they came."""

    logline = log

    def log_cmd(self, *_: object, **__: object) -> None:
        """Nothing."""

    log_transfer = logerror = log_cmd

    def log_exception(self, _instance: object) -> None:
        """Tell of the error that is being handled."""
        error = sys.exc_info()[1]
        if isinstance(error, (SmsencError, OSError)):
            self.server.tell(f"FTP: {said(error)}")
        else:
            self.server.tell(f"FTP: internal error: {error!r}")

    # Commands -----------------------------------------------------------------------------------

    def pre_process_command(self, line: str, cmd: str, arg: str) -> None:
        """Execute a command when a log-in that came before it is answered."""
        if not self._waiting:
            self.run_command(line, cmd, arg)
        elif len(self._later) < _MOST_WAITING:
            self._later.append((line, cmd, arg))
        else:
            self.dismiss("421 Too many commands.")

    def run_command(self, line: str, cmd: str, arg: str) -> None:
        """Execute a command, unless it would need TLS."""
        if self.closed or self._closing:
            return
        if cmd in ("USER", "PASS") and self.tls_control_required and not self._ssl_established:
            self.respond("530 TLS is required: use AUTH TLS first.")
        elif cmd in PORTS and self.tls_data_required and not self._prot:
            self.respond("521 TLS is required on data connections: use PROT P first.")
        else:
            super().pre_process_command(line, cmd, arg)

    @property
    def closed(self) -> bool:
        """Whether the connection has ended."""
        return bool(self._closed)

    def ftp_AUTH(self, line: str) -> None:  # noqa: N802 - pyftpdlib's
        """Begin TLS; what was sent before it is not read as if it had come over TLS."""
        super().ftp_AUTH(line)
        if self._ssl_requested:
            self.ac_in_buffer = b""
            self.username = ""

    def ftp_PASS(self, line: str) -> None:  # noqa: N802 - pyftpdlib's
        """Check a password, after some time if there were wrong ones of this user and address."""
        if self.authenticated:
            self.respond("503 You are logged in already.")
        elif not self.username:
            self.respond("503 Use USER first.")
        elif delay := self._delay():
            self._waiting = True
            self.call_later(delay, partial(self._answer, line))
        else:
            self._check(line)

    def _delay(self) -> float:
        delay: float = self.server.guesses.delay(self.remote_ip, self.username, time.monotonic())
        return delay

    def _answer(self, password: str) -> None:
        self._waiting = False
        self._check(password)
        while self._later and not self._waiting and not self.closed:
            self.run_command(*self._later.popleft())

    def _check(self, password: str) -> None:
        try:
            account = self.server.log_ins.check(self.username, password, self.remote_ip)
            folder = account and self.server.folder(account)
        except Exception:  # noqa: BLE001 - no fault of theirs may end the server
            self.log_exception(self)
            self.dismiss(_FAILED)
            return
        if account is None or folder is None:
            self._refuse()
            return
        self.server.guesses.succeeded(self.remote_ip, self.username)
        if not self.server.enter(account):
            self.dismiss("421 Too many connections of this account.")
        else:
            self._account, self.folder = account, folder
            self._let_in()

    def _let_in(self) -> None:
        self.authenticated = True
        self.attempted_logins = 0
        self.fs = FileSystem(self.folder, self)
        self.respond("230 Logged in.")

    def _refuse(self) -> None:
        count = self.server.guesses.failed(self.remote_ip, self.username, time.monotonic())
        self.server.tell(f"FTP: log-in from {self.remote_ip} refused ({count} recently)")
        self.username = ""
        self.attempted_logins += 1
        if self.attempted_logins < self.max_login_attempts:
            self.respond("530 Log-in failed.")
        else:
            self.dismiss("530 Log-in failed. Goodbye.")

    def flush_account(self) -> None:
        """Forget the log-in."""
        super().flush_account()
        self._leave()
