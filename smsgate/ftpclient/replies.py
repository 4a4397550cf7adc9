"""Replies of FTP servers (RFC 959, 4.2), and the errors that they and the network lead to."""

from __future__ import annotations

import ftplib
import re
import socket
import ssl
from dataclasses import dataclass, field

from smsgate import masking
from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError
from smsgate.ftpclient.deadline import SLOWEST, TooSlowError

NO_SUCH_FILE = 550  # RFC 3659, 4.3: also the reply to SIZE for a file that does not exist
EMPTY_FOLDER = (450, NO_SUCH_FILE)  # replies to NLST when there is nothing to list
TO_SIZE = ("213", "202")  # a size, or "command not implemented, superfluous"
_UNKNOWN_COMMAND = ("202", "500", "502", "504")  # RFC 959, 4.2.2
_CLOSING = 421  # "service not available, closing control connection"
_LONGEST_SHOWN = 200  # characters of a reply in an error


class UnusableError(ftplib.Error):
    """A reply that is understood by nobody; the same command would get it again."""


def is_refusal(reply: str) -> bool:
    """Whether a reply is a transient or permanent negative one (RFC 959, 4.2.1)."""
    return reply[:1] in ("4", "5")


def refusal(reply: str) -> ftplib.Error:
    """The error that ftplib would raise for a negative reply."""
    kind = ftplib.error_temp if reply[0] == "4" else ftplib.error_perm
    return kind(reply)


def is_unknown_command(reply: str) -> bool:
    """Whether the server does not have the command."""
    return reply.startswith(_UNKNOWN_COMMAND)


def checked(reply: str, code: str | tuple[str, ...]) -> str:
    """A reply that begins with ``code`` or is negative; raises ftplib.error_reply for others."""
    if is_refusal(reply) or reply.startswith(code):
        return reply
    raise ftplib.error_reply(reply)  # noqa: S321 - an error


# Some servers write more after the number.
_SIZE = re.compile(r"213 +(\d{1,18})(?:\s|$)", re.ASCII)


def size_of(reply: str) -> int | None:
    """The octets that a reply to SIZE tells, None for no such file; raises ftplib.Error."""
    if reply.startswith(str(NO_SUCH_FILE)):
        return None
    if is_refusal(reply):
        raise refusal(reply)
    if found := _SIZE.match(reply):
        return int(found[1])
    raise UnusableError(f"expected a number of octets, found {reply}")


#: Codes of OpenSSL for a certificate that is right, but for who has issued it (openssl-verify).
_ISSUER_UNKNOWN = frozenset((2, 18, 19, 20, 21))
_TRUST = ": to trust it, name its issuer's certificate, or its own, with --ca-file"


@dataclass(frozen=True, slots=True)
class Translator:
    """Turns errors of ftplib and the network into GatewayErrors.

    ``password`` is removed from what servers say; ``timeout`` is in seconds.
    """

    password: str = field(repr=False)
    timeout: float

    def error(self, error: Exception, action: str) -> GatewayError:
        """The GatewayError, GatewayBusyError or GatewayLostError for an error during ``action``."""
        start = f"cannot {action}: "
        if isinstance(error, (ftplib.error_temp, ftplib.error_perm)):
            return self._refusal(str(error), start)
        if isinstance(error, ssl.SSLCertVerificationError):
            trust = _TRUST if error.verify_code in _ISSUER_UNKNOWN else ""
            return GatewayError(f"{start}certificate {error.verify_message.lower()}{trust}")
        if isinstance(error, socket.gaierror) and error.errno != socket.EAI_AGAIN:
            return GatewayError(f"{start}no such host")
        kind = GatewayError if isinstance(error, UnusableError) else GatewayLostError
        return kind(start + self._what(error))

    def _what(self, error: Exception) -> str:
        if isinstance(error, TooSlowError):
            return f"slower than {SLOWEST:,} octets a second"
        if isinstance(error, TimeoutError):
            return f"no answer in {self.timeout:g} s"
        if isinstance(error, EOFError):
            return "connection closed"
        if isinstance(error, ftplib.Error) and not str(error).strip():
            return "an empty reply"
        return self._shown(_system_text(error))

    def _refusal(self, reply: str, start: str) -> GatewayError:
        code = int(reply[:3]) if reply[:3].isdecimal() else 0
        kind = GatewayError
        if code == _CLOSING:
            kind = GatewayLostError
        elif code < 500:
            kind = GatewayBusyError
        return kind(start + self._shown(reply), reply=code)

    def _shown(self, text: str) -> str:
        masking.remember(self.password)
        readable = text.encode("latin-1", "replace").decode("utf-8", "replace")
        return masking.cleaned(readable.rstrip(), _LONGEST_SHOWN)


def _system_text(error: Exception) -> str:
    # Not ``errors.reason``: it may be a reply, which is shown as the server wrote it.
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
