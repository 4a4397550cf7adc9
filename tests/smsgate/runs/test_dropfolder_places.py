"""Names, reports and the identity of a watched folder."""

import os

import pytest

from smsgate.errors import OutboxError
from smsgate.runs.dropfolder import places

LONG = "x" * 251 + ".vcf"
WIDE = "\U0001f4f1" * 62 + ".vcf"  # 252 octets
RAW = os.fsdecode(b"\xff" * 251 + b".vcf")


def reported(folder, name, *lines):
    return places.write_report(places.free_report(folder, name), lines)


def test_a_free_name(tmp_path):
    for expected in ("a.vcf", "a-2.vcf", "a-3.vcf"):
        path = places.free(tmp_path, "a.vcf")
        assert path.name == expected
        path.touch()


@pytest.mark.parametrize("name", [LONG, WIDE, RAW, "." + "y" * 254, "z" * 255, "a." + "b" * 253])
def test_long_names_stay_different_and_can_be_made(tmp_path, name):
    made = set()
    for _ in range(12):
        path = places.free(tmp_path, name)
        path.touch()
        report = reported(tmp_path, path.name, path.name)
        made |= {path.name, report.name}
    assert len(made) == 24
    assert made == set(os.listdir(tmp_path))


def test_dangling_links_are_not_free(tmp_path):
    (tmp_path / "a.vcf").symlink_to("nowhere")
    (tmp_path / "a.vcf.txt").symlink_to("elsewhere")
    assert places.free(tmp_path, "a.vcf").name == "a-2.vcf"
    assert reported(tmp_path, "a.vcf", "line").name == "a-2.vcf.txt"
    assert not (tmp_path / "elsewhere").exists()


def test_a_report_overwrites_nothing(tmp_path):
    (tmp_path / "a.vcf.txt").write_text("a rejected source")
    (tmp_path / "a-2.vcf.txt").mkdir()
    assert reported(tmp_path, "a.vcf", "line").name == "a-3.vcf.txt"
    assert (tmp_path / "a.vcf.txt").read_text() == "a rejected source"


def test_a_report_is_written_once(tmp_path):
    path = tmp_path / "a.vcf.txt"
    assert places.write_report(path, ("one", "two")) == path
    assert places.write_report(path, ("one", "two")) == path
    assert places.write_report(path, ("three",)) == tmp_path / "a.vcf-2.txt"
    assert path.read_text() == "one\ntwo\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\nb", r"a\nb"),
        ("\x1b[31mred", r"\x1b[31mred"),
        (os.fsdecode(b"caf\xe9"), r"caf\xe9"),
        ("\u202etxt", r"\u202etxt"),
        ("\ud800", r"\ud800"),
        ("Grüße \U0001f4f1", "Grüße \U0001f4f1"),
    ],
)
def test_names_are_shown_without_controlling_the_terminal(tmp_path, text, expected):
    assert places.shown(text) == expected
    assert reported(tmp_path, "a", text).read_text("utf-8") == f"{expected}\n"


def test_the_identity_survives_a_new_name(tmp_path):
    (tmp_path / "a").mkdir()
    made = places.identity(tmp_path / "a")
    (tmp_path / "a").rename(tmp_path / "b")
    assert places.identity(tmp_path / "b") == made
    assert places.read_identity(tmp_path) is None


def _directory(path):
    path.mkdir()


def _empty(path):
    path.touch()


def _link(path):
    path.with_name("other").write_text("smsenc watch " + "0" * 32 + "\n")
    path.symlink_to("other")


def _pipe(path):
    os.mkfifo(path)


def _large(path):
    path.write_bytes(bytes(1 << 20))


@pytest.mark.parametrize("make", [_directory, _empty, _link, _pipe, _large])
def test_anything_else_is_no_identity(tmp_path, make):
    make(tmp_path / places.IDENTITY)
    with pytest.raises(OutboxError) as caught:
        places.identity(tmp_path)
    assert str(tmp_path / places.IDENTITY) in str(caught.value)


def test_devices_are_no_files():
    assert places.kind(os.stat("/dev/null").st_mode) == "a device"


@pytest.mark.parametrize("name", ["done", "rejected", ".taken"])
@pytest.mark.parametrize(
    ("make", "what"), [(_link, "a link"), (_empty, "a file"), (_pipe, "a named pipe")]
)
def test_a_folder_of_ours_is_a_folder(tmp_path, name, make, what):
    make(tmp_path / name)
    with pytest.raises(OutboxError) as caught:
        places.make_folders(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path / name}: expected a folder, found {what}: "
        "move it away and run the command again"
    )
