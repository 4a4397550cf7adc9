"""The command as a process of its own, for tests that see what a user sees."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

NUMBER = "448311234567"
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("SMSENC_")}
COMMAND = (sys.executable, "-m", "smsenc")

Done = subprocess.CompletedProcess[str]


def smsenc(
    *arguments: object, stdin: str = "", env: dict[str, str] | None = None, cwd: Path | None = None
) -> Done:
    """Run the command; nothing of ours in the environment but what ``env`` says."""
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        env=ENVIRONMENT | (env or {}),
        cwd=cwd,
        timeout=60,
        check=False,
    )


def records(done: Done) -> list[dict[str, Any]]:
    """What the command said as JSON, an object a line."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def files(folder: Path) -> dict[str, bytes]:
    """Names and octets of a folder's files."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}
