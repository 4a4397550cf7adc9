"""The ``smsenc`` command, as tests run it: in this process, or in a process of its own.

``smsenc`` calls the command's entry point with its own arguments, environment, folder and standard
streams, and restores the test's afterwards; that takes a tenth of the time of a new process.
``process`` and ``COMMAND`` are for tests of what only a process has: signals, pipes, a shell.
What a command prints with ``--json`` is checked against its schema, whatever the test is about.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, chdir, contextmanager, nullcontext
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from unittest.mock import patch

from outboxes import message_files, unmarked

from smsgate import masking
from smsgate.cli import main, output

NUMBER = "448311234567"
COMMAND = (sys.executable, "-m", "smsenc")


def environment(**more: str) -> dict[str, str]:
    """The environment without SMSENC_ variables and wishes about colours, and ``more``."""
    left_out = ("SMSENC_", "NO_COLOR", "FORCE_COLOR")
    return {k: v for k, v in os.environ.items() if not k.startswith(left_out)} | more


Done = subprocess.CompletedProcess[str]


def smsenc(
    *arguments: object,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Done:
    """Run the command in this process; it sees no SMSENC_ variables but those of ``env``."""
    words = ["smsenc", *map(str, arguments)]
    with ExitStack() as stack:
        given, out, err = (
            stack.enter_context(TemporaryFile("w+", encoding="utf-8")) for _ in range(3)
        )
        given.write(stdin)
        given.seek(0)
        with _surroundings(words, environment(**(env or {})), cwd), _streams(given, out, err):
            code = _exit_code()
        return _checked(Done(words, code, _text(out), _text(err)))


def _checked(done: Done) -> Done:
    """The same, if its JSON is as the schemas say."""
    words = done.args[: done.args.index("--")] if "--" in done.args else done.args
    if "--json" in words:
        import jsonschemas

        jsonschemas.check(done.args[1:], done.stdout, done.stderr)
    return done


def process(
    *arguments: object,
    stdin: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Done:
    """Run the command as a process of its own; everything else is as with ``smsenc``."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        env=environment(**(env or {})),
        cwd=cwd,
        timeout=60,
        check=False,
    )
    _checked(Done(["smsenc", *map(str, arguments)], done.returncode, done.stdout, done.stderr))
    return done


def _exit_code() -> int:
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return 0


@contextmanager
def _surroundings(words: list[str], environ: Mapping[str, str], cwd: Path | None) -> Iterator[None]:
    """Arguments, environment and folder of a new process, and nothing remembered."""
    handlers = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    _forget()
    try:
        with (
            chdir(cwd) if cwd else nullcontext(),
            patch.object(sys, "argv", words),
            patch.dict(os.environ, environ, clear=True),
        ):
            yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        _forget()


@contextmanager
def _streams(stdin: IO[str], stdout: IO[str], stderr: IO[str]) -> Iterator[None]:
    """Files in the place of the three streams; ``sys.__stdout__`` tells typer the width."""
    with (
        patch.object(sys, "stdin", stdin),
        patch.object(sys, "stdout", stdout),
        patch.object(sys, "__stdout__", stdout),
        patch.object(sys, "stderr", stderr),
    ):
        yield


def _forget() -> None:
    """Empty the caches of ``smsgate``. Those of smsenc and converters may stay: both are pure."""
    masking.forget()
    output.begin(())
    for name, module in list(sys.modules.items()):
        if name.partition(".")[0] == "smsgate":
            for value in vars(module).values():
                if clear := getattr(value, "cache_clear", None):
                    clear()


def _text(stream: IO[str]) -> str:
    stream.flush()
    stream.seek(0)
    return stream.read()


def records(done: Done) -> list[dict[str, Any]]:
    """The JSON objects that the command printed, one on each line."""
    return [json.loads(line) for line in done.stdout.splitlines()]


def files(folder: Path) -> dict[str, bytes]:
    """Octets of an outbox's files by their names without the mark of their run."""
    return {unmarked(path.name): path.read_bytes() for path in message_files(folder)}
