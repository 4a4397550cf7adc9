"""``smsenc lint``: files and folders judged, repaired, and what the command answers."""

import errno
import json
import os
from pathlib import Path

import pytest
from command import smsenc
from places import ROOT, SAMPLES, deep

from smsenc.messagefile import Credentials, Message, dumps
from smsenc.messagefile.lint import RULES
from smsgate.errors import OutboxError
from smsgate.outbox import writing
from smsgate.outbox.folders import LINK
from smsgate.outbox.lint import judge

NUMBER = "447700900123"
SEED = b"api_id:1\nuser:u\npassword:p\ntext:Hello\nto:447700900123\n"


@pytest.fixture(autouse=True)
def _umask():
    before = os.umask(0o077)
    yield
    os.umask(before)


def codes(folder, **options):
    return {
        Path(one.source).name: [found.code for found in one.findings]
        for one in judge([str(folder)], **options)
        if one.findings or one.error
    }


def test_a_clean_folder_says_nothing(tmp_path):
    (tmp_path / "000001-a.txt").write_bytes(SEED)
    done = smsenc("lint", tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_what_convert_writes_is_clean_but_for_its_log_in(tmp_path):
    outbox = tmp_path / "outbox"
    samples = SAMPLES
    smsenc("convert", samples, "--to", NUMBER, "--out", outbox)
    found = {code for one in codes(outbox).values() for code in one}
    assert found <= {"K106", "B406"}  # placeholders, and texts that had to become Unicode
    assert "K106" in found


def test_errors_are_shown_with_place_and_advice(tmp_path):
    path = tmp_path / "x.txt"
    path.write_bytes(SEED.replace(b"Hello", b"na\xefve") + b"queue:7\n")
    done = smsenc("lint", path)
    assert done.returncode == 4
    assert done.stdout.splitlines() == [
        (
            f"{path}:4:8: B406 warning: 'ï' (U+00EF): replace it, or send Unicode: "
            "a single part holds 70 characters instead of 160"
        ),
        "    text:naïve",
        "           ^",
        (
            f"{path}:6:7: K107 error: queue: expected a whole number 1 to 3, found '7' "
            "(gateway error 101): write a value in the expected range"
        ),
        "    queue:7",
        "          ^",
    ]


def test_warnings_alone_are_errors_only_when_asked(tmp_path):
    path = tmp_path / "x.txt"
    path.write_bytes(SEED.replace(b"to:", b"to:+"))
    assert smsenc("lint", path).returncode == 0
    assert smsenc("lint", path, "--strict").returncode == 4
    assert smsenc("lint", path, "--profile", "nobody").returncode == 2
    (found,) = [json.loads(line) for line in smsenc("lint", path, "--json").stdout.splitlines()]
    assert found == {
        "source": str(path),
        "repaired": False,
        "error": None,
        "findings": [
            {
                "code": "R202",
                "severity": "warning",
                "line": 5,
                "column": 4,
                "message": "'+447700900123' instead of 447700900123",
                "advice": "write digits only",
            }
        ],
    }


def test_repairs_keep_the_mode_and_happen_once(tmp_path):
    path = tmp_path / "x.txt"
    path.write_bytes(b"\xef\xbb\xbf" + SEED.replace(b"to:", b"TO: +"))
    path.chmod(0o640)
    done = smsenc("lint", path, "--fix")
    assert done.stdout.splitlines()[0] == f"{path}: repaired"
    assert path.read_bytes() == SEED
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["x.txt"]
    (again,) = judge([str(path)], fix=True)
    assert not again.repaired


def test_a_file_that_cannot_be_written_is_reported_and_stays(tmp_path, monkeypatch):
    def full_disk(_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(writing, "flush", full_disk)
    path = tmp_path / "x.txt"
    octets = SEED.replace(b"to:", b"to:+")
    path.write_bytes(octets)
    (one,) = judge([str(path)], fix=True)
    assert isinstance(one.error, OutboxError)
    assert str(one.error) == f"{path}: cannot write to {path}: no space left on device"
    assert path.read_bytes() == octets
    assert os.listdir(tmp_path) == ["x.txt"]


def test_a_missing_file_does_not_stop_the_rest(tmp_path):
    path = tmp_path / "x.txt"
    path.write_bytes(SEED)
    done = smsenc("lint", tmp_path / "none.txt", path)
    assert done.returncode == 4
    assert "none.txt" in done.stderr
    assert smsenc("lint", tmp_path / "nothing").returncode == 3


PLACEHOLDERS = b"api_id:xxxxx\nuser:xxxxx\npassword:xxxxx\ntext:Hello\nto:447700900123\n"


def test_what_a_folder_has_often_is_counted(tmp_path):
    for n in range(9):
        (tmp_path / f"{n}.txt").write_bytes(PLACEHOLDERS)
    done = smsenc("lint", tmp_path)
    assert done.stdout.count("K106 warning: user is a placeholder") == 3
    assert done.stdout.endswith("K106 in 6 more files: user is a placeholder\n")
    done = smsenc("lint", tmp_path, "--statistics")
    assert done.stdout.splitlines()[-1] == "       9  K106  user is a placeholder"
    assert smsenc("lint", tmp_path, "--ignore", "k1").stdout == ""
    assert smsenc("lint", tmp_path, "--select", "B,D6").stdout == ""
    assert smsenc("lint", tmp_path, "--select", "Z9").returncode == 2


def test_sets_of_a_folder_are_whole_or_named(tmp_path):
    for n in (1, 3):
        udh = bytes((5, 0, 3, 9, 3, n))
        message = Message(to=(NUMBER,), data=b"x", udh=udh, credentials=LOGIN)
        (tmp_path / f"000001-a.p{n}-3.txt").write_bytes(dumps(message))
    assert codes(tmp_path) == {"000001-a.p1-3.txt": ["D601"]}
    assert codes(tmp_path / "000001-a.p1-3.txt") == {}  # alone, it is not judged by others


LOGIN = Credentials(api_id="1", user="u", password="p")


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize(("mode", "found"), [(0o600, []), (0o644, ["D603"]), (0o640, ["D603"])])
def test_a_log_in_that_others_may_read_is_told(tmp_path, mode, found):
    path = tmp_path / "x.txt"
    path.write_bytes(SEED)
    path.chmod(mode)
    assert codes(path) == ({"x.txt": found} if found else {})
    path.write_bytes(dumps(Message(to=(NUMBER,), text="x")))  # placeholders are no secret
    assert "D603" not in str(codes(path))


def test_the_documentation_has_every_rule_as_it_is():
    text = (ROOT / "docs" / "lint.md").read_text()
    rows = [line.split("|")[1:-1] for line in text.splitlines() if line.startswith("| `")]
    assert [[cell.strip() for cell in row] for row in rows] == [
        [
            f"`{rule.code}`",
            rule.severity.value,
            rule.summary,
            rule.advice,
            f"{rule.error:03}" if rule.error else "",
            "yes" if rule.fix else "",
        ]
        for rule in RULES
    ]


def test_a_link_stays_one_and_its_file_is_repaired(tmp_path):
    target, link = tmp_path / "kept.txt", tmp_path / "link.txt"
    target.write_bytes(SEED.replace(b"text:", b"Text:"))
    link.symlink_to(target.name)
    (one,) = judge([str(link)], fix=True)
    assert one.repaired
    assert link.is_symlink()
    assert target.read_bytes() == SEED


WRONG = SEED.replace(b"to:", b"to:+")


def test_a_link_in_a_folder_is_not_followed_and_one_named_is(tmp_path):
    outside, folder = tmp_path / "outside.txt", tmp_path / "folder"
    outside.write_bytes(WRONG)
    folder.mkdir()
    link = folder / "000001-a.txt"
    link.symlink_to(outside)
    (folder / "b.txt").write_bytes(SEED)
    done = smsenc("lint", folder, "--fix")
    assert (done.returncode, outside.read_bytes()) == (0, WRONG)
    assert done.stderr == f"{link}: skipped: {LINK}\n"
    assert smsenc("lint", link, "--fix").returncode == 0
    assert link.is_symlink()
    assert outside.read_bytes() == SEED


def test_a_file_with_two_names_is_not_repaired(tmp_path):
    path, other = tmp_path / "a.txt", tmp_path / "other"
    path.write_bytes(WRONG)
    os.link(path, other)
    done = smsenc("lint", path, "--fix")
    assert done.returncode == 4
    assert done.stderr == (
        f"{path}: has 2 names (hard links), so it is not repaired: repair a copy, or leave it only"
        " one\n"
    )
    assert "R202 warning" in done.stdout
    assert other.samefile(path)
    assert path.read_bytes() == WRONG


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_repaired_file_keeps_mode_owner_and_group(tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(WRONG)
    path.chmod(0o640)
    os.chown(path, 1234, 4321)
    assert smsenc("lint", path, "--fix").returncode == 0
    status = path.stat()
    assert path.read_bytes() == SEED
    assert (status.st_mode & 0o777, status.st_uid, status.st_gid) == (0o640, 1234, 4321)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_another_user_s_file_is_not_repaired(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_bytes(WRONG)
    os.chown(path, 1234, 4321)
    monkeypatch.setattr(os, "geteuid", lambda: 99)
    (one,) = judge([str(path)], fix=True)
    assert str(one.error) == (
        f"{path}: belongs to another user, so it is not repaired: let its owner repair it"
    )
    assert path.read_bytes() == WRONG


def test_a_deep_folder_is_checked_as_far_as_the_system_goes(tmp_path):
    with deep(tmp_path / "deep", 2500):
        *_, last = judge([str(tmp_path)])
    assert str(last.error).endswith("cannot be read: file name too long")


def test_files_of_a_tree_are_read_in_order_without_hidden_ones(tmp_path):
    for name in ("b/2.txt", "a/1.TXT", "a/x/1.txt", "a/.h.txt", ".c/3.txt", "0.txt", "z.dat"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(SEED)
    (tmp_path / "b.txt").mkdir()
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "c.txt").symlink_to(tmp_path / "b")
    found = [
        os.path.relpath(one.source, tmp_path) for one in judge([str(tmp_path)]) if not one.skipped
    ]
    assert found == ["0.txt", "a/1.TXT", "a/x/1.txt", "b/2.txt"]
