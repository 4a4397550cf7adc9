"""``smsenc gateway route explain``: by which routes a message would go, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Annotated

import typer

from converters.errors import SourceError
from smsenc import OptionError
from smsenc.messagefile.parameters import FEATURES, MOST_PARTS, credit
from smsgate.cli.answers import answer
from smsgate.cli.commandline import Json, command
from smsgate.cli.exits import Exit
from smsgate.cli.gateway import shown
from smsgate.cli.gateway.settingsoptions import SettingsOptions, told
from smsgate.errors import OutboxError
from smsgate.gateway import credits as amounts
from smsgate.gateway import status
from smsgate.gateway.configuration import ConfigurationError
from smsgate.gateway.routing.explained import Asked, Explained, explain
from smsgate.gateway.routing.ways import ways_of

_NUMBER = re.compile(r"\+?([1-9][0-9]{0,14})")
_SENDER = re.compile("[0-9]{1,16}")


class Options(SettingsOptions):
    """Which gateway, and which message."""

    number: Annotated[str, typer.Argument(metavar="NUMBER", help="An international number.")]
    features: Annotated[
        str, typer.Option(metavar="NAMES", help="What it needs, such as text,concat.")
    ] = "text"
    parts: Annotated[
        int, typer.Option(metavar="N", min=1, max=MOST_PARTS, help="How many parts it has.")
    ] = 1
    escalate: Annotated[
        bool, typer.Option("--escalate", help="It may go by more expensive routes.")
    ] = False
    max_credits: Annotated[
        str, typer.Option(metavar="CREDITS", help="The most that it may cost.")
    ] = ""
    replies_to: Annotated[
        str, typer.Option(metavar="NUMBER", help="Its sender, to which replies come back (mo:1).")
    ] = ""
    json: Json = False

    def asked(self) -> Asked:
        """The message; raises OptionError."""
        number = _NUMBER.fullmatch(self.number)
        if not number:
            raise OptionError(f"expected an international number, found {self.number!r}")
        names = {name.strip() for name in self.features.split(",")}
        if not names <= set(FEATURES):
            raise OptionError(f"expected names among {', '.join(FEATURES)}", name="--features")
        if self.replies_to and not _SENDER.fullmatch(self.replies_to):
            raise OptionError("expected 1 to 16 digits", name="--replies-to")
        return Asked(
            number[1],
            sum(FEATURES[name] for name in names),
            self.parts,
            self.escalate,
            _most(self.max_credits),
            self.replies_to or None,
        )


def _most(text: str) -> int | None:
    if not text:
        return None
    try:
        return amounts.of(Decimal(credit(text)))
    except ValueError as error:
        raise OptionError(f"{error}, found {text!r}", name="--max-credits") from None


@command
def gateway_route_explain(options: Options) -> Exit:
    """Say by which routes a message would go, and why.

    \b
    Examples:
      smsenc gateway route explain 448311234567
      smsenc gateway route explain 448311234567 --features ucs2,concat --parts 3
      smsenc gateway route explain 448311234567 --escalate --max-credits 4

    The routes are those of gateway.toml, in the order in which the message
    would go by them. Exit code 3: no route takes it.
    """
    asked = options.asked()
    try:
        settings = options.settings()
    except ConfigurationError as error:
        told(error)
    if not settings.routes:
        raise SourceError("no route is configured: the simulator inside takes every message")
    found = explain(ways_of(settings.routes), asked, _troubles(options))
    records = (
        one._asdict() | {"price": amounts.shown(one.price), "cost": amounts.shown(one.cost)}
        for one in found
    )
    answer(records, _lines(found), as_json=options.json)
    return Exit.OK if found and found[0].place else Exit.ALL_REJECTED


def _troubles(options: Options) -> dict[str, str]:
    """Why routes send nothing now; none without a gateway."""
    try:
        running = options.is_running()
        found = options.read(lambda conn: status.record(conn, running=running))["routes"]
    except OutboxError:
        return {}
    states = {name: one["state"] for name, one in found.items() if one["state"] != "open"}
    problems = {name: shown.problem(one) for name, one in found.items()}
    return {name: problem for name, problem in problems.items() if problem} | states


def _lines(found: Sequence[Explained]) -> Iterator[str]:
    rows = [
        (one.route, one.place or "-", amounts.shown(one.price), amounts.shown(one.cost))
        for one in found
    ]
    lines = shown.table(("route", "order", "price", "cost"), rows)
    for line, why in zip(lines, ("why", *("; ".join(one.why) for one in found)), strict=True):
        yield f"{line}  {why}".rstrip()
