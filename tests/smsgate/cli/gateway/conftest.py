from __future__ import annotations

import pytest
from command import smsenc


@pytest.fixture
def gateway(queue, tmp_path):  # noqa: ARG001 - in its folder
    """A function that runs a command of the gateway."""

    def run(words, *more, stdin="", code=0):
        given = ("gateway", *words.split(), *more, "--data", tmp_path)
        done = smsenc(*given, stdin=stdin)
        assert done.returncode == code, (done.stdout, done.stderr)
        return done

    return run
