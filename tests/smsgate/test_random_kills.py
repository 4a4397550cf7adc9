"""kill -9 at random moments of every command that writes or sends; then it is continued.

In the end the outbox is as after an undisturbed run, and each file became visible exactly once,
whether the server keeps files or takes them at once. ``SMSENC_RANDOM_KILLS`` is the number of kills
for each command and server.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections import Counter
from pathlib import Path

import pytest
from command import NUMBER
from ftpservers import Pyftpd, Taking, contents, sending
from outboxes import written

KILLS = int(os.environ.get("SMSENC_RANDOM_KILLS", "4"))
COMMANDS = {
    "convert": ("convert", "in", "--to", NUMBER, "--out", "box"),
    "folder": ("batch", "people.csv", "--text", "Hello #name#", "--out", "box"),
    "zip": ("batch", "people.csv", "--text", "Hello #name#", "--out", "box.zip"),
    "jobs": ("batch", "people.csv", "--text", "Hello #name#", "--out", "box", "--jobs", "2"),
}


def fill(folder: Path) -> None:
    sources = folder / "in"
    sources.mkdir(parents=True)
    for n in range(60):
        (sources / f"{n}.txt").write_text(f"Hello {n}")
    names = ((n, "Żaneta" if n % 700 == 7 else "Ann") for n in range(30_000))
    rows = (f"+4474001{n:05},{name}{n}\n" for n, name in names)
    (folder / "people.csv").write_text("number,name\n" + "".join(rows), "utf-8")


class Killer:
    """Kills a command at moments up to its own time, until it has been killed often enough."""

    def __init__(self, crashes, folder: Path, seed: object) -> None:
        self._crashes = crashes
        self._folder = folder
        self._dice = random.Random(str(seed))
        self.kills = 0

    def until_done(self, words, *, seconds: float) -> int:
        """Run and kill, at most three times, then run to the end; returns its exit code."""
        for _ in range(3):
            after = self._dice.uniform(0.01, seconds)
            ended = self._crashes.run(*words, after=after, cwd=self._folder)
            if ended.code != -signal.SIGKILL:
                break
            self.kills += 1
        return self._crashes.run(*words, cwd=self._folder).code


@pytest.mark.parametrize("command", COMMANDS)
def test_an_outbox_is_completed(tmp_path, crashes, command):
    fill(tmp_path / "whole")
    began = time.monotonic()
    assert crashes.run(*COMMANDS[command], cwd=tmp_path / "whole").code == 0
    seconds = time.monotonic() - began
    folder = tmp_path / "place"
    killer = Killer(crashes, folder, command)
    while killer.kills < KILLS:
        fill(folder)
        assert killer.until_done(COMMANDS[command], seconds=seconds) == 0
        assert written(folder) == written(tmp_path / "whole")
        shutil.rmtree(folder)


@pytest.mark.parametrize("gateway", ["keeps", "takes"])
@pytest.mark.parametrize("command", ["upload", "upload-zip", "watch"])
def test_everything_is_sent_once(tmp_path, crashes, command, gateway):
    folder, remote = tmp_path / "place", tmp_path / "remote"
    remote.mkdir()
    killer = Killer(crashes, folder, (command, gateway))
    mixins = (Taking,) if gateway == "takes" else ()
    with Pyftpd(remote, mixins=mixins) as server:
        seconds = 0.5
        while killer.kills < KILLS:
            fill(folder)
            if command == "watch":
                words = ("watch", "in", "--to", NUMBER, "--once", "--settle", "0", "--out", "box")
                words += sending(server)
            else:
                made = "zip" if command == "upload-zip" else "convert"
                assert crashes.run(*COMMANDS[made], cwd=folder).code == 0
                words = ("upload", "box.zip" if made == "zip" else "box", *sending(server))
            began = time.monotonic()
            code = killer.until_done(words, seconds=seconds)
            seconds = max(0.2, min(2.0, time.monotonic() - began))
            assert code in ((0, 5) if gateway == "takes" else (0,))
            expected = 60 if command != "upload-zip" else None
            counts = Counter(server.renamed)
            assert set(counts.values()) == {1}
            assert expected in (None, len(counts))
            if gateway == "keeps":
                assert set(contents(remote)) == set(counts)
            if command == "watch":
                done = [path.name for path in (folder / "in" / "done").iterdir()]
                assert len(done) >= 60 if gateway == "keeps" else len(done) > 0
            server.renamed.clear()
            shutil.rmtree(folder)
            for path in remote.iterdir():
                path.unlink()
