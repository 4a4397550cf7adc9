"""``smsenc gateway reload``: settings that change while the gateway runs."""

from __future__ import annotations

import time

from smsenc import OptionError
from smsgate.cli import stopping
from smsgate.cli.commandline import command
from smsgate.cli.exits import Exit
from smsgate.cli.gateway.opening import DataOptions
from smsgate.cli.output import note, say
from smsgate.errors import UnfinishedError
from smsgate.gateway import reloading
from smsgate.gateway.reloading import Answer

_PAUSE, _PATIENCE = 0.2, 120.0  # seconds


class Options(DataOptions):
    """Which gateway."""


@command
def gateway_reload(options: Options) -> Exit:
    """Let the running gateway read gateway.toml again.

    \b
    Examples:
      smsenc gateway reload

    Routes are added, removed and changed, also their passwords in files;
    settings of accounts, limits and the certificate are read. Routes that are
    the same stay connected. What needs a restart is said by name. If anything
    is wrong, it is printed, and everything stays as it is: exit code 2. Of
    several nodes, each answers for itself.
    """
    if not options.is_running():
        raise OptionError(f"no gateway is running in {options.folder}")
    found = _answers(options)
    for name, one in found.items():
        for line in one.lines:
            (say if one.done else note)(line if len(found) == 1 else f"{name}: {line}")
    if all(one.done for one in found.values()):
        return Exit.OK
    if len(found) == 1:
        raise OptionError("gateway.toml is not used: everything stays as it was")
    names = ", ".join(name for name, one in found.items() if not one.done)
    raise OptionError(f"gateway.toml is not used by {names}: there, everything stays as it was")


def _answers(options: Options) -> dict[str, Answer]:
    """What all nodes say, by their names; raises UnfinishedError if one says nothing."""
    asked = options.transact(reloading.ask)
    end = time.monotonic() + _PATIENCE
    while True:
        found = options.read(lambda conn: reloading.answered(conn, asked))
        silent = [name for name, one in found.items() if one is None]
        if not found:
            raise UnfinishedError("no node is running: ask again when the gateway has started")
        if not silent:
            return {name: one for name, one in found.items() if one}
        stopping.check()
        if time.monotonic() > end:
            names = ", ".join(silent)
            raise UnfinishedError(f"no answer of {names}: the log there may say why")
        time.sleep(_PAUSE)
