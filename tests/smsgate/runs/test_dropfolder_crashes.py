"""A watched folder is stopped before each of its steps: everything is sent once, nothing is lost.

docs/watch.md has the table; ``stopping`` ends the process.
"""

import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from command import environment
from ftpservers import HOST, PASSWORD, USER, Pyftpd
from outboxes import unmarked

from converters.pipeline import Job
from smsenc.messagefile import Message
from smsgate.outbox.folder import Outbox
from smsgate.runs.dropfolder import folder, places
from smsgate.runs.dropfolder.folder import DropFolder
from smsgate.runs.dropfolder.rows import Rows

SUPPORT = Path(__file__).parents[2] / "support"
TO = "447700900123"
SECRETS = {
    "SMSENC_FTP_USER": USER,
    "SMSENC_FTP_PASSWORD": PASSWORD,
    "SMSENC_API_ID": "1",
    "SMSENC_USER": "u",
    "SMSENC_PASSWORD": "p",
}
CARD = "BEGIN:VCARD\nVERSION:2.1\nN:{}\nTEL:+44 7700 900123\nEND:VCARD\n"
SOURCES = {
    "cards.vcf": CARD.format("Ann") + CARD.format("B" * 60 + ";" + "C" * 60) + "BEGIN:VCARD\nN:Cut",
    "order.csv": "no source",
    os.fsdecode(b"caf\xe9.txt"): "Coffee",
}


# --- The table of docs/watch.md, row by row ------------------------------------------------------

JOB = Job(recipients=(TO,), template=Message(to=(TO,), text=""))
REFUSED = 1  # index of the message file that the server refuses

#: What is called at the end of an arrow, where the process ends; 5 and 11 need more than that.
ARROWS = {
    1: (Rows, "add"),
    2: (DropFolder, "_move_aside"),
    3: (folder.os, "rename"),
    4: (Outbox, "write"),
    6: (Rows, "write"),
    7: (DropFolder, "converted"),
    8: (Rows, "decide"),
    9: (places, "write_report"),
    10: (Path, "unlink"),
    12: (Rows, "file"),
    13: (Path, "rmdir"),
}


class Killed(BaseException):
    """The end of the process."""


def killed(*_arguments, **_more):
    raise Killed


def half_written(outbox, messages):
    """Write the first file of the messages, then end."""
    name, octets = next(file for message in messages for file in message)
    (outbox.folder / name).write_bytes(octets)
    raise Killed


def run(drop):
    """One run; the server accepts everything but the file with the index REFUSED."""
    with DropFolder(drop, drop.with_name("out"), JOB) as dropped:
        look = dropped.look()
        with dropped.writing() as outbox:
            for source in (*dropped.interrupted(), *map(dropped.take, look.complete)):
                dropped.convert(source, outbox, lambda _outcome: None)
        for one in dropped.converted():
            dropped.finish(one, {one.files[REFUSED]: "refused: 553 No"})


@pytest.mark.parametrize("row", range(1, 14))
def test_a_row_of_the_table(tmp_path, monkeypatch, row):
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "cards.vcf").write_text(SOURCES["cards.vcf"])
    with monkeypatch.context() as patch, suppress(Killed):
        if row == 5:
            patch.setattr(Outbox, "write", half_written)
        elif row == 11:
            rename = os.rename
            patch.setattr(
                folder.os,
                "rename",
                lambda a, b: killed() if Path(b).parent == drop / "done" else rename(a, b),
            )
        else:
            patch.setattr(*ARROWS[row], killed)
        run(drop)
    found = set(os.listdir(drop / "done"))
    assert found == ({"cards.vcf"} if row > 11 else set())
    for _ in range(2):
        run(drop)
        assert (drop / "done" / "cards.vcf").read_text() == SOURCES["cards.vcf"]
        (report,) = (drop / "rejected").iterdir()
        assert len(report.read_text().splitlines()) == 2  # the refused file and the cut card
        there = unmarked(" ".join(sorted(p.name for p in tmp_path.glob("out/0*")))).split()
        assert there == ["000001-cards.txt", "000002-cards.p2-2.txt"]
        assert not list(drop.glob(".taken/*-*"))


# --- Stopped before every step -------------------------------------------------------------------
REPORTS = {"cards.vcf.txt", "order.csv.txt"}
FILED = ("done", "rejected")


class Taking:
    """A mixin: the gateway takes each file as soon as it has its final name."""

    def ftp_RNTO(self, path):  # noqa: N802 - pyftpdlib's
        done = super().ftp_RNTO(path)
        if done and os.path.exists(path):
            taken = Path(path).parents[2] / "taken" / Path(path).parent.name
            taken.mkdir(parents=True, exist_ok=True)
            assert not (taken / Path(path).name).exists()
            os.rename(path, taken / Path(path).name)
        return done


def texts(folder):
    """What was sent: bodies of the message files, in any order."""
    bodies = []
    for path in folder.glob("*.txt"):
        lines = dict(line.split(":", 1) for line in path.read_text().splitlines())
        bodies.append(lines.get("text") or lines["data"])
    return sorted(bodies)


@pytest.fixture
def cases(tmp_path):
    (tmp_path / "remote").mkdir()
    drop = tmp_path / "cases" / "start" / "drop"
    drop.mkdir(parents=True)
    for name, text in SOURCES.items():
        (drop / name).write_text(text)
    return tmp_path / "cases"


def stopped(cases, port):
    """What happened at each step."""
    command = [sys.executable, SUPPORT / "stopping.py", cases, "watch", "drop", "--to", TO]
    command += ["--once", "--settle", "0", "--host", HOST, "--port", port, "--tls", "none"]
    command += ["--retries", "0", "--folder", "{}"]
    done = subprocess.run(
        list(map(str, command)),
        env=environment(**SECRETS),
        stdout=subprocess.PIPE,
        text=True,
        timeout=600,
        check=True,
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize("takes", [False, True], ids=["kept", "taken"])
def test_stopped_before_any_step_everything_is_sent_once(cases, tmp_path, takes):
    with Pyftpd(tmp_path / "remote", mixins=(Taking,) if takes else ()) as server:
        steps = stopped(cases, server.port)
    arrived = tmp_path / ("taken" if takes else "remote")
    expected = texts(arrived / "warm")
    assert len(expected) == 4
    assert len(steps) > 60
    for step in steps:
        n = str(step["n"])
        drop = cases / n / "drop"
        sent = texts(arrived / n)
        assert sent == expected, step
        filed = os.listdir(drop / "done") + os.listdir(drop / "rejected")
        assert len(filed) == len(set(filed)), step
        assert set(filed) >= {*SOURCES, *REPORTS}, step
        reports = set(filed) - set(SOURCES)
        doubts = [name for name in reports if "unknown" in (drop / "rejected" / name).read_text()]
        assert reports - set(doubts) <= REPORTS, step
        assert step["code"] == 5 if doubts else step["code"] in (0, 4), step
        assert takes or not doubts, step
        left = [p for p in drop.rglob("*") if p.is_file() and p.parent.name not in FILED]
        assert [p.name for p in left if not p.name.endswith((".outbox", "-watch"))] == [], step
        assert not list((cases / n / "drop").rglob("*.tmp")), step
