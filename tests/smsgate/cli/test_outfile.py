"""Where decode, transcode and preview write, and links on the way in and out."""

from __future__ import annotations

import subprocess

import pytest
from command import COMMAND, NUMBER, smsenc

from smsgate.outbox.folders import LINK

CARD = "BEGIN:VCARD\nVERSION:2.1\nN:Doe;Jane\nTEL:+447700900123\nEND:VCARD\n"
TUNE = "beep:d=4,o=5,b=125:c,e,g"


@pytest.fixture
def outbox(tmp_path):
    (tmp_path / "card.vcf").write_text(CARD)
    outbox = tmp_path / "outbox"
    assert smsenc("convert", tmp_path / "card.vcf", "--to", NUMBER, "--out", outbox).returncode == 0
    return outbox


def test_a_hyphen_is_standard_output(outbox, tmp_path):
    done = smsenc("decode", outbox, "-", "--suffix", ".vcf", cwd=tmp_path)
    assert done.returncode == 0
    assert "Doe;Jane" in done.stdout
    assert not (tmp_path / "-").exists()


@pytest.mark.parametrize(
    ("arguments", "start"),
    [
        (("preview", "tune.rtttl", "-o", "-", "--image"), b"\x89PNG"),
        (("preview", "tune.rtttl", "-o", "-", "--suffix", ".wav"), b"RIFF"),
        (("transcode", "tune.rtttl", "-", "--suffix", ".mid"), b"MThd"),
    ],
)
def test_octets_go_to_standard_output_as_they_are(tmp_path, arguments, start):
    (tmp_path / "tune.rtttl").write_text(TUNE)
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, cwd=tmp_path, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(start)


@pytest.mark.parametrize(
    ("suffix", "error"),
    [
        ((), "--suffix: standard output needs a format, for example .vcf"),
        (("--suffix", "vcf"), "--suffix: expected .EXT, found 'vcf'"),
    ],
)
def test_standard_output_needs_a_format(outbox, suffix, error):
    done = smsenc("decode", outbox, "-", *suffix)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"smsenc: {error}\n")


def test_suffix_says_the_format_of_a_named_file(outbox, tmp_path):
    assert smsenc("decode", outbox, tmp_path / "x", "--suffix", ".vcf").returncode == 0
    assert b"Doe;Jane" in (tmp_path / "x").read_bytes()


def test_a_link_as_out_stays_one(outbox, tmp_path):
    (tmp_path / "card").write_text("earlier")
    (tmp_path / "link.vcf").symlink_to("card")
    done = smsenc("decode", outbox, tmp_path / "link.vcf", "--force")
    assert done.returncode == 0
    assert (tmp_path / "link.vcf").is_symlink()
    assert b"Doe;Jane" in (tmp_path / "card").read_bytes()


@pytest.mark.parametrize("command", ["inspect", "decode", "convert"])
def test_links_in_a_folder_are_skipped(outbox, tmp_path, command):
    (tmp_path / "secret").write_text("not for others")
    link = outbox / "000009-a.txt"
    link.symlink_to(tmp_path / "secret")
    more = {"decode": ["x.vcf"], "convert": ["--to", NUMBER, "--out", "new", "--json"]}
    done = smsenc(command, outbox, *more.get(command, []), cwd=tmp_path)
    assert f"{link}: skipped: {LINK}\n" in done.stderr
    assert "not for others" not in done.stdout
    assert not any(b"not for others" in one.read_bytes() for one in tmp_path.glob("new/*.txt"))
