"""Waiting for a folder to change."""

import os
import signal
import sys
import threading
import time
import types

import pytest

from smsgate.runs.dropfolder.changes import Changes


def waited(changes):
    begun = time.monotonic()
    assert changes.wait()
    return time.monotonic() - begun


def failing(error):
    module = types.ModuleType("watchfiles")

    def watch(*_, **__):
        raise error
        yield

    module.watch = watch
    return module


@pytest.mark.parametrize(
    "module",
    [None, failing(OSError(28, "No space left on device")), failing(RuntimeError("no watch left"))],
    ids=["not installed", "inotify limit", "internal"],
)
def test_without_notices_it_waits_at_least_half_a_second(tmp_path, monkeypatch, module):
    monkeypatch.setitem(sys.modules, "watchfiles", module)
    changes = Changes(tmp_path, 0)
    assert [waited(changes) >= 0.49 for _ in range(2)] == [True, True]


def test_a_change_ends_the_wait(tmp_path):
    changes = Changes(tmp_path, 30)
    threading.Timer(0.3, (tmp_path / "a.txt").touch).start()
    assert waited(changes) < 20


@pytest.mark.parametrize("module", [None, "installed"])
def test_asked_to_end_the_wait_is_over(tmp_path, monkeypatch, module):
    if module is None:
        monkeypatch.setitem(sys.modules, "watchfiles", None)
    before = signal.getsignal(signal.SIGTERM)
    changes = Changes(tmp_path, 30)
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGTERM)).start()
    begun = time.monotonic()
    assert not changes.wait()
    assert time.monotonic() - begun < 20
    assert signal.getsignal(signal.SIGTERM) == before
