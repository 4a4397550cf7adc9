"""Data connections: when an upload ends in order, when it was cut, and what the client is told.

pyftpdlib takes a connection that was reset for one that was closed; here that is a cut upload. An
end of TLS without close_notify is a close in order: the control connection has to prove more.
"""

from __future__ import annotations

import errno
import socket
import sys
from contextlib import suppress

from OpenSSL import SSL

from smsgate.gateway.ftp.folders import TooLargeError, Upload
from smsgate.gateway.ftp.library import DTPHandler, RetryError, TLS_DTPHandler
from smsgate.gateway.ftp.replies import sentence

_NO_SPACE = (errno.ENOSPC, errno.EDQUOT)
_CUT = "426 Data connection lost; transfer aborted."


def _silent(_line: str) -> None:
    """The log of a reply."""


class _Receiving(DTPHandler):  # type: ignore[misc]
    """Below TLS: what the socket says about the end of an upload."""

    _ended = False  # the other side has closed in order
    transfer_finished: bool

    def enable_receiving(self, _type: str, cmd: str) -> None:
        """Receive octets as they come: also in ASCII mode, because all line ends are read."""
        super().enable_receiving("i", cmd)

    def recv(self, size: int) -> bytes:
        """Octets that have arrived; notes how the other side has closed."""
        try:
            octets: bytes = self.socket.recv(size)
        except SSL.ZeroReturnError:
            self._ended = True
            raise
        except SSL.SysCallError as error:
            self._ended = error.args[0] == -1  # an end of TCP, and no errno
            raise
        except BlockingIOError as error:
            raise RetryError from error
        except OSError:
            self.handle_close()
            return b""
        if octets:
            _acknowledge(self.socket)
        else:
            self._ended = True
            self.handle_close()
        return octets

    def handle_close(self) -> None:
        """Close a connection that the other side has closed, or lost."""
        if self.receive and not self._ended and not self._closed:
            self._resp = _CUT, _silent
            self.close()
        else:
            super().handle_close()

    def close(self) -> None:
        """Close; the reply says what became of an upload."""
        if not self._closed and isinstance(self.file_obj, Upload):
            self._end(self.file_obj)
        super().close()

    def _end(self, upload: Upload) -> None:
        """Finish the upload before the client is told so."""
        try:
            upload.close()
            if self.transfer_finished:
                self.cmd_channel.received(upload)
        except OSError as error:
            self.transfer_finished = False
            self._resp = _refusal(error), _silent
        upload.release()
        if not self.transfer_finished:
            self.cmd_channel.cut(upload)


class Data(TLS_DTPHandler, _Receiving):  # type: ignore[misc]
    """A data connection, with or without TLS."""

    def __init__(self, sock: socket.socket, cmd_channel: object) -> None:
        with suppress(OSError):  # TLS shakes hands in small pieces, which must not wait
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().__init__(sock, cmd_channel)

    def secure_connection(self, _context: SSL.Context) -> None:
        """Begin TLS."""
        super().secure_connection(self.cmd_channel.data_context)

    def close(self) -> None:
        """Close at once, unless octets are still to be sent."""
        super().close()
        if not self._closed and (self.receive or self.cmd_channel.closed):
            self._ssl_established = False  # do not wait for the end of TLS
            super().close()

    def handle_error(self) -> None:
        """Say what went wrong with an upload, and close."""
        error = sys.exc_info()[1]
        cause = error.__cause__ if isinstance(error, OSError) and error.__cause__ else error
        if not isinstance(cause, (OSError, SSL.Error)):
            self.log_exception(self)
        self._error = True
        self._resp = _refusal(cause), _silent
        with suppress(Exception):
            self.close()


def _acknowledge(sock: socket.socket) -> None:
    """Acknowledge octets at once: else a client's close_notify waits 40 ms for that (Linux)."""
    if hasattr(socket, "TCP_QUICKACK"):
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)


def _refusal(error: BaseException | None) -> str:
    if isinstance(error, TooLargeError):
        return "552 The file is larger than allowed; transfer aborted."
    if isinstance(error, OSError):
        code = 452 if error.errno in _NO_SPACE else 451
        why = (error.strerror or "error").removesuffix(".")
        return f"{code} {sentence(f'{why}; transfer aborted')}"
    return _CUT if isinstance(error, SSL.Error) else "451 Internal error; transfer aborted."
