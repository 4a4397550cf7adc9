"""Where a user's own settings and state are, by the conventions of the system.

The variables of the XDG base directory specification count on every system; without them Windows
has its own folders, and all others ``~/.config`` and ``~/.local/state``.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

_OURS = "smsenc"


def config(environ: Mapping[str, str]) -> Path:
    """The folder of a user's settings, whether it exists or not."""
    given = environ.get("XDG_CONFIG_HOME") or _of_windows(environ, "APPDATA")
    return Path(given or os.path.join(environ.get("HOME", ""), ".config"), _OURS)


def state(environ: Mapping[str, str]) -> Path:
    """The folder of what smsenc remembers for a user; a relative XDG_STATE_HOME does not count."""
    base = environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):
        base = _of_windows(environ, "LOCALAPPDATA")
    return Path(base or os.path.join(os.path.expanduser("~"), ".local", "state"), _OURS)


def _of_windows(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name, "") if os.name == "nt" else ""
