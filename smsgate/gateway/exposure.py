"""Who can reach the HTTP server: only this machine, or others, whose way must be safe."""

from __future__ import annotations

from smsgate.gateway.settings import HttpSettings, HttpTls
from smsgate.loopback import addresses, is_loopback


def is_local(http: HttpSettings) -> bool:
    """Whether only programs of this machine reach it, and no proxy lets others in."""
    return not http.behind_proxy and is_loopback(http.host)


def fault(http: HttpSettings) -> str:
    """Why it does not listen there; empty if it may.

    A name that nobody knows is no fault here: who listens on it says so.
    """
    if http.tls is HttpTls.REQUIRED or http.behind_proxy:
        return ""
    if all(one.is_loopback for one in addresses(http.host)):
        return ""
    return (
        f"[http] host: {http.host} is open to other machines, which needs tls or behind-proxy: "
        "passwords would be readable on their way"
    )
