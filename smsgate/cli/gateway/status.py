"""``smsenc gateway status``: what a gateway is doing."""

from __future__ import annotations

import shlex

from smsgate.cli import wording
from smsgate.cli.commandline import Json, command
from smsgate.cli.exits import Exit
from smsgate.cli.gateway import shown
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.output import say
from smsgate.gateway import status


class Options(DataOptions):
    """Which gateway."""

    json: Json = False


@command
def gateway_status(options: Options) -> Exit:
    """Say whether a gateway runs, and count its messages.

    \b
    Examples:
      smsenc gateway status
      smsenc gateway status --data /var/lib/gateway --json

    Messages are counted by state, account and route, while the gateway runs or
    not. Messages that are "unknown" were sent, and the message centre has not
    answered: smsenc gateway message list --state unknown shows them, and smsenc
    gateway message resend sends them again. A route that is "unused" is no
    longer configured; it is listed as long as there are messages of it.
    """
    running = options.is_running()
    found = options.read(lambda conn: status.record(conn, running=running))
    if options.json:
        say(wording.as_json(found))
        return Exit.OK
    data = f" --data {shlex.quote(options.data)}" if options.data else ""
    say("running" if running else f"not running: smsenc gateway run{data}")
    for line in shown.status_lines(found):
        say(line)
    return Exit.OK
