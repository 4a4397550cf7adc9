"""The table of crashes in docs/outbox.md: at each arrow a run ends, and the next one continues.

Each arrow is the moment before an event of ``crashing``. Whatever the moment, the outbox is in the
end octet for octet as after an undisturbed run, and every file becomes visible on the server
exactly once. ``SMSENC_KILLS`` is the number of crashes at each arrow.
"""

from __future__ import annotations

import os
import re
import shutil
from collections import Counter
from itertools import cycle, islice
from pathlib import Path

import pytest
from command import NUMBER
from crashing import CRASHED, Crashes
from ftpservers import HOST, Pyftpd, Taking, contents
from outboxes import written

KILLS = int(os.environ.get("SMSENC_KILLS", "4"))

#: By the number of the arrow: the command, and what the crash comes just before.
ARROWS = {
    1: ("convert", "os.open journal@.*home._store_id"),
    2: ("convert", "sql COMMIT@journal.transaction<home._store_id"),
    3: ("convert", "os.replace id@"),
    4: ("convert", r"os.open \.0.*folder.write"),
    5: ("convert", r"os.replace 0.*folder.write"),
    6: ("convert", "sql (INSERT INTO file|COMMIT).*@.*folder.write"),
    7: ("convert", "sql (UPDATE run|COMMIT)@.*folder.finish"),
    8: ("batch", "sql (REPLACE INTO campaign_lines|INSERT INTO campaign_message)"),
    9: ("batch", "(os.replace 0|sql COMMIT).*engine._commit"),
    10: ("batch", "(os.open|sql COMMIT).*engine._finish"),
    11: ("zip", "os.(open|replace) .?box.zip"),
    12: ("zip", "os.(replace contents|unlink|rmdir).*@.*archive.pack"),
    13: ("upload", "ftp (STOR|api_)"),
    14: ("upload", "sql INSERT.*'sent'.*delivery._rename_all"),
    15: ("upload", "sql (INSERT|COMMIT).*@transfers.*<transfers.announce"),
    16: ("upload", "os.(open|write).*@announced._append.*"),
    17: ("upload", "ftp RNFR"),
    18: ("upload", "sql INSERT.*'done'.*delivery._rename_all"),
}


class Place:
    """Sources in a folder, and the commands that make an outbox of them and send it."""

    def __init__(self, folder: Path, crashes: Crashes) -> None:
        self.folder = folder
        self.box = folder / "box"
        self._crashes = crashes
        sources = folder / "in"
        sources.mkdir(parents=True, exist_ok=True)
        for n in range(9):
            (sources / f"{n}.txt").write_text(f"Hello {n}")
        long = "BEGIN:VCARD\nVERSION:2.1\nN:" + "x" * 60 + ";" + "y" * 90 + "\nEND:VCARD\n"
        (sources / "card.vcf").write_text(long)
        # Three chunks; some rows need a message of their own.
        rows = (
            f"+4474001{n:05},{'Żaneta' if n % 5000 == 7 else 'Ann'}{n}\n" for n in range(21_000)
        )
        (folder / "people.csv").write_text("number,name\n" + "".join(rows), "utf-8")

    def run(self, command, *more, at=0, server=None, after=0):
        words = {
            "convert": ("convert", "in", "--to", NUMBER, "--out", "box"),
            "batch": ("batch", "people.csv", "--text", "Hello #name#", "--out", "box"),
            "zip": ("batch", "people.csv", "--text", "Hello #name#", "--out", "box.zip"),
            "upload": ("upload", "box", "--host", HOST, "--tls", "none", "--retries", "0"),
        }[command]
        port = ("--port", server.port) if server else ()
        return self._crashes.run(*words, *port, *more, at=at, after=after, cwd=self.folder)


def moments(events, pattern):
    """The numbers of events that match, again and again, so that each has its turn."""
    found = [n for n, event in enumerate(events, start=1) if re.search(pattern, event)]
    assert found, pattern
    return islice(cycle(found), max(KILLS, min(len(found), 8)))


@pytest.mark.parametrize("arrow", [n for n, (command, _) in ARROWS.items() if command != "upload"])
def test_an_outbox_whose_writing_crashed_is_completed(tmp_path, crashes, arrow):
    command, pattern = ARROWS[arrow]
    whole = Place(tmp_path / "whole", crashes)
    undisturbed = whole.run(command)
    assert undisturbed.code == 0
    for n, at in enumerate(moments(undisturbed.events, pattern)):
        place = Place(tmp_path / str(n), crashes)
        assert place.run(command, at=at).code == CRASHED
        assert place.run(command).code == 0
        assert written(place.folder) == written(whole.folder), (arrow, at)
        shutil.rmtree(place.folder)


@pytest.mark.parametrize("gateway", ["keeps", "takes"])
@pytest.mark.parametrize("arrow", [n for n, (command, _) in ARROWS.items() if command == "upload"])
def test_an_upload_that_crashed_is_continued(tmp_path, crashes, arrow, gateway):
    place = Place(tmp_path / "place", crashes)
    assert place.run("convert").code == 0
    shutil.copytree(place.box, tmp_path / "whole")
    remote = tmp_path / "remote"
    remote.mkdir()
    mixins = (Taking,) if gateway == "takes" else ()
    with Pyftpd(remote, mixins=mixins) as server:
        undisturbed = place.run("upload", server=server)
        assert undisturbed.code == 0
        files = set(server.renamed)
        for at in moments(undisturbed.events, ARROWS[arrow][1]):
            for folder in (place.box, remote):
                shutil.rmtree(folder)
            remote.mkdir()
            server.renamed.clear()
            assert place.run("convert").code == 0  # a new identity
            assert place.run("upload", server=server, at=at).code == CRASHED
            ended = [place.run("upload", server=server).code for _ in range(2)]
            assert ended[-1] in ((0, 5) if gateway == "takes" else (0,)), (arrow, at, ended)
            assert Counter(server.renamed) == Counter(files), (arrow, at)
            if gateway == "keeps":
                assert set(contents(remote)) == files
