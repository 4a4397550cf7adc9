"""A folder full of passwords in disguise, and a search for them in all that the command leaves."""

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

from command import NUMBER, smsenc
from ftpservers import PASSWORD, USER, Pyftpd, sending
from outboxes import message_files

from smsgate.masking import printable

MOBILE = "447700900123"  # batch wants numbers that can exist
GATEWAY, OWN = "Kw7vZq2T", "Pf4nMx8Rj3"  # the first one is short enough for SMPP
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


def _squeezed(text):
    """Letters and digits in one case: nothing between the characters of a secret keeps it apart."""
    return re.sub(r"[\W_]+", "", text).casefold()


#: What is left of a secret in any disguise once its escapes are undone; also half undone ones.
LEFT = {
    f"{secret} as {form}": _squeezed(text)
    for secret in (GATEWAY, PASSWORD, OWN)
    for form, text in {
        "itself": secret,
        "itself reversed": secret[::-1],
        "Latin-1": secret.encode().decode("latin-1"),
        "hex": secret.encode().hex(),
        "base64": base64.b64encode(secret.encode()).decode(),
    }.items()
}
_ESCAPE = re.compile(r"\\+u([0-9A-Fa-f]{4})|(?:\\+x|%)([0-9A-Fa-f]{2})")


def _readings(octets):
    """The text, also with one and two layers of escapes undone and terminal sequences removed."""
    text = octets.decode("utf-8", "replace")
    for _ in range(3):
        yield _squeezed(text)
        yield _squeezed(re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text))
        text = _ESCAPE.sub(lambda found: chr(int(found[1] or found[2], 16)), text)


def leaks(octets):
    """The secrets that are in these octets, in a disguise or in the rest of one."""
    readings = set(_readings(octets))
    found = [name for name, forms in FORMS.items() if any(form in octets for form in forms)]
    return found + [name for name, left in LEFT.items() if any(left in one for one in readings)]


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
        leaking = {name: names for name, names in found.items() if names}
        assert not leaking, leaking

    def recorded(self):
        state = Path(os.environ["XDG_STATE_HOME"])
        records = (*self.folder.rglob(".smsenc"), *self.folder.glob("*.smsenc"), state)
        for place in records:
            yield from (path for path in place.rglob("*") if path.is_file())
        yield from self.folder.rglob("rejected/*.*.txt")
        yield from self.folder.glob("rejects*")


def log_ins(folder, where):
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


def outbox_of(world):
    """Message files with a password of their own, and texts that repeat all passwords."""
    for n, text in enumerate(TEXTS, 1):
        more = f"text:{text}\n{text}:{text}\ntext{text}\nudh:{text}\n"
        world.write(f"outbox/{n:06}-note.txt", MESSAGE + (more if n % 2 else ""))
    world.write("outbox/000900-note.txt", MESSAGE.replace("hello", " ".join(KNOWN)))
    return "outbox"


def answer(remote, outbox):
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


#: Commands that write files with a log-in.
WRITERS = {
    "convert": ("convert", "a.txt", "--to", NUMBER),
    "batch": ("batch", "t.csv", "--text", "#text#"),
    "batch of own messages": ("batch", "t.csv", "--attach", "a.txt"),
    "batch to an archive": ("batch", "t.csv", "--text", "#text#", "--out", "o.zip"),
    "batch in two processes": ("batch", "t.csv", "--text", "#text#", "--jobs", "2"),
    "watch": ("watch", "drop", "--to", NUMBER, "--once", "--settle", "0"),
    "lint": ("lint", "loose", "--fix"),
}


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
