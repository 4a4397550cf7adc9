"""The FTP server: a thread with a loop of its own.

server = FtpServer(settings, data, log_ins, taker, tell)
host, port = server.start()
...
server.close()
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from OpenSSL import SSL

from smsgate import masking
from smsgate.errors import OutboxError, reason
from smsgate.gateway.ftp import addresses, certificate
from smsgate.gateway.ftp.commands import COMMANDS, PLAIN_COMMANDS
from smsgate.gateway.ftp.data import Data
from smsgate.gateway.ftp.folders import Folder
from smsgate.gateway.ftp.handler import Session
from smsgate.gateway.ftp.library import FTPServer, IOLoop
from smsgate.gateway.ftp.protocols import FtpAccount, LogIns, Taker, Tell
from smsgate.gateway.guesses import Guesses
from smsgate.gateway.settings import FtpSettings, Tls

_TICK = 0.1  # seconds after which the thread notices that it shall end
_PAUSE = 0.5  # seconds after an error that may come again at once


class FtpServer:
    """Serves the accounts of ``accounts``; ``data`` is the gateway's folder, for its certificate.

    ``accounts``, ``taker`` and ``tell`` are called in the server's thread.
    """

    def __init__(
        self, settings: FtpSettings, data: Path, accounts: LogIns, taker: Taker, tell: Tell
    ) -> None:
        self._settings = settings
        self._data = data
        self._parts = accounts, taker, tell
        self._ending = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> tuple[str, int]:
        """Listen; the host and port. Raises OutboxError."""
        settings = addresses.looked_up(self._settings)
        contexts = self._contexts()
        try:
            self._listener = Listener(settings, contexts, *self._parts)
        except OSError as error:
            place = f"{settings.host}:{settings.port}"
            inner = error.args[0] if error.args else error  # pyftpdlib wraps errors in errors
            why = reason(inner if isinstance(inner, OSError) else error)
            raise OutboxError(f"cannot serve FTP on {place}: {why}") from error
        host, port = self._listener.address
        self._thread = threading.Thread(target=self._serve, name="gateway-ftp", daemon=True)
        self._thread.start()
        return host, port

    def _contexts(self) -> Contexts:
        settings = self._settings
        if settings.tls is Tls.OFF:
            return Contexts(SSL.Context(SSL.TLS_SERVER_METHOD), SSL.Context(SSL.TLS_SERVER_METHOD))
        path = settings.certificate or certificate.ensure(
            self._data, (settings.host, settings.public_address), time.time()
        )
        contexts = Contexts(_context(path), _context(path))
        contexts.data.set_max_proto_version(SSL.TLS1_2_VERSION)
        return contexts

    def _serve(self) -> None:
        loop, wait = self._listener.ioloop, 0.0
        while not self._ending.is_set():
            try:
                wait = loop.loop(min(_TICK, wait), blocking=False)
            except Exception as error:  # noqa: BLE001 - no error of one client ends the server
                self._listener.tell(f"FTP: internal error: {error!r}")
                self._ending.wait(_TICK)
            wait = _TICK if wait is None else wait
        self._listener.ending = True
        self._listener.close_all()

    def renew(self, settings: FtpSettings) -> None:
        """Take a certificate and limits from now on, for new clients; raises OutboxError.

        Host, port, public address and the kind of TLS stay.
        """
        self._settings = settings
        contexts = self._contexts()
        if self._thread:
            self._listener.renew(settings, contexts)

    def quiesce(self) -> None:
        """Refuse new connections and new uploads; those that run go on."""
        if self._thread:
            self._listener.quiescing = True

    @property
    def running(self) -> int:
        """How many uploads are running."""
        return sum(len(folder.uploads) for folder in list(self._listener.folders.values()))

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._listener.ip_map)

    def close(self) -> None:
        """End all connections and the thread."""
        if self._thread:
            self._ending.set()
            self._thread.join()
            self._thread = None


class Contexts(NamedTuple):
    """TLS of the two kinds of connections.

    On data connections it is 1.2. With 1.3 the server sends tickets, which clients do not read
    while they send a file; when they close, the system then resets the connection and may drop the
    last octets. pyOpenSSL cannot do without the tickets.
    """

    control: SSL.Context
    data: SSL.Context


def _context(path: Path) -> SSL.Context:
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION)
    context.set_session_id(b"ftp")
    try:
        context.use_certificate_chain_file(str(path))
        context.use_privatekey_file(str(path))
        context.check_privatekey()
    except SSL.Error as error:
        raise OutboxError(
            f"cannot use {path}: expected a PEM file with a certificate and its key"
        ) from error
    return context


class Listener(FTPServer):  # type: ignore[misc]
    """The listening socket, and what all connections share. Raises OSError."""

    def __init__(
        self,
        settings: FtpSettings,
        contexts: Contexts,
        log_ins: LogIns,
        taker: Taker,
        tell: Tell,
    ) -> None:
        self.log_ins = log_ins
        self.taker = taker
        self.guesses = Guesses()
        self.folders: dict[str, Folder] = {}  # by api_id
        self.quiescing = False
        self.ending = False
        self._settings = settings
        self._tell = tell
        self._sessions: Counter[str] = Counter()  # by api_id
        self.max_cons = settings.connections
        self.max_cons_per_ip = settings.per_address
        super().__init__((settings.host, settings.port), _handler(settings, contexts), IOLoop())

    def renew(self, settings: FtpSettings, contexts: Contexts) -> None:
        """Take other settings for new connections; the host's address is resolved already."""
        address = self._settings.public_address
        self._settings = replace(settings, host=self._settings.host, public_address=address)
        self.max_cons = settings.connections
        self.max_cons_per_ip = settings.per_address
        self.handler = _handler(self._settings, contexts)
        for folder in list(self.folders.values()):
            folder.renew(settings)

    def tell(self, line: str) -> None:
        """Pass on a line for people."""
        self._tell(masking.cleaned(line))

    def folder(self, account: FtpAccount) -> Folder:
        """An account's folder; raises OSError."""
        found = self.folders.get(account.api_id)
        if found is None or found.account != account:
            found = self.folders[account.api_id] = Folder(account, self._settings)
        return found

    def enter(self, account: FtpAccount) -> bool:
        """Count a connection of an account, unless it has as many as it may."""
        if self._sessions[account.api_id] >= self._settings.per_account:
            return False
        self._sessions[account.api_id] += 1
        return True

    def leave(self, account: FtpAccount) -> None:
        """Count a connection no more."""
        self._sessions[account.api_id] -= 1
        if not self._sessions[account.api_id]:
            del self._sessions[account.api_id]

    def _map_len(self) -> int:
        """Connections: control connections only, because each has at most one for data."""
        return len(self.ip_map)

    def handle_accept(self) -> None:
        """Accept a connection; out of descriptors, try again later."""
        try:
            super().handle_accept()
        except OSError as error:
            self.tell(f"FTP: cannot accept connections: {reason(error)}")
            self.del_channel()
            self.call_later(_PAUSE, self.add_channel)

    def handle_error(self) -> None:
        """Go on: the server ends only when it is told to."""


def _handler(settings: FtpSettings, contexts: Contexts) -> type[Session]:
    required = settings.tls is Tls.REQUIRED
    passive = settings.passive_ports
    return type(
        "Session",
        (Session,),
        {
            "ssl_context": contexts.control,
            "data_context": contexts.data,
            "tls_control_required": required,
            "tls_data_required": required,
            "proto_cmds": PLAIN_COMMANDS if settings.tls is Tls.OFF else COMMANDS,
            "timeout": settings.idle,
            "passive_ports": None if passive is None else tuple(passive),
            "masquerade_address": settings.public_address or None,
            "dtp_handler": type("Data", (Data,), {"timeout": settings.idle}),
        },
    )
