import csv
import json
import os
import pty
import shutil
import sqlite3
import subprocess
import zipfile
from contextlib import closing
from pathlib import Path

import command
import pytest
from campaigns import journal_of, outbox, unmarked
from places import SAMPLES

from smsgate.cli import wording
from smsgate.cli.wording import NO_LOG_IN

ROWS = (
    ("Phone", "name", "amount"),
    ("+447400123456", "Ann", "3.00"),
    ("+447400123457", "Анна", "4.00"),
    ("12", "Bob", "1"),
    ("+447400123456", "Ann", "3.00"),
)
TEXT = ("--text", "Hello #name#, pay £#amount#")


def smsenc(*arguments, cwd, **more):
    return command.smsenc("batch", *arguments, env=more, cwd=cwd)


@pytest.fixture
def folder(tmp_path):
    write(tmp_path / "people.csv", ROWS)
    (tmp_path / "prices.toml").write_text('currency = "EUR"\n[prices]\nGB = "0.05"\n')
    return tmp_path


def write(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


def test_a_table_becomes_an_outbox(folder):
    done = smsenc("people.csv", *TEXT, cwd=folder)
    assert done.returncode == 4
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "people.csv: csv, charset utf-8, delimiter comma",
        "people.csv:4: Phone: expected a number that exists, found '12'",
        "2 of 4 rows written to 2 files in outbox",
        "1 rejected (use --rejects FILE to save them)",
        "1 skipped: repeats an earlier row",
        NO_LOG_IN,
    ]
    files = outbox(folder / "outbox")
    assert list(map(unmarked, files)) == ["000/000001-people.txt", "000/000002-people.txt"]
    assert next(iter(files.values())).decode("latin-1").splitlines()[3:] == [
        "text:Hello #field1#, pay £#field2#",
        "csv:447400123456,Ann,3.00",
    ]
    again = smsenc("people.csv", *TEXT, cwd=folder)
    assert "2 of them were written by earlier runs" in again.stderr
    assert outbox(folder / "outbox") == files


FORMULAS = ["=1+1", "+44", "-3", "@A1", "'=x", "\t=1", "a\nb", '"q"']


def test_rejects_are_a_table_and_a_log_is_for_spreadsheets(tmp_path):
    """Cells that look like formulas come back unchanged; only what is to be looked at is quoted."""
    with open(tmp_path / "t.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("number", "name"), *(("12", one) for one in FORMULAS)])
    for source, target in (("t.csv", "bad.csv"), ("bad.csv", "worse.csv")):
        smsenc(source, "--text", "#name#", "--rejects", target, "--out", target[:3], cwd=tmp_path)
        with open(tmp_path / target, newline="", encoding="utf-8") as file:
            assert [row["name"] for row in csv.DictReader(file)] == FORMULAS
    (quoted,) = csv.reader([wording.as_csv(FORMULAS[:4])])
    assert quoted == [f"'{one}" for one in FORMULAS[:4]]


def test_rejects_come_back_as_they_came(folder):
    smsenc("people.csv", *TEXT, "--rejects", "bad.csv", cwd=folder)
    with open(folder / "bad.csv", newline="", encoding="utf-8") as file:
        (reject,) = csv.DictReader(file)
    assert reject == {
        "rejected_row": "4",
        "rejected_column": "Phone",
        "rejected_code": "invalid",
        "rejected_reason": "expected a number that exists, found '12'",
        "Phone": "12",
        "name": "Bob",
        "amount": "1",
    }


def test_a_dry_run_prints_the_bill_and_writes_nothing(folder):
    done = smsenc("people.csv", *TEXT, "--dry-run", "--prices", "prices.toml", cwd=folder)
    assert done.returncode == 4
    assert done.stdout.startswith("2 rows, 2 parts, 0.10 EUR\n")
    assert "2 of 4 rows would be written to 2 files in outbox" in done.stderr
    assert sorted(os.listdir(folder)) == ["people.csv", "prices.toml"]


def test_json_is_one_object(folder):
    done = smsenc("people.csv", *TEXT, "--json", "--prices", "prices.toml", cwd=folder)
    told = json.loads(done.stdout)
    assert (told["rows"], told["sent"], told["rejected"], told["duplicates"]) == (4, 2, 1, 1)
    assert told["bill"]["cost"] == "0.10"


@pytest.mark.parametrize(
    ("limit", "code", "reason"),
    [
        ("0.09", 7, "smsenc: --max-cost: the campaign costs 0.10 EUR, more than 0.09 EUR"),
        ("0.10", 4, ""),
        ("much", 2, "smsenc: --max-cost: expected an amount such as 12.50, found 'much'"),
    ],
)
def test_what_costs_too_much_is_refused(folder, limit, code, reason):
    arguments = ("--max-cost", limit, "--prices", "prices.toml", "--opt-out", "stop.txt")
    (folder / "stop.txt").write_text("")
    done = smsenc("people.csv", *TEXT, *arguments, cwd=folder)
    assert done.returncode == code
    assert reason in done.stderr
    assert (folder / "outbox").exists() == (code == 4)


def test_parts_without_a_price_are_no_cost_of_nothing(folder):
    (folder / "prices.toml").write_text('currency = "EUR"\n')
    arguments = ("--max-cost", "9", "--prices", "prices.toml")
    done = smsenc("people.csv", *TEXT, *arguments, cwd=folder)
    assert done.returncode == 7
    assert "--max-cost: 2 parts have no price in --prices" in done.stderr


def test_rows_that_a_guard_refuses_alone_are_seven(folder):
    write(folder / "people.csv", [ROWS[0], ("+447400123456", "x" * 300, "1"), ROWS[2]])
    done = smsenc("people.csv", *TEXT, "--max-parts", "1", cwd=folder)
    assert done.returncode == 7
    assert "1 of 2 rows written" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((), "no content: use --text, --text-file or --attach"),
        (("--text", "#Name#, #city#"), "expected a column of the table"),
        (("--text", "x" * 5356), "expected at most 35 parts of text, found 36"),
        (("--text", "x", "--text-file", "x"), "expected either --text or --text-file"),
        ((*TEXT, "--column", "to"), "--column: expected ROLE=NAME"),
        ((*TEXT, "--shard", "5/4"), "--shard: expected I/N with I from 1 to N, such as 1/4"),
        ((*TEXT, "--max-cost", "1"), "--max-cost: needs --prices"),
        ((*TEXT, "--region", "Atlantis"), "--region: expected a country"),
        ((*TEXT, "--from", "a b"), "from: expected"),
        (("--attach", "none.vcf"), "--attach: no such file"),
        ((*TEXT, "--prices", "none.toml"), "none.toml: no such file"),
    ],
)
def test_wrong_usage_writes_nothing(folder, arguments, reason):
    done = smsenc("people.csv", *arguments, cwd=folder)
    assert done.returncode == (3 if "no such file" in reason else 2)
    assert reason in done.stderr
    assert sorted(os.listdir(folder)) == ["people.csv", "prices.toml"]


def test_columns_may_be_named_and_hold_attachments(folder):
    write(folder / "t.csv", [("who", "what"), ("07400 123456", "a.txt"), ("07400 123457", "b.txt")])
    (folder / "a.txt").write_text("Hello")
    (folder / "b.txt").write_text("Hello again")
    columns = ("--column", "to=who", "--column", "attach=what", "--region", "GB")
    done = smsenc("t.csv", *columns, cwd=folder)
    assert done.returncode == 0
    lines = [octets.splitlines()[3:] for octets in outbox(folder / "outbox").values()]
    assert lines == [
        [b"text:Hello", b"to:447400123456"],
        [b"text:Hello again", b"to:447400123457"],
    ]


def test_shards_have_outboxes_of_their_own(folder):
    for n in (1, 2):
        smsenc("people.csv", *TEXT, "--shard", f"{n}/2", cwd=folder)
    assert (folder / "outbox-1-of-2" / "000").is_dir()
    assert (folder / "outbox-2-of-2/.smsenc/journal").is_file()


def test_processes_give_the_same(folder):
    write(
        folder / "people.csv", [ROWS[0], *((f"+4474001{n:05}", "Ann", "1") for n in range(25000))]
    )
    assert smsenc("people.csv", *TEXT, "--out", "a", cwd=folder).returncode == 0
    jobs = ("--out", "b", "--jobs", 2)
    done = command.process("batch", "people.csv", *TEXT, *jobs, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert outbox(folder / "a") == outbox(folder / "b")


def test_a_terminal_is_left_clean(folder):
    main, other = pty.openpty()
    words = [*command.COMMAND, "batch", "people.csv", *TEXT]
    done = subprocess.run(words, cwd=folder, env=command.environment(), stderr=other, check=False)
    os.close(other)
    shown = os.read(main, 10_000).decode()
    assert done.returncode == 4
    assert "2 of 4 rows written to 2 files in outbox\r\n" in shown
    assert Path(folder / "outbox").is_dir()


@pytest.mark.parametrize(
    "place",
    ["people.csv", "./people.csv", "sum.zip", "no/such.csv", ".", "sum.zip.smsenc/journal"],
)
def test_rejects_that_cannot_be_kept_are_refused_before_anything_is_written(folder, place):
    before = (folder / "people.csv").read_bytes()
    done = smsenc("people.csv", *TEXT, "--out", "sum.zip", "--rejects", place, cwd=folder)
    assert done.returncode == 2
    assert "--rejects: expected a file" in done.stderr
    assert (folder / "people.csv").read_bytes() == before
    assert sorted(os.listdir(folder)) == ["people.csv", "prices.toml"]


def test_each_number_once_is_not_promised_over_shards(folder):
    done = smsenc("people.csv", *TEXT, "--unique", "--shard", "1/2", cwd=folder)
    assert done.returncode == 2
    assert done.stderr == "smsenc: --unique: cannot be combined with --shard\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
@pytest.mark.parametrize(
    "arguments",
    [
        ("pipe", *TEXT),
        ("people.csv", "--attach", "pipe"),
        ("people.csv", *TEXT, "--opt-out", "pipe"),
        ("people.csv", *TEXT, "--prices", "pipe"),
    ],
)
def test_a_pipe_is_refused_rather_than_waited_for(folder, arguments):
    os.mkfifo(folder / "pipe")
    done = smsenc(*arguments, cwd=folder)
    assert done.returncode == 3
    assert "smsenc: pipe: " in done.stderr
    assert "is a named pipe" in done.stderr


def test_a_file_of_text_that_is_not_there_is_named(folder):
    done = smsenc("people.csv", "--text-file", "note.txt", cwd=folder)
    assert done.returncode == 3
    assert done.stderr == "smsenc: note.txt: no such file\n"


@pytest.mark.parametrize(
    ("lines", "number"), [("+447400123456\nx\n", 1), ("Ann Smith\n+44\n#\n\n07400123456", 3)]
)
def test_an_opt_out_list_that_cannot_be_read_is_refused(folder, lines, number):
    (folder / "stop.txt").write_text(lines)
    done = smsenc("people.csv", *TEXT, "--opt-out", "stop.txt", cwd=folder)
    what = f"{number} line{'s' if number > 1 else ''} cannot be read"
    assert done.returncode == 7
    assert done.stderr.splitlines()[-1] == (
        f"smsenc: stop.txt: {what}, and each may be somebody who opted out: correct the list "
        "(the number is first, a note is after a comma), or use --force to leave such lines "
        "out of it"
    )
    assert not (folder / "outbox").exists()
    done = smsenc("people.csv", *TEXT, "--opt-out", "stop.txt", "--force", cwd=folder)
    assert done.returncode == 4
    assert len([x for x in done.stderr.splitlines() if x.startswith("stop.txt:")]) == number


@pytest.mark.parametrize(
    ("octets", "found"),
    [(b"PK\3\4\0\0", "a spreadsheet or another zip archive"), (b"%PDF-1.4\n", "a PDF document")],
)
def test_an_opt_out_list_that_is_no_text_is_named(folder, octets, found):
    (folder / "stop.xlsx").write_bytes(octets)
    for more in ([], ["--force"]):
        done = smsenc("people.csv", *TEXT, "--opt-out", "stop.xlsx", *more, cwd=folder)
        assert done.returncode == 3
        assert done.stderr.splitlines()[1:] == [
            "smsenc: stop.xlsx: expected a list of numbers (a text file or CSV), found " + found
        ]


def test_an_opt_out_list_of_many_bad_lines_shows_the_first(folder):
    (folder / "stop.txt").write_text("x\n" * 900)
    done = smsenc("people.csv", *TEXT, "--opt-out", "stop.txt", cwd=folder)
    assert done.returncode == 7
    assert done.stderr.splitlines()[-2] == "and 880 more"
    assert len(done.stderr.splitlines()) == 23


def test_a_number_that_opts_out_before_the_upload_is_refused(folder):
    (folder / "stop.txt").write_text("+447400999999\n")
    given = ("people.csv", *TEXT, "--opt-out", "stop.txt")
    assert smsenc(*given, cwd=folder).returncode == 4
    (path, *_) = outbox(folder / "outbox")
    files = outbox(folder / "outbox")
    (folder / "stop.txt").write_text("+447400999999\n+447400123456\nx\n")
    for more in (["--force"], ["--force", "--dry-run"]):
        done = smsenc(*given, *more, cwd=folder)
        assert done.returncode == 7
        assert done.stderr.splitlines()[-1] == (
            "smsenc: people.csv:2: 1 row was written by an earlier run, and its number has opted "
            f"out since (in {Path(path).name}): use another --out to write the campaign without "
            "it, and do not upload outbox"
        )
        assert outbox(folder / "outbox") == files
    done = smsenc(*given, "--force", "--out", "other", cwd=folder)
    assert "1 of 4 rows written to 1 file in other" in done.stderr
    assert list(map(unmarked, outbox(folder / "other"))) == ["000/000001-people.txt"]


def test_a_number_that_opts_out_after_it_was_sent_is_counted(folder):
    (folder / "stop.txt").write_text("")
    given = ("people.csv", *TEXT, "--opt-out", "stop.txt")
    smsenc(*given, cwd=folder)
    with closing(sqlite3.connect(journal_of(folder / "outbox"))) as base, base:
        base.execute("UPDATE file SET state = 'done'")
    (folder / "stop.txt").write_text("+447400123456\n")
    done = smsenc(*given, cwd=folder)
    assert done.returncode == 4
    assert done.stderr.splitlines()[-2:] == [
        "1 skipped: repeats an earlier row",
        "1 sent by earlier runs before the number opted out",
    ]


def test_the_same_batch_with_a_log_in_is_the_same_campaign(folder):
    smsenc("people.csv", *TEXT, cwd=folder)
    files = outbox(folder / "outbox")
    real = {"SMSENC_API_ID": "1", "SMSENC_USER": "u", "SMSENC_PASSWORD": "swordfish"}
    done = smsenc("people.csv", *TEXT, cwd=folder, **real)
    assert done.returncode == 4
    assert "2 of them were written by earlier runs" in done.stderr
    assert outbox(folder / "outbox") == files


def test_the_same_batch_on_another_day_or_with_a_name_is_sent_again(folder):
    smsenc("people.csv", *TEXT, cwd=folder)
    (mark,) = {name.split(".")[1] for name in outbox(folder / "outbox")}
    said = f"2 of these rows are also in the campaign of 2023-11-14 (run {mark})"
    done = smsenc("people.csv", *TEXT, cwd=folder, SOURCE_DATE_EPOCH="1700090000")
    assert said in done.stderr.splitlines()
    assert len(outbox(folder / "outbox")) == 4
    told = smsenc("people.csv", *TEXT, "--name", "second", "--dry-run", cwd=folder)
    done = smsenc("people.csv", *TEXT, "--name", "second", cwd=folder)
    for lines in (told.stderr.splitlines(), done.stderr.splitlines()):
        count = next(n for n, line in enumerate(lines) if " rows w" in line)
        assert lines.index(said) < count  # it decides whether to go on
    assert len(outbox(folder / "outbox")) == 6
    smsenc("people.csv", *TEXT, "--name", "second", cwd=folder)
    assert len(outbox(folder / "outbox")) == 6


def test_one_row_of_another_campaign_is_one(folder):
    write(folder / "people.csv", ROWS[:2])
    for more, said in (
        ((), "1 of them was written by earlier runs"),
        (("--name", "x"), "1 of these rows is also"),
    ):
        smsenc("people.csv", *TEXT, cwd=folder)
        assert f"\n{said}" in smsenc("people.csv", *TEXT, *more, cwd=folder).stderr


def test_placeholders_are_a_matter_of_files_that_were_written(folder):
    assert NO_LOG_IN not in smsenc("people.csv", *TEXT, "--dry-run", cwd=folder).stderr
    assert NO_LOG_IN in smsenc("people.csv", *TEXT, cwd=folder).stderr
    assert NO_LOG_IN not in smsenc("people.csv", *TEXT, cwd=folder).stderr
    write(folder / "people.csv", (ROWS[0], ROWS[3]))
    rejected = smsenc("people.csv", *TEXT, "--out", "new", cwd=folder)
    assert rejected.returncode == 3
    assert NO_LOG_IN not in rejected.stderr
    (folder / "hello.txt").write_text("Hello")
    given = ("convert", "hello.txt", "--to", "447400123456", "--out", "texts")
    assert NO_LOG_IN not in command.smsenc(*given, "--dry-run", cwd=folder).stderr
    assert NO_LOG_IN in command.smsenc(*given, cwd=folder).stderr


EMPTY_TABLES = {
    "a.csv": "to,name\n",
    "b.csv": "to,name",
    "c.csv": "to;name\n;\n  ;''\n\n",
    "d.tsv": "to\tname\n\t\n",
    "e.jsonl": '{"to": "", "name": " "}\n',
}


@pytest.mark.parametrize("name", EMPTY_TABLES)
def test_a_table_without_rows_is_nothing_to_do(tmp_path, name):
    (tmp_path / name).write_text(EMPTY_TABLES[name])
    for more in ((), ("--dry-run",), ("--json",), ("--out", "all.zip")):
        done = smsenc(name, "--text", "Hi", *more, cwd=tmp_path)
        assert done.returncode == 2
        assert done.stdout == ""
        why = "nothing to do: the table has no rows"
        if "--json" in more:
            assert json.loads(done.stderr)["error"]["message"] == why
        else:
            assert done.stderr.endswith(f"smsenc: {name}: {why}\n")
        assert os.listdir(tmp_path) == [name]


def test_a_picture_is_no_table(tmp_path):
    shutil.copy(SAMPLES / "logo.png", tmp_path / "people.csv")
    done = smsenc("people.csv", "--text", "Hi", cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr == (
        "smsenc: people.csv: expected a table (.csv, .xlsx, .jsonl, .vcf), found a PNG picture\n"
    )


def test_sample_texts_have_a_heading_and_fit_80_columns(folder):
    text = f"Dear #name#,\n\n{'please pay now ' * 8}{'x' * 90}"
    done = smsenc("people.csv", "--text", text, "--dry-run", "--sample", "1", cwd=folder)
    lines = done.stdout.splitlines()
    assert lines[lines.index("texts of some rows") :] == [
        "texts of some rows",
        "  row 2, 447400123456, 2 parts:",
        "    Dear Ann,",
        "",
        "    please pay now please pay now please pay now please pay now please pay now",
        f"    please pay now please pay now please pay now {'x' * 31}",
        f"    {'x' * 59}",
    ]
    none = smsenc("people.csv", *TEXT, "--dry-run", "--sample", "0", cwd=folder)
    assert "texts of" not in none.stdout


def totals(done):
    """What a run says of rows that other runs have."""
    return [line for line in done.stderr.splitlines() if " of the" in line]


@pytest.mark.parametrize("out", ["outbox", "all.zip"])
def test_a_dry_run_says_what_the_run_will_say_of_earlier_ones(folder, out):
    """Also if rows were added, and if another option makes it another campaign."""
    one = ("+447400123470", "Ann", "1")
    write(folder / "people.csv", (*ROWS[:3], one))
    steps = [
        ((), []),
        ((), ["3 of them were written by earlier runs"]),
        (("--region", "GB"), ["3 of these rows are also in the campaign of 2023-11-14"]),
        (("--name", "two", "--max-parts", "2"), ["3 of these rows are also in", "3 of these"]),
    ]
    for more, said in steps:
        given = ("people.csv", *TEXT, "--out", out, *more)
        before = everything(folder)
        dry = smsenc(*given, "--dry-run", cwd=folder)
        assert everything(folder) == before
        assert totals(dry) == totals(smsenc(*given, cwd=folder))
        assert all(map(str.startswith, totals(dry), said))
        assert len(totals(dry)) == len(said)
    write(folder / "people.csv", (*ROWS[:3], one, ("+447400123471", "Eve", "2")))
    dry = smsenc("people.csv", *TEXT, "--out", out, "--dry-run", cwd=folder)
    assert "4 of 4 rows would be in " in dry.stderr
    assert "3 of them were written by earlier runs" in totals(dry)
    write(folder / "people.csv", ROWS[:2])
    refused = smsenc("people.csv", *TEXT, "--out", out, "--dry-run", cwd=folder)
    assert refused.returncode == 7


def everything(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
@pytest.mark.parametrize("name", ["order.txt", "photos.zip", "cut.zip", "link.zip"])
def test_a_file_that_is_no_archive_of_messages_is_refused_and_nothing_is_made(folder, name, dry):
    (folder / "order.txt").write_text("100 cards")
    (folder / "cut.zip").write_bytes(b"PK\3\4" + bytes(40))
    (folder / "link.zip").symlink_to("order.txt")
    with zipfile.ZipFile(folder / "photos.zip", "w") as archive:
        archive.writestr("beach.jpg", b"1")
    before = {path: path.read_bytes() for path in folder.iterdir()}
    done = smsenc("people.csv", *TEXT, "--out", name, *dry, cwd=folder)
    assert done.returncode == 3
    assert f"smsenc: {name}: " in done.stderr
    assert {path: path.read_bytes() for path in folder.iterdir()} == before


def test_rows_that_changed_say_how_to_send_them(folder):
    smsenc("people.csv", *TEXT, cwd=folder)
    write(folder / "people.csv", [ROWS[0], ROWS[2]])
    done = smsenc("people.csv", *TEXT, cwd=folder)
    assert done.returncode == 7
    assert done.stderr.splitlines()[-1] == (
        "smsenc: expected the rows that were sent before, found that row 2 has changed: "
        "use --name NAME to send this table as a separate campaign"
    )


def test_a_damaged_journal_is_one_line(folder):
    smsenc("people.csv", *TEXT, cwd=folder)
    journal = folder / "outbox" / ".smsenc" / "journal"
    octets = journal.read_bytes()
    journal.write_bytes(octets.replace(b'{"rows": 4', b'{"rows": 9'))
    assert journal.read_bytes() != octets
    done = smsenc("people.csv", *TEXT, cwd=folder)
    assert done.returncode == 3
    assert done.stderr.splitlines()[-1] == (
        "smsenc: outbox/.smsenc/journal: the journal is damaged (ValueError: a row is not as it "
        "was stored): restore it from a backup, or use another outbox"
    )


def test_a_table_may_come_from_standard_input(folder):
    table = (folder / "people.csv").read_text()
    done = command.smsenc("batch", "-", *TEXT, "--dry-run", stdin=table, cwd=folder)
    typed = smsenc("people.csv", *TEXT, "--dry-run", cwd=folder)
    assert (done.returncode, done.stdout) == (typed.returncode, typed.stdout)
    assert "row 2, " in done.stdout
    assert done.stderr.startswith("-: csv, ")  # not the file that it was put into


def test_a_column_of_those_who_opted_out_is_named(folder):
    (folder / "t.csv").write_text("to,Opted out,Stopover\n+447400123456,Yes,x\n")
    done = smsenc("t.csv", "--text", "Hello", "--dry-run", cwd=folder)
    said = "column 'Opted out' leaves out nobody: --opt-out FILE takes a list of numbers"
    assert [line for line in done.stderr.splitlines() if "leaves out" in line] == [f"! {said}"]
