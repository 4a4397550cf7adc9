"""Which files a run converts, and why others are skipped."""

import os
from pathlib import Path

import pytest
from places import deep

from smsgate.outbox import folders
from smsgate.outbox.folders import LINK
from smsgate.runs.sources import Source, find_sources


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("in/b.txt", "in/a.vcf", "in/.hidden.txt", "in/inner/c.txt", "in/.git/d.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def found(*given, **more):
    return [(one.name, one.skipped) for one in find_sources(given, **more)]


@pytest.mark.usefixtures("folder")
def test_files_as_named_and_folders_in_order():
    assert found("none.txt", "-", "in") == [
        ("none.txt", None),
        ("-", None),
        ("in/a.vcf", None),
        ("in/b.txt", None),
        ("in/inner/c.txt", None),
    ]


def test_files_come_before_folders_and_folders_in_order(folder):
    for name in ("in/z", "in/0", "in/0/deep"):
        (folder / name).mkdir()
        (folder / name / "x.txt").touch()
    assert [name for name, _ in found("in")] == [
        "in/a.vcf",
        "in/b.txt",
        "in/0/x.txt",
        "in/0/deep/x.txt",
        "in/inner/c.txt",
        "in/z/x.txt",
    ]


def test_records_of_archives_are_no_sources(folder):
    for name in ("in/all.zip.smsenc/files/000/000001-a.txt", "in/x.smsenc/id", "in/smsenc/b.txt"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).touch()
    assert [name for name, _ in found("in/smsenc", "in/inner", "in")][:2] == [
        "in/smsenc/b.txt",
        "in/inner/c.txt",
    ]
    assert not [name for name, _ in found("in") if ".smsenc" in name]


def test_a_file_is_taken_once_by_whatever_name(folder):
    os.symlink("in", folder / "link")
    os.symlink("b.txt", folder / "in" / "same.txt")
    again = "named before"
    assert found("in/b.txt", "link/b.txt", "in/../in/a.vcf", "in", "link", "-", "-") == [
        ("in/b.txt", None),
        ("link/b.txt", again),
        ("in/../in/a.vcf", None),
        ("in/a.vcf", again),
        ("in/b.txt", again),
        ("in/same.txt", LINK),
        ("in/inner/c.txt", None),
        ("link/a.vcf", again),
        ("link/b.txt", again),
        ("link/same.txt", LINK),
        ("link/inner/c.txt", again),
        ("-", None),
        ("-", again),
    ]


def test_hard_links_are_files_of_their_own(folder):
    os.link(folder / "in/b.txt", folder / "in/copy.txt")
    assert found("in/b.txt", "in/copy.txt") == [("in/b.txt", None), ("in/copy.txt", None)]


def test_links_to_folders_in_a_folder_are_not_followed(folder):
    os.symlink("..", folder / "in" / "up")
    os.symlink("inner", folder / "in" / "twice")
    assert found("in")[2:] == [
        ("in/twice", LINK),
        ("in/up", LINK),
        ("in/inner/c.txt", None),
    ]


def test_a_link_is_followed_only_if_it_is_named(folder):
    (folder / "secret.txt").write_text("not in the folder")
    os.symlink("../secret.txt", folder / "in" / "note.txt")
    assert ("in/note.txt", LINK) in found("in")
    assert found("in/note.txt") == [("in/note.txt", None)]


def test_a_deep_folder_is_no_error_of_ours(folder):
    with deep(folder / "deep", 2500):
        *_, last = find_sources(["deep"])
    assert str(last.error) == "cannot be read: file name too long"


def test_what_no_converter_takes_is_skipped(folder):
    (folder / "in/x.unknown").touch()
    (folder / "in/broken.txt").symlink_to("nowhere")
    os.mkfifo(folder / "in/pipe.txt")
    assert found("in")[2:] == [
        ("in/broken.txt", LINK),
        ("in/pipe.txt", "not a regular file"),
        ("in/x.unknown", "no converter reads .unknown"),
        ("in/inner/c.txt", None),
    ]


@pytest.mark.parametrize("outbox", ["in/inner", "link", "in/../in/inner", "/{}/in/inner"])
def test_the_outbox_is_skipped(folder, outbox):
    os.symlink("in/inner", folder / "link")
    given = Path(outbox.format(folder))
    assert found("in", outbox=given)[-1] == ("in/inner", "it is the outbox")
    assert found("in", outbox=Path("not there"))[-1] == ("in/inner/c.txt", None)


@pytest.mark.usefixtures("folder")
def test_a_folder_that_cannot_be_listed_is_an_error(monkeypatch):
    def refused(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(folders.os, "scandir", refused)
    (source,) = find_sources(["in"])
    assert isinstance(source, Source)
    assert (source.name, str(source.error)) == ("in", "cannot be read: permission denied")
