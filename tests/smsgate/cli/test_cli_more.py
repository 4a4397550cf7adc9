"""The commands beside convert and inspect: count, decode, transcode, preview; TPDUs and budgets."""

import os
import random
import shutil
import subprocess
import sys

import pytest
from command import NUMBER, files, records, smsenc
from outboxes import message_files, unmarked
from PIL import Image
from places import SAMPLES

from smsenc import tpdu


@pytest.fixture
def box(tmp_path):
    return tmp_path / "outbox"


def test_count_names_the_character_that_doubles_the_bill():
    text = "Your order is ready \u2026 come by." + "\n" + "x" * 120
    done = smsenc("count", text)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "UCS-2, 151 units, 3 parts, room for 50 more in the last part",
        "  line 1, column 21: '\u2026' (U+2026) is not in the default GSM 7-bit alphabet",
        "without such characters: 2 parts less",
        "--substitute typographic would save 2 parts",
    ]
    (found,) = records(smsenc("count", "-", "--json", stdin=text + "\n"))
    assert (found["coding"], found["units"], found["parts"], found["room"]) == ("ucs2", 151, 3, 50)
    assert found["offenders"] == [{"line": 1, "column": 21, "character": "\u2026"}]
    assert (found["extra_parts"], found["substituted_parts"]) == (2, 1)
    changed = smsenc("count", text, "--substitute", "typographic").stdout.splitlines()
    assert changed[0] == "GSM 7-bit, 153 units, 1 part, room for 7 more in the last part"
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


def test_count_says_what_a_message_file_without_tables_makes_of_it_in_80_columns():
    text = "Günaydın, akşamınız hayırlı olsun. " * 4
    lines = smsenc("count", text, "--language", "turkish").stdout.splitlines()
    assert lines[:2] == [
        "GSM 7-bit with turkish tables, 140 units, 1 part, room for 15 more in the last",
        "  part",
    ]
    assert lines[-3:] == [
        "in a message file: UCS-2, 3 parts",
        "FTP message files carry no national tables: use convert --format pdu, at,",
        "  smstools or json",
    ]
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ሰላም ለሁላችሁ " * 9, "only UCS-2 has Ethiopic: "),
        ("مرحبا كيف حالك " * 9, "only UCS-2 has Arabic: "),
        ("नमस्ते आप कैसे हैं " * 9, "UCS-2 has Devanagari: "),
    ],
    ids=["Amharic", "Arabic", "Hindi"],
)
def test_count_says_what_a_part_of_another_script_holds(text, said):
    lines = smsenc("count", text).stdout.splitlines()
    assert f"{said}70 characters in one part, 67 in each of several" in lines
    assert not [line for line in lines if line.startswith("without such characters")]
    tables = [line for line in lines if line.startswith("--language hindi would save")]
    assert len(tables) == ("Devanagari" in said)


def test_count_says_what_a_text_without_its_emoji_would_take():
    text = "We’d like to see you again – please call “us” at any time today or tomorrow 😀"
    lines = smsenc("count", text).stdout.splitlines()
    assert "without the emoji, and with --substitute typographic: 1 part" in lines
    (found,) = records(smsenc("count", text, "--json"))
    way = {"languages": [], "substitute": "typographic", "parts": 1}
    assert found["without_emoji"] == way
    (found,) = records(smsenc("count", text.replace("😀", ""), "--json"))
    assert found["without_emoji"] is None
    plain = "We would like to see you again; please call us at any time today 😀 or 😀"
    (found,) = records(smsenc("count", plain, "--json"))
    assert found["without_emoji"] == way | {"substitute": "never"}


AMHARIC = "ሰላም ለሁላችሁ። ነገ ጠዋት በሦስት ሰዓት ስብሰባ አለ፣ እባካችሁ በሰዓቱ ተገኙ። ስለምትመጡ እናመሰግናለን።"


def test_count_has_a_line_for_each_script():
    lines = smsenc("count", f"{AMHARIC} жук… ё 👩\u200d👧").stdout.splitlines()
    assert lines[1:5] == [
        "  56 Ethiopic characters are not in GSM 7-bit",
        "  4 Cyrillic characters are not in GSM 7-bit",
        "  line 1, column 73: '…' (U+2026) is not in the default GSM 7-bit alphabet",
        "  3 emoji characters are not in GSM 7-bit",
    ]


def test_count_names_each_different_character_once():
    lines = smsenc("count", "“Zoë” … Zoë " + "x" * 70).stdout.splitlines()
    assert lines[1] == "  line 1, column 1: '“' (U+201C) is not in the default GSM 7-bit alphabet"
    many = "  line 1, column 4: 'ë' (U+00EB), 2 times, is not in the default GSM 7-bit"
    assert lines[lines.index(many) + 1] == "    alphabet"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "Teşekkürler " * 7,
            "--language turkish would save 1 part, but not in a message file, nor on all",
        ),
        ("жук " * 20, "--substitute full would save 1 part (in Latin letters, hard to read)"),
        ("12 € – " + "x" * 80, "  of '€' (U+20AC)"),
        (
            "12 € " + "x" * 80,
            "in a message file: 2 parts, Unicode because of '€' (U+20AC); with EUR: 1 part",
        ),
        ("“Hello” " * 12, "--substitute typographic would save 1 part"),
    ],
)
def test_count_names_the_cheapest_way(text, line):
    assert line in smsenc("count", text).stdout.splitlines()


def test_count_shows_where_the_parts_break():
    done = smsenc("count", "one\n" + "x" * 155 + " end", "--show")
    assert done.stdout.splitlines()[1:] == [
        "part 1 of 2:",
        "  |one|",
        f"  |{'x' * 148}|",
        "part 2 of 2:",
        f"  |{'x' * 7} end|",
    ]
    (found,) = records(smsenc("count", "Teşekkürler", "--language", "turkish", "--show", "--json"))
    assert found["texts"] == ["Teşekkürler"]


def test_count_adds_prices(tmp_path):
    prices = tmp_path / "prices.toml"
    prices.write_text('currency = "EUR"\ndefault = "0.10"\n[prices]\nGB = "0.04"\n')
    text = "x" * 161
    lines = smsenc("count", text, "--prices", prices).stdout.splitlines()
    assert lines[-2:] == ["GB: 0.08 EUR", "other countries: 0.20 EUR"]
    (found,) = records(smsenc("count", text, "--prices", prices, "--json"))
    assert (found["currency"], found["costs"]) == ("EUR", {"GB": "0.08", "default": "0.20"})


def test_count_does_not_take_the_name_of_a_file_for_a_text(tmp_path):
    (tmp_path / "note.txt").write_text("hello")
    done = smsenc("count", "note.txt", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "smsenc: TEXT: note.txt is a file: use smsenc count - < note.txt\n"


def test_count_tells_what_the_clean_up_changed():
    lines = smsenc("count", "one\ttwo\u2028three\ufeff").stdout.splitlines()
    assert lines == [
        "GSM 7-bit, 13 units, 1 part, room for 147 more in the last part",
        "  ! 1 tab replaced: by a space each",
        "  ! 1 line separator replaced: by a line break each",
        "  ! 1 invisible character ignored: no phone shows them",
    ]
    done = smsenc("count", "\u200b\n")
    assert (done.returncode, done.stderr) == (2, "smsenc: TEXT: expected a text, found none\n")


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
    (path,) = message_files(box)
    assert unmarked(path.name) == "000001-a.pdu"
    found = [tpdu.decode(bytes.fromhex(line)) for line in path.read_text().splitlines()]
    assert [f.destination.number for f in found] == [NUMBER] * 2 + ["4477009001234"] * 2
    assert found[0].segment.udh.hex() == "050003090201"
    for shown in records(smsenc("inspect", box, "--json")):
        assert (shown["content"]["text"], shown["parts"]) == ("€" * 100, 2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--format", "fax"),
            "--format: expected one of ftp, pdu, at, smstools, json, found 'fax'",
        ),
        (("--format", "pdu", "--from", "Bank"), "--from: not possible with --format pdu"),
        (
            ("-O", "coding=gsm7", "-O", "coding=ucs2"),
            "-O coding: given twice, with different values",
        ),
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
    assert "the file already exists: use --force to overwrite it" in done.stderr
    assert smsenc(*command, "--force").returncode == 0


def test_decode_names_what_it_cannot_write(tmp_path):
    done = smsenc("decode", ":E8329BFD4697D9EC37", tmp_path / "a.vcf")
    assert done.returncode == 3
    assert "a text cannot be written as .vcf: use .txt" in done.stderr
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
    assert "cannot be written as .mid: use" in done.stderr
    assert not (tmp_path / "a.mid").exists()


@pytest.mark.parametrize(
    ("source", "out", "mark"),
    [
        ("logo.png", "a.png", b"\x89PNG"),
        ("ode-to-joy.mid", "a.wav", b"RIFF"),
        ("ode-to-joy.mid", "a.png", b"\x89PNG"),
        ("contacts-30.vcf", "a.png", b"\x89PNG"),
        ("meeting.ics", "a.png", b"\x89PNG"),
        ("order.txt", "a.png", b"\x89PNG"),
    ],
)
def test_preview_makes_what_can_be_seen_and_heard(tmp_path, source, out, mark):
    assert smsenc("preview", SAMPLES / source, "-o", tmp_path / out).returncode == 0
    assert (tmp_path / out).read_bytes().startswith(mark)


def test_preview_refuses_what_has_none(tmp_path):
    done = smsenc("preview", "06050420000000:0011:F5", "-o", tmp_path / "a.png")
    assert done.returncode == 3
    assert "no preview for messages of the kind unknown" in done.stderr
    done = smsenc("preview", SAMPLES / "order.txt", "-o", tmp_path / "a.wav")
    assert done.returncode == 3
    assert done.stderr.endswith("order.txt: a text cannot be written as .wav: use .png\n")


def test_preview_says_what_it_does_not_show(tmp_path):
    (tmp_path / "a.txt").write_text("One\ttwo \u4f60")
    done = smsenc("preview", tmp_path / "a.txt", "-o", tmp_path / "a.png")
    assert done.returncode == 0
    assert done.stderr.splitlines()[1:] == [
        "1 character ('\u4f60') replaced: the preview has no such letters; the message has them"
    ]
    assert "tab" in done.stderr.splitlines()[0]


def test_flags_say_what_options_say():
    flags = ("--track", 2, "--start", 2, "--bars", 2, "--transpose", -12, "--no-quantise")
    options = ("track=2", "start=2", "bars=2", "transpose=-12", "quantise=no")
    command = ("inspect", SAMPLES / "ode-to-joy.mid", "--json")
    by_flag = records(smsenc(*command, *flags))
    by_option = records(smsenc(*command, *(x for option in options for x in ("-O", option))))
    assert by_flag == by_option
    assert by_flag[1]["content"]["notes"] != records(smsenc(*command))[1]["content"]["notes"]


def test_a_flag_and_an_option_that_differ_are_refused():
    done = smsenc("inspect", SAMPLES / "ode-to-joy.mid", "--track", 2, "-O", "track=3")
    assert done.returncode == 2
    assert "-O track: given twice, with different values" in done.stderr


def test_what_is_heard_is_what_was_asked_for(tmp_path):
    sizes = []
    for flags in ((), ("--bars", 2)):
        out = tmp_path / f"{len(flags)}.wav"
        assert smsenc("preview", SAMPLES / "ode-to-joy.mid", "-o", out, *flags).returncode == 0
        sizes.append(out.stat().st_size)
    assert sizes[1] < sizes[0] / 2


def test_a_network_makes_an_operator_logo(tmp_path, box):
    command = ("convert", SAMPLES / "logo.png", "--to", NUMBER, "--out", box)
    assert smsenc(*command, "--mcc-mnc", "262-07").returncode == 0
    (shown,) = records(smsenc("inspect", box, "--json"))
    assert (shown["kind"], shown["content"]["mcc-mnc"]) == ("operator-logo", "262-07")
    done = smsenc(*command, "--force", "-O", "target=operator-logo")
    assert done.returncode == 3
    assert "expected MCC and MNC of the network that an operator logo is for" in done.stderr
    logo = tmp_path / "a.nol"
    assert smsenc("transcode", SAMPLES / "logo.png", logo, "--mcc-mnc", "262-07").returncode == 0
    assert logo.read_bytes()[6:10] == (262).to_bytes(2, "little") + (7).to_bytes(2, "little")


def test_a_contact_sheet_is_drawn_of_pictures_alone(tmp_path):
    out = tmp_path / "sheet"
    done = smsenc("preview", SAMPLES / "photo.jpg", "-o", out, "--contact-sheet")
    assert (done.returncode, out.read_bytes()[:4]) == (0, b"\x89PNG")
    done = smsenc("preview", SAMPLES / "order.txt", "-o", out, "--contact-sheet", "--force")
    assert done.returncode == 3
    assert "expected a picture for a contact sheet, found text" in done.stderr


def test_a_tune_is_drawn_whatever_the_file_is_called(tmp_path):
    out = tmp_path / "notes"
    assert smsenc("preview", SAMPLES / "ode-to-joy.mid", "-o", out, "--image").returncode == 0
    assert out.read_bytes().startswith(b"\x89PNG")


def test_inspect_says_why_a_voice_was_chosen_in_80_columns():
    shown = smsenc("inspect", SAMPLES / "ode-to-joy.mid").stdout
    lines = shown.splitlines()
    assert max(map(len, lines[1:])) <= 80
    assert lines[1:3] == ["  midi", "    chosen: track 2 'Melody', channel 1"]
    assert any("track 3 'Bass', channel 2" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--out", ""), "--out: expected a folder, found ''"),
        (("--as", ""), "--as: expected one of "),
    ],
)
def test_nothing_is_no_name(arguments, message):
    done = smsenc("convert", "-", "--to", NUMBER, *arguments, stdin="hi")
    assert done.returncode == 2
    assert message in done.stderr


def test_nothing_is_no_name_of_an_outbox(tmp_path):
    (tmp_path / "t.csv").write_text(f"to\n{NUMBER}\n")
    (tmp_path / "drop").mkdir()
    for command in (
        ("batch", "t.csv", "--text", "Hi", "--out", ""),
        ("watch", "drop", "--to", NUMBER, "--once", "--out", ""),
    ):
        done = smsenc(*command, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "smsenc: --out: expected a folder" in done.stderr
    assert sorted(os.listdir(tmp_path)) == ["drop", "t.csv"]


def test_a_refused_number_has_a_record(tmp_path, box):
    (tmp_path / "numbers").write_text(f"{NUMBER}\nabc\n")
    command = ("convert", "-", "--to-file", tmp_path / "numbers", "--out", box, "--json")
    done = smsenc(*command, stdin="hi")
    assert done.returncode == 4
    refused, written = records(done)
    assert (refused["source"], refused["kind"]) == (str(tmp_path / "numbers"), "recipient")
    assert (refused["status"], refused["error"]["line"]) == ("rejected", 2)
    assert written["status"] == "written"


def test_a_pipe_with_a_name_is_not_waited_for(tmp_path, box):
    os.mkfifo(tmp_path / "a.txt")
    done = smsenc("convert", tmp_path / "a.txt", "--to", NUMBER, "--out", box)
    assert done.returncode == 3
    assert "a.txt: is a named pipe (- reads standard input)" in done.stderr


def test_folders_may_be_nested_deeper_than_python_s_stack(tmp_path, box):
    here, depth = os.open(tmp_path, os.O_RDONLY), 1500
    for _ in range(depth):
        os.mkdir("d", dir_fd=here)
        inner = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = inner
    with open(os.open("a.txt", os.O_CREAT | os.O_WRONLY, dir_fd=here), "w") as file:
        file.write("hi")
    os.close(here)
    try:
        done = smsenc("convert", "d", "--to", NUMBER, "--out", box, cwd=tmp_path)
    finally:  # what clears away the folders of tests may not go as deep
        subprocess.run(["rm", "-r", tmp_path / "d"], check=True)
    assert done.returncode == 0, done.stderr
    assert len(files(box)) == 1


def test_a_tune_travels_as_ems_sounds_in_tpdus_alone(tmp_path, box):
    command = ("convert", SAMPLES / "ode-to-joy.mid", "--to", NUMBER, "--out", box, "-O")
    done = smsenc(*command, "target=ems")
    assert done.returncode == 3
    assert "a message file cannot carry text with a header: use --format pdu" in done.stderr
    assert smsenc(*command, "target=ems", "--format", "pdu").returncode == 0
    (shown,) = records(smsenc("inspect", box, "--json"))
    assert (shown["kind"], shown["parts"], shown["content"]["sounds"]) == ("ems-sound", 2, 2)
    (_, tone) = records(smsenc("inspect", SAMPLES / "ode-to-joy.mid", "--json"))
    assert shown["content"]["notes"] == tone["content"]["notes"]
    for name in ("a.imy", "a.ott", "a.rtttl"):
        assert smsenc("decode", box, tmp_path / name).returncode == 0
        (again, *_) = records(smsenc("inspect", tmp_path / name, "--json"))
        assert again["content"]["notes"] == tone["content"]["notes"]


def test_a_picture_travels_as_ems_in_tpdus_alone(box):
    command = ("convert", SAMPLES / "logo.png", "--to", NUMBER, "--out", box, "-O")
    done = smsenc(*command, "target=ems-large")
    assert done.returncode == 3
    assert "use --format pdu, at, smstools or json" in done.stderr
    assert smsenc(*command, "target=ems-large", "--format", "pdu").returncode == 0
    (shown,) = records(smsenc("inspect", box, "--json"))
    assert shown["kind"] == "ems-picture"


def test_a_profile_has_a_name_and_a_screen_saver(box):
    command = ("convert", SAMPLES / "logo.png", "--to", NUMBER, "--out", box)
    done = smsenc(*command, "-O", "target=profile")
    assert "text: expected the name of the profile, found none" in done.stderr
    assert smsenc(*command, "-O", "target=profile", "-O", "text=Garden").returncode == 0
    (shown,) = records(smsenc("inspect", box, "--json"))
    assert (shown["kind"], shown["content"]["profile"]) == ("picture-message", "Garden")
    assert shown["content"]["screen-saver"]["width"] == 72


def test_what_a_file_cannot_hold_is_said(tmp_path, box):
    command = ("transcode", SAMPLES / "logo.png", tmp_path / "a.ngg", "--mcc-mnc", "262-07")
    done = smsenc(*command)
    assert done.returncode == 0
    assert "network left out: not possible in a .ngg file" in done.stderr
    sent = ("convert", SAMPLES / "logo.png", "--to", NUMBER, "--out", box)
    assert smsenc(*sent, "-O", "target=picture-message", "-O", "text=Hello").returncode == 0
    done = smsenc("decode", box, tmp_path / "a.bmp")
    assert done.returncode == 0
    assert "text left out: not possible in a .bmp file" in done.stderr
    (tmp_path / "a.imy").write_text(
        "BEGIN:IMELODY\r\nVERSION:1.2\r\nFORMAT:CLASS1.0\r\nMELODY:c2V9d2\r\nEND:IMELODY\r\n"
    )
    done = smsenc("transcode", tmp_path / "a.imy", tmp_path / "a.rtttl")
    assert "volume left out: RTTTL has no sign for it" in done.stderr


# An operator logo of a gateway's own guide, without the network, which the gateway adds.
GUIDE_LOGO = (
    "00480e010FC0000000000000003FF00000000000000070380F9B006000001B601818DB006000C01BCF0C3058006000C0"
    "1BDF8C301B3E66F9EF9BDF8C301B626C8CD8DBDF8C301B60787CDFDBCF0C305B6078CCD81B601818DB626C8CD8DB7038"
    "0F9B3E66FCEF9B3FF0000000000000000FC000000000000000000000000000000000"
)
SCALE = "024A3A554D8D85B19404000B1C92282682A800"
CARD_LINES = "BEGIN:VCARD|VERSION:2.1|N:Bloggs;Joe|TEL;PREF:+447700900123|END:VCARD"
EVENT_LINES = (
    "BEGIN:VCALENDAR|VERSION:1.0|BEGIN:VEVENT|SUMMARY:Tea|DTSTART:20300301T133000|END:VEVENT|"
    "END:VCALENDAR"
)


@pytest.mark.parametrize(
    ("msg_type", "content", "kind", "line"),
    [
        ("OLOGO", f"text:{GUIDE_LOGO}", "operator-logo", "72x14 pixels, network 001-01"),
        ("GLOGO", f"text:{GUIDE_LOGO}", "caller-icon", "72x14"),
        ("PICTURE", f"data:{GUIDE_LOGO}", "picture-message", "picture, 72x14"),
        ("RINGTONE", f"data:{SCALE}", "ringtone", "title: Scale"),
        ("RTTL", "text:Scale:d=4,o=5,b=125:c,d,e", "ringtone", "4c5 4d5 4e5"),
        ("CLEAN", "text:00", "operator-logo", "network 000-00, operator-logo-removal"),
        ("VCARD", CARD_LINES, "vcard", "Joe Bloggs"),
        ("VCAL", EVENT_LINES, "calendar", "Tea"),
    ],
)
def test_predefined_types_are_shown_as_what_they_are(tmp_path, msg_type, content, kind, line):
    lines = content.replace("|", "\n").splitlines() if "|" in content else [content]
    body = "".join(f"text:{one}\n" if "|" in content else f"{one}\n" for one in lines)
    path = tmp_path / "a.txt"
    path.write_text(
        f"api_id:x\nuser:x\npassword:x\nmsg_type:SMS_NOKIA_{msg_type}\n{body}to:{NUMBER}\n"
    )
    done = smsenc("inspect", path)
    assert done.returncode == 0, done.stderr
    assert f"  {kind} on port " in done.stdout
    assert line in done.stdout


def test_a_predefined_type_with_other_content_is_refused(tmp_path):
    path = tmp_path / "a.txt"
    for msg_type, text, message in (
        (
            "OLOGO",
            "hello",
            "expected pairs of hex digits with msg_type SMS_NOKIA_OLOGO, found 'hello'",
        ),
        ("RTTL", "no tune", "expected a tune in RTTTL, found none"),
        ("RINGTONE", "FF", "expected"),
    ):
        path.write_text(
            f"api_id:x\nuser:x\npassword:x\nmsg_type:SMS_NOKIA_{msg_type}\ntext:{text}\n"
            f"to:{NUMBER}\n"
        )
        done = smsenc("inspect", path)
        assert done.returncode == 3
        assert f"{path}: " in done.stderr
        assert message in done.stderr


def test_what_a_shell_connects_is_read(box):
    line = f"{sys.executable} -m smsenc convert <(echo hi) --to-file <(echo {NUMBER}) --out {box}"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (octets,) = files(box).values()
    assert b"text:hi\n" in octets


def test_a_tune_is_packed_as_was_asked_and_shown_again(box):
    (_, tone) = records(smsenc("inspect", SAMPLES / "ode-to-joy.mid", "--json"))
    command = ("convert", SAMPLES / "ode-to-joy.mid", "--to", NUMBER, "--out", box)
    for pack in ("parts", "gateway", "msg-type"):
        shutil.rmtree(box, ignore_errors=True)
        assert smsenc(*command, "--pack", pack).returncode == 0
        (shown,) = records(smsenc("inspect", box, "--json"))
        assert shown["content"] == tone["content"]
    assert b"msg_type:SMS_NOKIA_" in next(iter(files(box).values()))
    done = smsenc(*command, "--pack", "box")
    assert done.returncode == 2
    assert "--pack: expected one of parts, gateway, msg-type, found 'box'" in done.stderr


def test_the_gateway_s_options_stand_in_the_file(box):
    done = smsenc(
        *("convert", "-", "--to", NUMBER, "--out", box, "--from", "Bank", "--client-id", "order7"),
        *("--ack", "--callback", "final,error", "--delay", "2h", "--validity", "1d"),
        *("--max-credits", "1.5", "--features", "text,alpha", "--queue", "1", "--escalate"),
        *("--reply", "ann@example.org"),
        stdin="hi",
    )
    assert done.returncode == 0, done.stderr
    (path,) = message_files(box)
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
        (
            ("--at", "2020-01-01T00:00Z"),
            "--at: expected a time in the future, at most 7 days ahead",
        ),
        (("--from", "Bank", "--mo"), "from: expected the number that replies come to"),
        (("--pack", "box"), "--pack: expected one of parts, gateway, msg-type, found 'box'"),
        (
            ("--profile", "nobody"),
            "--profile: unknown profile 'nobody': use clickatell or",
        ),
        (("--format", "json", "--ack"), "--ack: not possible with --format json"),
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
    assert len(message_files(box)) == files


def test_a_profile_with_another_charset_keeps_a_text(tmp_path, box):
    profile = tmp_path / "euro.toml"
    profile.write_text('charset = "iso-8859-15"\n')
    to = ("--to", NUMBER, "--out", box)
    done = smsenc("convert", "-", *to, "--profile", profile, stdin="5 \u20ac")
    assert done.returncode == 0, done.stderr
    (path,) = message_files(box)
    assert b"text:5 \xa4\n" in path.read_bytes()


@pytest.mark.parametrize(
    ("source", "flag"), [("ode-to-joy.mid", "--image"), ("photo.jpg", "--contact-sheet")]
)
def test_a_picture_is_not_written_under_the_name_of_a_tune(tmp_path, source, flag):
    done = smsenc("preview", SAMPLES / source, "-o", tmp_path / "a.wav", flag)
    assert done.returncode == 2
    assert done.stderr == "smsenc: --out: expected .png for a picture, found .wav\n"
    assert not any(tmp_path.iterdir())


def test_a_picture_of_one_colour_is_sent_only_when_forced(tmp_path, box):
    Image.new("L", (72, 14), 255).save(tmp_path / "white.png")
    command = ("convert", tmp_path / "white.png", "--to", NUMBER, "--out", box)
    assert smsenc(*command).returncode == 7
    assert not box.exists()
    assert smsenc(*command, "--force").returncode == 0


def test_batch_refuses_national_tables_and_offers_none(tmp_path):
    assert "--language" not in smsenc("batch", "--help").stdout
    (tmp_path / "t.csv").write_text("to\n+447400123456\n")
    refused = smsenc("batch", tmp_path / "t.csv", "--text", "x", "--language", "turkish")
    assert refused.returncode == 2
    assert "a message file cannot carry national tables" in refused.stderr
