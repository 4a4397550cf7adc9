"""``smsenc gateway upgrade``: the database of an earlier version is changed, and keeps its rows."""

from __future__ import annotations

from smsgate.cli.commandline import command
from smsgate.cli.exits import Exit
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.output import say
from smsgate.gateway import tables


class Options(DataOptions):
    """Which gateway."""


@command
def gateway_upgrade(options: Options) -> Exit:
    """Change the database of an earlier version of smsenc.

    \b
    Examples:
      smsenc gateway upgrade
      smsenc gateway upgrade --data /var/lib/gateway

    Stop the gateway before, and make a backup: an earlier smsenc cannot use the
    database afterwards. All is changed in one transaction, or nothing.
    """
    before = options.upgrade()
    if before == str(tables.VERSION):
        say(f"the database is of version {before} already")
    else:
        say(f"the database is of version {tables.VERSION} now; it was of version {before}")
    return Exit.OK
