"""history.log has each line once, whenever the process that writes it is killed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import historycrashes
import pytest

SCRIPT = Path(historycrashes.__file__)
FEW, EVENTS = 20, 3000

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


def started(*args):
    paths = os.pathsep.join(sys.path)
    return subprocess.Popen(
        [sys.executable, SCRIPT, *map(str, args)],
        env=os.environ | {"PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_each_line_is_written_once_whatever_step_is_the_last(tmp_path):
    with started("steps", tmp_path) as process:
        said = process.communicate()[0]
    assert process.returncode == 0
    assert int(said) > FEW


def snapshot(root, seen):
    """Note what a reader has seen of each log, by its inode."""
    for log in root.glob("account*/history.log*"):
        try:
            with log.open("rb") as file:
                seen.setdefault(os.fstat(file.fileno()).st_ino, set()).add(file.read())
        except FileNotFoundError:
            continue  # it is being renamed


def test_each_line_is_written_once_with_kills_at_random_moments(tmp_path):
    dice, seen, kills = random.Random(16), {}, 0
    while True:
        with started("feed", tmp_path, EVENTS) as process:
            process.stdout.readline()
            try:
                process.wait(dice.uniform(0.01, 0.3))
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                kills += 1
        snapshot(tmp_path, seen)
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
    found = [historycrashes.written(tmp_path / f"account{one}") for one in (1, 2)]
    assert [len(rows) for rows in found] == [EVENTS // 2, EVENTS // 2]
    assert all(times == sorted(set(times)) for times in ([r.time for r in rows] for rows in found))
    last = {}
    snapshot(tmp_path, last)
    # What a reader saw at an offset, also of an append that was not committed, is still there.
    for inode, texts in seen.items():
        assert all(next(iter(last[inode])).startswith(text) for text in texts)
    assert kills > 3
