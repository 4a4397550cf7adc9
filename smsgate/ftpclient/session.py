"""One log-in to an FTP server (RFC 959), with TLS as RFC 4217 has it: names, sizes, octets.

The three errors that come out of here are what a sender needs to tell apart: GatewayLostError
(connect again and look), GatewayBusyError (the same again later), GatewayError (never).
"""

from __future__ import annotations

import ftplib
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Self

from smsenc import OptionError
from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError
from smsgate.ftpclient.login import LogIn

_CHUNK = 1 << 16  # octets given to the network at a time
_LONGEST_REPLY = 1000  # lines; ftplib itself reads on for ever
_LONGEST_SHOWN = 200  # characters of a reply in an error
_NO_SUCH_FILE = 550  # RFC 3659, 4.3: also the answer to SIZE for what is not there
_CLOSING = 421  # "service not available, closing control connection"
_MOST_NAMES = 5_000_000  # in a listing
_MOST_RETRIEVED = 64 << 20  # octets of a log
_FAREWELL = 5.0  # seconds for the server's close_notify on a data channel
_AT_ONCE = 64  # commands under way together: their octets fit the smallest of buffers


class Security(StrEnum):
    """How the connection is protected, as ``--security`` names it."""

    EXPLICIT = "explicit"  # AUTH TLS on the usual port (RFC 4217, 4)
    IMPLICIT = "implicit"  # TLS from the first octet, port 990
    NONE = "none"  # plain FTP: log-in and messages readable on the way


_PORTS = {Security.EXPLICIT: 21, Security.IMPLICIT: 990, Security.NONE: 21}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """Where to, and how. ``port`` 0 is the usual one; ``timeout`` is in seconds, for each answer.

    ``ca_file`` (PEM) takes the place of the system's authorities. Raises OptionError.
    """

    host: str
    port: int = 0
    folder: str = ""
    security: Security = Security.EXPLICIT
    ca_file: Path | None = None
    verify: bool = True
    timeout: float = 30.0

    def __post_init__(self) -> None:
        _check_line("host", self.host)
        _check_line("folder", self.folder)
        if not self.host:
            raise OptionError("expected a host, found none", name="host")
        if not 0 <= self.port <= 0xFFFF:
            raise OptionError(f"expected a port up to 65535, found {self.port}", name="port")
        if not 0 < self.timeout <= 3600:
            raise OptionError(f"expected 1 to 3600 seconds, found {self.timeout:g}", name="timeout")

    @property
    def target(self) -> str:
        """``host:port/folder``: the same server and folder give the same text."""
        port = self.port or _PORTS[self.security]
        return f"{self.host.lower()}:{port}/{self.folder.strip('/')}"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What an eavesdropper could learn from this choice, or nothing."""
        if self.security is Security.NONE:
            return ("plain FTP: the log-in and the messages can be read on the way",)
        if not self.verify:
            return ("the server's certificate is not checked: anyone on the way can pose as it",)
        return ()


def _check_line(name: str, text: str) -> None:
    # A line end would end the command, and what follows would be a command of its own.
    if not text.isprintable():
        raise OptionError("expected printable characters, found others", name=name)


def _context(server: Server) -> ssl.SSLContext:
    """TLS 1.2 or newer; raises OptionError for authorities that cannot be read."""
    try:
        context = ssl.create_default_context(cafile=server.ca_file)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise OptionError("expected a PEM file of certificates", name="ca_file") from error
    if not server.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


class _Ftp(ftplib.FTP_TLS):
    """ftplib with what it lacks: implicit TLS, session reuse, an end to long replies.

    The control connection is read as ISO-8859-1, which every octet fits; what is sent is UTF-8
    already (``_wire``).
    """

    def __init__(self, server: Server) -> None:
        super().__init__(context=_context(server), timeout=server.timeout, encoding="latin-1")
        self._security = server.security

    def connect(self, *address: Any, **more: Any) -> str:
        """As in ftplib; TLS comes before the welcome where it is implicit."""
        if self._security is not Security.IMPLICIT:
            return super().connect(*address, **more)
        self.host, self.port = address
        plain = socket.create_connection((self.host, self.port), self.timeout)
        self.sock = self._wrapped(plain, None)
        self.af = self.sock.family
        self.file = self.sock.makefile("r", encoding=self.encoding)
        self.welcome = self.getresp()
        return self.welcome

    def ntransfercmd(self, cmd: str, rest: int | str | None = None) -> tuple[socket.socket, Any]:
        """As in ftplib, and the data channel continues the control channel's TLS session.

        vsftpd (522) and proftpd (425) want it, so that nobody else can connect to the data port.
        Under TLS 1.3 tickets come after the handshake, with the first answers (RFC 8446, 4.6.1):
        by now they are there.
        """
        plain, size = ftplib.FTP.ntransfercmd(self, cmd, rest)  # noqa: S321 - wrapped below where TLS is
        if not isinstance(self.sock, ssl.SSLSocket):
            return plain, size
        return self._wrapped(plain, self.sock.session), size

    def _wrapped(self, plain: socket.socket, session: ssl.SSLSession | None) -> ssl.SSLSocket:
        try:
            # close_notify follows the octets at once; else it would wait for their late ACK.
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return self.context.wrap_socket(plain, server_hostname=self.host, session=session)
        except BaseException:
            plain.close()
            raise

    def put_lines(self, lines: Sequence[str]) -> None:
        """Write commands in one go; their replies will come in the same order."""
        octets = "".join(f"{line}\r\n" for line in lines)
        if octets.count("\n") != len(lines) or octets.count("\r") != len(lines):
            raise ValueError("a line end in a command")
        if self.sock is None:
            raise EOFError
        self.sock.sendall(octets.encode(self.encoding))

    def getmultiline(self) -> str:
        """A whole reply; raises ftplib.error_proto when it does not end."""
        lines = [self.getline()]
        code, more = lines[0][:3], lines[0][3:4] == "-"
        while more:
            if len(lines) == _LONGEST_REPLY:
                raise ftplib.error_proto("a reply without end")  # noqa: S321 - an error
            lines.append(self.getline())
            more = lines[-1][:3] != code or lines[-1][3:4] == "-"
        return "\n".join(lines)


class Session:
    """A log-in to ``server``, in its folder, for binary transfers; raises GatewayError.

    While ``pipelined``, commands are written before the answers to earlier ones are there. RFC 959
    does not promise that a server bears it: ``in_doubt`` is true from the first of such commands to
    the last of their answers, and stays so when those do not come or do not fit. Nothing is written
    beside a transfer, where servers differ (proftpd answers 450), and no octets before its 1yz
    (pyftpdlib loses them).
    """

    def __init__(self, server: Server, log_in: LogIn) -> None:
        self.pipelined = True
        self.in_doubt = False
        self._secret = log_in.password
        self._timeout = server.timeout
        self._ftp = _Ftp(server)
        try:
            self._open(server, log_in)
        except BaseException:
            self._ftp.close()
            raise

    def _open(self, server: Server, log_in: LogIn) -> None:
        with self._answer(f"a server at {server.target}"):
            self._ftp.connect(server.host, server.port or _PORTS[server.security])
        if server.security is Security.EXPLICIT:
            with self._answer("TLS (security explicit)"):
                self._ftp.auth()
        with self._answer("the log-in to be accepted"):
            self._ftp.login(_wire(log_in.user), _wire(log_in.password), secure=False)
        if server.security is not Security.NONE:
            with self._answer("a protected data channel"):
                self._ftp.prot_p()
        with self._answer("binary transfers"):
            self._ftp.voidcmd("TYPE I")
        if server.folder:
            with self._answer(f"the folder {server.folder}"):
                self._ftp.cwd(_wire(server.folder))

    def size(self, name: str) -> int | None:
        """Octets of a file, None where it is not there (SIZE, RFC 3659, 4)."""
        return self.sizes((name,))[0]

    def sizes(self, names: Sequence[str]) -> list[int | None]:
        """Octets of each file, asked for together; the first refusal is raised for all."""
        expected = f"the size of {names[0]}" if len(names) == 1 else "the sizes of files"
        found: list[int | None] = []
        for at in range(0, len(names), _AT_ONCE):
            with self._answer(expected):
                asked = [f"SIZE {name}" for name in names[at : at + _AT_ONCE]]
                found += map(_size, self._replies(asked, ["213"] * len(asked)))
        return found

    def _replies(self, commands: Sequence[str], codes: Sequence[str]) -> list[str]:
        """What is answered to each command: its code (or how that begins), or a refusal.

        Raises ftplib.error_reply for anything else: an answer to another question.
        """
        if not self.pipelined or len(commands) == 1:
            return [self._reply(*pair) for pair in zip(commands, codes, strict=True)]
        self.in_doubt = True
        self._ftp.put_lines(commands)
        replies = [_fitting(self._ftp.getmultiline(), code) for code in codes]
        self.in_doubt = False
        return replies

    def _reply(self, command: str, code: str) -> str:
        self._ftp.put_lines((command,))
        return _fitting(self._ftp.getmultiline(), code)

    def names(self) -> tuple[str, ...]:
        """The names in the folder (NLST), without their paths; an empty folder has none."""
        lines: list[str] = []
        try:
            with self._answer("a list of the folder"):
                self._ftp.retrlines("NLST", lambda line: self._keep(lines, line))
        except GatewayError as error:
            if error.reply != _NO_SUCH_FILE:
                raise
        return tuple(line.rpartition("/")[2] for line in lines)

    def _keep(self, lines: list[str], line: str) -> None:
        if len(lines) == _MOST_NAMES:
            raise ValueError(f"more than {_MOST_NAMES} names")
        lines.append(line)

    def retrieve(self, name: str, start: int = 0) -> bytes:
        """The octets of a file from ``start`` on (RETR, REST); at most 64 MiB of them."""
        found = bytearray()

        def keep(octets: bytes) -> None:
            if len(found) + len(octets) > _MOST_RETRIEVED:
                raise ValueError(f"more than {_MOST_RETRIEVED} octets")
            found.extend(octets)

        with self._answer(f"the file {name}"):
            self._ftp.retrbinary(f"RETR {name}", keep, rest=start or None)
        return bytes(found)

    def store(
        self, name: str, octets: bytes, start: int = 0, pace: Callable[[int], None] | None = None
    ) -> None:
        """Write a file, or its octets from ``start`` on where the server holds those before.

        ``pace`` is told the octets that are about to go, and may wait.
        """
        rest = start or None
        with self._answer(f"{name} to be taken"):
            channel = self._ftp.transfercmd(f"STOR {name}", rest)
        broken: OSError | None = None
        with channel:
            try:
                self._send(channel, memoryview(octets)[start:], pace)
            except OSError as error:
                broken = error  # the server may have said why, on the other channel
        with self._answer(f"{name} to be taken"):
            if isinstance(broken, TimeoutError):
                raise broken
            self._ftp.voidresp()
            if broken:
                raise broken

    def _send(
        self, channel: socket.socket, octets: memoryview, pace: Callable[[int], None] | None
    ) -> None:
        for at in range(0, len(octets), _CHUNK):
            chunk = octets[at : at + _CHUNK]
            if pace:
                pace(len(chunk))
            channel.sendall(chunk)
        if isinstance(channel, ssl.SSLSocket):
            # close_notify tells a whole file from one that was cut (RFC 4217, 12.4), and waiting
            # for the server's reads its tickets: closed over them, the socket would send a reset
            # that overtakes our octets. Some servers send none; their reply decides, and the size.
            channel.settimeout(min(self._timeout, _FAREWELL))
            with suppress(OSError, ValueError):
                channel.unwrap()

    def rename(self, name: str, final: str) -> None:
        """Give a file its final name (RNFR, RNTO)."""
        with self._answer(f"{name} to be renamed"):
            if not self.pipelined:
                self._ftp.rename(name, final)
                return
            ready, done = self._replies((f"RNFR {name}", f"RNTO {final}"), ("3", "2"))
            if _refused(ready) and not _refused(done):
                self.in_doubt = True
                raise ftplib.error_reply(done)  # noqa: S321 - an error
            for reply in filter(_refused, (ready, done)):
                raise _refusal(reply)

    def delete(self, name: str) -> None:
        """Delete a file; one that is not there is an error too."""
        with self._answer(f"{name} to be deleted"):
            self._ftp.delete(name)

    def close(self) -> None:
        """Take leave; a server that does not answer is left."""
        with suppress(OSError, EOFError, ftplib.Error):
            self._ftp.quit()
        self._ftp.close()

    def drop(self) -> None:
        """Close without a word, where none would arrive."""
        self._ftp.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _answer(self, expected: str) -> Iterator[None]:
        try:
            yield
        except (OSError, EOFError, ValueError, ftplib.Error) as error:
            raise self._ours(error, expected) from None  # its text may hold the password

    def _ours(self, error: Exception, expected: str) -> GatewayError:
        """The error as one of the three kinds; the password is taken out of what servers say."""
        found = f"expected {expected}, found: "
        if isinstance(error, ssl.SSLCertVerificationError):
            return GatewayError(found + f"certificate {error.verify_message.lower()}")
        if isinstance(error, socket.gaierror) and error.errno != socket.EAI_AGAIN:
            return GatewayError(found + "no such host")
        if isinstance(error, (ftplib.error_temp, ftplib.error_perm)):
            return self._refusal(str(error), found)
        if isinstance(error, TimeoutError):
            return GatewayLostError(found + f"no answer in {self._timeout:g} s")
        if isinstance(error, EOFError):
            return GatewayLostError(found + "connection closed")
        return GatewayLostError(found + self._shown(_reason(error)))

    def _refusal(self, reply: str, found: str) -> GatewayError:
        code = int(reply[:3]) if reply[:3].isdecimal() else 0
        kind = GatewayError
        if code == _CLOSING:
            kind = GatewayLostError
        elif code < 500:
            kind = GatewayBusyError
        return kind(found + self._shown(reply), reply=code)

    def _shown(self, text: str) -> str:
        readable = text.encode("latin-1", "replace").decode("utf-8", "replace")
        safe = readable.replace(self._secret, "***")
        one_line = "".join(c if c.isprintable() else " " for c in safe)
        return one_line[:_LONGEST_SHOWN]


def _refused(reply: str) -> bool:
    return reply[:1] in ("4", "5")  # RFC 959, 4.2.1: transient and permanent negative


def _refusal(reply: str) -> ftplib.Error:
    kind = ftplib.error_temp if reply[0] == "4" else ftplib.error_perm
    return kind(reply)


def _fitting(reply: str, code: str) -> str:
    """The reply; raises ftplib.error_reply where it answers another question."""
    if _refused(reply) or reply.startswith(code):
        return reply
    raise ftplib.error_reply(reply)  # noqa: S321 - an error


def _size(reply: str) -> int | None:
    if reply.startswith(str(_NO_SUCH_FILE)):
        return None
    if _refused(reply):
        raise _refusal(reply)
    return int(reply[3:])


def _wire(text: str) -> str:
    """What the control connection, written as ISO-8859-1, sends as UTF-8 (RFC 2640)."""
    return text.encode().decode("latin-1")


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
