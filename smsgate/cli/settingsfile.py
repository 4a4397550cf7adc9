"""Settings that a user repeats, from ``smsenc.toml`` in the folder or ``config.toml`` of the user.

A key is an option without its dashes and holds for every command that has it; a table with the name
of a command is for that command alone. What is typed comes first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from smsgate import userfolders
from smsgate.cli.commands import COMMANDS

#: Options that may be in a file. A log-in may not: it has files of its own that are private.
KEYS = (
    *("host", "port", "tls", "folder", "ca-file", "timeout", "retries", "temporary"),
    *("profile", "region", "to", "to-file", "from", "tz", "max-parts", "prices"),
)
_SEVERAL = ("to", "to-file")  # options that may be repeated
_NAME = "smsenc.toml"
_LARGEST = 65_536  # octets
#: The host and port of a server of ours are not those of a gateway that files are uploaded to.
_COMMANDS = frozenset(row.name for row in COMMANDS) - {"docs", "gateway", "simulate", "studio"}


class Settings(NamedTuple):
    """What is in the file at ``path``, by command and option; no path without a file."""

    path: Path | None = None
    values: Mapping[str, Mapping[str, object]] = MappingProxyType({})

    def defaults(self) -> dict[str, dict[str, object]]:
        """The same for typer, by the names of its parameters."""
        return {
            command: {
                name: [value] if key in _SEVERAL and isinstance(value, str) else value
                for key, value in values.items()
                for name in (key.replace("-", "_"), f"{key.replace('-', '_')}_")
            }
            for command, values in self.values.items()
        }

    def lines(self) -> Iterator[str]:
        """The settings for people."""
        if self.path is None:
            yield f"no settings: put them into {_NAME} or {places(os.environ)[-1]}"
            return
        yield f"{self.path}:"
        for command, key, value in self._rows():
            yield f"  {f'{command}: ' if command else ''}{key} = {value}"

    def records(self) -> Iterator[dict[str, object]]:
        """The settings as JSON objects; ``command`` is None for those of every command."""
        for command, key, value in self._rows():
            yield {"file": str(self.path), "key": key, "value": value, "command": command}

    def _rows(self) -> Iterator[tuple[str | None, str, object]]:
        """Command, key and value; those of every command come first."""
        if not self.values:
            return
        same = set.intersection(*(set(map(_item, v.items())) for v in self.values.values()))
        every = next(iter(self.values.values()))
        yield from ((None, key, every[key]) for key, _ in sorted(same))
        for command, values in sorted(self.values.items()):
            own = sorted(set(map(_item, values.items())) - same)
            yield from ((command, key, values[key]) for key, _ in own)


def _item(pair: tuple[str, object]) -> tuple[str, str]:
    return pair[0], str(pair[1])


def load(environ: Mapping[str, str]) -> Settings:
    """The settings of the first file that exists; raises OptionError."""
    for path in places(environ):
        try:
            exists = path.is_file()
        except OSError:
            exists = False
        if exists:
            return Settings(path, _by_command(_table(path), path))
    return Settings()


def is_setting(environ: Mapping[str, str], key: str, value: str) -> bool:
    """Whether the file has that value for a command, so that nobody need have typed it."""
    return any(values.get(key) == value for values in load(environ).values.values())


def places(environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The files that are looked for; the first one that exists is read."""
    return Path(_NAME), userfolders.config(environ) / "config.toml"


def _table(path: Path) -> Mapping[str, object]:
    from converters.errors import SourceError  # noqa: PLC0415 - only where there is a file
    from smsenc import OptionError  # noqa: PLC0415 - as above
    from smsgate.outbox import tomlfile  # noqa: PLC0415 - as above
    from smsgate.outbox.reading import open_file, read_stream  # noqa: PLC0415 - as above

    try:
        with open_file(path) as file:
            status = os.fstat(file.fileno())
            if os.name == "posix" and status.st_uid not in (0, os.geteuid()):
                raise SourceError("belongs to another user, so it is not used")
            if os.name == "posix" and status.st_mode & 0o022:
                raise SourceError("other users can change it (chmod go-w), so it is not used")
            return tomlfile.parse(read_stream(file, _LARGEST))
    except SourceError as error:
        raise OptionError(error.message, source=str(path), line=error.line) from None


def _by_command(table: Mapping[str, object], path: Path) -> dict[str, dict[str, object]]:
    common = {key: value for key, value in table.items() if key not in _COMMANDS}
    found = {command: dict(common) for command in _COMMANDS}
    for command in _COMMANDS.intersection(table):
        own = table[command]
        _check(isinstance(own, dict), path, f"expected a table [{command}]")
        found[command] |= dict(own) if isinstance(own, dict) else {}
    for values in found.values():
        for key, value in values.items():
            _check(key in KEYS, path, f"expected one of {', '.join(KEYS)}, found {key!r}")
            right = isinstance(value, str | int | float | list)
            _check(right, path, f"{key}: expected a text, a number or a list")
    return found


def _check(right: bool, path: Path, message: str) -> None:
    from smsenc import OptionError  # noqa: PLC0415 - as in _table

    if not right:
        raise OptionError(message, source=str(path))
