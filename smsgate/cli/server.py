"""The options that say which server, for the commands that go there.

A command that takes them has a parameter ``target``; ``goes_to`` puts the flags in its place.
"""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smsgate.cli.app import note
from smsgate.cli.options import shown_as

if TYPE_CHECKING:
    from smsgate.ftpclient.login import LogIn
    from smsgate.ftpclient.session import Server

_HOST = Annotated[str, typer.Option("--host", help="The FTP server.")]
_MAYBE_HOST = Annotated[str, typer.Option("--host", help="FTP server; without, nothing is sent.")]
#: The other flags, and what each is where it was not typed.
_FLAGS: dict[str, tuple[Any, Any]] = {
    "port": (
        Annotated[int, typer.Option(min=0, max=65535, help="0: 21, or 990 with implicit TLS.")],
        0,
    ),
    "tls": (Annotated[str, typer.Option(help="explicit, implicit or none.")], "explicit"),
    "folder": (Annotated[str, typer.Option(help="Folder on the server.")], ""),
    "ca_file": (
        Annotated[str, typer.Option(metavar="PEM", help="Authorities to trust instead.")],
        "",
    ),
    "no_verify": (
        Annotated[bool, typer.Option("--no-verify", help="Do not check the certificate.")],
        False,
    ),
    "timeout": (
        Annotated[float, typer.Option(metavar="SECONDS", help="Wait so long for an answer.")],
        30.0,
    ),
}

RETRIES = Annotated[
    int, typer.Option(min=0, max=12, help="Tries after trouble, each after a longer pause.")
]


def pauses(retries: int) -> tuple[float, ...]:
    """Seconds before each further try, each twice the one before."""
    return tuple(2.0**n for n in range(retries))


def goes_to(*, always: bool) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command these flags in the place of ``target``: a Server, or None without a host.

    ``always`` makes the host required. What an eavesdropper could learn is told at once.
    """
    flags = [_parameter(name, *row) for name, row in _FLAGS.items()]
    nothing = inspect.Parameter.empty if always else ""
    flags.insert(0, _parameter("host", _HOST if always else _MAYBE_HOST, nothing))

    def change(function: Callable[..., None]) -> Callable[..., None]:
        @functools.wraps(function)
        def run(**typed: Any) -> None:
            given = {flag.name: typed.pop(flag.name) for flag in flags}
            target = _server(**given) if given["host"] or always else None
            for warning in target.warnings if target else ():
                note(f"warning: {warning}")
            function(target=target, **typed)

        return shown_as(run, function, "target", flags)

    return change


def _parameter(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    only = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(name, only, default=default, annotation=annotation)


def _server(*, tls: str, ca_file: str, no_verify: bool, **rest: Any) -> Server:
    from pathlib import Path

    from smsenc import OptionError
    from smsgate.ftpclient.session import Security, Server

    if tls not in tuple(Security):
        raise OptionError(f"expected one of {', '.join(Security)}, found {tls!r}", name="--tls")
    return Server(
        security=Security(tls),
        ca_file=Path(ca_file) if ca_file else None,
        verify=not no_verify,
        **rest,
    )


def log_in(target: Server) -> LogIn:
    """The FTP log-in of the environment, a file or the keyring; raises OptionError."""
    from smsgate.ftpclient.login import find

    return find(os.environ, target.host)
