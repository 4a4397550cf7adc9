"""Locks on files of the storage: held until their process ends, however it does."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from smsgate.gateway.nodes.guards import guard

_HOLDER = """
import sys, time
from pathlib import Path
from smsgate.gateway.nodes.guards import guard
with guard(Path(sys.argv[1])) as held:
    print(held, flush=True)
    time.sleep(60)
"""


def test_nobody_else_gets_it_meanwhile(tmp_path):
    path = tmp_path / "x.lock"
    with guard(path) as first, guard(path) as second:
        assert (first, second) == (True, False)
    with guard(path) as again:
        assert again
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_stopped_process_keeps_it_until_it_is_killed(tmp_path):
    path = tmp_path / "x.lock"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, path], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout.readline() == "True\n"
        holder.send_signal(signal.SIGSTOP)
        with guard(path) as free:
            assert not free
        holder.kill()
    with guard(path) as free:
        assert free


def test_it_is_no_link(tmp_path):
    (tmp_path / "x.lock").symlink_to(tmp_path / "other")
    with pytest.raises(OSError, match="symbolic"), guard(tmp_path / "x.lock"):
        pass
    assert not os.path.lexists(tmp_path / "other")
