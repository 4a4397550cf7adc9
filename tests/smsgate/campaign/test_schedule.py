"""Workers that are processes of this machine."""

import operator
import os
import subprocess
import sys

import pytest

from smsgate.campaign.schedule import workers

WAITING = """
import operator, os, time
from smsgate.campaign.schedule import workers
if __name__ == "__main__":
    with workers(2) as over:
        list(over(operator.call, [os.getpid] * 8))
        print("ready", flush=True)
        time.sleep(60)
"""


def test_answers_come_from_other_processes_in_order():
    with workers(2) as over:
        assert list(over(operator.neg, range(20))) == [-n for n in range(20)]
        assert os.getpid() not in over(operator.call, [os.getpid] * 8)


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
def test_workers_end_when_who_gave_them_work_was_killed():
    with subprocess.Popen([sys.executable, "-c", WAITING], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"ready\n"
        process.kill()
        # They hold the other end of the pipe: it ends when they have ended.
        assert process.communicate(timeout=90)[0] == b""
