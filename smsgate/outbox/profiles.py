"""Gateway profiles as TOML files: ours, the user's by name, or any file by its path."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from smsenc import OptionError
from smsenc.messagefile.profile import CLICKATELL, Profile, from_table, to_table
from smsenc.model import Coding

_SUFFIX = ".toml"
_BUILT_IN = Path(__file__).parent / "builtin"
_LARGEST_FILE = 65_536  # octets


def load(name: str, environ: Mapping[str, str]) -> Profile:
    """The profile of a name or of a ``.toml`` file; raises OptionError.

    A name is looked for among the user's (``profiles`` in ``folder``), then among ours.
    """
    if name == CLICKATELL.name and not (folder(environ) / f"{name}{_SUFFIX}").exists():
        return CLICKATELL  # every run needs it; a test holds it equal to its file
    for path in _places(name, environ):
        if path.is_file():
            return read(path)
    known = ", ".join(names(environ))
    raise OptionError(f"expected {known} or a {_SUFFIX} file, found {name!r}", name="--profile")


def folder(environ: Mapping[str, str]) -> Path:
    """Where a user keeps profiles: ``$XDG_CONFIG_HOME/smsenc/profiles``, or under ``~/.config``."""
    home = environ.get("XDG_CONFIG_HOME") or os.path.join(environ.get("HOME", ""), ".config")
    return Path(home) / "smsenc" / "profiles"


def names(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Profiles that ``load`` knows by name."""
    found = {path.stem for place in (folder(environ), _BUILT_IN) for path in place.glob("*.toml")}
    return tuple(sorted(found))


def read(path: Path) -> Profile:
    """The profile in a file, called by the file's name; raises OptionError with file and key."""
    try:
        with path.open("rb") as file:
            octets = file.read(_LARGEST_FILE + 1)
        if len(octets) > _LARGEST_FILE:
            raise OptionError(f"expected at most {_LARGEST_FILE} octets of TOML, found more")
        return from_table(path.stem, tomllib.loads(octets.decode("utf-8")))
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OptionError(f"expected a profile, found: {reason}", source=str(path)) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise OptionError(f"expected TOML, found: {error}", source=str(path)) from None
    except OptionError as error:
        raise error.at(source=str(path)) from None


def lines(profile: Profile) -> Iterator[str]:
    """What a profile says, for people."""
    yield f"{profile.name}: {profile.summary}"
    table = to_table(profile)
    unknown = [key for key in CLICKATELL.keys if key not in profile.keys]
    for key, value in table.items():
        if key not in _WORDED:
            yield f"  {key:15} {value}"
    limits = ", ".join(
        f"{coding.value} {alone}/{part}"
        for coding, (alone, part) in ((coding, profile.room(coding)) for coding in Coding)
    )
    yield f"  {'one part/each':15} {limits}"
    if unknown:
        yield f"  {'lacks':15} {', '.join(unknown)}"


_WORDED = ("summary", "keys")


def _places(name: str, environ: Mapping[str, str]) -> Iterator[Path]:
    if name.endswith(_SUFFIX):
        yield Path(name)
    if Path(name).name == name:  # a name, not a way out of the folder
        yield folder(environ) / f"{name}{_SUFFIX}"
        yield _BUILT_IN / f"{name}{_SUFFIX}"
