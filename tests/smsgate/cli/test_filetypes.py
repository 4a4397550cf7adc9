"""What is no source is refused alike: named, in a folder, and in a watched folder."""

import json

import pytest
from command import records, smsenc

NUMBER = "447700900321"
CARD = "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Field;Ana;;;\r\nTEL:+447700900321\r\nEND:VCARD\r\n"
ITSELF = "--as text sends it as it is"
BY_SUFFIX = [
    (f"a.{suffix}", content, f"no converter reads .{suffix}")
    for suffix, content in (
        ("svg", "<svg/>"),
        ("fmf", "Filetype: Flipper Music Format\n"),
        ("xbm", "#define a_width 8\n"),
        ("abc", "X:1\nK:C\nabc|\n"),
        ("html", "<p>Hi</p>"),
        ("json", "{}"),
        ("csv", "to\n447700900321\n"),
        ("toml", 'password = "x"\n'),
        ("pdf", "%PDF-1.7\n"),
        ("zip", "PK\3\4"),
    )
]
BY_CONTENT = [
    ("card.txt", CARD, "holds a vCard: --as vcard, or --as text to send it as it is"),
    (
        "tune.txt",
        "Tune:d=4,o=5,b=120:c,d,e\n",
        "holds an RTTTL tune: --as rtttl, or --as text to send it as it is",
    ),
    ("svg.txt", "<svg/>", f"holds an SVG picture, which no converter reads: {ITSELF}"),
    (
        "order.txt",
        "api_id:1\nuser:u\npassword:p\nto:447700900321\ntext:Hi\n",
        "already a message file: smsenc upload sends it",
    ),
]


@pytest.mark.parametrize(("name", "content", "why"), BY_SUFFIX + BY_CONTENT)
def test_one_rule_wherever_a_file_is(tmp_path, name, content, why):
    folder, box, drop = tmp_path / "in", tmp_path / "box", tmp_path / "drop"
    for place in (folder, drop):
        place.mkdir()
        (place / name).write_bytes(content.encode())
        (place / "good.txt").write_text("Hello")
    dry = ("--to", NUMBER, "--out", box, "--dry-run", "--json")
    named = smsenc("convert", folder / name, *dry)
    assert named.returncode == 3
    (error,) = (json.loads(line)["error"] for line in named.stderr.splitlines() if line[0] == "{")
    assert error["file"] == str(folder / name)
    assert error["message"].startswith(why)
    inside = smsenc("convert", folder, *dry)
    assert [r["source"] for r in records(inside) if not r["error"]] == [str(folder / "good.txt")]
    assert why in inside.stderr
    watched = smsenc(
        *("watch", drop, "--once", "--settle", "0", "--to", NUMBER, "--out", tmp_path / "sent")
    )
    assert why in (drop / "rejected" / f"{name}.txt").read_text()
    assert (drop / "done" / "good.txt").exists(), watched.stderr


@pytest.mark.parametrize(("name", "content"), [("a.svg", "<svg/>"), ("card.txt", CARD)])
def test_as_text_sends_it(tmp_path, name, content):
    (tmp_path / name).write_bytes(content.encode())
    done = smsenc(
        *("convert", tmp_path / name, "--as", "text", "--to", NUMBER),
        *("--out", tmp_path / "box", "--dry-run", "--json"),
    )
    assert [record["kind"] for record in records(done)] == ["text"]


def test_a_message_file_is_never_the_text_of_a_campaign(tmp_path):
    (tmp_path / "people.csv").write_text("to\n447700900321\n")
    (tmp_path / "order.txt").write_text("api_id:1\nuser:u\npassword:hush\ntext:Hi\n")
    done = smsenc(
        *("batch", tmp_path / "people.csv", "--text-file", tmp_path / "order.txt"),
        *("--out", tmp_path / "box"),
    )
    assert done.returncode == 2
    assert "already a message file" in done.stderr
    assert "hush" not in done.stderr
