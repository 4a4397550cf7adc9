"""``smsenc doctor``: what is installed, and what is wrong with it."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from smsenc import SmsencError
from smsgate import extras, userfolders
from smsgate.cli import requirements, settingsfile, wording
from smsgate.cli.commandline import Json, OptionGroup, command
from smsgate.cli.exits import Exit
from smsgate.cli.output import say

#: Programs that our tests compare with; no command needs them.
PROGRAMS = (
    *("tshark", "gnokii", "gammu", "smsd", "vsftpd", "proftpd", "postgres", "chromium"),
    *("node", "curl", "systemd-analyze"),
)
#: Where Debian has servers, which are not on a user's PATH.
_SERVERS = "/usr/sbin"
#: A zone that every version of the data has.
_ZONE = "Europe/Paris"


class Options(OptionGroup):
    """How to print."""

    json: Json = False


@command
def doctor(options: Options) -> Exit:
    """Show what is installed here, and what is wrong with it.

    \b
    Examples:
      smsenc doctor
      smsenc doctor --json

    Nothing is changed, no server is asked, and no log-in is shown: of variables
    only the names. Extras that are not installed are no problem. It ends with 3
    if something that is installed cannot be used.
    """
    found = diagnosis(os.environ)
    if options.json:
        say(wording.as_json(found))
    else:
        for line in _lines(found):
            say(line)
    return Exit.ALL_REJECTED if found["problems"] else Exit.OK


def diagnosis(environ: Mapping[str, str]) -> dict[str, Any]:
    """The JSON object of what is installed; ``problems`` are lines for people."""
    own = requirements.installed("smsenc")
    settings, wrong = _settings(environ)
    state = userfolders.state(environ)
    present = {name: not extras.missing(name) for name in extras.MODULES}
    used = ["", *(name for name, here in present.items() if here)]
    broken = {name: list(requirements.problems(name)) for name in used}
    plugins, faults = _plugins()
    return {
        "python": {"version": platform.python_version(), "program": sys.executable},
        "system": platform.platform(),
        "smsenc": {
            "version": own.version if own else None,
            "folder": str(Path(extras.__file__).parents[1]),
        },
        "encoding": str(sys.stdout.encoding).lower(),
        "time_zones": _time_zones(),
        "settings": settings,
        "variables": sorted(name for name in environ if name.startswith("SMSENC_")),
        "state": {"folder": str(state), "writable": _is_writable(state)},
        "libraries": _versions(""),
        "extras": {
            name: {
                "state": _state(here, broken.get(name)),
                "enables": extras.ENABLES[name],
                "libraries": _versions(name),
            }
            for name, here in present.items()
        },
        "plugins": plugins,
        "programs": {name: _program(name) for name in PROGRAMS},
        "problems": [
            *wrong,
            *dict.fromkeys(line for lines in broken.values() for line in lines),
            *faults,
        ],
    }


def _state(present: bool, problems: list[str] | None) -> str:
    if not present:
        return "not installed"
    return "broken" if problems else "installed"


def _versions(extra: str) -> dict[str, str | None]:
    """The distributions of an extra, and their versions; None if one is not installed."""
    found = {
        one.name: requirements.installed(one.name)
        for one in requirements.needed()
        if one.extra == extra
    }
    return {name: one.version if one else None for name, one in found.items()}


def _settings(environ: Mapping[str, str]) -> tuple[str | None, list[str]]:
    """The file of settings that is read, and what is wrong with it."""
    try:
        path = settingsfile.load(environ).path
    except SmsencError as error:
        return error.source, [str(error)]
    return (None if path is None else str(path)), []


def _time_zones() -> str | None:
    """The version of the data; None if there is none."""
    found = requirements.installed("tzdata")
    try:
        from converters.calendars import timezones  # noqa: PLC0415 - needs libraries that may fail

        return found.version if found and timezones.named(_ZONE) else None
    except (ImportError, OSError):
        return None


def _plugins() -> tuple[list[dict[str, str]], list[str]]:
    """The formats of other packages, and what is wrong with them."""
    try:
        from converters import registry  # noqa: PLC0415 - needs libraries that may fail

        found = registry.faults_by_plugin()
    except (ImportError, OSError, SmsencError) as error:
        return [], [f"formats cannot be loaded: {error}"]
    rows = [
        one.record | {"state": "broken" if faults else "installed"} for one, faults in found.items()
    ]
    return rows, [fault for faults in found.values() for fault in faults]


def _is_writable(folder: Path) -> bool:
    """Whether files can be written there; a folder that does not exist can be made."""
    there = next((one for one in (folder, *folder.parents) if one.exists()), folder)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), _SERVERS)))


def _lines(found: Mapping[str, Any]) -> Iterator[str]:
    """The same for people."""
    own, state = found["smsenc"], found["state"]
    yield f"smsenc {own['version'] or '(not installed as a distribution)'}"
    yield from _table(
        {
            "folder": own["folder"],
            "Python": f"{found['python']['version']}, {found['python']['program']}",
            "system": found["system"],
            "encoding": found["encoding"],
            "time zones": f"tzdata {found['time_zones']}" if found["time_zones"] else "none",
            "settings": found["settings"] or "none",
            "state": f"{state['folder']}{'' if state['writable'] else ' (cannot be written)'}",
            "variables": ", ".join(found["variables"]) or "none",
        }
    )
    yield "Libraries"
    yield from _table(
        {name: version or "not installed" for name, version in found["libraries"].items()}
    )
    yield "Extras"
    yield from _table(
        {name: f"{one['state']:<14} {one['enables']}" for name, one in found["extras"].items()}
    )
    yield from _plugin_lines(found["plugins"])
    yield "Programs that only the tests of smsenc use"
    yield from _table({name: path or "not found" for name, path in found["programs"].items()})
    yield from (f"! {problem}" for problem in found["problems"])


def _plugin_lines(plugins: list[dict[str, str]]) -> Iterator[str]:
    if plugins:
        yield "Formats of other packages"
    for one in plugins:
        about = f"{one['state']:<14} {one['distribution']} {one['version']}"
        yield from _table({one["name"]: about})


def _table(rows: Mapping[str, str]) -> Iterator[str]:
    yield from (f"  {name:<16}{value}" for name, value in rows.items())
