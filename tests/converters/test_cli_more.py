"""The commands beside convert and inspect: count, decode, transcode, preview; TPDUs and budgets."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from smsenc import tpdu

SAMPLES = Path(__file__).parents[2] / "samples"
NUMBER = "448311234567"
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith("SMSENC_")}


def smsenc(*arguments, stdin=""):
    return subprocess.run(
        [sys.executable, "-m", "converters", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        timeout=60,
        check=False,
    )


def records(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.fixture
def box(tmp_path):
    return tmp_path / "outbox"


def test_count_names_the_character_that_doubles_the_bill():
    text = "Your order is ready \u2026 come by." + "\n" + "x" * 120
    done = smsenc("count", text)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "UCS-2, 151 units, 3 parts, room for 50 more in the last",
        "  line 1, column 21: '\u2026' (U+2026) is not in GSM 7-bit",
        "these cost 2 parts more",
        "--substitute typographic would save 2 parts",
    ]
    (found,) = records(smsenc("count", "-", "--json", stdin=text + "\n"))
    assert (found["coding"], found["units"], found["parts"], found["room"]) == ("ucs2", 151, 3, 50)
    assert found["offenders"] == [{"line": 1, "column": 21, "character": "\u2026"}]
    assert (found["extra_parts"], found["substituted_parts"]) == (2, 1)
    changed = smsenc("count", text, "--substitute", "typographic").stdout.splitlines()
    assert changed[0] == "GSM 7-bit, 153 units, 1 part, room for 7 more in the last"
    assert "  at 21: '\u2026' (U+2026) is sent as '...'" in changed


def test_count_says_what_a_message_file_makes_of_it():
    shown = smsenc("count", "12 € " + "x" * 100).stdout
    assert "GSM 7-bit, 106 units, 1 part" in shown
    assert "in a message file: 2 parts, Unicode because of '€' (U+20AC)" in shown


def test_count_knows_national_tables():
    text = "Günaydın, akşamınız hayırlı olsun. " * 4
    (found,) = records(smsenc("count", text, "--language", "turkish", "--json"))
    assert (found["languages"], found["parts"]) == (["turkish", "default"], 1)
    assert "GSM 7-bit with turkish tables" in smsenc("count", text, "--language", "all").stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("x", "--language", "klingon"), "--language: expected all, turkish, spanish, portuguese"),
        (("x", "--substitute", "all"), "substitute: expected one of never, typographic, full"),
        (("x" * 40_000,), "expected at most 255 parts, found 262"),
    ],
)
def test_count_refuses(arguments, message):
    done = smsenc("count", *arguments)
    assert done.returncode == 2
    assert message in done.stderr


def test_tpdus_are_written_in_hex_one_a_line(tmp_path, box):
    (tmp_path / "a.txt").write_text("€" * 100)
    command = ("convert", tmp_path / "a.txt", "--to", NUMBER, "--to", "4477009001234")
    done = smsenc(*command, "--out", box, "--format", "pdu", "--reference", "9")
    assert done.returncode == 0
    assert "not ready" not in done.stderr
    (path,) = box.iterdir()
    assert path.name == "000001-a.pdu"
    found = [tpdu.decode(bytes.fromhex(line)) for line in path.read_text().splitlines()]
    assert [f.destination.number for f in found] == [NUMBER] * 2 + ["4477009001234"] * 2
    assert found[0].segment.udh.hex() == "050003090201"
    for shown in records(smsenc("inspect", box, "--json")):
        assert (shown["content"]["text"], shown["parts"]) == ("€" * 100, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--format", "fax"), "--format: expected one of ftp, pdu, smstools, json, found 'fax'"),
        (("--format", "pdu", "--from", "Bank"), "--from: expected none in pdu, which has no room"),
        (("-O", "coding=gsm7", "-O", "coding=ucs2"), "-O coding: expected the option once"),
    ],
)
def test_settings_are_checked_before_anything_is_written(box, arguments, message):
    done = smsenc("convert", "-", "--to", NUMBER, "--out", box, *arguments, stdin="hi")
    assert done.returncode == 2
    assert message in done.stderr
    assert not box.exists()


def test_decode_writes_back_what_was_converted(tmp_path, box):
    sources = [SAMPLES / name for name in ("contacts-21.vcf", "meeting.ics", "clinic.txt")]
    assert smsenc("convert", *sources, "--to", NUMBER, "--out", box).returncode == 0
    kinds = {".vcf": "vcard", ".ics": "calendar", ".vcs": "calendar", ".txt": "text"}
    for suffix, kind in kinds.items():
        out, again = tmp_path / f"back{suffix}", tmp_path / f"again{suffix}"
        assert smsenc("decode", box, out).returncode == 4  # messages of other kinds are named
        assert smsenc("convert", out, "--to", NUMBER, "--out", again).returncode == 0
        before, after = (
            [r["content"] for r in records(smsenc("inspect", place, "--json")) if r["kind"] == kind]
            for place in (box, again)
        )
        assert before == after != []


def test_decode_writes_over_nothing(tmp_path):
    command = ("decode", ":E8329BFD4697D9EC37", tmp_path / "a.txt")
    assert smsenc(*command).returncode == 0
    assert (tmp_path / "a.txt").read_text() == "hellohello\n"
    done = smsenc(*command)
    assert done.returncode == 7
    assert "expected no such file, found one (--force writes over it)" in done.stderr
    assert smsenc(*command, "--force").returncode == 0


def test_decode_names_what_it_cannot_write(tmp_path):
    done = smsenc("decode", ":E8329BFD4697D9EC37", tmp_path / "a.vcf")
    assert done.returncode == 3
    assert "expected .txt for a text, found .vcf" in done.stderr
    assert not (tmp_path / "a.vcf").exists()


LONG_CARD = (
    "BEGIN:VCARD\nVERSION:3.0\nN:Doe;Jo\nTEL:+447700900123\nEMAIL:jo@example.com\n"
    f"URL:https://example.com/{'x' * 300}\nEND:VCARD\n"
)


def test_a_card_keeps_to_the_parts_it_may_have(tmp_path, box):
    (tmp_path / "a.vcf").write_text(LONG_CARD)
    command = ("convert", tmp_path / "a.vcf", "--to", NUMBER, "--out", box, "--json", "--force")
    (whole,) = records(smsenc(*command, "--max-parts", "9"))
    assert (whole["status"], whole["parts"]) == ("written", 4)
    done = smsenc(*command, "--max-parts", "1")
    (kept,) = records(done)
    assert done.returncode == 0
    assert (kept["status"], kept["parts"]) == ("partial", 1)
    assert [loss["what"] for loss in kept["losses"]] == ["URL"]
    done = smsenc(*command, "--max-parts", "1", "--strict")
    assert done.returncode == 7
    assert records(done)[0]["status"] == "rejected"


def test_events_are_written_in_the_zone_asked_for(box):
    command = ("convert", SAMPLES / "meeting.ics", "--to", NUMBER, "--out", box, "--force")
    smsenc(*command, "--tz", "Asia/Tokyo")
    first = records(smsenc("inspect", box, "--json"))[0]["content"]
    assert first["start"] == "2024-05-20T21:00:00"
    done = smsenc(*command, "--tz", "Mars/Base")
    assert done.returncode == 2
    assert "Mars/Base" in done.stderr


@pytest.mark.parametrize(
    ("source", "out"),
    [
        ("ode-to-joy.mid", "a.rtttl"),
        ("ode-to-joy.mid", "a.imy"),
        ("greensleeves.rtttl", "a.mid"),
        ("logo.png", "a.nlm"),
        ("logo.png", "a.otb"),
        ("contacts-30.vcf", "a.vcf"),
        ("meeting.ics", "a.vcs"),
    ],
)
def test_transcode_makes_files_that_say_the_same(tmp_path, source, out):
    assert smsenc("transcode", SAMPLES / source, tmp_path / out).returncode == 0
    before, after = (
        [r["content"] for r in records(smsenc("inspect", path, "--json")) if r["parts"]]
        for path in (SAMPLES / source, tmp_path / out)
    )
    if "notes" in before[0]:
        before, after = ([c["notes"] for c in contents] for contents in (before, after))
    assert before == after != []


def test_transcode_refuses_what_has_no_way(tmp_path):
    done = smsenc("transcode", SAMPLES / "logo.png", tmp_path / "a.mid")
    assert done.returncode == 3
    assert "found .mid" in done.stderr
    assert not (tmp_path / "a.mid").exists()


@pytest.mark.parametrize(
    ("source", "out", "mark"),
    [
        ("logo.png", "a.png", b"\x89PNG"),
        ("ode-to-joy.mid", "a.wav", b"RIFF"),
        ("ode-to-joy.mid", "a.png", b"\x89PNG"),
    ],
)
def test_preview_makes_what_can_be_seen_and_heard(tmp_path, source, out, mark):
    assert smsenc("preview", SAMPLES / source, "-o", tmp_path / out).returncode == 0
    assert (tmp_path / out).read_bytes().startswith(mark)


def test_preview_refuses_what_has_none(tmp_path):
    done = smsenc("preview", SAMPLES / "contacts-30.vcf", "-o", tmp_path / "a.png")
    assert done.returncode == 3
    assert "expected nothing for a vcard, found .png" in done.stderr


def test_the_gateway_s_options_stand_in_the_file(box):
    done = smsenc(
        *("convert", "-", "--to", NUMBER, "--out", box, "--from", "Bank", "--client-id", "order7"),
        *("--ack", "--callback", "final,error", "--delay", "2h", "--validity", "1d"),
        *("--max-credits", "1.5", "--features", "text,alpha", "--queue", "1", "--escalate"),
        *("--reply", "ann@example.org"),
        stdin="hi",
    )
    assert done.returncode == 0, done.stderr
    (path,) = box.iterdir()
    assert path.read_text().splitlines()[3:] == [
        "cliMsgId:order7",
        "from:Bank",
        "deliv_ack:1",
        "callback:6",
        "deliv_time:120",
        "validity:1440",
        "max_credits:1.5",
        "req_feat:17",
        "queue:1",
        "escalate:1",
        "reply:ann@example.org",
        "text:hi",
        f"to:{NUMBER}",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--queue", "4"), "--queue: expected a whole number 1 to 3, found '4'"),
        (("--at", "2020-01-01T00:00Z"), "scheduled_time: expected a time at most 7 days ahead"),
        (("--from", "Bank", "--mo"), "from: expected the number that replies come to"),
        (("--pack", "box"), "--pack: expected one of parts, gateway, msg-type, found 'box'"),
        (("--profile", "nobody"), "--profile: expected clickatell or a .toml file"),
        (("--format", "json", "--ack"), "--ack: expected none in json, which has no room"),
    ],
)
def test_the_gateway_s_rules_are_checked_before_anything_is_written(box, arguments, message):
    done = smsenc("convert", "-", "--to", NUMBER, "--out", box, *arguments, stdin="hi")
    assert done.returncode == 2
    assert message in done.stderr
    assert not box.exists()


@pytest.mark.parametrize(("pack", "files"), [("parts", 3), ("gateway", 1), ("msg-type", 1)])
def test_a_tune_is_packed_as_asked(tmp_path, box, pack, files):
    tune = tmp_path / "long.rtttl"
    dice = random.Random(1)
    notes = (f"{dice.choice((4, 8, 16))}{dice.choice('cdefgab')}" for _ in range(200))
    tune.write_text(f"long:d=8,o=5,b=160:{','.join(notes)}")
    done = smsenc("convert", tune, "--to", NUMBER, "--out", box, "--pack", pack)
    assert done.returncode == 0, done.stderr
    assert len(list(box.iterdir())) == files


def test_a_profile_with_another_charset_keeps_a_text(tmp_path, box):
    profile = tmp_path / "euro.toml"
    profile.write_text('charset = "iso-8859-15"\n')
    to = ("--to", NUMBER, "--out", box)
    done = smsenc("convert", "-", *to, "--profile", profile, stdin="5 \u20ac")
    assert done.returncode == 0, done.stderr
    (path,) = box.iterdir()
    assert b"text:5 \xa4\n" in path.read_bytes()
