"""No password is in what a command prints, records or reports, in any disguise; and no file with a
log-in can be read by others, not even for a moment.

A password may be in what is the user's own: the files that the user wrote, message files (gateways
need it there), the names of files and folders (journals have them as they are, to find them again),
and what ``decode``, ``transcode`` and ``preview`` write.
"""

from __future__ import annotations

import json
import os

import pytest
from command import NUMBER, smsenc
from ftpservers import PASSWORD, Pyftpd
from outboxes import message_files
from secretworld import (
    KNOWN,
    LINES,
    MESSAGE,
    MOBILE,
    NAMES,
    OWN,
    WRITERS,
    Looker,
    World,
    answer,
    log_ins,
    outbox_of,
)


@pytest.fixture(params=["variables", "files"])
def world(tmp_path, request):
    folder, remote = tmp_path / "here", tmp_path / "remote"
    folder.mkdir()
    remote.mkdir()
    with Pyftpd(remote) as server:
        made = World(folder, log_ins(tmp_path, request.param), server)
        yield made
        made.check()


def test_texts_profiles_and_formats(world):
    for text in NAMES:
        world.run("count", text, "--json")
        world.run("count", "--language", text, text)
    everything = "\n".join(KNOWN)
    world.run("count", "-", stdin=everything)
    world.write("p.toml", f"summary = {json.dumps(everything)}\n")
    world.write("q.toml", "".join(f"{json.dumps(text)} = {json.dumps(text)}\n" for text in KNOWN))
    world.run("profiles", "p.toml", codes=[0])
    world.run("profiles", "p.toml", "--json", codes=[0])
    world.run("profiles", "q.toml", *KNOWN)
    world.run("formats", codes=[0])
    world.run("formats", "--json", codes=[0])


def _sources(world):
    """Files in which every value is a secret, in the formats that are read in different ways."""
    everything = "\n".join(KNOWN)
    cards = "".join(
        f"BEGIN:VCARD\nVERSION:3.0\nFN:{t}\nTEL:{t}\n{t}:{t}\nEND:VCARD\n" for t in KNOWN
    )
    events = "".join(f"BEGIN:VEVENT\nSUMMARY:{t}\nDTSTART:{t}\nEND:VEVENT\n" for t in KNOWN)
    return [
        world.write("a.txt", everything),
        world.write("b.vcf", cards),
        world.write("c.ics", f"BEGIN:VCALENDAR\n{events}END:VCALENDAR\n"),
        world.write("d.rtttl", f"{everything}:d=4:{everything}"),
        world.write(
            "e.imy", f"BEGIN:IMELODY\nNAME:{everything}\nMELODY:{everything}\nEND:IMELODY\n"
        ),
        world.write("f.mid", f"MThd{everything}"),
    ]


def test_convert(world):
    sources = [*_sources(world), *(world.write(f"{text}.txt", "x\0") for text in NAMES)]
    numbers = world.write("numbers", "\n".join((*KNOWN, NUMBER)))
    world.run("convert", *sources, "--to", NUMBER)
    world.run("convert", *sources, "--to", NUMBER, "--json", "--out", "2", "--format", "pdu")
    world.run("convert", "a.txt", "--to-file", numbers)
    for text in NAMES:
        world.run("convert", "a.txt", "--to", text, "--client-id", text, "-O", f"{text}={text}")
        world.run("convert", text, "--to", NUMBER, "--as", text, "--profile", text, "--tz", text)


def test_watch(world):
    drop = world.folder / "drop"
    drop.mkdir()
    for path in _sources(world):
        path.rename(drop / path.name)
    world.server.answers["STOR"] = [f"553 {text}" for text in NAMES * 3]
    for words in ((), ("--json",)):
        world.run("watch", drop, "--to", NUMBER, "--once", "--settle", "0", *world.to(), *words)
    assert list(drop.glob("rejected/*.*.txt"))


def test_batch(world):
    lines = "".join(f'{MOBILE[:-2]}{n:02},"{t}",{t}\n' for n, t in enumerate(KNOWN, 10))
    bad = "".join(f'{t},"{t}",{t}\n{NUMBER},{t},{t},{t},{t}\n' for t in KNOWN)
    header = f"to,text,{KNOWN[0]}\n"
    world.write("t.csv", header + lines + bad)
    world.write("u.jsonl", "".join(json.dumps({"to": t, "text": t, t: t}) + "\n" for t in KNOWN))
    world.write("optout", "\n".join(KNOWN))
    text = f"#text# {' '.join(KNOWN[:3])}"
    for n, table in enumerate(("t.csv", "u.jsonl")):
        more = ("--text", text, "--rejects", f"rejects{n}.csv")
        world.run("batch", table, *more, "--out", f"o{n}")
        world.run("batch", table, *more, "--out", f"o{n}.zip", "--json", "--unique")
        world.run("batch", table, *more, "--out", f"o{n}", "--opt-out", "optout", "--dry-run")
        world.run("batch", table, "--text", f"#{KNOWN[1]}# #nobody#", "--column", f"to={KNOWN[1]}")
        world.run("batch", table, "--column", "attach=text", "--out", f"p{n}", "--jobs", "2")
    assert message_files(world.folder / "o0")
    assert (world.folder / "rejects0.csv").stat().st_size > 1000


def test_reading_message_files(world):
    outbox = outbox_of(world)
    for command in (("lint",), ("lint", "--fix"), ("inspect",)):
        world.run(*command, outbox)
        world.run(*command, outbox, "--json")
    for text in NAMES:
        world.run("inspect", f"06050415810000:{text}", text)
    world.run("decode", outbox, "out.txt")
    world.run("decode", outbox, "out.vcf", "--force")
    for path in _sources(world):
        world.run("transcode", path, f"out{path.suffix}", "--force")
        world.run("transcode", path, "out.rtttl", "--force")
        world.run("preview", path, "-o", "out.png", "--force")


def test_where_a_text_is_cut_or_broken(world):
    """A password that begins before the place and ends after it is not shown in part."""
    for n in range(30, 80):
        text = f"{'a ' * (n // 2)}{'-' * (n % 2)}{OWN} {PASSWORD} \u20ac"
        path = world.write(f"o{n}/000001-note.txt", MESSAGE + f"text{text}\n{text}:{text}\n")
        world.write(f"p{n}/000001-note.txt", MESSAGE.replace("hello", text))
        for command in ("lint", "inspect"):
            shown = world.run(command, path, f"p{n}").stdout
            assert OWN[:4] not in shown
            assert PASSWORD[:4] not in shown


def test_upload_and_log(world):
    outbox = outbox_of(world)
    for command in ("STOR", "RNTO", "CWD", "TYPE", "PASS"):
        world.server.answers[command] = [f"553 no: {text}" for text in LINES]
        world.run("upload", outbox, *world.to(), "--folder", KNOWN[0])
        world.run("upload", outbox, *world.to(), "--json")
    world.server.answers.clear()
    world.run("upload", outbox, *world.to(), "--json")
    answer(world.server.folder, world.folder / outbox)
    for words in ((), ("--json",), ("--csv",)):
        world.run("log", outbox, *world.to(), *words)
        world.run("log", outbox, *world.to(), "--replies", *words)


def _modes_world(tmp_path):
    folder = tmp_path / "here"
    folder.mkdir()
    rows = "".join(f"{MOBILE[:-3]}{n:03},Hello {n}\n" for n in range(300))
    (folder / "t.csv").write_text("to,text\n" + rows)
    (folder / "a.txt").write_text("Hello")
    for place in ("drop", "loose"):
        (folder / place).mkdir()
    for n in range(5):
        (folder / "drop" / f"{n}.txt").write_text("Hello")
        loose = folder / "loose" / f"{n}.txt"  # another program's, with a mistake
        loose.write_bytes(MESSAGE.replace("text", "TEXT").encode())
        loose.chmod(0o600)
    return folder


ALL_WRITERS = WRITERS | {
    "convert for another program": ("convert", "a.txt", "--to", NUMBER, "--format", "json")
}


@pytest.mark.parametrize("umask", [0, 0o022], ids=oct)
@pytest.mark.parametrize("words", ALL_WRITERS.values(), ids=ALL_WRITERS)
def test_others_can_never_read_a_file_with_a_log_in(tmp_path, words, umask):
    folder = _modes_world(tmp_path)
    before = os.umask(umask)
    try:
        with Looker(folder) as looker:
            done = smsenc(*words, env=log_ins(tmp_path, "variables"), cwd=folder)
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    assert (looker.seen > 0, looker.open) == (True, set())
