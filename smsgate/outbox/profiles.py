"""Gateway profiles as TOML files: built in, in the user's folder, or any file by its path."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from converters.errors import SourceError
from smsenc import OptionError
from smsenc.messagefile.profile import CLICKATELL, Profile, from_table, to_table
from smsenc.model import Coding
from smsgate import userfolders
from smsgate.errors import reason
from smsgate.outbox import tomlfile
from smsgate.outbox.reading import read_file

_SUFFIX = ".toml"
_BUILT_IN = Path(__file__).parent / "builtin"
_LARGEST_FILE = 65_536  # octets


def load(name: str, environ: Mapping[str, str]) -> Profile:
    """The profile of a name or of a ``.toml`` file; raises OptionError.

    A name is looked up in the user's folder (``folder``), then among the built-in profiles.
    """
    own = _places(name, environ)
    found = next((path for path in own if _is_there(path)), None)
    if found is None and name == CLICKATELL.name:
        return CLICKATELL  # saves every run the reading; a test checks that it equals its file
    if found is None and os.path.basename(name) == name:
        found = _BUILT_IN / f"{name}{_SUFFIX}"
    if found is not None and _is_there(found):
        return read(found)
    advice = f"use {', '.join(names(environ))} or a {_SUFFIX} file"
    closed = "".join(f" ({why})" for why in map(_closed, own) if why)
    raise OptionError(f"unknown profile {name!r}: {advice}{closed}", name="--profile")


def folder(environ: Mapping[str, str]) -> Path:
    """The user's profiles: ``$XDG_CONFIG_HOME/smsenc/profiles``, or below ``~/.config``."""
    return userfolders.config(environ) / "profiles"


def names(environ: Mapping[str, str]) -> tuple[str, ...]:
    """The profiles that ``load`` finds by name; those of an unreadable folder are not there."""
    found = set()
    for place in (folder(environ), _BUILT_IN):
        with suppress(OSError):
            found |= {one.stem for one in map(Path, os.listdir(place)) if one.suffix == _SUFFIX}
    return tuple(sorted(found))


def _is_there(path: Path) -> bool:
    return os.path.isfile(path)  # unlike Path.is_file, false for what may not be looked at


def _closed(path: Path) -> str | None:
    """Why the system does not say whether there is such a file."""
    try:
        os.stat(path)
    except PermissionError as error:
        return f"{path.parent}: {reason(error)}"
    except OSError:
        return None
    return None


def read(path: Path) -> Profile:
    """The profile in a file, named after the file; raises OptionError with file and key."""
    try:
        octets = read_file(path, _LARGEST_FILE)
        return from_table(path.stem, tomlfile.parse(octets))
    except SourceError as error:
        raise OptionError(
            error.message, line=error.line, name=error.name, source=str(path)
        ) from None
    except OptionError as error:
        raise error.at(source=str(path)) from None


def lines(profile: Profile) -> Iterator[str]:
    """The values of a profile, as lines of text."""
    yield f"{profile.name}: {profile.summary}"
    table = to_table(profile)
    unknown = [key for key in CLICKATELL.keys if key not in profile.keys]
    for key, value in table.items():
        if key not in _SHOWN_OTHERWISE:
            yield _line(key, str(value))
    limits = ", ".join(
        f"{coding.value} {alone} ({part})"
        for coding, (alone, part) in ((coding, profile.room(coding)) for coding in Coding)
    )
    yield _line("part sizes", limits.replace(")", " in several parts)", 1))
    yield _line("keys", ", ".join(profile.keys) if unknown else "all")
    if unknown:
        yield _line("lacks", ", ".join(unknown))


def _line(name: str, value: str) -> str:
    """A name and its value, broken for an 80-column terminal."""
    return textwrap.fill(value, 80, initial_indent=f"  {name:15} ", subsequent_indent=" " * 18)


_SHOWN_OTHERWISE = ("summary", "keys")


def _places(name: str, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """Where the user may have a profile of that name, or the file that the name is."""
    if os.path.basename(name) != name:  # a path; a name cannot lead out of the folder
        return (Path(name),) if name.endswith(_SUFFIX) else ()
    own = folder(environ) / f"{name}{_SUFFIX}"
    return (Path(name), own) if name.endswith(_SUFFIX) else (own,)
