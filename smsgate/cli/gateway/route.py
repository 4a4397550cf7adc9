"""``smsenc gateway route``: the ways to phones."""

from __future__ import annotations

from typing import Annotated

import typer

from smsgate.cli.answers import answer
from smsgate.cli.commandline import Json, command
from smsgate.cli.exits import Exit
from smsgate.cli.gateway import shown
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.gateway.settingsoptions import SettingsOptions, told
from smsgate.cli.output import say
from smsgate.gateway import credits as amounts
from smsgate.gateway import routes, status
from smsgate.gateway.configuration import ConfigurationError
from smsgate.gateway.states import RouteState


class ListOptions(SettingsOptions):
    """Which gateway, and its settings."""

    json: Json = False


class RouteOptions(DataOptions):
    """Which route."""

    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the route.")]


@command
def gateway_route_list(options: ListOptions) -> Exit:
    """List the routes, and what they have sent.

    \b
    Examples:
      smsenc gateway route list
      smsenc gateway route list --json

    Routes of gateway.toml have their price for a part, and the numbers that
    they take. "waiting" are messages that wait for the route. While the gateway
    runs, a column says why a route sends nothing. A route that is "unused" is
    no longer configured; it is listed as long as there are messages of it.
    """
    running = options.is_running()
    found = options.read(lambda conn: status.record(conn, running=running))["routes"]
    for name, terms in _terms(options).items():
        if name in found:
            found[name] |= terms
    records = ({"name": name, **one} for name, one in found.items())
    answer(records, shown.route_lines(found), as_json=options.json)
    return Exit.OK


def _terms(options: ListOptions) -> dict[str, dict[str, str]]:
    """Price and numbers of the routes that are configured."""
    try:
        routes = options.settings().routes
    except ConfigurationError as error:
        told(error)
    return {
        one.name: {
            "price": amounts.shown(amounts.of(one.price)),
            "numbers": ",".join((*one.prefixes, *sorted(one.regions))) or "all",
        }
        for one in routes
    }


@command
def gateway_route_pause(options: RouteOptions) -> Exit:
    """Stop sending by a route; messages wait.

    \b
    Examples:
      smsenc gateway route pause main

    What the route has been given already is still sent. Messages expire when
    their validity ends while they wait.
    """
    options.transact(lambda conn: routes.set_state(conn, options.name, RouteState.PAUSED))
    say(f"{options.name} is paused")
    return Exit.OK


@command
def gateway_route_resume(options: RouteOptions) -> Exit:
    """Send by a paused route again.

    \b
    Examples:
      smsenc gateway route resume main
    """
    options.transact(lambda conn: routes.set_state(conn, options.name, RouteState.OPEN))
    say(f"{options.name} is open")
    return Exit.OK
