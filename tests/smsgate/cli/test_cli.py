import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command import COMMAND, NUMBER, environment, files, records, smsenc
from outboxes import journal_of, message_files
from places import SAMPLES

from smsenc import messagefile
from smsgate.cli import main


@pytest.fixture
def box(tmp_path):
    return tmp_path / "outbox"


def test_a_text_becomes_a_message_file(tmp_path, box):
    source = tmp_path / "Hello World.txt"
    source.write_text("Meet at 5\n")
    done = smsenc("convert", source, "--to", "+44 8311 234567", "--out", box, "--from", "Bank")
    assert done.returncode == 0
    assert files(box) == {
        "000001-hello-world.txt": b"api_id:xxxxx\nuser:xxxxx\npassword:xxxxx\nfrom:Bank\n"
        b"text:Meet at 5\nto:448311234567\n"
    }
    assert "1 message in 1 file written" in done.stderr
    assert "the files contain placeholders" in done.stderr


def test_a_character_that_needs_unicode_is_named_in_a_short_line(tmp_path, box):
    (tmp_path / "a.txt").write_text("12 €", encoding="utf-8")
    (tmp_path / "b.txt").write_text("€" * 700, encoding="utf-8")
    done = smsenc("convert", "a.txt", "b.txt", "--to", NUMBER, "--out", box, cwd=tmp_path)
    assert [line for line in done.stdout.splitlines() if "!" in line] == [
        "      ! '€' (U+20AC) needs Unicode: not in iso-8859-1; the text takes 1 part",
        "      ! '€' (U+20AC) needs Unicode: not in iso-8859-1; the text takes 11 parts",
    ]
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_the_samples_convert_the_same_way_twice(tmp_path):
    outs = []
    for name in ("one", "two"):
        done = smsenc(
            "convert", "samples", "--to", NUMBER, "--out", tmp_path / name, cwd=SAMPLES.parent
        )
        assert done.returncode == 0, done.stderr
        outs.append(files(tmp_path / name))
    assert outs[0] == outs[1]
    assert len(outs[0]) >= len(list(SAMPLES.iterdir())) - 1
    for octets in outs[0].values():
        message = messagefile.loads(octets)
        assert len(message.udh or b"") + len(message.data or b"") <= 140
        assert max(map(len, octets.split(b"\n"))) <= 8192


def test_json_names_every_message(tmp_path, box):
    (tmp_path / "a.txt").write_text("x" * 200)
    (tmp_path / "b.txt").write_bytes(b"")
    done = smsenc("convert", tmp_path, "--to", NUMBER, "--out", box, "--json")
    assert done.returncode == 4
    good, bad = records(done)
    assert good == {
        "source": str(tmp_path / "a.txt"),
        "item": 1,
        "kind": "text",
        "status": "written",
        "coding": "gsm7",
        "parts": 2,
        "octets": 188,
        "files": [str(path) for path in message_files(box)],
        "losses": [],
        "error": None,
    }
    assert list(files(box)) == ["000001-a.txt"]
    assert bad["status"] == "rejected"
    assert bad["error"] == {"message": "expected a text, found an empty file"}
    told = {"kind": "input", **bad["error"], "file": str(tmp_path / "b.txt")}
    assert json.dumps({"error": told}) in done.stderr.splitlines()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("--to", "44831a234567"), 2, "expected digits, found letters in '44831a234567'"),
        (("--to", "08311234567"), 2, "expected a number with its country code"),
        (("--to", f"{NUMBER}\nto:449000000"), 2, "expected one number, found two or more"),
        ((), 2, "--to: no recipient: use --to NUMBER or --to-file FILE"),
        (("--to", NUMBER, "--from", "Much too long"), 2, "from: expected 1 to 16 digits"),
        (("--to", NUMBER, "--from", "a\nto:449000000"), 2, "expected no control character"),
        (("--to", NUMBER, "-O", "colour=red"), 2, "-O colour: expected one of"),
        (
            ("--to", NUMBER, "-O", "coding=gsm7", "-O", "coding=ucs2"),
            2,
            "-O coding: given twice, with different values",
        ),
        (("--to", NUMBER, "-O", "colour"), 2, "-O: expected KEY=VALUE, found 'colour'"),
        (("--to", NUMBER, "-O", "coding=x"), 2, "coding: expected auto, gsm7 or ucs2, found 'x'"),
        (("--to", NUMBER, "--as", "fax"), 2, "--as: expected one of"),
        (("--to", NUMBER, "--max-parts", "1"), 7, "expected at most 1 part, found 2"),
        (("--to", NUMBER, "--as", "vcard"), 3, "a.txt"),
        (("--to", NUMBER, "--nonsense"), 2, "No such option"),
    ],
)
def test_refusals_say_why_and_write_nothing(tmp_path, box, arguments, code, message):
    source = tmp_path / "a.txt"
    source.write_text("x" * 161)
    done = smsenc("convert", source, "--out", box, *arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert message in done.stderr
    assert not box.exists() or not files(box)


def test_one_bad_number_in_a_list_does_not_stop_the_others(tmp_path, box):
    numbers = tmp_path / "numbers.txt"
    numbers.write_text(f"{NUMBER}\n\nabc\n+49 151 12345678\n{NUMBER}\n")
    done = smsenc("convert", "-", "--to-file", numbers, "--out", box, stdin="hi")
    assert done.returncode == 4
    assert f"{numbers}:3: expected digits, found letters in 'abc'" in done.stderr
    (octets,) = files(box).values()
    assert messagefile.loads(octets).to == (NUMBER, "4915112345678")


def test_bad_sources_are_named_and_the_rest_is_written(tmp_path, box):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "empty.vcf").write_bytes(b"")
    (folder / "no-picture.png").write_bytes(b"not a picture")
    (folder / "open.vcf").write_text("BEGIN:VCARD\nVERSION:2.1\nN:Doe;Jo\nTEL:+447700900123\n")
    (folder / "text.txt").write_text("good")
    midi = (SAMPLES / "ode-to-joy.mid").read_bytes()
    (folder / "cut.mid").write_bytes(midi[:17])
    done = smsenc("convert", folder, folder / "gone.txt", "--to", NUMBER, "--out", box, "--json")
    assert done.returncode == 4
    by_name = {Path(r["source"]).name: r for r in records(done)}
    assert by_name["text.txt"]["status"] == "written"
    assert by_name["gone.txt"]["error"]["message"] == "no such file"
    for name in ("empty.vcf", "no-picture.png", "cut.mid"):
        error = by_name[name]["error"]["message"]
        assert "expected" in error
        assert "found" in error
        (line,) = [line for line in done.stderr.splitlines() if f'{name}"' in line]
        assert error == json.loads(line)["error"]["message"]


def test_values_add_no_line_and_no_recipient(tmp_path, box):
    (tmp_path / "card.vcf").write_text(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Eve\\nto:449000000\r\nN:Eve\\nto:449000000;;;;\r\n"
        "TEL:+447700900123\r\nEND:VCARD\r\n"
    )
    (tmp_path / "a.txt").write_bytes(b"x\x00\x1b\x85\rto:449000000\n")
    (tmp_path / "b\nto:449000000.txt").write_text("x")
    done = smsenc("convert", tmp_path, "--to", NUMBER, "--out", box)
    assert done.returncode == 0, done.stderr
    assert len(files(box)) >= 3
    for octets in files(box).values():
        assert messagefile.loads(octets).to == (NUMBER,)


def test_a_second_run_adds_to_an_outbox(box):
    for text, *more in (("one",), ("two",), ("one",), ("one", "--name", "again")):
        done = smsenc("convert", "-", "--to", NUMBER, "--out", box, *more, stdin=text)
        assert done.returncode == 0
    assert "outbox also contains 2 message files of other runs" in done.stderr
    texts = [messagefile.loads(path.read_bytes()).text for path in message_files(box)]
    assert sorted(texts) == ["one", "one", "two"]


def test_a_run_of_another_day_is_another(box, monkeypatch):
    for day in (0, 86_399, 86_400):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(day))
        smsenc("convert", "-", "--to", NUMBER, "--out", box, stdin="one")
    assert len(message_files(box)) == 2


def test_an_outbox_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    done = smsenc("convert", "-", "--to", NUMBER, "--out", tmp_path / "file" / "x", stdin="hi")
    assert done.returncode == 3
    assert f"cannot write to {tmp_path / 'file' / 'x'}: not a directory" in done.stderr


def test_a_dry_run_writes_nothing(box):
    done = smsenc("convert", "-", "--to", NUMBER, "--out", box, "--dry-run", "--json", stdin="hi")
    assert done.returncode == 0
    (name,) = records(done)[0]["files"]
    assert not box.exists()
    assert smsenc("convert", "-", "--to", NUMBER, "--out", box, stdin="hi").returncode == 0
    assert [str(path) for path in message_files(box)] == [name]


def test_the_outbox_is_no_source_and_a_file_is_taken_once(tmp_path):
    (tmp_path / "a.txt").write_text("hi")
    command = ("convert", tmp_path, tmp_path / "a.txt", "--to", NUMBER, "--out", tmp_path / "box")
    assert smsenc(*command).returncode == 0
    done = smsenc(*command, "--force")
    assert done.returncode == 0
    assert len(files(tmp_path / "box")) == 1
    assert "skipped: named before" in done.stderr


CREDENTIALS = {"SMSENC_API_ID": "17", "SMSENC_USER": "bank", "SMSENC_PASSWORD": "hunter2"}


def test_credentials_come_from_the_environment_and_make_the_files_secret(box):
    done = smsenc("convert", "-", "--to", NUMBER, "--out", box, stdin="hi", env=CREDENTIALS)
    assert done.returncode == 0
    (path,) = message_files(box)
    assert path.read_bytes().startswith(b"api_id:17\nuser:bank\npassword:hunter2\n")
    assert path.stat().st_mode & 0o777 == 0o600
    shown = smsenc("inspect", box, "--json")
    for output in (done.stdout, done.stderr, shown.stdout, shown.stderr):
        assert "hunter2" not in output
    assert "not ready" not in done.stderr


def test_credentials_come_from_a_file_that_is_private(tmp_path, box):
    path = tmp_path / "login.toml"
    path.write_text('api_id = "17"\nuser = "bank"\npassword = "hunter2"\n')
    command = ("convert", "-", "--to", NUMBER, "--out", box)
    env = {"SMSENC_CREDENTIALS": str(path)}
    path.chmod(0o644)
    done = smsenc(*command, stdin="hi", env=env)
    assert done.returncode == 2
    assert "other users can read it (chmod 600 makes it private)" in done.stderr
    path.chmod(0o600)
    assert smsenc(*command, stdin="hi", env=env).returncode == 0
    (written,) = files(box).values()
    assert b"password:hunter2\n" in written


@pytest.mark.parametrize("missing", sorted(CREDENTIALS))
def test_half_a_log_in_is_refused(box, missing):
    env = {k: v for k, v in CREDENTIALS.items() if k != missing}
    done = smsenc("convert", "-", "--to", NUMBER, "--out", box, stdin="hi", env=env)
    assert done.returncode == 2
    assert done.stderr == f"smsenc: incomplete gateway log-in: set {missing}\n"
    assert "hunter2" not in done.stderr


def test_flash_is_for_texts(box):
    shutil.copy(SAMPLES / "logo.png", box.parent)
    done = smsenc(
        "convert",
        "-",
        box.parent / "logo.png",
        "--to",
        NUMBER,
        "--out",
        box,
        "--flash",
        "--json",
        stdin="hi",
    )
    text, logo = records(done)
    assert b"msg_type:SMS_FLASH\n" in Path(text["files"][0]).read_bytes()
    assert logo["losses"][0]["what"] == "flash"


def test_references_differ_from_message_to_message(box):
    done = smsenc("convert", SAMPLES, "--to", NUMBER, "--out", box, "--reference", "255", "--json")
    headers = [
        [messagefile.loads(Path(f).read_bytes()).udh[-3] for f in r["files"]]
        for r in records(done)
        if r["parts"] > 1 and r["kind"] != "text"
    ]
    assert all(len(set(references)) == 1 for references in headers)
    assert [references[0] for references in headers] == [255, *range(1, len(headers))]
    assert len(headers) >= 2


def test_inspect_joins_parts_and_names_missing_ones(box):
    assert smsenc("convert", SAMPLES, "--to", NUMBER, "--out", box).returncode == 0
    shown = records(smsenc("inspect", box, "--json"))
    assert {r["kind"] for r in shown} >= {"vcard", "calendar", "ringtone", "caller-icon", "text"}
    assert all(r["missing"] == [] and r["error"] is None for r in shown)
    second = next(box.glob("*.p2-*.txt"))
    second.unlink()
    done = smsenc("inspect", *reversed(message_files(box)), "--json")
    assert done.returncode == 4
    (broken,) = [r for r in records(done) if r["missing"]]
    assert broken["missing"] == [2]
    assert broken["content"] is None


def test_inspect_takes_hex():
    parts = ["050003330202:D0651D:00:10", "050003330201:A0F61C:00:10"]
    done = smsenc("inspect", *parts, "--json")
    assert done.returncode == 0
    (shown,) = records(done)
    assert (shown["kind"], shown["parts"], shown["port"]) == ("text", 2, None)
    listed = smsenc("inspect", "-", "--json", stdin="\n".join(parts))
    assert records(listed)[0]["content"] == shown["content"]
    hello = smsenc("inspect", ":E8329BFD4697D9EC37", "--json")
    assert records(hello)[0]["content"]["text"] == "hellohello"
    assert smsenc("inspect", "06050415990000:00FF").stdout.splitlines()[1:3] == [
        "  unknown on port 5529 (0x1599), 1 part",
        "    00FF",
    ]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("0500033302:00", "expected 5 octets of header, found 4"),
        ("gone.txt", "gone.txt: no such file"),
        (":00:00:9", "expected at most 1 septets after the header, found 9"),
    ],
)
def test_inspect_says_what_it_cannot_read(argument, message):
    done = smsenc("inspect", argument)
    assert done.returncode == 3
    assert message in done.stderr


def test_inspect_lets_nothing_steer_the_terminal(tmp_path):
    path = tmp_path / "evil.txt"
    text = "\x1b[2J\u202e".encode("utf-16-be").hex()
    path.write_text(f"api_id:x\nuser:x\npassword:x\nunicode:1\ntext:{text}\nto:{NUMBER}\n")
    assert "\\x1b[2J\\u202e" in smsenc("inspect", path).stdout


@pytest.mark.parametrize("stream", [">&-", "2>&-", "<&-", ">/dev/full"])
def test_closed_and_full_streams_are_no_internal_error(stream, tmp_path, box):
    (tmp_path / "a.txt").write_text("hi")
    command = f"{sys.executable} -m smsenc convert {tmp_path}/a.txt --to {NUMBER} --out {box}"
    done = subprocess.run(
        ["bash", "-c", f"{command} {stream}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == (4 if "full" in stream else 0)
    assert "Traceback" not in done.stderr
    assert len(files(box)) == 1


def test_a_reader_that_leaves_does_not_stop_the_work(tmp_path, box):
    (tmp_path / "in").mkdir()
    for n in range(300):
        (tmp_path / "in" / f"{n:03}.txt").write_text("hi")
    command = f"{sys.executable} -m smsenc convert {tmp_path}/in --to {NUMBER} --out {box}"
    done = subprocess.run(
        ["bash", "-c", f"{command} | head -1; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1] == "0"
    assert len(files(box)) == 300


def test_what_is_no_file_and_what_is_no_text_are_told(tmp_path, box):
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "tune.txt").write_bytes((SAMPLES / "ode-to-joy.mid").read_bytes())
    (tmp_path / "noise.txt").write_bytes(bytes(range(32)) * 9)
    (tmp_path / "vcard").write_bytes(bytes(range(32)) * 9)
    done = smsenc("convert", tmp_path, tmp_path / "vcard", "--to", NUMBER, "--out", box)
    assert done.returncode == 3
    assert "pipe.txt: skipped: not a regular file" in done.stderr
    assert "tune.txt: expected text, found midi (--as midi?)" in done.stderr
    assert "noise.txt: expected text, found octets of another kind" in done.stderr
    assert "vcard: unknown format: expected a suffix" in done.stderr


def test_a_file_by_two_names_is_taken_once(tmp_path, box):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_text("hi")
    (folder / "b.txt").symlink_to("a.txt")
    (tmp_path / "other").symlink_to(folder)
    done = smsenc(
        "convert",
        folder,
        tmp_path / "other",
        folder / ".." / "in" / "a.txt",
        "--to",
        NUMBER,
        "--out",
        box,
    )
    assert done.returncode == 0
    assert len(files(box)) == 1


def test_nothing_to_convert_is_wrong_usage(tmp_path, box):
    (tmp_path / "in").mkdir()
    done = smsenc("convert", tmp_path / "in", "--to", NUMBER, "--out", box)
    assert done.returncode == 2
    assert f"nothing to convert in {tmp_path / 'in'}" in done.stderr


def test_a_dry_run_meets_the_guards(box):
    assert smsenc("convert", "-", "--to", NUMBER, "--out", box, stdin="hi").returncode == 0
    journal_of(box).unlink()
    done = smsenc("convert", "-", "--to", NUMBER, "--out", box, "--dry-run", stdin="hi")
    assert done.returncode == 7


@pytest.mark.parametrize("password", ["S3cr€t", "S3cret" * 100])
def test_a_password_that_no_file_holds_is_refused_unseen(box, password):
    env = CREDENTIALS | {"SMSENC_PASSWORD": password}
    done = smsenc("convert", "-", "--to", NUMBER, "--out", box, stdin="hi", env=env)
    assert done.returncode == 2
    assert "password: expected" in done.stderr
    assert "€" not in done.stderr
    assert "S3cr" not in done.stderr


def test_two_runs_in_one_outbox_are_told_apart(tmp_path, box):
    card = "BEGIN:VCARD\nVERSION:2.1\nN:{0};{0}\nTEL:+447700900123\nNOTE:{1}\nEND:VCARD\n"
    for name in ("ann", "bob"):
        (tmp_path / f"{name}.vcf").write_text(card.format(name.title(), "x" * 150))
        source = tmp_path / f"{name}.vcf"
        assert smsenc("convert", source, "--to", NUMBER, "--out", box, "--force").returncode == 0
    shown = records(smsenc("inspect", box, "--json"))
    assert [record["content"]["name"] for record in shown] == ["Ann Ann", "Bob Bob"]


def test_inspect_shows_a_source_as_the_phone_would_get_it(tmp_path):
    about, shown = records(smsenc("inspect", SAMPLES / "logo.png", "--json"))
    assert (about["kind"], about["content"]["size"]) == ("picture", "72x14")
    assert (shown["kind"], shown["parts"], len(shown["content"]["rows"])) == ("caller-icon", 1, 14)
    (tmp_path / "bad.vcf").write_bytes(b"nothing")
    done = smsenc("inspect", tmp_path / "bad.vcf")
    assert done.returncode == 3
    assert "expected a vCard" in done.stderr


def test_an_empty_folder_has_nothing_to_show(tmp_path):
    done = smsenc("inspect", tmp_path)
    assert done.returncode == 2
    assert f"no message files in {tmp_path}" in done.stderr


def test_help_shows_examples_first_and_commands_in_groups():
    shown = smsenc("--help").stdout
    assert shown.index("Examples:") < shown.index("Options:") < shown.index("Make:")
    assert max(map(len, shown.splitlines())) <= 80
    for command in ("convert", "inspect", "formats"):
        shown = smsenc(command, "--help").stdout
        assert shown.index("Examples:") < shown.index("Options:")
        assert max(map(len, shown.splitlines())) <= 80


def test_version_and_formats():
    assert smsenc("--version").stdout.startswith("smsenc ")
    names = {r["name"] for r in records(smsenc("formats", "--json"))}
    assert names >= {"text", "vcard", "calendar", "midi", "rtttl", "picture"}
    assert max(map(len, smsenc("formats").stdout.splitlines())) <= 80


def test_an_interrupted_run_ends_with_130_and_no_half_file(tmp_path, box):
    source = tmp_path / "in"
    source.mkdir()
    for n in range(3000):
        (source / f"{n}.txt").write_text("x" * 3000)
    command = [*COMMAND, "convert", str(source), "--to", NUMBER, "--out", str(box)]
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment(),
        text=True,
        # A run in the background of a shell inherits that interrupts are ignored.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads
    ) as process:
        while not (box.exists() and len(message_files(box)) > 100):
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=90)
    assert process.returncode == 130
    assert errors.splitlines()[-1] == "smsenc: interrupted: the same command continues"
    assert all(name.startswith("0") for name in files(box))


def test_a_reader_that_leaves_is_no_fault():
    command = f"{sys.executable} -m smsenc formats | true"
    done = subprocess.run(
        ["bash", "-c", f"{command}; echo ${{PIPESTATUS[0]}}"],
        capture_output=True,
        text=True,
        env={k: v for k, v in environment().items() if k != "PYTHONUNBUFFERED"},
        check=False,
    )
    assert done.stdout == "0\n"
    assert done.stderr == ""


def test_an_internal_error_is_one_line(monkeypatch, capsys):
    def broken(*_arguments, **_options):
        raise ZeroDivisionError

    monkeypatch.setattr("smsgate.cli.convert.job", broken)
    monkeypatch.setattr(sys, "argv", ["smsenc", "convert", "-", "--to", NUMBER])
    with pytest.raises(SystemExit) as caught:
        main()
    assert caught.value.code == 1
    assert (
        "internal error: ZeroDivisionError (set SMSENC_DEBUG=1 for details)"
        in capsys.readouterr().err
    )


def test_a_card_that_the_file_s_end_cuts_off_is_rejected_and_the_rest_is_written(tmp_path, box):
    card = "BEGIN:VCARD\nVERSION:3.0\nFN:{}\nTEL:+44770090012"
    (tmp_path / "cut.vcf").write_text(card.format("Ann") + "3\nEND:VCARD\n" + card.format("Bob"))
    done = smsenc("convert", tmp_path / "cut.vcf", "--to", NUMBER, "--out", box)
    assert done.returncode == 4
    assert f"{tmp_path / 'cut.vcf'}:9: expected END:VCARD, found the end of the file" in done.stderr
    assert len(files(box)) == 1
