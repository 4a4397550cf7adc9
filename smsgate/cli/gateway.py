"""The gateway's options as flags: types for the signatures of commands that send.

They repeat ``smsenc.options.OPTIONS``, because a command's signature is read before anything of
smsenc may be loaded; a test holds both equal.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Annotated, Any

import typer

from smsgate.cli.options import shown_as

ClientId = Annotated[
    str | None,
    typer.Option(
        "--client-id", metavar="ID", help="Your own id, given back in logs and callbacks."
    ),
]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="ID", help="Sender: 1-16 digits, or 11 letters for texts."),
]
Ack = Annotated[bool, typer.Option("--ack", help="Ask for a receipt of the handset.")]
Callback = Annotated[
    str | None,
    typer.Option(
        "--callback",
        metavar="STATES",
        help="States to be told: intermediate, final, error, with commas.",
    ),
]
Delay = Annotated[
    str | None,
    typer.Option("--delay", metavar="TIME", help="Send later: minutes, 2h or 3d, at most 7d."),
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="Send at 2026-12-01T09:00:00Z, or +01:00; at most 7 days ahead.",
    ),
]
Validity = Annotated[
    str | None,
    typer.Option("--validity", metavar="TIME", help="Give up after minutes, 2h or 1d at most."),
]
MaxCredits = Annotated[
    str | None,
    typer.Option("--max-credits", metavar="N", help="Refuse a message that is dearer."),
]
Features = Annotated[
    str | None,
    typer.Option(
        "--features",
        metavar="NAMES",
        help=(
            "Only routes with all of: text, 8bit, udh, ucs2, alpha, numeric, flash, ack, concat."
        ),
    ),
]
Queue = Annotated[
    str | None, typer.Option("--queue", metavar="N", help="1 goes before 2 before 3.")
]
Escalate = Annotated[bool, typer.Option("--escalate", help="Let it take a dearer, quicker route.")]
Mo = Annotated[bool, typer.Option("--mo", help="Take a route that replies come back on.")]
Binary = Annotated[bool, typer.Option("--binary", help="Force 8-bit.")]
Reply = Annotated[
    str | None,
    typer.Option("--reply", metavar="EMAIL", help="Where the gateway's answer is mailed."),
]
Pack = Annotated[
    str,
    typer.Option("--pack", help="Who cuts octets: parts (we do), gateway, or msg-type."),
]
Profile = Annotated[
    str,
    typer.Option(
        "--profile", metavar="NAME|FILE", help="What the gateway takes; see smsenc profiles."
    ),
]

#: Names of the function's parameters; ``from`` is none that Python takes.
_ROWS = {
    "sender": From,
    "client_id": ClientId,
    "ack": Ack,
    "callback": Callback,
    "delay": Delay,
    "at": At,
    "validity": Validity,
    "max_credits": MaxCredits,
    "features": Features,
    "queue": Queue,
    "escalate": Escalate,
    "mo": Mo,
    "binary": Binary,
    "reply": Reply,
}


def sends(function: Callable[..., None]) -> Callable[..., None]:
    """Give a command all of these flags in the place of its parameter ``parameters``.

    It gets what was typed as a dictionary for ``smsenc.options.message_fields``.
    """

    @functools.wraps(function)
    def run(**typed: Any) -> None:
        given = {name: typed.pop(name) for name in _ROWS}
        given["from"] = given.pop("sender")
        function(parameters=given, **typed)

    only = inspect.Parameter.KEYWORD_ONLY
    flags = [
        inspect.Parameter(name, only, default=_nothing(row), annotation=row)
        for name, row in _ROWS.items()
    ]
    return shown_as(run, function, "parameters", flags)


def _nothing(row: Any) -> bool | None:
    """What a flag is where it was not typed."""
    return False if row.__origin__ is bool else None
