"""A watched folder is stopped before each of its steps: everything is sent once, nothing is lost.

docs/watch.md has the table.
"""

import os
import re
from contextlib import suppress
from pathlib import Path

import pytest
from command import environment, smsenc
from crashing import CRASHED, Crashes
from ftpservers import Pyftpd, Taking, sending
from outboxes import SECRETS, unmarked
from places import ROOT

from converters.pipeline import Job
from smsenc.messagefile import Message
from smsgate.outbox import home
from smsgate.outbox.folder import Outbox
from smsgate.runs.dropfolder import folder, places
from smsgate.runs.dropfolder.folder import DropFolder
from smsgate.runs.dropfolder.rows import Rows

TO = "447700900123"
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


def upload(drop, server):
    return smsenc("upload", drop.with_name("out"), *sending(server), env=SECRETS)


def message_names(drop):
    return sorted(path.name for path in drop.parent.glob("out/0*"))


def test_what_another_command_sent_of_a_killed_run_stays(tmp_path, monkeypatch, remote):
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "cards.vcf").write_text(SOURCES["cards.vcf"])
    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr(Rows, "write", killed)
        run(drop)
    written = message_names(drop)
    with Pyftpd(remote, mixins=(Taking,)) as server:
        assert upload(drop, server).returncode == 0
        run(drop)
        assert message_names(drop) == written
        assert upload(drop, server).returncode == 0
        assert sorted(server.renamed) == written


def test_what_another_command_sent_after_it_was_refused_stays(tmp_path, monkeypatch, remote):
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "cards.vcf").write_text(SOURCES["cards.vcf"])
    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr(places, "write_report", killed)  # what is refused has been decided
        run(drop)
    written = message_names(drop)
    with Pyftpd(remote, mixins=(Taking,)) as server:
        assert upload(drop, server).returncode == 0
    run(drop)
    assert message_names(drop) == written
    (report,) = (drop / "rejected").iterdir()
    assert f"{written[REFUSED]}: may have been sent after it was refused" in report.read_text()


def test_refused_files_stay_while_another_command_uses_the_outbox(tmp_path, monkeypatch):
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "cards.vcf").write_text(SOURCES["cards.vcf"])
    with monkeypatch.context() as patch, suppress(Killed):
        patch.setattr(places, "write_report", killed)
        run(drop)
    written = message_names(drop)
    with DropFolder(drop, drop.with_name("out"), JOB) as dropped:
        with home.held(drop.with_name("out")):
            dropped.look()
            assert message_names(drop) == written
            assert dropped.left() == 1
        dropped.look()
        assert len(message_names(drop)) == len(written) - 1
        assert dropped.left() == 0


# --- Stopped before every step -------------------------------------------------------------------
#: What changes a folder, the journal or the server.
STEP = re.compile("os.(replace|rename|link|unlink|mkdir|rmdir)|sql (INSERT|UPDATE|COMMIT)|ftp [SR]")
KILLS = int(os.environ.get("SMSENC_KILLS", "4"))  # more: at every step, not at each fourth one
REPORTS = {"cards.vcf.txt", "order.csv.txt"}
FILED = ("done", "rejected")


def texts(folder):
    """What was sent: bodies of the message files, in any order."""
    bodies = []
    for path in folder.glob("*.txt"):
        lines = dict(line.split(":", 1) for line in path.read_text().splitlines())
        bodies.append(lines.get("text") or lines["data"])
    return sorted(bodies)


@pytest.fixture(scope="module")
def crashes(tmp_path_factory):
    state = str(tmp_path_factory.mktemp("state"))
    with Crashes(environment(**SECRETS, XDG_STATE_HOME=state, PYTHONPATH=str(ROOT))) as found:
        yield found


class Case:
    """A new folder with the sources, and a server for it alone."""

    def __init__(self, place, crashes, gateway):
        self.place = place
        self.drop = place / "drop"
        self.remote = place / "remote"
        self.drop.mkdir(parents=True)
        self.remote.mkdir()
        for name, text in SOURCES.items():
            (self.drop / name).write_text(text)
        self._crashes = crashes
        self.server = Pyftpd(self.remote, mixins=(Taking,) if gateway == "takes" else ())

    def run(self, at=0):
        more = ("--to", TO, "--once", "--settle", "0", *sending(self.server))
        return self._crashes.run("watch", "drop", *more, at=at, cwd=self.place)

    def sent(self):
        return sorted(map(unmarked, self.server.renamed))

    def reports(self):
        """The names and texts of all reports; each source is in done or rejected, once."""
        filed = os.listdir(self.drop / "done") + os.listdir(self.drop / "rejected")
        assert len(filed) == len(set(filed))
        assert set(filed) >= set(SOURCES)
        assert self.left() == []
        texts = {name: self.drop / "rejected" / name for name in set(filed) - set(SOURCES)}
        return {name: path.read_text() for name, path in texts.items()}

    def left(self):
        """Files that are in neither folder."""
        names = [p.name for p in self.drop.rglob("*") if p.is_file() and p.parent.name not in FILED]
        return [name for name in names if not name.endswith((".outbox", "-watch"))]


@pytest.mark.parametrize("gateway", ["keeps", "takes"])
def test_stopped_at_any_step_everything_is_sent_once(tmp_path, crashes, gateway):
    whole = Case(tmp_path / "whole", crashes, gateway)
    with whole.server:
        events = whole.run().events
    assert len(whole.sent()) == 4
    assert set(whole.reports()) == REPORTS
    moments = [n for n, event in enumerate(events, start=1) if STEP.match(event)]
    assert len(moments) > 60
    for at in moments[:: 1 if KILLS > 4 else 4]:
        case = Case(tmp_path / str(at), crashes, gateway)
        with case.server:
            if case.run(at).code != CRASHED:
                assert at > moments[-6]  # only the first run of all made the machine's folders
                break
            code, again = (case.run().code for _ in range(2))
        assert case.sent() == whole.sent(), events[at - 1]
        reports = case.reports()
        doubts = {name for name, text in reports.items() if "unknown" in text}
        assert set(reports) - doubts <= REPORTS <= set(reports), events[at - 1]
        assert code == 5 if doubts else code in (0, 4), events[at - 1]
        assert again == 0, events[at - 1]
        if gateway == "keeps":
            assert not doubts
            assert texts(case.remote) == texts(whole.remote), events[at - 1]
