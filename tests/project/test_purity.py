"""``smsenc`` and ``converters`` are pure: by their source, and ``smsenc`` by what it imports.

A pure module reads no file, socket, clock or randomness. Modules are allowed by name, with the
reason beside each; the few files that need more are named one by one.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import converters
import smsenc

# Neither can read anything, nor keeps the state of anything outside.
COMMON = {
    "__future__",
    "base64",
    "bisect",
    "codecs",  # but not codecs.open
    "collections",
    "contextlib",
    "dataclasses",
    "datetime",  # calendar arithmetic, but not the clock: see _CLOCK
    "decimal",
    "enum",
    "functools",
    "itertools",
    "math",
    "operator",
    "pathlib.PurePath",  # a name, not a file
    "re",
    "regex",  # as re, with grapheme clusters
    "smsenc",
    "struct",
    "types",
    "typing",
    "unicodedata",
}
PURE_MODULES = {
    "smsenc": COMMON
    | {
        "anyascii",  # a table of characters
    },
    "converters": COMMON
    | {
        "PIL",  # pictures, opened from octets in memory
        "array",
        "binascii",
        "calendar",  # the length of months
        "contextlib",
        "converters",
        "dateutil",  # recurrence rules
        "difflib",
        "fractions",
        "hashlib",
        "heapq",
        "icalendar",  # parses octets in memory
        "io",  # octets in memory; open is forbidden by its name
        "json",
        "mido",  # reads and writes octets in memory
        "statistics",
        "struct",
        "textwrap",
        "vobject",  # parses octets in memory
        "wave",  # writes octets in memory
        "zlib",  # inflates octets in memory
    },
}
# Files that read what is installed: package data, time zones, entry points.
EXCEPTIONS = {
    "converters/calendars/timezones.py": {"pkgutil", "zoneinfo"},
    "converters/pictures/files.py": {"warnings"},  # turns a warning of Pillow into an error
    # Imports with a time-out, and undoes what that does to the folder and the streams.
    "converters/plugins.py": {"io", "os", "sys", "threading", "traceback"},
    # formats.json, and which other packages are installed.
    "converters/installed.py": {"os", "pathlib.Path", "sys"},
    "converters/loading.py": {"importlib.import_module"},  # loads our own modules when needed
    "smsenc/__init__.py": {"importlib.import_module"},  # as above
    "smsenc/exports.py": {"importlib.import_module"},  # as above
    "converters/formattable.py": {"importlib.metadata"},  # makes formats.json
    "converters/registry.py": {"importlib.metadata"},  # formats of other packages
    "converters/tunes/wav.py": {"sys"},  # the byte order of the machine
}
IMPURE_NAMES = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"}
# Attributes of datetime and date that read the clock or the machine's time zone.
_CLOCK = {"fromtimestamp", "now", "today", "utcfromtimestamp", "utcnow"}

_ROOT = Path(smsenc.__file__).parents[1]
# ``python -m`` starts the command from here; nothing imports these files.
SOURCES = sorted(
    path
    for package in (smsenc, converters)
    for path in Path(package.__file__).parent.rglob("*.py")
    if path.name != "__main__.py"
)


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules that a source imports; a name from ``pathlib`` or ``importlib`` in full."""
    for node in ast.walk(tree):
        match node:
            case ast.Import():
                yield from (alias.name for alias in node.names)
            case ast.ImportFrom(level=0, module="pathlib" | "importlib" as module):
                yield from (f"{module}.{alias.name}" for alias in node.names)
            case ast.ImportFrom(level=0, module=str(module)):
                yield module


def touched(tree: ast.AST) -> Iterator[str]:
    """The names in a source that reach outside."""
    dates = "datetime" in imported(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name) if name in IMPURE_NAMES:
                yield name
            case ast.Attribute(value=ast.Name(id="codecs"), attr="open"):
                yield "codecs.open"
            case ast.Attribute(attr=name) if dates and name in _CLOCK:
                yield f".{name}"


def offences(source: str, allowed: set[str] = PURE_MODULES["smsenc"]) -> Iterator[str]:
    """The modules and names in ``source`` that a pure module does not use."""
    tree = ast.parse(source)
    for name in imported(tree):
        if name not in allowed and name.partition(".")[0] not in allowed:
            yield name
    yield from touched(tree)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_source_touches_nothing_outside(path):
    name = path.relative_to(_ROOT).as_posix()
    allowed = PURE_MODULES[name.partition("/")[0]] | EXCEPTIONS.get(name, set())
    assert list(offences(path.read_text(encoding="utf-8"), allowed)) == []


def test_there_are_sources():
    names = {path.relative_to(_ROOT).as_posix() for path in SOURCES}
    assert {"smsenc/model.py", "smsenc/messagefile/reader.py", "converters/pipeline.py"} <= names
    assert EXCEPTIONS.keys() <= names


def test_every_exception_is_needed():
    for name, modules in EXCEPTIONS.items():
        tree = ast.parse((_ROOT / name).read_text(encoding="utf-8"))
        assert modules <= set(imported(tree))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os", ["os"]),
        ("import re, os.path as p", ["os.path"]),
        ("import time", ["time"]),
        ("from datetime import datetime\ndatetime.fromisoformat(x) - datetime.min", []),
        ("from datetime import datetime\ndatetime.now()", [".now"]),
        ("from datetime import datetime as D\nD.utcnow()", [".utcnow"]),
        ("import datetime\ndatetime.date.today()", [".today"]),
        ("from datetime import date\nread = date.fromtimestamp", [".fromtimestamp"]),
        ("import datetime as d\nd.datetime.utcfromtimestamp(0)", [".utcfromtimestamp"]),
        ("staff.now += 1", []),
        ("from converters.api import Item", ["converters.api"]),
        ("def f():\n    import random", ["random"]),
        ("import vobject", ["vobject"]),
        ("from importlib import resources", ["importlib.resources"]),
        ("from pathlib import PurePath", []),
        ("from pathlib import Path, PurePath", ["pathlib.Path"]),
        ("import pathlib", ["pathlib"]),
        ("def f(path):\n    return open(path)", ["open"]),
        ("show = print", ["print"]),
        ("import codecs\ncodecs.open('x')", ["codecs.open"]),
        ("__import__('os')", ["__import__"]),
        ("import re\nfrom smsenc.model import Port\nre.compile('x')", []),
    ],
)
def test_the_walker_finds(source, found):
    assert list(offences(source)) == found


def test_each_package_has_its_own_list():
    source = "import json, socket\nfrom smsgate.outbox import folder"
    assert list(offences(source)) == ["json", "socket", "smsgate.outbox"]
    assert list(offences(source, PURE_MODULES["converters"])) == ["socket", "smsgate.outbox"]


def third_party(module: str) -> set[str]:
    """Modules that come in with ``module`` and are neither Python's nor smsenc's."""
    script = (
        "import sys; before = set(sys.modules)\n"
        f"import {module}\n"
        "print(*{name.partition('.')[0] for name in set(sys.modules) - before})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split()) - sys.stdlib_module_names - {"smsenc"}


def test_import_brings_nothing_but_the_standard_library():
    assert third_party("smsenc") == set()


def test_a_third_party_module_would_be_seen():
    assert "pytest" in third_party("pytest")
