"""What the lock files say: each package, its version and hashes, and who needs it; and licences."""

import re
import tomllib
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "licences.md"
OWN = "smsenc (pyproject.toml)"

#: Packages of which no file here says the licence: of other systems and Pythons, or silent ones.
KNOWN = {
    "colorama": "BSD-3-Clause",
    "partd": "BSD-3-Clause",
    "pyasynchat": "PSF-2.0",
    "pyasyncore": "PSF-2.0",
    "pyftpdlib": "MIT",
    "pywin32-ctypes": "BSD-3-Clause",
    "zict": "BSD-3-Clause",
}
#: SPDX identifiers of what packages write.
SPDX = {
    "Apache": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "BSD 2-Clause License": "BSD-2-Clause",
    "ISC License": "ISC",
    "OSI Approved :: BSD License": "BSD-3-Clause",
    "OSI Approved :: ISC License (ISCL)": "ISC",
    "OSI Approved :: MIT License": "MIT",
}
_PIN = re.compile(r"([a-z0-9-]+)==(\S+?)(?: ; (.*?))? ?\\?")
_HASH = re.compile(r"\s+--hash=sha256:([0-9a-f]{64})(?: \\)?")
_VIA = re.compile(r"\s+#(?: via)?\s*(.*)")


class Package(NamedTuple):
    """A line of a lock file with what follows it."""

    name: str
    version: str
    marker: str
    hashes: list[str]
    needed_by: list[str]

    @property
    def purl(self) -> str:
        return f"pkg:pypi/{self.name}@{self.version}"


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def locked(name):
    """The packages of requirements/NAME.txt, by name."""
    found = {}
    for line in (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").splitlines():
        if pin := _PIN.fullmatch(line):
            last = found[pin[1]] = Package(pin[1], pin[2], pin[3] or "", [], [])
        elif one := _HASH.fullmatch(line):
            last.hashes.append(one[1])
        elif (via := _VIA.fullmatch(line)) and via[1] and not via[1].startswith("-c "):
            last.needed_by.append(via[1])
    return found


def shipped():
    """What somebody has who installs smsenc with all extras: without what only tests need."""
    packages = locked("test")
    found, left = {}, [OWN]
    while left:
        one = left.pop()
        for package in packages.values():
            if one in package.needed_by and package.name not in found:
                found[package.name] = package
                left.append(package.name)
    return dict(sorted(found.items()))


def licence(name):
    """The licence of a package, as an SPDX expression; empty if it is not known."""
    if name in KNOWN:
        return KNOWN[name]
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    if expression := said.get("License-Expression"):
        return expression
    if text := (said.get("License") or "").strip():
        return SPDX.get(text, text)
    classifiers = said.get_all("Classifier") or []
    known = (SPDX.get(one.removeprefix("License :: "), "") for one in classifiers)
    return next(filter(None, known), "")


def listed():
    """The licences on the page, by package."""
    rows = re.findall(r"(?m)^\| ([a-z0-9-]+) \| ([^|]+) \|", PAGE.read_text("utf-8"))
    return {name: text.strip() for name, text in rows if name != "package"}
