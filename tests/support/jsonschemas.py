"""What commands print with ``--json``, checked against the schemas that the project publishes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache

from jsonschema import Draft202012Validator

from smsgate.cli import schemafiles
from smsgate.cli.commands import COMMANDS, SUBCOMMANDS

_NAMES = sorted((row.name for row in COMMANDS + SUBCOMMANDS), key=len, reverse=True)


@cache
def validator(name: str) -> Draft202012Validator:
    """Checks against the schema that ``smsenc schema`` prints, with its formats."""
    schema = schemafiles.bundled(name)
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


def faults(name: str, record: object) -> list[str]:
    """What a schema has against a record."""
    return [f"{one.json_path}: {one.message}" for one in validator(name).iter_errors(record)]


def schema_of(words: Sequence[str]) -> str | None:
    """The name of a command line's schema; None for one without JSON."""
    if "--json" not in words:
        return None
    line = " ".join((*words, "")).removeprefix("-q ").removeprefix("-v ")
    command = next((name for name in _NAMES if line.startswith(f"{name} ")), None)
    name = command and command.replace(" ", "-")
    return name if name in schemafiles.names() else None


def check(words: Sequence[str], stdout: str, stderr: str = "") -> None:
    """Fail if a line that a command printed is not as its schema says, or an error is no JSON."""
    for line in stderr.splitlines():
        assert not line.startswith(("smsenc: ", "Error: ", "Usage: ")), (words, line)
        if line.startswith("{"):
            wrong = faults("error", json.loads(line))
            assert not wrong, (words, line, wrong)
    name = schema_of(words)
    for line in stdout.splitlines() if name else ():
        wrong = faults(name, json.loads(line))
        assert not wrong, (words, line, wrong)
