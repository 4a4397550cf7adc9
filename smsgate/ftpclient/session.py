"""One log-in to an FTP server (RFC 959), with TLS according to RFC 4217.

It raises the three errors that a sender must distinguish: GatewayLostError (connect again, and ask
what has arrived), GatewayBusyError (try the same later), GatewayError (do not try again).
"""

from __future__ import annotations

import ftplib
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Self

from smsenc import OptionError
from smsgate import tracing
from smsgate.certificates import make_context
from smsgate.errors import GatewayBusyError, GatewayError, GatewayLogInError, GatewayLostError
from smsgate.ftpclient import data, replies, sizes
from smsgate.ftpclient.login import LogIn
from smsgate.ftpclient.temporary import Temporary
from smsgate.ftpclient.tls import Client

_MOST_LISTED = 5_000_000  # names in the folder
_MOST_KEPT = 1_000_000  # of them
_LONGEST_NAME = 1024  # octets
_MOST_FETCHED = 16 << 30  # octets of a file that is read in chunks
_BATCH = 64  # commands sent together: their octets fit into any socket buffer


class Security(StrEnum):
    """How the connection is protected, as ``--security`` names it."""

    EXPLICIT = "explicit"  # AUTH TLS on the usual port (RFC 4217, 4)
    IMPLICIT = "implicit"  # TLS from the first octet, port 990
    NONE = "none"  # plain FTP: anyone on the way can read the log-in and the messages


_PORTS = {Security.EXPLICIT: 21, Security.IMPLICIT: 990, Security.NONE: 21}


_NO_TLS = "the server offers no TLS (security explicit); --tls none sends the password in clear"
_WRONG_LOG_IN = 430  # some servers send it (RFC 5797), although 4xx means "try again"
_UNVERIFIED = "the server's certificate is not checked: anyone on the way can pose as it"
_NO_TEMPORARY = "files are stored under their final names: the gateway may take half a file"
_PLAIN = "plain FTP is not encrypted: others on the network can read the log-in and the messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """An FTP server and how to connect to it.

    ``port`` 0 is the usual port; ``timeout`` is in seconds, for each complete reply. ``ca_file``
    (PEM) replaces the system's certificate authorities. ``temporary`` is the form of the names
    under which files are stored before they are renamed. Raises OptionError.
    """

    host: str
    port: int = 0
    folder: str = ""
    security: Security = Security.EXPLICIT
    ca_file: Path | None = None
    verify: bool = True
    timeout: float = 30.0
    temporary: Temporary = Temporary.HIDDEN

    def __post_init__(self) -> None:
        _check_line("host", self.host)
        _check_line("folder", self.folder)
        if not self.host:
            raise OptionError("expected a host name", name="host")
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
        """What is not protected on this connection."""
        found = []
        if self.security is Security.NONE:
            found.append(_PLAIN)
        elif not self.verify:
            found.append(_UNVERIFIED)
        if self.temporary is Temporary.NONE:
            found.append(_NO_TEMPORARY)
        return tuple(found)


def _check_line(name: str, text: str) -> None:
    # A line end would end the command and begin another.
    if not text.isprintable():
        raise OptionError("expected printable characters, found others", name=name)


class Session:
    """A log-in to ``server``, in its folder, for binary transfers; raises GatewayError.

    While ``pipelined``, commands are sent before the replies to earlier ones have arrived. RFC 959
    does not promise that a server accepts this: ``in_doubt`` is true from the first of such
    commands to the last of their replies, and stays true if those are missing or do not match. No
    command is sent during a transfer, where servers differ (proftpd replies 450).
    """

    def __init__(self, server: Server, log_in: LogIn) -> None:
        self.pipelined = True
        self._has_size = self._has_mlst = True  # until a reply says otherwise
        self.remarks: list[str] = []
        self._timeout = server.timeout
        self._errors = replies.Translator(log_in.password, server.timeout)
        plain = server.security is Security.NONE and not server.ca_file
        # It takes longer to load the system's authorities than to log in.
        context = None if plain else make_context(server.ca_file, verify=server.verify)
        self._ftp = Client(context, server.timeout)
        try:
            self._open(server, log_in)
        except BaseException:
            self._ftp.close()
            raise

    def _open(self, server: Server, log_in: LogIn) -> None:
        implicit = server.security is Security.IMPLICIT
        with self._doing(f"connect to {server.target}"):
            port = server.port or _PORTS[server.security]
            self._ftp.open(server.host, port, implicit=implicit)
        if server.security is Security.EXPLICIT:
            self._start_tls()
        self._log_in(log_in)
        if server.security is not Security.NONE:
            with self._doing("protect the data channel"):
                self._ftp.prot_p()
        with self._doing("set binary transfers"):
            self._ftp.voidcmd("TYPE I")
        if server.folder:
            with self._doing(f"open the folder {server.folder}"):
                self._ftp.cwd(_wire(server.folder))

    def _start_tls(self) -> None:
        try:
            with self._doing("start TLS (security explicit)"):
                self._ftp.start_tls()
        except GatewayError as error:
            if (error.reply or 0) < 500:
                raise
            said = error.message.partition(": ")[2]
            raise GatewayLogInError(f"{_NO_TLS}: {said}", reply=error.reply) from None

    def _log_in(self, log_in: LogIn) -> None:
        try:
            with self._doing("log in"):
                self._ftp.login(_wire(log_in.user), _wire(log_in.password), secure=False)
        except GatewayError as error:
            later = isinstance(error, (GatewayLostError, GatewayBusyError))
            if later and error.reply != _WRONG_LOG_IN:
                raise
            raise GatewayLogInError(error.message, reply=error.reply) from None

    @property
    def in_doubt(self) -> bool:
        """Whether replies to commands that were sent together are missing or do not match."""
        return self._ftp.in_doubt

    def size(self, name: str) -> int | None:
        """The octets of a file, None if it does not exist, UNTOLD if the server tells nothing."""
        return self.sizes((name,))[0]

    def sizes(self, names: Sequence[str]) -> list[int | None]:
        """The octets of each file, asked for together; raises the first refusal.

        From SIZE (RFC 3659, 4), or MLST or LIST on a server that does not have it.
        """
        what = f"size of {names[0]}" if len(names) == 1 else "sizes of files"
        found: list[int | None] = []
        for at in range(0, len(names), _BATCH):
            with self._doing(f"get the {what}"):
                found += self._sizes(names[at : at + _BATCH])
        return found

    def _sizes(self, names: Sequence[str]) -> list[int | None]:
        if self._has_size:
            asked = [f"SIZE {name}" for name in names]
            answers = self._replies(asked, [replies.TO_SIZE] * len(asked))
            self._has_size = not any(map(replies.is_unknown_command, answers))
            if self._has_size:
                return [replies.size_of(answer) for answer in answers]
        return [self._size_of_mlst(name) for name in names]

    def _size_of_mlst(self, name: str) -> int | None:
        if self._has_mlst:
            answer = self._reply(f"MLST {name}", "2")
            if answer.startswith(str(replies.NO_SUCH_FILE)):
                return None
            if answer.startswith("4"):
                raise replies.refusal(answer)
            if (size := sizes.of_mlst(answer)) != sizes.UNTOLD:
                return size
            self._has_mlst = False
        return self._size_of_list(name)

    def _size_of_list(self, name: str) -> int | None:
        try:
            return sizes.of_list(self._lines(f"LIST {name}", f"list {name}"), name)
        except GatewayError as error:
            if error.reply in replies.EMPTY_FOLDER:
                return sizes.of_list((), name)
            if isinstance(error, (GatewayLostError, GatewayBusyError)):
                raise
            return sizes.UNTOLD

    def _replies(
        self, commands: Sequence[str], codes: Sequence[str | tuple[str, ...]]
    ) -> list[str]:
        """The reply to each command: one that begins with its code, or a refusal.

        Raises ftplib.error_reply for another reply.
        """
        if not self.pipelined or len(commands) == 1:
            return [self._reply(*pair) for pair in zip(commands, codes, strict=True)]
        self._ftp.in_doubt = True
        self._ftp.put_lines(commands)
        found = [replies.checked(self._ftp.getmultiline(), code) for code in codes]
        self._ftp.in_doubt = False
        return found

    def _reply(self, command: str, code: str | tuple[str, ...]) -> str:
        self._ftp.put_lines((command,))
        return replies.checked(self._ftp.getmultiline(), code)

    def names(self, keep: Callable[[str], bool] = lambda _: True) -> tuple[str, ...]:
        """The names in the folder (NLST) that ``keep`` accepts, without their paths.

        Only those are held in memory. ``remarks`` tells how many were too long to be read.
        """
        found: list[str] = []
        long = 0
        try:
            with closing(self._lines("NLST", "list the folder")) as lines:
                for listed, line in enumerate(lines):
                    long += line is None
                    name = (line or "").rpartition("/")[2]
                    if name and keep(name):
                        found.append(name)
                    if listed == _MOST_LISTED or len(found) > _MOST_KEPT:
                        raise GatewayError(f"cannot list the folder: more than {listed:,} names")
        except GatewayError as error:
            if error.reply not in replies.EMPTY_FOLDER:
                raise
        if long:
            self.remarks.append(f"{long:,} names of more than {_LONGEST_NAME:,} octets skipped")
        return tuple(found)

    def _lines(self, command: str, action: str) -> Generator[str | None, None, None]:
        """The lines that a command lists; None for one that is too long for a name."""
        chunks = self._received(command, action, 0, _MOST_FETCHED)
        for line in data.lines(chunks, _LONGEST_NAME):
            yield None if line is None else line.decode("latin-1")

    def fetch(self, name: str, start: int = 0, *, most: int = _MOST_FETCHED) -> Iterator[bytes]:
        """The octets of a file from ``start`` on, in chunks (RETR, REST); at most ``most``.

        A reader that needs no more closes the iterator; until it ends, no other command can be
        given. The time between two chunks does not count as the server's.
        """
        return self._received(f"RETR {name}", f"fetch {name}", start, most)

    def _received(self, command: str, action: str, start: int, most: int) -> Iterator[bytes]:
        with self._doing(action), self._ftp.transfer(command, start) as (channel, end):
            for chunk in data.received(channel, end):
                most -= len(chunk)
                if most < 0:
                    raise replies.UnusableError("more octets than expected")
                yield chunk
            data.end_tls(channel, self._timeout)

    def store(
        self,
        name: str,
        octets: bytes,
        start: int = 0,
        pace: Callable[[int], None] | None = None,
        *,
        ahead: bool = False,
    ) -> None:
        """Write a file, or its octets from ``start`` on if the server has those before.

        ``pace`` is called with the number of octets that will be sent next, and may wait. With
        ``ahead``, a pipelined session does not wait until the server is ready for the octets; it
        may lose them, so the caller has to ask for the size.
        """
        transfer = self._ftp.transfer(f"STOR {name}", start, ahead=ahead and self.pipelined)
        with self._doing(f"store {name}"), transfer as (channel, end):
            end.allow(len(octets) - start)
            data.send(channel, memoryview(octets)[start:], end, pace)
            data.end_tls(channel, self._timeout)

    def rename(self, name: str, final: str) -> None:
        """Give a file its final name (RNFR, RNTO)."""
        with self._doing(f"rename {name}"):
            if not self.pipelined:
                self._ftp.rename(name, final)
                return
            ready, done = self._replies((f"RNFR {name}", f"RNTO {final}"), ("3", "2"))
            if replies.is_refusal(ready) and not replies.is_refusal(done):
                self._ftp.in_doubt = True
                raise ftplib.error_reply(done)  # noqa: S321 - an error
            for reply in filter(replies.is_refusal, (ready, done)):
                raise replies.refusal(reply)

    def delete(self, name: str) -> None:
        """Delete a file; it is an error if it does not exist."""
        with self._doing(f"delete {name}"):
            self._ftp.delete(name)

    def close(self) -> None:
        """Log out, and close even if the server does not reply."""
        with suppress(OSError, EOFError, ftplib.Error):
            self._ftp.quit()
        self._ftp.close()

    def drop(self) -> None:
        """Close without logging out, when the connection is broken."""
        self._ftp.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def _doing(self, action: str) -> Iterator[None]:
        tracing.step("FTP: {}", action)
        try:
            yield
        except (OSError, EOFError, ValueError, ftplib.Error) as error:
            raise self._errors.error(error, action) from None  # its text may hold the password


def _wire(text: str) -> str:
    """Text that arrives as UTF-8 (RFC 2640) when it is written as ISO-8859-1."""
    return text.encode().decode("latin-1")
