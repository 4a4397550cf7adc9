"""Answers get their name in the folder: of several files of one name, none replaces another's."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from smsgate.errors import OutboxError
from smsgate.gateway.intake import answers
from smsgate.gateway.nodes import guards


@pytest.mark.parametrize("before", [[], ["old\n"]])
def test_files_of_one_name_that_end_at_the_same_moment(tmp_path, before):
    final, start = tmp_path / "a.txt.log", threading.Barrier(6)
    final.write_text("".join(before)) if before else None

    def publish(name):
        log = tmp_path / f"{name}.log"
        log.write_text(f"{name}\n")
        start.wait()
        answers.publish(log, final, tmp_path / ".lock")

    with ThreadPoolExecutor(6) as threads:
        list(threads.map(publish, "abcdef"))
    lines = final.read_text().splitlines(keepends=True)
    assert lines[: len(before)] == before
    assert sorted(lines[len(before) :]) == [f"{name}\n" for name in "abcdef"]


def test_a_turn_that_does_not_come_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setattr(guards, "_PATIENCE", 0.05)
    log = tmp_path / "1.log"
    log.write_text("x\n")
    with guards.guard(tmp_path / ".lock") as is_mine:
        assert is_mine
        with pytest.raises(OutboxError, match="another node holds it"):
            answers.publish(log, tmp_path / "a.txt.log", tmp_path / ".lock")
    assert log.read_text() == "x\n"
