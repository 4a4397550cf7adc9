"""Options that say which FTP server, and how to reach it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from smsgate.cli.commandline import OptionGroup, number, one_of
from smsgate.cli.output import note
from smsgate.ftpclient import login
from smsgate.ftpclient.login import LogIn
from smsgate.ftpclient.session import Security, Server
from smsgate.ftpclient.temporary import Temporary

Retries = Annotated[
    int,
    number(0, 12, metavar="N", text="Retries after a failure, {}; 1, 2, 4 … seconds apart."),
]


class ServerOptions(OptionGroup):
    """The server that a command connects to."""

    host: Annotated[str, typer.Option(metavar="HOST", help="FTP server.")]
    port: Annotated[
        int,
        number(
            0,
            65535,
            metavar="PORT",
            text="Port, {}; 0 selects 21, or 990 with implicit TLS.",
        ),
    ] = 0
    tls: Annotated[str, typer.Option(metavar="MODE", help="explicit, implicit or none.")] = (
        "explicit"
    )
    folder: Annotated[str, typer.Option(metavar="FOLDER", help="Folder on the server.")] = ""
    ca_file: Annotated[
        str,
        typer.Option(metavar="PEM", help="Trust these certificates, not the system's."),
    ] = ""
    no_verify: Annotated[
        bool, typer.Option("--no-verify", help="Do not check the certificate.")
    ] = False
    timeout: Annotated[
        float, typer.Option(metavar="SECONDS", help="How long to wait for an answer.")
    ] = 30.0
    temporary: Annotated[
        str,
        typer.Option(
            metavar="FORM",
            help="Names of incomplete files: hidden (.NAME.tmp), suffix (NAME.part) or none.",
        ),
    ] = "hidden"

    def server(self) -> Server:
        """The server; prints a warning about what an eavesdropper could learn."""
        server = Server(
            host=self.host,
            port=self.port,
            folder=self.folder,
            security=one_of(Security, self.tls, "--tls"),
            ca_file=Path(self.ca_file) if self.ca_file else None,
            verify=not self.no_verify,
            timeout=self.timeout,
            temporary=one_of(Temporary, self.temporary, "--temporary"),
        )
        for warning in server.warnings:
            note(f"warning: {warning}")
        return server


class OptionalServerOptions(ServerOptions):
    """The same, for a command that also works without a server."""

    host: Annotated[
        str, typer.Option(metavar="HOST", help="FTP server; nothing is sent without one.")
    ] = ""


def log_in(server: Server) -> LogIn:
    """The FTP log-in from the environment, a file or the keyring; raises OptionError."""
    return login.find(os.environ, server.host)


def pauses(retries: int) -> tuple[float, ...]:
    """Seconds before each retry, each twice the one before."""
    return tuple(2.0**n for n in range(retries))
