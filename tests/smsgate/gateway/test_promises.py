"""Each feature that the retired service promised, through real programs, a test for each.

``smsenc gateway run`` and ``smsenc simulate`` are processes; message files come from ``smsenc
convert`` and ``batch`` or are written here, go there by ``smsenc upload`` or by ftplib, and
``smsenc log`` reads what became of them. What the phone has is read by gammu from the octets on the
wire. The table in docs/gateway-promises.md names these tests.
"""

from __future__ import annotations

import ast
import csv
import json
import re
from itertools import count
from pathlib import Path

import pytest
from command import Done, process
from disturbances import Clock, free_port
from gateways import HOST, Gateway, Smsc, by_number, until, wire
from phones import by_gammu, text_by_gammu
from places import ROOT

from converters.tunes import rtttl
from smsenc.smpp.pdus import SubmitSm

SAMPLES = ROOT / "samples"
FAILING = "66"  # numbers that end so get no message
_NUMBERS = count(447_911_000_001)
_DAY = 86_400


class World:
    """A gateway, a message centre as the phones, and the commands of a sender."""

    def __init__(self, gateway: Gateway, smsc: Smsc, folder: Path) -> None:
        self.gateway, self.smsc, self.folder = gateway, smsc, folder

    def command(self, *words: object, stdin: str = "") -> Done:
        """Run ``smsenc`` with the account's log-ins; it must succeed."""
        account = self.gateway.account
        env = {
            "SMSENC_API_ID": account.api_id,
            "SMSENC_USER": account.user,
            "SMSENC_PASSWORD": account.password,
            "SMSENC_FTP_USER": account.ftp_user,
            "SMSENC_FTP_PASSWORD": account.ftp_password,
        }
        done = process(*words, stdin=stdin, env=env, cwd=self.folder)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        return done

    def upload(self, outbox: object) -> None:
        """Upload an outbox over TLS."""
        self.command("upload", outbox, *self._server())

    def log(self, outbox: object, *options: object) -> list[dict]:
        """What ``smsenc log`` says of each message of an outbox."""
        done = self.command("log", outbox, *self._server(), "--json", *options)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def _server(self):
        port, trusted = self.gateway.ftp_port, self.gateway.data / "ca.pem"
        return "--host", HOST, "--port", port, "--tls", "explicit", "--ca-file", trusted

    def converted(self, source: object, *options: object, stdin: str = "") -> list[SubmitSm]:
        """Convert a source, upload it, and wait for its parts at a phone of its own."""
        number = str(next(_NUMBERS))
        words = ("convert", source, "--to", number, "--out", number, *options)
        self.command(*words, stdin=stdin)
        self.upload(number)
        return self.arrived(number)

    def written(self, *lines: str, number: str = "") -> list[SubmitSm]:
        """Upload a message file of these lines, and wait for its parts as above."""
        number = number or str(next(_NUMBERS))
        self.gateway.upload(f"{number}.txt", self.gateway.account.file(*lines, f"to:{number}"))
        (answer,) = self.gateway.log(f"{number}.txt")
        assert answer.state == "accepted", answer
        return self.arrived(number)

    def arrived(self, number: str) -> list[SubmitSm]:
        """The parts at a phone, once its messages are accepted and nothing is left to send."""
        accepted = "SELECT recipient FROM message"
        until(lambda: (number,) in self.gateway.select(accepted), self.gateway.errors)
        self.gateway.settled()
        return by_number(self.smsc.received())[number]

    def statuses(self, number: str) -> list[int]:
        """The numbers of history.log for a phone, the earlier first."""
        return [one.status for one in self.gateway.history() if one.to == number]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("promises")
    with (
        Smsc(folder / "smsc", "--suffix", f"{FAILING}=expired") as smsc,
        Gateway(folder / "data", smsc.port) as gateway,
    ):
        yield World(gateway, smsc, folder)


# --- Contents -------------------------------------------------------------------------------------


def test_text(world):
    parts = world.converted(SAMPLES / "order.txt")
    assert len(parts) == 1
    assert text_by_gammu(parts) == "Your order [A-17] is ready: 12 € to pay. Open until 18:00."


def test_unicode(world):
    for name in ("clinic.txt", "birthday.txt"):
        parts = world.converted(SAMPLES / name)
        assert text_by_gammu(parts) == (SAMPLES / name).read_text("utf-8").rstrip()
        assert {body.data_coding for body in parts} == {8}


def test_binary(world):
    octets = bytes(range(120))
    parts = world.written("udh:06050423F40000", f"data:{octets.hex()}")
    assert [wire(body).data for body in parts] == [octets]
    assert {(wire(one).header.hex(), one.data_coding & 4) for one in parts} == {
        ("06050423f40000", 4)
    }
    assert by_gammu([parts])[0]["port"] == "0x23F4"


def test_flash(world):
    parts = world.converted("-", "--flash", stdin="The train leaves from platform 4")
    assert text_by_gammu(parts) == "The train leaves from platform 4"
    assert {one["class"] for one in by_gammu([parts])[0]["parts"]} == {0}


def test_extended_length(world):
    text = " ".join(f"word {n}" for n in range(60))
    parts = world.converted("-", stdin=text)
    assert len(parts) == -(-len(text) // 153) > 2
    assert text_by_gammu(parts) == text
    assert [one["n"] for one in by_gammu([parts])[0]["parts"]] == [*range(1, len(parts) + 1)]
    number = str(next(_NUMBERS))
    world.gateway.upload("long.txt", world.gateway.account.file(f"text:{text}", f"to:{number}"))
    assert [one.error for one in world.gateway.log("long.txt")] == [113]  # without concat


def test_tone(world):
    parts = world.converted(SAMPLES / "greensleeves.rtttl")
    theirs, _ = rtttl.parse(by_gammu([parts])[0]["ringtone_rtttl"])
    ours, _ = rtttl.parse((SAMPLES / "greensleeves.rtttl").read_text("ascii"))
    assert _tones(theirs) == _tones(ours)


def _tones(melody):
    return [(note.pitch, note.duration) for note in melody.notes]


def test_logo(world):
    parts = world.converted(SAMPLES / "logo.otb", "--mcc-mnc", "262-07")
    (found,) = by_gammu([parts])
    assert found["port"] == "0x1582"
    bits = "".join(f"{octet:08b}" for octet in (SAMPLES / "logo.otb").read_bytes()[4:])
    drawn = bits.translate({48: ".", 49: "#"})
    assert "".join(found["ota_bitmap"]["rows"]) == drawn[: 72 * 14]
    assert found["ota_bitmap"]["mccmnc"] == "262 07"


def test_card(world):
    parts = world.written(
        *("msg_type:SMS_NOKIA_VCARD", "text:BEGIN:VCARD", "text:VERSION:2.1", "text:N:Bloggs;Joe"),
        *("text:TEL;PREF:+1234567890", "text:END:VCARD", "text:"),
    )
    (found,) = by_gammu([parts])
    assert found["port"] == "0x23F4"
    assert {"Bloggs", "Joe", "+1234567890"} <= _values(found["vcard"])


def test_event(world):
    source = world.folder / "dentist.ics"
    source.write_text("\r\n".join((*_EVENT, "")))
    parts = world.converted(source)
    (found,) = by_gammu([parts])
    assert found["port"] == "0x23F5"
    assert {"Dentist", "2024-06-03T09:30:00+00:00"} <= _values(found["vcal"])


_EVENT = (
    *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test", "BEGIN:VEVENT", "UID:1"),
    *("DTSTAMP:20240601T000000Z", "SUMMARY:Dentist", "DTSTART:20240603T093000"),
    *("DTEND:20240603T101500", "END:VEVENT", "END:VCALENDAR"),
)


def _values(found):
    return {entry["Value"] for entry in found["Entries"]}


# --- Around a message -----------------------------------------------------------------------------


def test_acknowledgement(world):
    number = str(next(_NUMBERS))
    failing = f"{next(_NUMBERS)}{FAILING}"
    to = ("--to", number, "--to", failing, "--out", number)
    world.command("convert", SAMPLES / "order.txt", *to, "--ack")
    world.upload(number)
    assert world.arrived(number)[0].registered_delivery & 3
    until(lambda: (world.statuses(number), world.statuses(failing)) == ([2, 3, 4], [2, 3, 7]))
    done = process(*_log_words(world, number), env=_log_in(world), cwd=world.folder)
    states = {one["to"]: one["state"] for one in map(json.loads, done.stdout.splitlines())}
    assert states == {number: "delivered", failing: "failed"}
    assert done.returncode == 4  # one of them failed
    quiet = world.written("text:no receipt is asked for")
    assert not quiet[0].registered_delivery & 3


def _log_words(world, outbox):
    return "log", outbox, *world._server(), "--json"


def _log_in(world):
    account = world.gateway.account
    return {"SMSENC_FTP_USER": account.ftp_user, "SMSENC_FTP_PASSWORD": account.ftp_password}


def test_sender_id(world):
    for sender, ton in (("447700900999", 1), ("12345", None), ("Bakery24", 5)):
        parts = world.converted("-", "--from", sender, stdin=f"from {sender}")
        assert {body.source_addr.digits for body in parts} == {sender}
        if ton is not None:
            assert {body.source_addr.ton for body in parts} == {ton}
    file = world.gateway.account.file("from:a name that is too long", "text:x", "to:447911000000")
    world.gateway.upload("sender.txt", file)
    assert [one.error for one in world.gateway.log("sender.txt")] == [106]


_ROUTES = """\
[[route]]
name = "cheap"
smsc = "smpp://me@{host}:{closed}"
price = 1
escalate-after = 1
[[route]]
name = "dear"
smsc = "smpp://me@{host}:{port}"
price = 3
"""


def test_escalation(tmp_path):
    path, closed = tmp_path / "given.toml", free_port()  # a cheap route that is down
    with Smsc(tmp_path / "smsc") as smsc:
        path.write_text(_ROUTES.format(host=HOST, closed=closed, port=smsc.port))
        with Gateway(tmp_path / "data", None, "--config", path) as gateway:
            world = World(gateway, smsc, tmp_path)
            ways = {
                "447911000101": ("--escalate", "--max-credits", "3"),
                "447911000102": ("--escalate", "--max-credits", "2"),  # not for the dear route
                "447911000103": (),
            }
            for number, options in ways.items():
                words = ("convert", "-", "--to", number, "--out", "escalation", *options)
                world.command(*words, stdin=f"to {number}")
            world.upload("escalation")
            until(smsc.received, gateway.errors)
            until(lambda: world.statuses("447911000101") == [2, 3])
            last = [one for one in gateway.history() if one.status == 3][-1]
            assert (last.to, last.charge) == ("447911000101", 3)
            rows = gateway.select("SELECT recipient, state FROM message")
            assert dict(rows) == dict.fromkeys(ways, "waiting") | {"447911000101": "sent"}
    assert set(by_number(smsc.received())) == {"447911000101"}


def test_three_queues(world):
    gateway, prefix = world.gateway, "4479111"
    gateway.command("route", "pause", "route", "--data", gateway.data)
    for n, queue in enumerate((3, 2, 1, None, 1, 3, 2)):
        asked = () if queue is None else (f"queue:{queue}",)
        number = f"{prefix}{queue or 3}0000{n}"
        gateway.upload(f"{number}.txt", gateway.account.file(*asked, "text:x", f"to:{number}"))
        gateway.log(f"{number}.txt")
    gateway.command("route", "resume", "route", "--data", gateway.data)
    gateway.settled()
    order = [body.destination_addr.digits for body in world.smsc.received()]
    places = [one[7:] for one in order if one.startswith(prefix) and len(one) == 13]
    assert places == ["100002", "100004", "200001", "200006", "300000", "300003", "300005"]


def test_delay_of_seven_days(tmp_path):
    clock, number = Clock(tmp_path), "447911222222"
    with (
        Smsc(tmp_path / "smsc") as smsc,
        Gateway(tmp_path / "data", smsc.port, program=clock.program) as gateway,
    ):
        world = World(gateway, smsc, tmp_path)
        words = ("convert", "-", "--to", number, "--out", "later", "--delay", "7d")
        world.command(*words, stdin="A week later")
        world.upload("later")
        until(lambda: world.statuses(number) == [11])
        more = gateway.account.file("deliv_time:10081", "text:x", f"to:{number}")
        gateway.upload("more.txt", more)
        assert [one.error for one in gateway.log("more.txt")] == [120]
        clock.set(7 * _DAY - 60)
        until(lambda: gateway.status()["messages"]["delayed"] == 1)
        assert smsc.received() == []
        gateway.kill()  # a delay outlasts the process
        gateway.start()
        assert gateway.counts() == {"delayed": 1}
        clock.set(7 * _DAY + 1)
        assert text_by_gammu(world.arrived(number)) == "A week later"
        # Not from history.log: by this clock the file is a week old, and may be removed at once.
        shown = gateway.select("SELECT status FROM event ORDER BY id")
        assert [status for (status,) in shown] == [11, 2, 3]


def test_batch(world):
    table = SAMPLES / "recipients.csv"
    words = ("--text", "Hello #name#, order #order#: #amount# EUR", "--region", "GB")
    world.command("batch", table, *words, "--out", "batch")
    world.upload("batch")
    until(lambda: {one["state"] for one in world.log("batch")} == {"accepted"})
    world.gateway.settled()
    found = by_number(world.smsc.received())
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            number = re.sub(r"\D", "", row["phone"])
            said = f"Hello {row['name']}, order {row['order']}: {row['amount']} EUR"
            assert text_by_gammu(found[number]) == said


def test_two_way(world):
    number, ours = str(next(_NUMBERS)), "448311000000"
    words = ("convert", "-", "--to", number, "--out", number, "--from", ours)
    world.command(*words, stdin="Shall we meet at 5?")
    world.upload(number)
    world.arrived(number)
    said = ["Yes, see you", "Да, " * 60]  # one part, and several that are joined
    for text in said:
        world.smsc.reply(number, ours, "--text", text)
    path = world.gateway.folder() / "mo.log"
    until(lambda: path.exists() and path.read_text("utf-8").count(f"{number}\t{ours}\t") == 2)
    found = world.log(number, "--replies")
    assert [(one["handset"], one["to"], one["text"]) for one in found] == [
        (number, ours, text) for text in said
    ]
    first = path.read_text("utf-8").splitlines()[0]
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d {number}\t{ours}\t{said[0]}", first)
    world.smsc.reply(number, ours, "--text", "stop!")
    until(lambda: "stop!" in path.read_text("utf-8"))
    again = world.gateway.account.file("text:Still there?", f"to:{number}")
    world.gateway.upload("again.txt", again)
    assert [one.error for one in world.gateway.log("again.txt")] == [122]


_LINE = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\t(?P<name>[^\t]+)\t"
    r"ID: (?P<id>[0-9a-f]{32}) To: (?P<to>\d+) status: (?P<status>\d{3})"
    r"( cliMsgId: (?P<client>\w+))?( charge: (?P<charge>\d+\.\d{6}))?"
)


def test_history_log(world):
    good, bad = str(next(_NUMBERS)), "0831"
    lines = ("cliMsgId:order7", "deliv_ack:1", "text:Hello", f"to:{good}", f"to:{bad}")
    world.gateway.upload("history.txt", world.gateway.account.file(*lines))
    first, second = world.gateway.log("history.txt")
    assert (first.to, first.state, second.error) == (good, "accepted", 105)
    path = world.gateway.folder() / "history.log"
    until(lambda: world.statuses(good) == [2, 3, 4])
    with world.gateway.session() as client:  # as a client reads it
        found: list[str] = []
        client.retrlines("RETR history.log", found.append)
    assert path.read_text("utf-8").splitlines()[: len(found)] == found
    rows = [m for line in found if (m := _LINE.fullmatch(line)) and m["to"] == good]
    assert [(m["status"], m["client"], m["charge"]) for m in rows] == [
        ("002", "order7", "1.000000"),
        ("003", "order7", "1.000000"),
        ("004", "order7", "1.000000"),
    ]
    assert {m["id"] for m in rows} == {first.id}
    assert {m["name"] for m in rows} == {"history.txt"}


# --- The table ------------------------------------------------------------------------------------

_ROW = re.compile(r"^\| [^|]+ \| `(test_\w+)` \|", re.MULTILINE)


def test_the_table_of_the_docs_names_each_of_these_tests():
    named = _ROW.findall((ROOT / "docs" / "gateway-promises.md").read_text("utf-8"))
    body = ast.parse(Path(__file__).read_text("utf-8")).body
    tests = {one.name for one in body if isinstance(one, ast.FunctionDef)}
    features = {one for one in tests if one.startswith("test_")} - {_THIS}
    assert sorted(named) == sorted(features)


_THIS = test_the_table_of_the_docs_names_each_of_these_tests.__name__
