"""Worker processes that are killed, interrupted, or cannot be started; with real processes."""

import errno
import operator
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import contextmanager

import pytest
from campaigns import write_table
from command import COMMAND, environment

from smsenc import OptionError
from smsgate.campaign.processes import processes
from smsgate.errors import UnfinishedError

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc, fork and signals")

DIED = "smsenc: a worker process has died (SIGKILL): run the same command again\n"


def test_answers_come_in_order_from_all_processes():
    with processes(3) as over:
        assert list(over(operator.neg, range(20))) == [-n for n in range(20)]
        pids = list(over(operator.call, [os.getpid] * 6))
    assert len(set(pids)) == 3
    assert os.getpid() not in pids


def test_answers_that_nobody_took_are_not_given_to_the_next():
    with processes(2) as over:
        assert next(over(operator.neg, range(1, 20))) == -1
        assert list(over(operator.neg, range(20, 25))) == [-20, -21, -22, -23, -24]


def test_large_tasks_and_answers_pass_in_both_directions_at_once():
    tasks = [bytes([n]) * 3_000_000 for n in range(12)]
    with processes(2) as over:
        assert list(over(bytes.upper, tasks)) == [task.upper() for task in tasks]


class OddError(Exception):
    def __init__(self, *, needed):
        super().__init__(needed)


def _raise(error):
    raise error() if isinstance(error, type) else error


def _raise_odd(_):
    raise OddError(needed="x")


@pytest.mark.parametrize("error", [ValueError("x"), MemoryError(), OptionError("m", name="n")])
def test_an_error_is_raised_here_with_the_place_there(error):
    with processes(2) as over, pytest.raises(type(error)) as caught:
        list(over(_raise, [error]))
    assert str(caught.value) == str(error)
    assert "_raise" in caught.value.__notes__[0]


def test_an_error_that_cannot_be_sent_is_raised_as_text():
    with processes(2) as over, pytest.raises(RuntimeError, match=r"OddError\('x'\)"):
        list(over(_raise_odd, [1]))


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.parametrize("moment", ["idle", "busy", "answering"])
def test_a_process_that_is_killed_is_told(method, moment):
    tasks = {"idle": (os.getpid, ()), "busy": (time.sleep, (60,)), "answering": (bytes, (2**26,))}
    function, arguments = tasks[moment]
    with threads(1 if method == "spawn" else 0), processes(2) as over:
        victim = over.workers[0].process.pid
        threading.Timer(0.5, os.kill, (victim, signal.SIGKILL)).start()
        with pytest.raises(UnfinishedError, match=r"a worker process has died \(SIGKILL\): run"):
            deque(over(_apply, _endless(function, arguments)), 0)


def _endless(*task):
    while True:
        yield task
        time.sleep(0.01)


def _apply(task):
    function, arguments = task
    return function(*arguments)


@contextmanager
def threads(count):
    """So many more threads: with one, processes are not forked."""
    end = threading.Event()
    started = [threading.Thread(target=end.wait) for _ in range(count)]
    for thread in started:
        thread.start()
    yield
    end.set()


def test_a_process_that_ends_itself_is_told():
    with processes(2) as over, pytest.raises(UnfinishedError, match="has died: run"):
        list(over(os._exit, [1, 1, 1]))


def test_a_fork_that_is_refused_is_one_line(monkeypatch):
    forks = []

    def fork():
        if forks:
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        forks.append(real())
        return forks[0]

    real = os.fork
    monkeypatch.setattr(os, "fork", fork)
    monkeypatch.setattr(threading, "active_count", lambda: 1)  # other tests may have left threads
    with pytest.raises(OptionError) as caught, processes(4):
        pass
    assert str(caught.value) == (
        "--jobs: cannot start 4 processes: resource temporarily unavailable: use a smaller number"
    )
    with pytest.raises(ProcessLookupError):
        os.kill(forks[0], 0)


# The command -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return write_table(tmp_path_factory.mktemp("table") / "people.csv", 400_000, names=("Ann",))


def begin(table, out, *before):
    arguments = (*before, *COMMAND, "batch", table, "--text", "Hi #name#", "--out", out)
    return subprocess.Popen(
        [*map(str, arguments), "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
        start_new_session=True,
    )


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
        return [int(word) for word in file.read().split()]


def workers_of(process):
    """The two workers, as soon as they are there."""
    while len(found := children(process.pid)) < 2:
        assert process.poll() is None
        time.sleep(0.002)
    return found


def ended(process):
    """Exit code, what was printed, and whether any process of the run is left."""
    output, errors = process.communicate(timeout=60)
    time.sleep(0.1)
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
    return process.returncode, output, errors.splitlines(keepends=True)


@pytest.mark.parametrize("delay", [0, 0.05, 0.3])
@pytest.mark.parametrize("which", [0, 1])
def test_a_killed_worker_ends_the_run_with_its_reason(table, tmp_path, which, delay):
    process = begin(table, tmp_path / "out")
    victim = workers_of(process)[which]
    time.sleep(delay)
    os.kill(victim, signal.SIGKILL)
    code, output, errors = ended(process)
    assert (code, output, errors[-1]) == (6, "", DIED)
    assert "Traceback" not in "".join(errors)


def _interrupted(send, number, trial):
    last = ["smsenc: interrupted: the same command continues\n"] if number == signal.SIGINT else []
    return send, number, trial * 0.03, (130 if last else 143, "", last)


@pytest.mark.parametrize(
    "case",
    [
        _interrupted(send, number, trial)
        for number in (signal.SIGINT, signal.SIGTERM)
        # To all processes, as a terminal and a service manager do, or to one.
        for send, trial in (*((os.killpg, n) for n in range(12)), (os.kill, 1), (os.kill, 9))
    ],
)
def test_a_signal_ends_the_run_at_once(table, tmp_path, case):
    send, number, delay, expected = case
    process = begin(table, tmp_path / "out")
    workers_of(process)
    time.sleep(delay)
    began = time.monotonic()
    send(process.pid, number)
    code, output, errors = ended(process)
    assert time.monotonic() - began < 30
    assert (code, output, [line for line in errors if "people.csv" not in line]) == expected


@pytest.mark.parametrize("handles", range(7, 17))
def test_too_few_handles_are_one_line(table, tmp_path, handles):
    limited = ("sh", "-c", f'ulimit -n {handles} && exec "$@"', "sh")
    code, _, errors = ended(begin(table, tmp_path / "out", *limited))
    if code != 4:  # then they were enough: 4 says that some rows were rejected
        assert code in (2, 3, 6), errors
        assert len(errors) == 2
        assert re.search("open|handles", errors[1])
        assert "internal error" not in errors[1]
