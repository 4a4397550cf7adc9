"""Vectors of the formats: files a person can review, under ``vectors/<format>/{valid,invalid}``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from places import VECTORS


def paths(name: str, folder: str, *suffixes: str) -> list[Path]:
    """The files of a format's folder that end so; there must be some."""
    found = sorted(p for p in (VECTORS / name / folder).iterdir() if p.suffix in suffixes)
    assert found, f"no vectors in {name}/{folder}"
    return found


def described(name: str, folder: str) -> list[Any]:
    """A case for each text file of ``key: value`` lines."""
    return [pytest.param(fields(p), id=p.stem) for p in paths(name, folder, ".txt")]


def fields(path: Path) -> dict[str, str]:
    """Keys and values of such a file; a value may be empty."""
    text = path.read_text().replace(":\n", ": \n")
    return dict(line.split(": ", 1) for line in text.splitlines())


def judged(name: str, folder: str, *suffixes: str) -> list[Any]:
    """A case for each source with the JSON file beside it that says what it becomes."""
    return [
        pytest.param(path, json.loads(path.with_suffix(".json").read_text()), id=path.stem)
        for path in paths(name, folder, *suffixes)
    ]
