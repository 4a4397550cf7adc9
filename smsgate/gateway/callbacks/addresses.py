"""Which addresses may be called: public ones, and those that the settings allow.

A URL comes from a customer, but is called from inside the operator's network. So it must not reach
what only that network should (server-side request forgery).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

#: Not public (RFC 6890 and IANA's registries of special-purpose addresses). Python's own
#: ``is_global`` is asked as well: its table differs from release to release.
_SPECIAL: tuple[Network, ...] = tuple(
    map(
        ip_network,
        (
            *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16"),
            *("172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24"),
            *("192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24"),
            *("198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/3"),
            *("::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20"),
            *("5f00::/16", "fc00::/7", "fe80::/9", "ff00::/8"),
        ),
    )
)
_PUBLIC_IPV6 = IPv6Network("2000::/3")
_MAPPED, _NAT64, _SIX_TO_FOUR = map(IPv6Network, ("::ffff:0:0/96", "64:ff9b::/96", "2002::/16"))
_IPV4 = (1 << 32) - 1


def is_allowed(text: str, private: Sequence[Network] = ()) -> bool:
    """Whether an address may be called; ``private`` are networks that may be although not public.

    An IPv6 address that stands for an IPv4 address is judged as that one.
    """
    try:
        address = ip_address(text)
    except ValueError:
        return False
    return all(_is_public(one) or any(one in net for net in private) for one in _meant(address))


def _meant(address: Address) -> Iterator[Address]:
    """The addresses that octets sent to this one may reach."""
    if isinstance(address, IPv4Address):
        yield address
        return
    number = int(address)
    if address in _MAPPED or address in _NAT64:
        yield IPv4Address(number & _IPV4)
    elif address in _SIX_TO_FOUR:
        yield IPv4Address(number >> 80 & _IPV4)
    else:
        yield address


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address) and (address not in _PUBLIC_IPV6 or address.scope_id):
        return False
    special = any(address in net for net in _SPECIAL)
    return address.is_global and not address.is_multicast and not special
