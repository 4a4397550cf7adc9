"""A backup of PostgreSQL is made by its own program; the password is no argument of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from smsgate.errors import OutboxError
from smsgate.masking import cleaned

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

_PROGRAM = "pg_dump"


class Dump(NamedTuple):
    """A command and the variables that it needs beside those of this process."""

    words: tuple[str, ...]
    variables: Mapping[str, str]


def dump(url: URL, target: Path | None) -> Dump:
    """How to write a database to a file in PostgreSQL's own format, or to standard output."""
    host, ssl = (str(url.query.get(name, "")) for name in ("host", "ssl"))
    host = url.host or host
    options = {"--host": host, "--port": url.port, "--username": url.username}
    given = (f"{name}={value}" for name, value in options.items() if value)
    to = (f"--file={target}",) if target else ()
    words = (_PROGRAM, "--format=custom", "--no-password", *given, *to, str(url.database))
    variables = {"PGPASSWORD": str(url.password or ""), "PGSSLMODE": ssl}
    return Dump(words, {name: value for name, value in variables.items() if value})


def run(url: URL, target: Path | None) -> None:
    """Make it; raises OutboxError, which says the command if the program is not there."""
    words, variables = dump(url, target)
    if shutil.which(_PROGRAM) is None:
        command = " ".join(words)
        raise OutboxError(f"no {_PROGRAM} on this machine: run it on another: {command}")
    done = subprocess.run(  # noqa: S603 - no shell, and no word of it is from outside
        words, env=os.environ | variables, stderr=subprocess.PIPE, check=False
    )
    if done.returncode:
        why = cleaned(done.stderr.decode("utf-8", "replace").strip())
        raise OutboxError(f"{_PROGRAM} ended with {done.returncode}: {why}")
