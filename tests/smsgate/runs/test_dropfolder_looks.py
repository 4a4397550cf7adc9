"""What a look at a watched folder finds, whatever is in it."""

import os
import socket

import pytest

from smsgate.runs.dropfolder.looks import Look, Looks


class Watched:
    """Looks at a folder with a clock of its own, and what they told."""

    def __init__(self, folder, settle=2):
        self.folder = folder
        self.now = 100.0
        self.told = []
        self.looks = Looks(folder, settle, lambda *said: self.told.append(said), lambda: self.now)

    def after(self, seconds):
        self.now += seconds
        return self.looks.look()


@pytest.fixture
def watched(tmp_path):
    return Watched(tmp_path)


def test_a_file_is_complete_when_it_was_the_same_for_a_while(watched):
    (watched.folder / "a.txt").write_text("A")
    assert watched.after(0) == Look((), ("a.txt",))
    assert watched.after(1.9) == Look((), ("a.txt",))
    assert watched.after(0.1) == Look(("a.txt",), ())


@pytest.mark.parametrize("year", [1, 10, 1 << 20, 1 << 33])
def test_a_time_in_the_future_or_past_does_not_matter(watched, year):
    path = watched.folder / "a.txt"
    path.write_text("A")
    os.utime(path, (year, year))
    assert watched.after(0) == Look((), ("a.txt",))
    assert watched.after(2) == Look(("a.txt",), ())


def _longer(path):
    path.write_text("AB")


def _touched(path):
    os.utime(path, (5, 5))


def _replaced(path):
    path.with_name(".new").write_text("A")
    path.with_name(".new").replace(path)


@pytest.mark.parametrize("change", [_longer, _touched, _replaced])
def test_a_file_that_changes_waits_anew(watched, change):
    path = watched.folder / "a.txt"
    path.write_text("A")
    watched.after(0)
    watched.after(1.9)
    change(path)
    assert watched.after(0.1) == Look((), ("a.txt",))
    assert watched.after(1.9) == Look((), ("a.txt",))
    assert watched.after(0.1) == Look(("a.txt",), ())


def test_hidden_unfinished_and_own_names_are_not_told(watched):
    for name in (".a.txt", "a.part", "a.txt~", "a.tmp", "a.filepart"):
        (watched.folder / name).touch()
    for name in ("done", "rejected", ".taken"):
        (watched.folder / name).mkdir()
    assert watched.after(0) == watched.after(5) == Look((), ())
    assert watched.told == []


def _link(path):
    path.symlink_to("/etc/hostname")


def _dangling(path):
    path.symlink_to("nowhere")


def _loop(path):
    path.symlink_to(path.name)


def _pipe(path):
    os.mkfifo(path)


def _folder(path):
    path.mkdir()


def _socket(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path.name)  # the path may be too long for a socket


@pytest.mark.parametrize(
    ("make", "what"),
    [
        (_link, "a link"),
        (_dangling, "a link"),
        (_loop, "a link"),
        (_pipe, "a named pipe"),
        (_folder, "a folder"),
        (_socket, "a socket"),
    ],
)
def test_what_is_no_file_is_told_once(watched, make, what, monkeypatch):
    monkeypatch.chdir(watched.folder)
    make(watched.folder / "odd.txt")
    (watched.folder / "good.txt").write_text("A")
    watched.after(0)
    assert watched.after(2) == Look(("good.txt",), ())
    watched.after(2)
    assert watched.told == [("odd.txt", f"skipped: it is {what}")]
    assert watched.looks.failures == 0


def test_one_in_the_place_of_another_is_told_again(watched):
    path = watched.folder / "odd.txt"
    path.mkdir()
    watched.after(0)
    path.rmdir()
    path.symlink_to("x")
    watched.after(0)
    path.unlink()
    path.write_text("A")
    watched.after(0)
    assert watched.after(2) == Look(("odd.txt",), ())
    assert [why for _, why in watched.told] == ["skipped: it is a folder", "skipped: it is a link"]


def test_a_file_left_for_a_while_is_told_once_and_tried_again(watched):
    (watched.folder / "a.txt").write_text("A")
    watched.after(0)
    assert watched.after(2).complete == ("a.txt",)
    watched.looks.leave("a.txt", "cannot be moved", failure=True, pause=60)
    assert watched.looks.failures == 1
    assert watched.after(59) == Look((), ())
    assert watched.after(1).complete == ("a.txt",)
    watched.looks.leave("a.txt", "cannot be moved", failure=True, pause=60)
    assert watched.told == [("a.txt", "cannot be moved")]


def test_a_file_that_vanishes_is_forgotten(watched):
    path = watched.folder / "a.txt"
    path.write_text("A")
    watched.after(0)
    path.unlink()
    assert watched.after(2) == Look((), ())
    path.write_text("A")
    assert watched.after(2) == Look((), ("a.txt",))


def test_names_that_are_not_utf_8_are_found(watched):
    (watched.folder / os.fsdecode(b"caf\xe9.txt")).write_text("A")
    watched.after(0)
    assert watched.after(2).complete == (os.fsdecode(b"caf\xe9.txt"),)
