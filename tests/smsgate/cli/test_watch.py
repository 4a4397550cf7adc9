"""The drop folder: what is put there is converted, sent and filed, whatever happens between."""

from __future__ import annotations

import os
import random
import re
import signal
import subprocess
import time

import pytest
from command import COMMAND, environment, records, smsenc
from ftpservers import contents, sending
from outboxes import SECRETS, names

from converters.errors import GuardError
from smsgate.runs.dropfolder.folder import DropFolder

TO = "447700900123"
CARD = "BEGIN:VCARD\nVERSION:2.1\nN:Doe;{}\nTEL:+44 7700 900{:03}\nEND:VCARD\n"


def watch(drop, *more, env=SECRETS):
    return smsenc("watch", drop, "--to", TO, "--once", "--settle", "0", *more, env=env)


def written(folder):
    """The message files of an outbox or a server's folder, as names and octets."""
    return {p.name: p.read_bytes() for p in sorted(folder.glob("[0-9]*.txt"))}


def unmarked(found):
    """Names of message files without the mark of their run, in order."""
    return [re.sub(r"\.[a-z2-7]{8}(?=\.)", "", name) for name in sorted(found)]


def test_sources_are_converted_and_filed(drop, tmp_path):
    (drop / "hello.txt").write_text("Hello")
    (drop / "cards.vcf").write_text(CARD.format("Ann", 1) + CARD.format("Bob", 2))
    done = watch(drop, "--json")
    assert done.returncode == 0, done.stderr
    assert [(row["source"], row["status"]) for row in records(done)] == [
        ("cards.vcf", "written"),
        ("cards.vcf", "written"),
        ("hello.txt", "written"),
    ]
    assert unmarked(written(tmp_path / "drop.outbox")) == [
        "000001-cards.txt",
        "000002-cards.txt",
        "000003-hello.txt",
    ]
    assert names(drop / "done") == ["cards.vcf", "hello.txt"]
    (drop / "hello.txt").write_text("Hello again")
    assert watch(drop).returncode == 0
    assert unmarked(written(tmp_path / "drop.outbox"))[-1] == "000004-hello.txt"
    assert names(drop / "done") == ["cards.vcf", "hello-2.txt", "hello.txt"]


def test_what_is_rejected_is_told_beside_it(drop):
    (drop / "good.txt").write_text("Hello")
    (drop / "bad.mid").write_text("no music")
    (drop / "mixed.vcf").write_text(CARD.format("Ann", 1) + "BEGIN:VCARD\nVERSION:2.1\nN:Cut")
    done = watch(drop)
    assert done.returncode == 4
    assert names(drop / "done") == ["good.txt", "mixed.vcf"]
    assert names(drop / "rejected") == ["bad.mid", "bad.mid.txt", "mixed.vcf.txt"]
    (line,) = (drop / "rejected/bad.mid.txt").read_text().splitlines()
    assert line.startswith("bad.mid: ")
    assert (drop / "rejected/mixed.vcf.txt").read_text().startswith("mixed.vcf:")


def test_what_is_not_complete_waits(drop, tmp_path):
    (drop / "half.txt.part").write_text("Hel")
    (drop / ".hidden.txt").write_text("Hel")
    (drop / "fresh.txt").write_text("Hel")
    with open(drop / "open.txt", "w", encoding="ascii") as file:
        file.write("Hel")
        file.flush()
        done = watch(drop, "--settle", "0.2")
        assert done.returncode == 6
        assert done.stderr.splitlines()[-1] == (
            "1 file changed just now or still being written: run the command again"
        )
        assert unmarked(written(tmp_path / "drop.outbox")) == ["000001-fresh.txt"]
    assert watch(drop).returncode == 0
    assert unmarked(written(tmp_path / "drop.outbox")) == ["000001-fresh.txt", "000002-open.txt"]
    assert names(drop) == [
        ".hidden.txt",
        ".smsenc-watch",
        ".taken",
        "done",
        "half.txt.part",
        "rejected",
    ]


def test_nothing_to_do_is_said(drop):
    done = watch(drop)
    assert (done.returncode, done.stderr) == (0, f"nothing to convert in {drop}\n")


def test_sources_are_sent(drop, tmp_path, ftpd, remote):
    (drop / "a.txt").write_text("A")
    done = watch(drop, *sending(ftpd))
    assert done.returncode == 0, done.stderr
    assert written(remote) == written(tmp_path / "drop.outbox")
    assert names(drop / "done") == ["a.txt"]


def test_what_earlier_runs_left_is_sent_at_the_start(drop, tmp_path, ftpd, remote):
    box = tmp_path / "drop.outbox"
    (tmp_path / "note.txt").write_text("Note")
    smsenc("convert", tmp_path / "note.txt", "--to", TO, "--out", box, env=SECRETS)
    (drop / "a.txt").write_text("A")
    watch(drop)  # it names no server
    done = watch(drop, *sending(ftpd))
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[1:] == [  # the first warns of plain FTP
        "2 files of earlier runs sent",
        f"nothing to convert in {drop}",
    ]
    assert written(remote) == written(box)
    again = watch(drop, *sending(ftpd))
    assert again.stderr.splitlines()[1:] == [f"nothing to convert in {drop}"]


def test_what_earlier_runs_left_is_counted_beside_the_sources(drop, tmp_path, ftpd, remote):
    box = tmp_path / "drop.outbox"
    (tmp_path / "note.txt").write_text("Note")
    smsenc("convert", tmp_path / "note.txt", "--to", TO, "--out", box, env=SECRETS)
    (drop / "a.txt").write_text("A")
    ftpd.stop()
    assert watch(drop, *sending(ftpd)).returncode == 6
    ftpd.start()
    done = watch(drop, *sending(ftpd))
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[1:] == [
        "1 file of earlier runs sent",
        f"a.txt: moved to {drop}/done/a.txt",
    ]
    assert len(written(remote)) == 2


def test_what_earlier_runs_left_waits_for_the_server(drop, tmp_path, ftpd):
    (tmp_path / "note.txt").write_text("Note")
    box = tmp_path / "drop.outbox"
    smsenc("convert", tmp_path / "note.txt", "--to", TO, "--out", box, env=SECRETS)
    ftpd.stop()
    done = watch(drop, *sending(ftpd))
    assert done.returncode == 6
    assert "1 file still to send" in done.stderr
    assert "of earlier runs sent" not in done.stderr


def test_without_its_server_a_source_waits_for_the_next_run(drop, ftpd):
    (drop / "a.txt").write_text("A")
    ftpd.stop()
    assert watch(drop, *sending(ftpd)).returncode == 6
    assert names(drop / "done") == []
    assert not (drop / "a.txt").exists()
    ftpd.start()
    assert watch(drop, *sending(ftpd)).returncode == 0
    assert names(drop / "done") == ["a.txt"]
    assert unmarked(ftpd.renamed) == ["000001-a.txt"]


def test_what_the_server_refuses_is_rejected(drop, ftpd):
    (drop / "a.txt").write_text("A")
    ftpd.answers["STOR"] = ["553 Never"] * 9
    watch(drop, *sending(ftpd))
    assert names(drop / "rejected") == ["a.txt", "a.txt.txt"]
    assert "553 Never" in (drop / "rejected/a.txt.txt").read_text()


def test_a_folder_that_is_not_there_is_an_input_that_is_not_there(tmp_path):
    done = watch(tmp_path / "dorp")
    assert done.returncode == 3
    assert done.stderr == f"smsenc: {tmp_path / 'dorp'}: no such folder\n"


def test_two_do_not_watch_one_folder(drop, tmp_path):
    with (
        DropFolder(drop, tmp_path / "out", job=None),
        pytest.raises(GuardError, match="another run is watching this folder"),
        DropFolder(drop, tmp_path / "other", job=None),
    ):
        pass


def test_killed_at_any_moment_everything_is_sent_once(drop, tmp_path, ftpd, remote):
    """Sources keep arriving while the run is killed twenty times."""
    chance = random.Random(7)
    command = [*COMMAND, "watch", drop, "--to", TO, "--once", "--settle", "0", *sending(ftpd)]
    expected = []
    for n in range(20):
        body = "".join(CARD.format(f"Card{n}-{m}", m) for m in range(5))
        (drop / f"cards{n:02}.vcf").write_text(body)
        expected += [f"cards{n:02}.vcf"]
        with subprocess.Popen(
            [str(word) for word in command],
            env=environment(**SECRETS),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as run:
            time.sleep(chance.uniform(0.1, 0.8))
            run.send_signal(signal.SIGKILL)
    final = watch(drop, *sending(ftpd))
    assert final.returncode == 0, final.stderr
    assert names(drop / "done") == expected
    assert written(remote) == written(tmp_path / "drop.outbox")
    assert len(contents(remote)) == 100
    assert sorted(ftpd.renamed) == names(remote)
    bodies = b"".join(bytes.fromhex(data) for data in _data(remote))
    assert all(bodies.count(f"Card{n}-{m}".encode()) == 1 for n in range(20) for m in range(5))


def _data(folder):
    for octets in contents(folder).values():
        (line,) = [line for line in octets.decode().splitlines() if line.startswith("data:")]
        yield line.removeprefix("data:")


def test_staying_it_takes_what_arrives_and_ends_when_told_to(drop):
    command = [*COMMAND, "watch", drop, "--to", TO, "--settle", "0"]
    with subprocess.Popen(
        [str(word) for word in command], env=environment(**SECRETS), stderr=subprocess.DEVNULL
    ) as run:
        try:
            for name in ("one.txt", "two.txt"):
                (drop / f".{name}").write_text("Hello")
                os.rename(drop / f".{name}", drop / name)
                _until(lambda name=name: (drop / "done" / name).exists())
        finally:
            run.send_signal(signal.SIGTERM)
        assert run.wait(10) == 143


def _until(true):
    for _ in range(200):
        if true():
            return
        time.sleep(0.05)
    raise AssertionError("not in ten seconds")


@pytest.mark.parametrize("inside", [".", "done", "out/box"])
def test_an_outbox_inside_the_drop_folder_is_refused(drop, inside):
    (drop / "hello.txt").write_text("Hello")
    done = watch(drop, "--out", drop / inside)
    assert done.returncode == 2
    assert done.stderr == (
        f"smsenc: --out: expected a folder outside of {drop}, found {drop / inside}\n"
    )
    assert names(drop) == ["hello.txt"]
