"""Whether a server that listens on a host can be reached from other machines."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

_EVERYWHERE = "0.0.0.0"  # noqa: S104 - where a server without a host listens


def addresses(host: str) -> tuple[IPv4Address | IPv6Address, ...]:
    """The address that ``host`` is, or those of a name; none of a name that nobody knows."""
    try:
        found = socket.getaddrinfo(host or _EVERYWHERE, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(ip_address(str(one[4][0]).partition("%")[0]) for one in found)


def is_loopback(host: str) -> bool:
    """Whether a host has addresses, and all are of this machine alone."""
    found = addresses(host)
    return bool(found) and all(one.is_loopback for one in found)
