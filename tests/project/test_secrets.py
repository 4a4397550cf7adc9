"""No password is in what a command prints, records or reports, in any disguise; and no file with a
log-in can be read by others, not even for a moment.

A password may be in what is the user's own: the files that the user wrote, message files (gateways
need it there), the names of files, and what ``decode``, ``transcode`` and ``preview`` write.
"""

from __future__ import annotations

import base64
import json
import os
import re
import stat
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from command import NUMBER, smsenc
from ftpservers import PASSWORD, USER, Pyftpd, sending
from outboxes import message_files

from smsgate.masking import printable

MOBILE = "447700900123"  # batch wants numbers that can exist
GATEWAY, OWN = "Kw7vZq2Tb9", "Pf4nMx8Rj3"
MESSAGE = f"api_id:1\nuser:u\npassword:{OWN}\ntext:hello\nto:{NUMBER}\n"


def disguises(secret):
    octets = secret.encode()
    return {
        "plain": secret,
        "upper": secret.upper(),
        "swapped": secret.swapcase(),
        "reversed": secret[::-1],
        "controls": "\0\x01".join(secret),
        "ansi": "\x1b[31m".join(secret),
        "invisible": "\u200b".join(secret),
        "percent": "".join(f"%{one:02X}" for one in octets),
        "base64": base64.b64encode(octets).decode(),
        "hex": octets.hex(),
    }


DISGUISED = {
    f"{secret} {kind}": text
    for secret in (GATEWAY, PASSWORD, OWN)
    for kind, text in disguises(secret).items()
}
TEXTS = tuple(DISGUISED.values())
#: Those that a server can answer.
LINES = tuple(text for text in TEXTS if "\0" not in text)
#: Those of passwords that every command knows: that of a message file is known when it is read.
KNOWN = tuple(t for name, t in DISGUISED.items() if not name.startswith(OWN))
#: Those that can be an argument, or the name of a file.
NAMES = tuple(t for t in KNOWN if "\0" not in t and "/" not in t)


def _forms(text):
    """How a disguise may be written: as it is, escaped, in JSON, and both."""
    escaped = printable(text)
    in_json = [json.dumps(one, ensure_ascii=False)[1:-1] for one in (text, escaped)]
    return {form.encode() for form in (text, escaped, *in_json, json.dumps(text)[1:-1])}


FORMS = {name: _forms(text) for name, text in DISGUISED.items()}


def leaks(octets):
    """The disguises that are in these octets."""
    return [name for name, forms in FORMS.items() if any(form in octets for form in forms)]


@dataclass
class World:
    """A folder, the log-ins, a server, and what the commands have printed."""

    folder: Path
    environment: dict
    server: Pyftpd
    shown: dict = field(default_factory=dict)

    def run(self, *words, stdin="", codes=(0, 2, 3, 4, 5, 6, 7)):
        done = smsenc(*words, stdin=stdin, env=self.environment, cwd=self.folder)
        assert done.returncode in codes, done.stderr
        self.shown[f"{len(self.shown)} {' '.join(map(str, words))[:60]}"] = (
            done.stdout + done.stderr
        )
        return done

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def to(self):
        return sending(self.server)

    def check(self):
        """Nothing printed, recorded or reported has a secret in it."""
        places = {name: text.encode("utf-8", "replace") for name, text in self.shown.items()}
        places |= {str(path): path.read_bytes() for path in self.recorded()}
        found = {name: leaks(octets) for name, octets in places.items()}
        assert {name: names for name, names in found.items() if names} == {}

    def recorded(self):
        state = Path(os.environ["XDG_STATE_HOME"])
        records = (*self.folder.rglob(".smsenc"), *self.folder.glob("*.smsenc"), state)
        for place in records:
            yield from (path for path in place.rglob("*") if path.is_file())
        yield from self.folder.rglob("rejected/*.*.txt")
        yield from self.folder.glob("rejects*")


def _log_ins(folder, where):
    gateway = {"api_id": "1", "user": "u", "password": GATEWAY}
    if where == "variables":
        server = {"SMSENC_FTP_USER": USER, "SMSENC_FTP_PASSWORD": PASSWORD}
        return {f"SMSENC_{key.upper()}": value for key, value in gateway.items()} | server
    paths = {}
    server = {"user": USER, "password": PASSWORD}
    for prefix, values in (("SMSENC_", gateway), ("SMSENC_FTP_", server)):
        path = folder / f"{prefix}.toml"
        path.write_text("".join(f'{key} = "{value}"\n' for key, value in values.items()))
        path.chmod(0o600)
        paths[f"{prefix}CREDENTIALS"] = str(path)
    return paths


@pytest.fixture(params=["variables", "files"])
def world(tmp_path, request):
    folder, remote = tmp_path / "here", tmp_path / "remote"
    folder.mkdir()
    remote.mkdir()
    with Pyftpd(remote) as server:
        made = World(folder, _log_ins(tmp_path, request.param), server)
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


def _outbox(world):
    """Message files with a password of their own, and texts that repeat all passwords."""
    for n, text in enumerate(TEXTS, 1):
        more = f"text:{text}\n{text}:{text}\ntext{text}\nudh:{text}\n"
        world.write(f"outbox/{n:06}-note.txt", MESSAGE + (more if n % 2 else ""))
    world.write("outbox/000900-note.txt", MESSAGE.replace("hello", " ".join(KNOWN)))
    return "outbox"


def test_reading_message_files(world):
    outbox = _outbox(world)
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


def test_upload_and_log(world):
    outbox = _outbox(world)
    for command in ("STOR", "RNTO", "CWD", "TYPE", "PASS"):
        world.server.answers[command] = [f"553 no: {text}" for text in LINES]
        world.run("upload", outbox, *world.to(), "--folder", KNOWN[0])
        world.run("upload", outbox, *world.to(), "--json")
    world.server.answers.clear()
    world.run("upload", outbox, *world.to(), "--json")
    _answer(world.server.folder, world.folder / outbox)
    for words in ((), ("--json",), ("--csv",)):
        world.run("log", outbox, *world.to(), *words)
        world.run("log", outbox, *world.to(), "--replies", *words)


def _answer(remote, outbox):
    """What a gateway may write about the messages, with passwords in every field."""
    names = [path.name for path in message_files(outbox)]
    stamp = "2037-11-28 10:00:00"
    history, replies = [], []
    for n, text in enumerate(TEXTS):
        name = names[n % len(names)]
        own = f"ERR: 114, {text}\nID: {n:032x} {text}\n{text}\n"
        (remote / f"{name}.log").write_text(own)
        history += f"{stamp}\t{name}\tERR: 999, {text}", f"{stamp}\t{name}\t{text}", text
        history.append(f"{stamp}\t{name}\tID: {n:032x} To: {NUMBER} CliMsgID: {text} status: 004")
        replies += f"{stamp} 1\t{NUMBER}\t{text}", f"{stamp} {text}\t{text}\t{text}", text
    (remote / "history.log").write_text("\n".join(history) + "\n")
    (remote / "mo.log").write_text("\n".join(replies) + "\n")


class Looker:
    """Looks at a folder again and again: the modes of files that have a password in them."""

    def __init__(self, folder):
        self._folder = folder
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look)
        self.open = set()
        self.seen = 0

    def look(self):
        """Look once; what is removed meanwhile was not there."""
        for place, _, names in os.walk(self._folder):
            for name in names:
                with suppress(OSError), open(os.path.join(place, name), "rb") as file:
                    mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                    if mode & 0o077 and SECRET_OCTETS.search(file.read()):
                        self.open.add((name, oct(mode)))
                self.seen += 1

    def _look(self):
        while not self._stop.wait(0.0002):
            self.look()

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self.look()


SECRET_OCTETS = re.compile(f"{GATEWAY}|{OWN}".encode())


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


WRITERS = {
    "convert": ("convert", "a.txt", "--to", NUMBER),
    "convert for another program": ("convert", "a.txt", "--to", NUMBER, "--format", "json"),
    "batch": ("batch", "t.csv", "--text", "#text#"),
    "batch of own messages": ("batch", "t.csv", "--attach", "a.txt"),
    "batch to an archive": ("batch", "t.csv", "--text", "#text#", "--out", "o.zip"),
    "batch in two processes": ("batch", "t.csv", "--text", "#text#", "--jobs", "2"),
    "watch": ("watch", "drop", "--to", NUMBER, "--once", "--settle", "0"),
    "lint": ("lint", "loose", "--fix"),
}


@pytest.mark.parametrize("umask", [0, 0o022], ids=oct)
@pytest.mark.parametrize("words", WRITERS.values(), ids=WRITERS)
def test_others_can_never_read_a_file_with_a_log_in(tmp_path, words, umask):
    folder = _modes_world(tmp_path)
    before = os.umask(umask)
    try:
        with Looker(folder) as looker:
            done = smsenc(*words, env=_log_ins(tmp_path, "variables"), cwd=folder)
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    assert (looker.seen > 0, looker.open) == (True, set())
