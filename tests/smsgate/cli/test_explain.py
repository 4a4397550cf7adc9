"""``smsenc explain``: what it prints for people and programs, and what it refuses."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import subprocess
import sys

import pytest
from command import COMMAND, environment, records, smsenc
from places import ROOT, SAMPLES, VECTORS

from converters.received.octetmaps import CHOICES
from smsenc import encode_text, split, tpdu
from smsenc.smpp import Pdu, Tag, Tlv, encode, mapping, pdus

SUBMIT = "0011000B917407010932F40000FF05E8329BFD06"
RECEIVED = "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07"
FILE = """\
api_id:1
user:me
password:secret
udh:050003070201
data:41
odd:x
validity:long
to:448311234567
"""
BIND = encode(Pdu(pdus.BindTransceiver(system_id="say", password="word"), 1)).hex()
RECEIPT = encode(
    Pdu(
        pdus.DeliverSm(
            source_addr=pdus.Address("448311234567", 1, 1),
            esm_class=0x04,
            short_message=b"id:42 stat:DELIVRD err:000",
            tlvs=(Tlv(Tag.RECEIPTED_MESSAGE_ID, "42"), Tlv(Tag.NETWORK_ERROR_CODE, b"\3\0\1")),
        ),
        7,
    )
).hex()
GOLDEN = sorted((VECTORS / "explain").glob("*.txt"))
#: What each golden file was made of: arguments, and standard input.
INPUTS = {
    "submit": ((SUBMIT,), ""),
    "modem": (
        ("-",),
        f"+CMGL: 1,1,,30\r\n{RECEIVED}\r\n\r\nOK\r\n",
    ),
    "cut": ((f"{SUBMIT[2:-6]}", "--as", "submit"), ""),
    "part": (("06050415830000:3000480E01FF:F5",), ""),
    "bind": ((BIND,), ""),
    "receipt": ((RECEIPT,), ""),
    "file": (("-",), FILE),
    "hex-file": (("-",), f"{SUBMIT}\n00\n:E8329BFD06:00:05\n"),
}


def run(name):
    arguments, given = INPUTS[name]
    return smsenc("explain", *arguments, stdin=given)


def test_there_is_a_golden_file_for_each_input():
    assert [path.stem for path in GOLDEN] == sorted(INPUTS)


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_lines_for_people(path):
    done = run(path.stem)
    assert done.stdout + done.stderr == path.read_text("utf-8")
    assert done.returncode == (4 if " fault" in done.stdout or done.stderr else 0)
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert run(path.stem).stdout == done.stdout


def test_a_password_in_a_file_is_nowhere():
    for options in ((), ("--json",), ("--all",)):
        done = smsenc("explain", "-", *options, stdin=FILE)
        assert "secret" not in done.stdout + done.stderr
        assert b"secret".hex() not in done.stdout.lower()


def test_json_has_all_of_the_map():
    (found,) = records(smsenc("explain", SUBMIT, "--json"))
    assert {key: found[key] for key in ("source", "line", "title", "octets", "faults")} == {
        "source": SUBMIT,
        "line": None,
        "title": "SMS-SUBMIT with a service centre",
        "octets": SUBMIT,
        "faults": 0,
    }
    first = found["fields"][1]
    assert first | {"fields": len(first["fields"])} == {
        "start": 1,
        "end": 2,
        "bits": None,
        "name": "first octet",
        "value": 17,
        "meaning": "SMS-SUBMIT",
        "clause": "3GPP TS 23.040, 9.2.2.2",
        "fault": None,
        "fields": 6,
    }
    text = found["fields"][-1]["fields"][0]
    assert (text["name"], text["value"]) == ("text", "hello")
    assert [one["meaning"] for one in text["fields"]] == ["'h'", "'e'", "'l'", "'l'", "'o'"]
    assert [one["bits"] for one in text["fields"]][:2] == [0x7F, 0x803F]


def test_json_of_a_message_file_has_lines_and_columns():
    (found,) = records(smsenc("explain", "-", "--json", stdin="api_id:1\n\n to: 448311234567\n"))
    assert found["octets"] is None
    to = found["fields"][1]
    assert (to["line"], to["column"], to["name"]) == (3, 1, "to")
    assert (to["fields"][1]["line"], to["fields"][1]["column"]) == (3, 6)


def test_everything_is_shown_if_it_is_asked_for():
    few, all_ = (smsenc("explain", SUBMIT, *more).stdout for more in ((), ("--all",)))
    assert "septet:" not in few
    assert "15 .110 1000       septet: 104 ('h')\n    15 1... ...." in all_
    assert "       ..11 0010\n" in all_
    assert max(map(len, all_.splitlines())) <= 80
    tune = (SAMPLES / "frere-jacques.ott").read_bytes().hex()
    part = f"06050415810000:{tune}:F5"
    few, all_ = (smsenc("explain", part, *more).stdout for more in ((), ("--all",)))
    assert "note: " in few
    assert "pitch: " not in few
    assert "pitch: " in all_


PAGE = (ROOT / "docs" / "reference" / "explain.md").read_text("utf-8")


@pytest.mark.parametrize("block", re.findall("```console\n(.*?)```", PAGE, re.DOTALL))
def test_the_page_of_the_command_has_its_output(block):
    typed, _, shown = block.partition("\n")
    words = shlex.split(typed.removeprefix("$ smsenc ").partition(";")[0])
    done = smsenc(*words)
    printed = done.stdout + f"{int(done.returncode)}\n" * ("echo $?" in typed)
    before, _, after = shown.partition("...\n")
    assert printed.startswith(before)
    assert printed.rstrip().endswith((after or before).rstrip())
    assert after or printed.rstrip() == before.rstrip()


# What it is read as -------------------------------------------------------------------------------

PART = split(encode_text("x" * 20), reference=1)[0]
SENT = tpdu.encode(tpdu.submit(PART, "448311234567"))
STAMP = tpdu.Timestamp(26, 11, 29, 12, 0, 0)
GOT = tpdu.encode(
    tpdu.Deliver(originator=tpdu.Address("448311234567"), segment=PART, dcs=0, timestamp=STAMP)
)
REPORT = bytes.fromhex("060C0C91447700091032621112913000806211129143008000")
SMPP = encode(Pdu(pdus.EnquireLink(), 42))
ADDRESSES = {"source": mapping.address("smsenc"), "destination": mapping.address("448311234567")}
CENTRE = bytes.fromhex("07911326040000F0")


@pytest.mark.parametrize(
    ("octets", "kind", "title"),
    [
        (SENT, None, "SMS-SUBMIT"),
        (CENTRE + SENT, None, "SMS-SUBMIT with a service centre"),
        (b"\0" + SENT, None, "SMS-SUBMIT with a service centre"),
        (GOT, None, "SMS-DELIVER"),
        (CENTRE + GOT, None, "SMS-DELIVER with a service centre"),
        (REPORT, None, "SMS-STATUS-REPORT"),
        (b"\0" + REPORT, None, "SMS-STATUS-REPORT with a service centre"),
        (SMPP, None, "SMPP enquire_link"),
        (SMPP + b"\1", None, "SMPP enquire_link"),
        (encode(Pdu(mapping.submit(PART, **ADDRESSES), 1)), None, "SMPP submit_sm"),
        (bytes.fromhex("00C30700000141"), "deliver-report", "SMS-DELIVER-REPORT"),
        (bytes.fromhex("01C30762111281030580000001C1"), "submit-report", "SMS-SUBMIT-REPORT"),
        (SENT, "submit", "SMS-SUBMIT"),
        (CENTRE + SENT, "submit", "SMS-SUBMIT with a service centre"),
        (SENT, "deliver", "SMS-DELIVER"),
        (SENT, "tpdu", "SMS-SUBMIT"),
        (CENTRE + SENT, "pdu", "SMS-SUBMIT with a service centre"),
        (SENT, "smpp", "SMPP PDU"),
        (SENT[:-1], None, "SMS-SUBMIT"),
        (CENTRE + SENT[:-1], None, "SMS-SUBMIT with a service centre"),
    ],
)
def test_what_octets_are_read_as(octets, kind, title):
    options = ("--as", kind) if kind else ()
    (found,) = records(smsenc("explain", octets.hex(), "--json", *options))
    assert found["title"] == title


def test_another_reading_is_said():
    # 80 00 without a service centre in front, or a cause 80 and no parameters.
    first, second = smsenc("explain", "-", stdin="008000\n").stdout.splitlines()[:2]
    assert first == "-:1: SMS-DELIVER-REPORT with a service centre, 3 octets"
    assert second == "  could also be SMS-DELIVER-REPORT (--as)"
    (found,) = records(smsenc("explain", "-", "--json", stdin="008000\n"))
    assert found["others"] == ["SMS-DELIVER-REPORT"]
    (found,) = records(smsenc("explain", "-", "--json", "--as", "tpdu", stdin="008000\n"))
    assert (found["title"], found["others"]) == ("SMS-DELIVER-REPORT", [])


def test_a_modem_says_how_long_a_tpdu_is():
    line = f"{(CENTRE + GOT).hex()}\n"
    found = records(smsenc("explain", "-", "--json", stdin=f"+CMGR: 1,,{len(GOT)}\n{line}"))
    assert found[0]["title"] == "SMS-DELIVER with a service centre"
    whole = len(CENTRE + GOT)
    (found,) = records(smsenc("explain", "-", "--json", stdin=f"+CMGR: 1,,{whole}\n{line}"))
    assert found["title"].startswith("SMS-")
    assert found["title"].endswith("centre") is False
    (found,) = records(smsenc("explain", "-", "--json", stdin=f"+CMGR: 1,,3\n{line}"))
    assert found["title"] == "SMS-DELIVER with a service centre"
    done = smsenc("explain", "-", "--json", stdin='+CMGR: "REC READ","+44",,""\nHello\n\nOK\n')
    assert done.returncode == 3


# What is refused ----------------------------------------------------------------------------------

NEITHER = "expected hex or a message file, found neither"


@pytest.mark.parametrize(
    ("arguments", "given", "code", "error"),
    [
        (("missing.txt",), "", 3, "missing.txt: no such file"),
        ((SUBMIT[:-1],), "", 3, f"{SUBMIT[:-1]}: expected hex, found '{SUBMIT[:-1]}'"),
        (("-",), "", 3, f"-: {NEITHER}"),
        (("-",), "OK\n", 3, f"-: {NEITHER}"),
        (("-",), "Dear all,\nhello: world\n\nYours\n", 3, f"-: {NEITHER}"),
        (("-",), "hello world\n", 3, "-:1: expected hex, found 'hello world'"),
        (("-",), f"\n{SUBMIT}x\n", 3, f"-:2: expected hex, found '{SUBMIT}…'"),
        (
            (":00", "--as", "smpp"),
            "",
            3,
            ":00: expected a PDU in hex, found ':00'",
        ),
        (
            (SUBMIT, "--as", "part"),
            "",
            3,
            f"{SUBMIT}: expected UDH:DATA[:DCS[:UDL]] in hex, found '{SUBMIT}'",
        ),
        (
            (SUBMIT, "--as", "letter"),
            "",
            2,
            f"smsenc: --as: expected one of {', '.join(CHOICES)}, found 'letter'",
        ),
    ],
)
def test_what_cannot_be_explained_is_one_line(arguments, given, code, error):
    done = smsenc("explain", *arguments, stdin=given)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", f"{error}\n")


def test_a_large_file_is_not_read(tmp_path):
    path = tmp_path / "large.hex"
    with path.open("wb") as file:
        file.truncate(50 * 2**20)
    done = smsenc("explain", "large.hex", cwd=tmp_path)
    error = "large.hex: expected at most 1048576 octets, found more\n"
    assert (done.returncode, done.stdout, done.stderr) == (3, "", error)


def test_long_hex_and_many_lines_are_bounded():
    long = "00" * 0x12001
    for typed in (long, f":{long}"):
        done = smsenc("explain", "-", stdin=f"{typed}\n")
        assert done.returncode == 3
        assert "expected at most 73728 octets, found " in done.stderr
    done = smsenc("explain", "-", "--json", stdin=":41:04\n" * 1001)
    assert done.returncode == 4
    assert done.stderr == "-:1001: expected at most 1000 PDUs, found more\n"
    assert done.stdout.count("\n") == 1000


def test_an_empty_folder_has_nothing_to_explain(tmp_path):
    done = smsenc("explain", tmp_path)
    assert (done.returncode, done.stderr) == (2, f"smsenc: no messages in {tmp_path}\n")


def test_a_text_that_could_act_is_escaped():
    text = "\x1b[31m\u202e".encode("utf-16-be").hex()
    done = smsenc("explain", f":{text}:08")
    assert "\x1b" not in done.stdout
    assert "\\x1b[31m\\u202e" in done.stdout


# Colours ------------------------------------------------------------------------------------------


def on_a_terminal(**more):
    """What the command prints on a terminal."""
    ours, theirs = pty.openpty()
    try:
        subprocess.run(
            [*COMMAND, "explain", f"{SUBMIT[:-2]}"],
            stdin=subprocess.DEVNULL,
            stdout=theirs,
            stderr=subprocess.PIPE,
            env=environment(**({"TERM": "xterm", "NO_COLOR": ""} | more)),
            timeout=60,
            check=False,
        )
    finally:
        os.close(theirs)
    out = b""
    try:
        while octets := os.read(ours, 65536):
            out += octets
    except OSError:  # the end of a terminal whose other side is closed
        pass
    os.close(ours)
    return out.decode().replace("\r\n", "\n")


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of this kind")
def test_colours_are_for_terminals_that_want_them():
    plain = smsenc("explain", SUBMIT[:-2]).stdout
    assert "\x1b" not in plain
    coloured = on_a_terminal()
    assert "\x1b[1;31m" in coloured
    uncoloured = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert [line.rstrip() for line in uncoloured.split("\n")] == plain.split("\n")
    assert on_a_terminal(NO_COLOR="1") == plain
    assert on_a_terminal(TERM="dumb") == plain


def test_each_line_of_json_is_one_object():
    done = smsenc("explain", SUBMIT, ":41:04", "--json")
    assert [json.loads(line)["source"] for line in done.stdout.splitlines()] == [SUBMIT, ":41:04"]
