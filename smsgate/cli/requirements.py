"""What smsenc needs, by its own metadata, and whether what is installed is that."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module, metadata
from typing import NamedTuple

from smsgate import extras

#: Libraries that every installation has, by the names under which they are imported.
LIBRARIES = {
    "icalendar": "icalendar",
    "mido": "mido",
    "phonenumbers": "phonenumbers",
    "pillow": "PIL",
    "regex": "regex",
    "typer": "typer",
    "tzdata": "tzdata",
    "vobject": "vobject",
}
_REQUIREMENT = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(?P<limits>[^;]*)"
    r"(?:;.*\bextra *== *['\"](?P<extra>[A-Za-z0-9._-]+)['\"])?.*"
)
_LIMIT = re.compile(r"\s*(?P<sign>>=|<)\s*(?P<version>[0-9.]+)\s*")


class Requirement(NamedTuple):
    """A distribution, the ``limits`` of its version as ``>=1,<2``, and whose it is."""

    name: str
    limits: str
    extra: str = ""

    def allows(self, version: str) -> bool:
        """Whether a version is within the limits; only releases are compared."""
        own = _release(version)
        for limit in self.limits.split(","):
            if match := _LIMIT.fullmatch(limit):
                other = _release(match["version"])
                if not (own >= other if match["sign"] == ">=" else own < other):
                    return False
        return True


class Found(NamedTuple):
    """A distribution that is installed."""

    name: str
    version: str


def parse(text: str) -> Requirement:
    """A requirement as metadata has it: ``watchfiles<2,>=1; extra == 'watch'``."""
    match = _REQUIREMENT.fullmatch(text.strip())
    if match is None:
        return Requirement(text.strip(), "")
    return Requirement(match["name"].lower(), match["limits"].strip(), match["extra"] or "")


def needed() -> list[Requirement]:
    """What smsenc needs, and its extras; nothing where it is not installed as a distribution."""
    try:
        return sorted(map(parse, metadata.requires("smsenc") or ()))
    except metadata.PackageNotFoundError:
        return []


def installed(name: str) -> Found | None:
    """A distribution; None if it is not installed."""
    try:
        return Found(name, metadata.version(name))
    except metadata.PackageNotFoundError:
        return None


def problems(extra: str = "") -> Iterator[str]:
    """What is wrong with the libraries of an extra that is installed, or with those of all."""
    how = f'pip install --upgrade "smsenc{f"[{extra}]" if extra else ""}"'
    for one in needed():
        found = installed(one.name)
        if one.extra != extra:
            continue
        if found is None:
            yield f"{one.name} is not installed: {how}"
        elif not one.allows(found.version):
            yield f"{one.name} {found.version} is installed, {one.limits} is needed: {how}"
    for module in extras.MODULES[extra] if extra else LIBRARIES.values():
        if why := _fault(module):
            yield f"{module} cannot be loaded: {why}: {how}"


def _fault(module: str) -> str:
    """Why a module cannot be loaded; empty if it can."""
    try:
        import_module(module)
    except Exception as error:  # noqa: BLE001 - whatever a broken library raises
        return f"{type(error).__name__}: {error}".partition("\n")[0]
    return ""


def _release(version: str) -> tuple[int, ...]:
    """``(2, 1)`` of ``2.1.0rc1``: the numbers at the start, without zeros at the end."""
    match = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    numbers = [int(part) for part in match[0].split(".")] if match else []
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)
