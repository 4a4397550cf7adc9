"""``smsenc`` is pure: by its source, and by what its import brings in."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import smsenc

_FOLDER = Path(smsenc.__file__).parent
# ``python -m smsenc`` opens the door to the command; nothing imports it.
SOURCES = sorted(set(_FOLDER.rglob("*.py")) - {_FOLDER / "__main__.py"})

# What is allowed, not what is forbidden: files, sockets, clock, randomness and the converters stay
# out by name without a list of them that could have a gap.
PURE_MODULES = {
    "__future__",
    "bisect",
    "codecs",
    "collections",
    "dataclasses",
    "decimal",
    "enum",
    "functools",
    "itertools",
    "math",
    "operator",
    "re",
    "regex",  # a matcher like re
    "anyascii",  # a table of characters
    "smsenc",
    "types",
    "typing",
    "unicodedata",
}
IMPURE_NAMES = {"__import__", "breakpoint", "compile", "eval", "exec", "input", "open", "print"}


def offences(source: str) -> Iterator[str]:
    """The modules and names in ``source`` that a pure module does not touch."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Import():
                modules = [alias.name for alias in node.names]
            case ast.ImportFrom(module="pathlib", names=[ast.alias(name="PurePath")]):
                continue  # a path's name, without the file
            case ast.ImportFrom(level=0, module=str(module)):
                modules = [module]
            case ast.Name(id=name) if name in IMPURE_NAMES:
                yield name
                continue
            case ast.Attribute(value=ast.Name(id="codecs"), attr="open"):
                yield "codecs.open"
                continue
            case _:
                continue
        yield from (name for name in modules if name.partition(".")[0] not in PURE_MODULES)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_source_touches_nothing_outside(path):
    assert list(offences(path.read_text(encoding="utf-8"))) == []


def test_there_are_sources():
    assert {"model.py", "splitting.py", "file.py"} <= {path.name for path in SOURCES}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import os", ["os"]),
        ("import re, os.path as p", ["os.path"]),
        ("from datetime import datetime", ["datetime"]),
        ("from converters.api import Item", ["converters.api"]),
        ("def f():\n    import random", ["random"]),
        ("import vobject", ["vobject"]),
        ("from pathlib import PurePath", []),
        ("from pathlib import Path, PurePath", ["pathlib"]),
        ("def f(path):\n    return open(path)", ["open"]),
        ("show = print", ["print"]),
        ("import codecs\ncodecs.open('x')", ["codecs.open"]),
        ("__import__('os')", ["__import__"]),
        ("import re\nfrom smsenc.model import Port\nre.compile('x')", []),
    ],
)
def test_the_walker_finds(source, found):
    assert list(offences(source)) == found


def strangers(module: str) -> set[str]:
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
    assert strangers("smsenc") == set()


def test_a_stranger_would_be_seen():
    assert "pytest" in strangers("pytest")
