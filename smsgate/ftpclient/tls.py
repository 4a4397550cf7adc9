"""ftplib with what it lacks: implicit TLS, TLS session reuse, bounded replies, batches."""

from __future__ import annotations

import ftplib
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

from smsenc import OptionError

_LONGEST_REPLY = 1000  # lines; ftplib itself has no limit


def make_context(ca_file: Path | None, *, verify: bool) -> ssl.SSLContext:
    """TLS 1.2 or newer; raises OptionError for authorities that cannot be read."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise OptionError("expected a PEM file of certificates", name="ca_file") from error
    if not verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class Client(ftplib.FTP_TLS):
    """The control and data connections to one server; raises what ftplib raises.

    The control connection is read and written as ISO-8859-1, which has a character for each octet.
    """

    def __init__(self, context: ssl.SSLContext, timeout: float) -> None:
        super().__init__(context=context, timeout=timeout, encoding="latin-1")

    def connect_tls(self, host: str, port: int) -> None:
        """Connect with implicit TLS: the handshake comes before the welcome."""
        self.host, self.port = host, port
        plain = socket.create_connection((host, port), self.timeout)
        self.sock = self._wrapped(plain, None)
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()

    def ntransfercmd(
        self, cmd: str, rest: int | str | None = None
    ) -> tuple[socket.socket, int | None]:
        """As in ftplib, but the data channel continues the TLS session of the control channel.

        vsftpd (522) and proftpd (425) require this, so that nobody else can use the data port. In
        TLS 1.3 the tickets for it follow the handshake, with the first replies (RFC 8446, 4.6.1).
        """
        plain, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 - TLS is added below
        if not isinstance(self.sock, ssl.SSLSocket):
            return plain, size
        return self._wrapped(plain, self.sock.session), size

    def _wrapped(self, plain: socket.socket, session: ssl.SSLSession | None) -> ssl.SSLSocket:
        try:
            # So that close_notify is sent at once and does not wait for an ACK of the octets.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return self.context.wrap_socket(plain, server_hostname=self.host, session=session)
        except BaseException:
            plain.close()
            raise

    def put_lines(self, lines: Sequence[str]) -> None:
        """Write several commands at once; their replies will come in the same order."""
        octets = "".join(f"{line}\r\n" for line in lines)
        if octets.count("\n") != len(lines) or octets.count("\r") != len(lines):
            raise ValueError("a line end in a command")
        if self.sock is None:
            raise EOFError
        self.sock.sendall(octets.encode(self.encoding))

    def getmultiline(self) -> str:
        """One reply, which may have several lines; raises ftplib.error_proto if it has too many."""
        lines = [self.getline()]
        code, more = lines[0][:3], lines[0][3:4] == "-"
        while more:
            if len(lines) == _LONGEST_REPLY:
                raise ftplib.error_proto("a reply without end")  # noqa: S321 - an error
            lines.append(self.getline())
            more = lines[-1][:3] != code or lines[-1][3:4] == "-"
        return "\n".join(lines)
