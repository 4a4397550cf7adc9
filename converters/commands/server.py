"""The options that say which server, shared by the commands that go there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gateway.log_in import LogIn
    from gateway.session import Server

HOST = Annotated[str, typer.Option(help="The FTP server.")]
PORT = Annotated[int, typer.Option(min=0, max=65535, help="0: 21, or 990 with implicit TLS.")]
TLS = Annotated[str, typer.Option(help="explicit, implicit or none.")]
FOLDER = Annotated[str, typer.Option(help="Folder on the server.")]
CA_FILE = Annotated[str, typer.Option(metavar="PEM", help="Authorities to trust instead.")]
NO_VERIFY = Annotated[bool, typer.Option("--no-verify", help="Do not check the certificate.")]
TIMEOUT = Annotated[float, typer.Option(metavar="SECONDS", help="Wait so long for an answer.")]

RETRIES = Annotated[
    int, typer.Option(min=0, max=12, help="Tries after trouble, each after a longer pause.")
]


def pauses(retries: int) -> tuple[float, ...]:
    """Seconds before each further try, each twice the one before."""
    return tuple(2.0**n for n in range(retries))


def server(
    *, host: str, port: int, tls: str, folder: str, ca_file: str, verify: bool, timeout: float
) -> Server:
    """The server that the options name; raises OptionError."""
    from pathlib import Path

    from gateway.session import Security, Server
    from smsenc import OptionError

    if tls not in tuple(Security):
        raise OptionError(f"expected one of {', '.join(Security)}, found {tls!r}", name="--tls")
    return Server(
        host=host,
        port=port,
        folder=folder,
        security=Security(tls),
        ca_file=Path(ca_file) if ca_file else None,
        verify=verify,
        timeout=timeout,
    )


def log_in(host: str) -> LogIn:
    """The FTP log-in of the environment, a file or the keyring; raises OptionError."""
    from gateway.log_in import find

    return find(os.environ, host)
