"""One run at a time."""

import errno

import pytest

from converters.errors import GuardError
from smsgate import filelocks
from smsgate.outbox.lock import is_held, lock


def test_a_second_run_is_refused_until_the_first_ends(tmp_path):
    with lock(tmp_path, "first"):
        with pytest.raises(GuardError) as caught, lock(tmp_path, "somebody is here"):
            pass
        assert str(caught.value) == f"{tmp_path}: somebody is here"
    with lock(tmp_path, "second"):
        pass


def test_what_is_not_there_cannot_be_held(tmp_path):
    with pytest.raises(FileNotFoundError), lock(tmp_path / "none", ""):
        pass


def test_a_file_system_without_locks_is_used_without(tmp_path, monkeypatch):
    def unsupported(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(filelocks.fcntl, "flock", unsupported)
    with lock(tmp_path, ""), lock(tmp_path, ""):
        pass


def test_whether_a_run_holds_it_is_asked_without_holding_it(tmp_path):
    assert not is_held(tmp_path)
    assert not is_held(tmp_path / "none")
    with lock(tmp_path, ""):
        assert is_held(tmp_path)
        assert is_held(tmp_path)
    assert not is_held(tmp_path)
    with lock(tmp_path, ""):
        pass
