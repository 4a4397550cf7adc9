"""Hex, modems' answers and archives on the command line, and texts in national tables."""

import zipfile

import pytest
from command import NUMBER, records, smsenc

PDU = "0001000C91447700091032000005E8329BFD06"
REPORT = "00060C0C91447700091032621112913000806211129143008000"
TURKISH = "Doğum günün kutlu olsun, şimdi görüşürüz! Sağlıkla kal, yarın akşam bekliyoruz."


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("to,name\n+447700900123,Ann\n+447700900124,Bob\n")
    return path


@pytest.mark.parametrize("typed", [PDU, PDU[2:], PDU.lower(), f"AT+CMGS=18\r\n> {PDU}\x1a\r\n"])
def test_hex_is_shown_and_saved(tmp_path, typed):
    done = smsenc("inspect", typed)
    assert (done.returncode, done.stderr) == (0, "")
    assert "SMS-SUBMIT with" in done.stdout
    assert "to 447700900123\n    hello\n" in done.stdout
    assert smsenc("decode", typed, tmp_path / "a.txt").returncode == 0
    assert (tmp_path / "a.txt").read_text() == "hello\n"


def test_a_tune_in_a_transcript_is_heard(tmp_path):
    (tmp_path / "a.rtttl").write_text("ode:d=4,o=5,b=100:e,e,f,g,g,f,e,d\n")
    sent = ("convert", tmp_path / "a.rtttl", "--to", NUMBER, "--out", tmp_path / "box")
    assert smsenc(*sent, "--format", "at").returncode == 0
    (file,) = (tmp_path / "box").glob("*.at")
    text = file.read_text()
    assert smsenc("preview", text, "-o", tmp_path / "a.wav").returncode == 0
    assert (tmp_path / "a.wav").read_bytes().startswith(b"RIFF")


def test_a_status_report_is_called_so_and_is_no_message(tmp_path):
    (shown,) = records(smsenc("inspect", REPORT, "--json"))
    assert (shown["kind"], shown["content"]["meaning"]) == ("status-report", "delivered")
    done = smsenc("decode", REPORT, tmp_path / "a.txt")
    assert done.returncode == 3
    assert "expected a message, found a status-report" in done.stderr


def test_what_is_unsure_is_said():
    done = smsenc("inspect", f"+CMGL: 1,1,,24\n{PDU}\nOK")
    assert "expected a TPDU of 24 octets, as the modem says, found 18" in done.stderr
    done = smsenc("inspect", '+CMGR: "REC READ","+4477",,""\nHello\n\nOK')
    assert "  text-mode\n    Hello\n" in done.stdout
    assert "AT+CMGF=0" in done.stderr


def test_a_damaged_pdu_is_refused_in_one_line():
    done = smsenc("inspect", PDU[:-2] * 12)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (3, "", 1)
    assert "expected a PDU: SMS-SUBMIT: " in done.stderr


@pytest.mark.parametrize("out", ["box", "box.zip"])
def test_an_outbox_of_a_campaign_is_shown_and_saved(tmp_path, table, out):
    box = tmp_path / out
    assert smsenc("batch", table, "--text", "Hi #name#", "--out", box).returncode == 0
    shown = records(smsenc("inspect", box, "--json"))
    assert [one["to"] for one in shown] == [["447700900123", "447700900124"]]
    assert "000" in shown[0]["source"]
    assert smsenc("decode", box, tmp_path / "a.txt").returncode == 0
    assert "Hi" in (tmp_path / "a.txt").read_text()


def test_an_archive_is_checked_and_not_repaired(tmp_path, table):
    box = tmp_path / "box.zip"
    assert smsenc("batch", table, "--text", "Hi", "--out", box).returncode == 0
    done = smsenc("lint", box)
    assert done.returncode == 0
    assert "box.zip/000/000001-people" in done.stdout
    assert "K106 warning: api_id is a placeholder" in done.stdout
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("a.p1-2.txt", b"API-ID:1\nuser:u\npassword:pw\ntext:Hi\nto:447700900123\n")
    done = smsenc("lint", box, "--fix")
    assert done.returncode == 4
    assert "in a zip archive, so it is not repaired: unzip it" in done.stderr
    box.write_bytes(b"PK\3\4 and no more")
    done = smsenc("lint", box)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr == f"{box}: expected a zip archive, found another file\n"


@pytest.mark.parametrize("command", ["inspect", "decode", "preview"])
def test_doing_nothing_is_no_success(tmp_path, command):
    (tmp_path / "empty").mkdir()
    out = {"inspect": [], "decode": [tmp_path / "a.txt"], "preview": ["-o", tmp_path / "a.png"]}
    if command == "preview":
        sheet = smsenc(command, tmp_path / "empty", *out[command], "--contact-sheet")
        assert (sheet.returncode, sheet.stderr.count("\n")) == (2, 1)
    done = smsenc(command, tmp_path / "empty", *out[command])
    assert done.returncode == 2
    assert f"in {tmp_path / 'empty'}" in done.stderr


@pytest.mark.parametrize("form", ["pdu", "at", "json", "smstools"])
def test_a_text_in_a_national_table_is_sent_and_read(tmp_path, form):
    sent = ("convert", "-", "--to", NUMBER, "--language", "turkish", "--out", tmp_path / "box")
    done = smsenc(*sent, "--format", form, stdin=TURKISH)
    assert done.returncode == 0
    assert "the phone's turkish table (for 'ğ', 'ş', 'ı') guessed" in done.stdout
    (shown,) = records(smsenc("inspect", tmp_path / "box", "--json"))
    assert (shown["parts"], shown["content"]["text"]) == (1, TURKISH)


def test_a_language_is_part_of_what_a_run_is(tmp_path):
    sent = ("convert", "-", "--to", NUMBER, "--format", "pdu", "--out", tmp_path / "box")
    for languages in ((), ("--language", "turkish"), ("--language", "all")):
        assert smsenc(*sent, *languages, stdin=TURKISH).returncode == 0
    assert len(list((tmp_path / "box").glob("*.pdu"))) == 3


@pytest.mark.parametrize("command", ["convert", "batch"])
def test_a_message_file_refuses_a_language(tmp_path, table, command):
    what = {"convert": ["-", "--to", NUMBER], "batch": [table, "--text", TURKISH]}[command]
    done = smsenc(command, *what, "--language", "turkish", "--out", tmp_path / "b", stdin=TURKISH)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "use smsenc convert with --format pdu, at, smstools or json" in done.stderr
    assert not (tmp_path / "b").exists()
    done = smsenc(command, *what, "--language", "klingon", "--out", tmp_path / "b", stdin=TURKISH)
    assert "--language: expected all, turkish, " in done.stderr


def test_count_says_which_formats_carry_the_table():
    first, *lines = smsenc("count", TURKISH, "--language", "turkish").stdout.splitlines()
    assert "turkish tables, 86 units, 1 part, " in first
    assert "in a message file: UCS-2, 2 parts" in lines
    advice = "use convert --format pdu, at,\n  smstools or json"
    assert f"FTP message files carry no national tables: {advice}" in "\n".join(lines)
    assert "FTP" not in smsenc("count", "hello", "--language", "turkish").stdout
