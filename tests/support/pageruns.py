"""Runs the code blocks of a page of ``docs/`` as a reader would, from top to bottom.

    tools/run-page docs/howto/send.md

The page has one fresh folder, which is its HOME and has a copy of ``samples/``; a network of its
own, so that the usual ports are free; and ``smsenc`` on its PATH. No SMSENC_ variable is set, the
zone is UTC, and SOURCE_DATE_EPOCH is the tests' day. Each block has a shell of its own: what it
exports is there in the next blocks, its folder and its other variables are not.

``sh``       each command must end with 0
``console``  ``$ `` begins a command (``> `` may begin its next lines). What follows is its output:
             stdout, or stdout and stderr in any mixture of their lines. Marks of runs are masked,
             and the page's folder is written ``/home/me``. ``...`` stands for any text in a line,
             and alone on a line for any lines. For the exit code, write ``; echo $?``
``python``   must end without an error
``toml``     must be valid; with a first line ``# gateway.toml`` it is written to that file
``json``     must be valid
``text``, ``csv``, ``ini``, ``http``, ``xml``  only shown

A command that ends in `` &`` starts a server: the page goes on when that listens on a port and has
printed something, or has ended (with 0). It is terminated at the end of the page. ``smsenc watch``
and other commands of ``_NO_PORT`` are not waited for. The block after a line
``<!-- not run: REASON -->`` is not run. A block in any other language is an error.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path

import pageservers
from pageblocks import Block, Command, blocks, commands, matches
from pageservers import OWN_NETWORK, WAIT, loopback, runs
from places import SAMPLES

SECONDS = 120  #: for one block
DAY = "1700000000"

_SHOWN_ONLY = frozenset({"text", "csv", "ini", "http", "xml"})
_NAMED = re.compile(r"# ((?:[\w.-]+/)*[\w.-]+\.toml)\n")
_NO_PORT = re.compile(r"\bsmsenc (watch|log)\b|\btail -|\bsleep\b")


class Run:
    """One page, in its folder."""

    def __init__(self, page: Path, folder: Path) -> None:
        self.page = page
        self.home = folder / "home"
        self.failures: list[str] = []
        self._records = folder / "records"
        self._groups: list[int] = []
        self._servers: list[int] = []
        self._count = 0
        for made in (self._records, folder / "bin"):
            made.mkdir()
        shutil.copytree(SAMPLES, self.home / "samples")
        self._environment = _environment(self.home, _wrapper(folder / "bin"))

    def all(self) -> None:
        """Run every block; ``failures`` are what was found."""
        try:
            for block in blocks(self.page.read_text("utf-8")):
                self._checked(block)
        except ValueError as wrong:
            self._fail(1, str(wrong))
        finally:
            self._end()

    def _checked(self, block: Block) -> None:
        try:
            self._block(block)
        except ValueError as wrong:
            self._fail(block.line, str(wrong))

    def _block(self, block: Block) -> None:
        if block.language in {"sh", "console"}:
            self._shell(block, list(commands(block)))
        elif block.language == "python":
            self._python(block)
        elif block.language == "toml":
            tomllib.loads(block.text)
            if named := _NAMED.match(block.text):
                file = self.home / named[1]
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(block.text, "utf-8")
        elif block.language == "json":
            json.loads(block.text)
        elif block.language not in _SHOWN_ONLY:
            raise ValueError(f"expected a language that is known here, found {block.language!r}")

    def _python(self, block: Block) -> None:
        # "-c" so that the page's folder is searched for modules, as where a reader types it.
        self._start([sys.executable, "-c", block.text], block, self._records / "python")
        out, err, code = self._read("python")
        if code != "0":
            self._fail(block.line, f"ended with {code}\n{out}{err}")

    def _shell(self, block: Block, wanted: list[Command]) -> None:
        self._count += 1
        names = [f"{self._count}-{number}" for number in range(len(wanted))]
        script = "".join(map(self._script, wanted, names))
        state = self._records / "state"
        script = f"trap 'env -0 >{state}' EXIT\n{script}"
        self._start(["bash", "-c", script], block, self._records / "block")
        for command, name in zip(wanted, names, strict=True):
            if not (self._records / f"{name}.code").exists():
                self._fail(command.line, f"$ {command.text}\nhas not ended\n{self._tail(name)}")
                break
            self._check(command, name)
        self._servers += map(int, self._lines("servers"))
        self._carry(state)

    def _script(self, command: Command, name: str) -> str:
        at = self._records / name
        text = f"{{\n{command.text}\n}} >{at}.out 2>{at}.err\n__code=$?\n"
        if command.server and not _NO_PORT.search(command.text):
            ready = f"{sys.executable} {pageservers.__file__} $!"
            text += f"{ready} || {{ wait $!; __code=$?; }}\n"
        if command.server:
            text += f"echo $! | tee {at}.server >>{self._records}/servers\n"
        return f"{text}echo $__code >{at}.code\n"

    def _start(self, words: list[str], block: Block, record: Path) -> None:
        """Run a program to its end, in a group of its own that servers stay in."""
        with open(f"{record}.out", "wb") as out, open(f"{record}.err", "wb") as err:
            process = subprocess.Popen(
                words,
                cwd=self.home,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
            )
            self._groups.append(process.pid)
            try:
                code = process.wait(SECONDS)
            except subprocess.TimeoutExpired:
                self._fail(block.line, f"has not ended after {SECONDS} seconds")
                os.killpg(process.pid, signal.SIGKILL)
                code = process.wait()
        Path(f"{record}.code").write_text(f"{code}\n")

    def _check(self, command: Command, name: str) -> None:
        deadline = time.monotonic() + (WAIT if command.server else 0)
        while True:
            out, err, code = self._read(name)
            shown = command.shown
            good = shown is None or matches(_masked(shown), out, err, more=command.server)
            servers = self._lines(f"{name}.server")
            if good or time.monotonic() >= deadline or not any(map(runs, map(int, servers))):
                break
            time.sleep(0.1)
        if code != "0":
            self._fail(command.line, f"$ {command.text}\nended with {code}\n{out}{err}")
        elif not good:
            self._fail(command.line, f"$ {command.text}\n{_difference(shown or '', out, err)}")

    def _read(self, name: str) -> tuple[str, str, str]:
        texts = [
            (self._records / f"{name}.{kind}").read_text("utf-8", "replace")
            for kind in ("out", "err", "code")
        ]
        out, err = (_masked(text.replace(str(self.home), "/home/me")) for text in texts[:2])
        return out, err, texts[2].strip()

    def _tail(self, name: str) -> str:
        files = [f"{name}.out", f"{name}.err", "block.err"]
        return "".join("".join(f"{line}\n" for line in self._lines(file)) for file in files)

    def _lines(self, name: str) -> list[str]:
        path = self._records / name
        return path.read_text("utf-8", "replace").splitlines() if path.exists() else []

    def _carry(self, state: Path) -> None:
        if state.exists():
            pairs = state.read_bytes().split(b"\0")[:-1]
            found = dict(os.fsdecode(pair).split("=", 1) for pair in pairs)
            own = {"PWD", "OLDPWD", "SHLVL", "_"}
            self._environment = {k: v for k, v in found.items() if k not in own}

    def _fail(self, line: int, text: str) -> None:
        self.failures.append(f"{self.page}:{line}: {text.rstrip()}")

    def _end(self) -> None:
        """Terminate the servers, the last first; then kill whatever is left."""
        for server in reversed(self._servers):
            if runs(server):
                os.kill(server, signal.SIGTERM)
        deadline = time.monotonic() + WAIT
        while any(map(runs, self._servers)) and time.monotonic() < deadline:
            time.sleep(0.05)
        for group in self._groups:
            try:
                os.killpg(group, signal.SIGKILL)
            except ProcessLookupError:
                continue


def _masked(text: str) -> str:
    from outboxes import unmarked

    return unmarked(text)


def _difference(shown: str, out: str, err: str) -> str:
    both = [_masked(shown).rstrip("\n").splitlines(), out.rstrip("\n").splitlines()]
    lines = difflib.unified_diff(*both, "the page", "stdout", lineterm="")
    return "\n".join([*lines, *(["stderr:", err] if err else [])])


def _environment(home: Path, path: str) -> dict[str, str]:
    left_out = ("SMSENC_", "XDG_", "PYTEST_", "COLUMNS", "LINES")
    found = {k: v for k, v in os.environ.items() if not k.startswith(left_out)}
    own = {"HOME": str(home), "PATH": path, "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "dumb"}
    return found | own | {"SOURCE_DATE_EPOCH": DAY}


def _wrapper(folder: Path) -> str:
    """PATH with an ``smsenc`` that is the one which is tested, and with its Python."""
    file = folder / "smsenc"
    file.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m smsgate.cli "$@"\n')
    file.chmod(0o755)
    return f"{folder}:{Path(sys.executable).parent}:{os.environ['PATH']}"


def has_servers(page: Path) -> bool:
    """Whether a page starts a server."""
    shells = [one for one in blocks(page.read_text("utf-8")) if one.language in {"sh", "console"}]
    return any(command.server for block in shells for command in commands(block))


def run(page: Path, *, own: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a page in a process and a network of its own; stdout is what is wrong with it."""
    words = [sys.executable, __file__, *(["--own"] if own else []), str(page)]
    network = OWN_NETWORK if own else ()
    return subprocess.run([*network, *words], capture_output=True, text=True, check=False)


def main(words: list[str]) -> int:
    """``[--own] PAGE``; ``--own`` where the process has a network of its own."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    if words[0] == "--own":
        loopback()
    with tempfile.TemporaryDirectory(prefix="page-") as folder:
        one = Run(Path(words[-1]), Path(folder).resolve())
        one.all()
    print("\n\n".join(one.failures))  # noqa: T201 - what is wrong with the page
    return bool(one.failures)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
