"""The hosts of the FTP server's settings, looked up before it listens."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from dataclasses import replace

from smsgate import masking
from smsgate.errors import OutboxError, reason
from smsgate.gateway.settings import FtpSettings


def looked_up(settings: FtpSettings) -> FtpSettings:
    """The settings with the address that clients are sent to; raises OutboxError.

    The host to listen at stays as it is: a name may have several addresses.
    """
    return replace(settings, host=_host(settings), public_address=_public_address(settings))


def faults(settings: FtpSettings) -> Iterator[str]:
    """What ``looked_up`` would raise, for each host."""
    for look_up in (_host, _public_address):
        try:
            look_up(settings)
        except OutboxError as error:
            yield str(error)


def _host(settings: FtpSettings) -> str:
    return _checked("host", settings.host, _with_any_address)


def _public_address(settings: FtpSettings) -> str:
    return _checked("public-address", settings.public_address, socket.gethostbyname)


def _checked(key: str, host: str, resolve: Callable[[str], str]) -> str:
    """What a host resolves to, nothing for nothing; raises OutboxError."""
    try:
        return resolve(host) if host else ""
    except (OSError, UnicodeError) as error:
        why = reason(error) if isinstance(error, OSError) else "no name of a host"
        raise OutboxError(f"{key} {masking.cleaned(host)!r}: {why}") from error


def _with_any_address(host: str) -> str:
    socket.getaddrinfo(host, None)
    return host
