"""ftplib with what it lacks: deadlines, implicit TLS, TLS session reuse, bounds, batches."""

from __future__ import annotations

import ftplib
import re
import socket
import ssl
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from smsgate.ftpclient import passive, replies
from smsgate.ftpclient.data import connected
from smsgate.ftpclient.deadline import Deadline

_LONGEST_REPLY = 1000  # lines
_LONGEST_LINE = 8192  # octets
_LONGEST_DELAY = 600  # seconds that a server may say it needs before it is ready
_LEAVE_TIMEOUT = 5.0  # seconds to wait for the reply to a transfer that we ended
_UNDERSTOOD = ("234", "334")  # replies to AUTH TLS; some servers send the second
_COMMANDS = {socket.AF_INET: ("PASV", "EPSV"), socket.AF_INET6: ("EPSV", "PASV")}


class Client(ftplib.FTP_TLS):
    """The control and data connections to one server; raises what ftplib raises.

    The control connection is read and written as ISO-8859-1, which has a character for each octet.
    ``seconds`` is the limit for each step: a connection, a handshake, a complete reply.
    ``in_doubt`` is true while replies to commands that were sent together are missing.
    """

    in_doubt = False

    def __init__(self, context: ssl.SSLContext | None, seconds: float) -> None:
        super().__init__(context=context, timeout=seconds, encoding="latin-1")
        self._seconds = seconds
        self._lines: deque[str] = deque()  # that arrived on the control connection
        self._unread = b""  # and the begin of another
        self._passive: tuple[str, ...] = ()
        self._is_proven = False  # whether the first of them has worked
        self._peer: tuple[Any, ...] = ()

    # Connections ---------------------------------------------------------------------------------

    def open(self, host: str, port: int, *, implicit: bool) -> None:
        """Connect and read the greeting; with ``implicit``, the TLS handshake comes before it."""
        self.host, self.port = host, port
        self.sock = connected(host, port, Deadline(self._seconds))
        self.af = self.sock.family
        self._peer = self.sock.getpeername()
        self._passive = _COMMANDS[self.af]
        if implicit:
            self.sock = self._wrapped(self.sock, None)
        self.welcome = self._greeting()

    def _greeting(self) -> str:
        """The reply 220; after "120 ready in 5 minutes" it may come later (RFC 959, 5.4)."""
        reply = self.getresp()
        if reply[:1] == "1":
            minutes = int((re.findall(r"\b\d{1,3}\b", reply[3:]) or ["0"])[0])
            end = Deadline(min(60 * minutes, _LONGEST_DELAY) + self._seconds)
            while reply[:1] == "1":
                reply = self.getresp(end)
        if reply[:1] != "2":
            raise ftplib.error_reply(reply)  # noqa: S321 - an error
        return reply

    def start_tls(self) -> None:
        """AUTH TLS and the handshake."""
        reply = self.sendcmd("AUTH TLS")
        if reply[:3] not in _UNDERSTOOD or self.sock is None:
            raise ftplib.error_reply(reply)  # noqa: S321 - an error
        if self._lines or self._unread:  # they would be read as if they had come encrypted
            raise replies.UnusableError("octets before TLS began: somebody may have inserted them")
        self.sock = self._wrapped(self.sock, None)

    def _wrapped(self, plain: socket.socket, session: ssl.SSLSession | None) -> ssl.SSLSocket:
        try:
            plain.settimeout(self._seconds)
            # So that close_notify is sent at once and does not wait for an ACK of the octets.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return self.context.wrap_socket(plain, server_hostname=self.host, session=session)
        except BaseException:
            plain.close()
            raise

    def makepasv(self) -> tuple[Any, ...]:
        """Where to connect for data: with the command that worked last, or else with the other."""
        refusal: ftplib.Error | None = None
        for command in self._passive:
            try:
                port = passive.port_of(self.sendcmd(command))
            except (ftplib.error_perm, replies.UnusableError) as error:
                refusal = refusal or error
            else:
                self._passive = (command, *(c for c in self._passive if c != command))
                self._is_proven = True
                return self._address(port)
        raise refusal or EOFError

    def _address(self, port: int) -> tuple[Any, ...]:
        host, _, *more = self._peer
        return (host, port, *more)

    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        """As in ftplib, but the data channel continues the TLS session of the control channel.

        vsftpd (522) and proftpd (425) require this, so that nobody else can use the data port. In
        TLS 1.3 the tickets for it follow the handshake, with the first replies (RFC 8446, 4.6.1).
        """
        channel = self._data_channel(self.makepasv())
        try:
            if rest is not None:
                self.sendcmd(f"REST {rest}")
            self.putline(cmd)
            self._read_begin(None)
            if isinstance(self.sock, ssl.SSLSocket):
                channel = self._wrapped(channel, self.sock.session)
        except BaseException:
            channel.close()
            raise
        return channel, None

    def _data_channel(self, address: tuple[Any, ...]) -> socket.socket:
        channel = socket.socket(self.af, socket.SOCK_STREAM)
        try:
            channel.settimeout(self._seconds)
            channel.connect(address)
        except BaseException:
            channel.close()
            raise
        return channel

    def _read_begin(self, end: Deadline | None) -> None:
        """The reply that says that a transfer begins."""
        reply = self.getmultiline(end)
        if reply[0] == "2":  # some servers send 200 before 150
            reply = self.getmultiline(end)
        if reply[0] != "1" and not replies.is_refusal(reply):
            raise ftplib.error_reply(reply)  # noqa: S321 - an error
        self.in_doubt = False
        if reply[0] != "1":
            raise replies.refusal(reply)

    def _sent_with_passive(self, command: str) -> socket.socket | None:
        """The data channel of a command that is sent together with PASV or EPSV.

        The reply to the command is still to be read. None if the server has no port for it.
        """
        self.in_doubt = True
        self.put_lines((self._passive[0], command))
        reply = self.getmultiline()
        try:
            port = passive.port_of(reply)
        except replies.UnusableError:
            self._is_proven = False
            self._read_refusal()
            return None
        return self._data_channel(self._address(port))

    def _read_refusal(self) -> None:
        reply = self.getmultiline()
        if not replies.is_refusal(reply):
            raise ftplib.error_reply(reply)  # noqa: S321 - an error
        self.in_doubt = False

    @contextmanager
    def transfer(
        self, command: str, start: int, *, ahead: bool = False
    ) -> Iterator[tuple[socket.socket, Deadline]]:
        """A data channel and its deadline; at the end, the server's reply is read.

        With ``ahead`` the command and the octets are sent before the server is ready for them, once
        it is known how it tells a port: a reader has to ask whether all octets have arrived.
        """
        channel = None
        if ahead and self._is_proven and not (start or isinstance(self.sock, ssl.SSLSocket)):
            channel = self._sent_with_passive(command)
        channel = channel or self.transfercmd(command, start or None)
        end = Deadline(self._seconds)
        broken: OSError | None = None
        try:
            with channel:
                yield channel, end
        except TimeoutError:
            raise
        except OSError as error:
            broken = error  # the control channel may say why
        except (GeneratorExit, replies.UnusableError):
            self._leave_transfer()
            raise
        except BaseException:
            self.close()
            raise
        self._finish(end)
        if broken:
            raise broken

    def _finish(self, end: Deadline) -> None:
        """The reply after a transfer: within the usual time, or until ``end`` if that is later."""
        end.at_least(self._seconds)
        if self.in_doubt:
            self._read_begin(end)
        reply = self.getresp(end)
        if reply[0] != "2":
            raise ftplib.error_reply(reply)  # noqa: S321 - an error

    def _leave_transfer(self) -> None:
        """Read the reply to a transfer that was not finished; without one, close."""
        try:
            self.getmultiline(Deadline(min(self._seconds, _LEAVE_TIMEOUT)))
        except (OSError, EOFError, ftplib.Error):
            self.close()  # the next command finds the connection closed

    # Commands and replies ------------------------------------------------------------------------

    def _control(self) -> socket.socket:
        if self.sock is None:
            raise EOFError
        return self.sock

    def put_lines(self, lines: Sequence[str]) -> None:
        """Write several commands at once; their replies will come in the same order."""
        octets = "\r\n".join(lines) + "\r\n"
        if octets.count("\n") != len(lines) or octets.count("\r") != len(lines):
            raise ValueError("a line end in a command")
        # The time that the last reply left is enough: a few commands fit into any socket buffer.
        self._control().sendall(octets.encode(self.encoding))

    def putline(self, line: str) -> None:
        """Write one command."""
        self.put_lines((line,))

    def getresp(self, end: Deadline | None = None) -> str:
        """One reply, which must come before ``end``; a negative one is an error."""
        reply = self.getmultiline(end)
        if replies.is_refusal(reply):
            raise replies.refusal(reply)
        if reply[:1] not in ("1", "2", "3"):
            raise ftplib.error_proto(reply)  # noqa: S321 - an error
        return reply

    def getmultiline(self, end: Deadline | None = None) -> str:
        """One reply, which may have several lines; raises ftplib.error_proto if it has too many."""
        end = end or Deadline(self._seconds)
        lines = [self._line(end)]
        code, more = lines[0][:3], lines[0][3:4] == "-"
        if not (len(code) == 3 and code.isascii() and code.isdecimal()):
            raise ftplib.error_proto(lines[0])  # noqa: S321 - an error
        while more:
            if len(lines) == _LONGEST_REPLY:
                raise ftplib.error_proto("a reply without end")  # noqa: S321 - an error
            lines.append(self._line(end))
            more = lines[-1][:3] != code or lines[-1][3:4] == "-"
        return "\n".join(lines)

    def _line(self, end: Deadline) -> str:
        if not self._lines:
            self._read_lines(end)
        return self._lines.popleft()

    def _read_lines(self, end: Deadline) -> None:
        """Wait for the end of a line; others may arrive with it."""
        control = self._control()
        while not self._lines:
            control.settimeout(end.left())
            octets = control.recv(_LONGEST_LINE)
            if not octets:
                raise EOFError
            found = (self._unread + octets).split(b"\n")
            # Only the first was perhaps begun before; octets has no more than a line may have.
            if len(found[0]) > _LONGEST_LINE:
                raise ftplib.error_proto(f"a line of more than {_LONGEST_LINE} octets")  # noqa: S321
            self._unread = found.pop()
            self._lines.extend([str(line.rstrip(b"\r"), self.encoding) for line in found])
