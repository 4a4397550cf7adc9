"""Numbers that opt out while files of another campaign wait in the same outbox."""

import sqlite3
from contextlib import closing

import command
import pytest
from campaigns import journal_of, outbox

NUMBERS = ("447400123456", "447400123457")


def batch(*arguments, cwd):
    return command.smsenc("batch", *arguments, cwd=cwd)


@pytest.fixture(params=["outbox", "out.zip"])
def out(request):
    return request.param


@pytest.fixture
def folder(tmp_path, out):
    for name, rows in (("a", NUMBERS), ("b", ("447400123460",))):
        (tmp_path / f"{name}.csv").write_text("to,x\n" + "".join(f"{row},1\n" for row in rows))
    (tmp_path / "stop.txt").write_text(f"+{NUMBERS[0]}\n")
    assert batch("a.csv", "--text", "#x#", "--out", out, cwd=tmp_path).returncode == 0
    return tmp_path


def second(out, *more, cwd):
    words = ("b.csv", "--text", "Hello", "--out", out, "--opt-out", "stop.txt")
    return batch(*words, *more, cwd=cwd)


@pytest.mark.parametrize("dry", [(), ("--dry-run",)])
def test_another_campaign_with_the_list_is_refused(folder, out, dry):
    done = second(out, *dry, cwd=folder)
    assert done.returncode == 7
    said = done.stderr.splitlines()[-1]
    assert said.startswith(
        f"smsenc: {out}: 1 recipient in other files of the outbox that wait has opted out "
        "(000001-a."
    )
    assert said.endswith(
        "): delete these files before the upload and write their other rows again, or use another "
        "--out; --force leaves them as they are"
    )


def test_with_force_it_goes_on_and_says_so(folder, out):
    done = second(out, "--force", cwd=folder)
    assert done.returncode == 0
    assert "! 1 recipient in other files of the outbox that wait has opted out (" in done.stderr


def test_files_that_were_sent_are_no_concern(folder, out):
    with closing(sqlite3.connect(journal_of(folder / out))) as base, base:
        base.execute("UPDATE file SET state = 'done'")
    assert second(out, cwd=folder).returncode == 0


def test_a_list_of_other_numbers_or_none_is_no_concern(folder, out):
    (folder / "stop.txt").write_text("+447400999999\n")
    assert second(out, cwd=folder).returncode == 0
    more = ("--text", "x", "--out", out, "--name", "n")
    assert batch("b.csv", *more, cwd=folder).returncode == 0


def test_files_of_convert_are_looked_through_too(tmp_path):
    (tmp_path / "b.csv").write_text("to\n447400123460\n")
    (tmp_path / "stop.txt").write_text(f"+{NUMBERS[0]}\n")
    (tmp_path / "note.txt").write_text("Hello")
    to = (word for number in NUMBERS for word in ("--to", number))
    assert command.smsenc("convert", "note.txt", *to, cwd=tmp_path).returncode == 0
    assert len(outbox(tmp_path / "outbox")) == 1
    assert second("outbox", cwd=tmp_path).returncode == 7
