"""Whether an outbox has files to send."""

import os

from smsgate.outbox import contents
from smsgate.runs.dropfolder.unsent import Unsent

ONE, TWO = "000001-a.abcdefgh.txt", "000002-b.bcdefgha.txt"


def test_files_of_any_run_are_unsent_until_they_are_settled(tmp_path):
    settled = set()
    unsent = Unsent(tmp_path, lambda: settled)
    assert not unsent
    (tmp_path / ONE).touch()
    assert unsent
    assert unsent
    settled.add(ONE)
    assert not unsent
    (tmp_path / "000").mkdir()
    assert not unsent
    (tmp_path / "000" / TWO).touch()
    assert unsent
    settled.add(TWO)
    assert not unsent


def test_what_is_no_message_file_is_not_unsent(tmp_path):
    (tmp_path / "notes.txt").touch()
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / ONE).touch()
    assert not Unsent(tmp_path, set)


def test_a_folder_where_nothing_changed_is_not_listed_again(tmp_path, monkeypatch):
    listed = []
    names_in = contents.names_in
    monkeypatch.setattr(contents, "names_in", lambda box: listed.append(box) or names_in(box))
    (tmp_path / "000").mkdir()
    (tmp_path / "000" / ONE).touch()
    unsent = Unsent(tmp_path, lambda: {ONE})
    assert not any(bool(unsent) for _ in range(9))
    assert len(listed) == 1
    os.utime(tmp_path / "000", (1, 1))
    assert not unsent
    assert len(listed) == 2


def test_a_numbered_folder_that_is_removed_is_a_change(tmp_path):
    (tmp_path / "000").mkdir()
    unsent = Unsent(tmp_path, set)
    assert not unsent
    (tmp_path / "000").rmdir()
    assert not unsent
