"""Several campaigns in one outbox: which run a table continues, and which begins a new one."""

import csv
import random
from pathlib import Path

import pytest
from campaigns import campaign, journal_values, outbox, sent, write_table

from converters.errors import GuardError
from smsenc.messagefile import Credentials, names
from smsgate.campaign.engine import RunSettings, run

ROWS = 100
DAY = 86_400
TODAY = 1_700_000_000  # what all tests take for today
NEW = ["+447400123456", "Ann", "1.00", "2 May"]


@pytest.fixture
def table(tmp_path):
    return write_table(tmp_path / "people.csv", 450)


def go(table, out, *, rows=ROWS, name="", credentials=None, **changes):
    settings = {"credentials": credentials} if credentials else {}
    return run(campaign(table, **changes), out, RunSettings(rows=rows, name=name, **settings))


def marks(out):
    return {names.parse(Path(path).name).mark for path in outbox(out)}


@pytest.fixture
def next_day(monkeypatch):
    return lambda days=1: monkeypatch.setenv("SOURCE_DATE_EPOCH", str(TODAY + days * DAY))


def test_the_same_input_has_the_same_names_in_another_outbox(table, tmp_path):
    go(table, tmp_path / "a")
    go(table, tmp_path / "b")
    assert outbox(tmp_path / "a") == outbox(tmp_path / "b")
    assert len(marks(tmp_path / "a")) == 1


def test_the_same_table_on_another_day_is_a_new_campaign_and_says_so(table, tmp_path, next_day):
    out = tmp_path / "out"
    first = go(table, out)
    (mark,) = marks(out)
    next_day()
    second = go(table, out)
    assert second.written == first.written == second.sent
    assert second.sent_before == {f"2023-11-14 (run {mark})": first.sent}
    assert len(marks(out)) == 2
    assert go(table, out).written == 0
    assert go(table, out).sent_before == {}


def test_the_same_table_with_another_name_is_a_new_campaign(table, tmp_path, next_day):
    out = tmp_path / "out"
    first = go(table, out)
    assert go(table, out, name="again").written == first.written
    next_day(40)
    assert go(table, out, name="again").written == 0  # a name takes the place of the day


def test_an_unfinished_campaign_is_continued_on_another_day(table, tmp_path, next_day):
    out = tmp_path / "out"
    whole = go(table, tmp_path / "whole")

    def stop(_report, chunk):
        if chunk.number == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(campaign(table), out, RunSettings(rows=ROWS), progress=stop)
    next_day(3)
    report = go(table, out)
    assert report.sent == whole.sent
    assert outbox(out) == outbox(tmp_path / "whole")


def test_another_table_of_that_name_is_a_new_campaign(table, tmp_path):
    out = tmp_path / "out"
    first = go(table, out)
    before = outbox(out)
    write_table(table, 450, seed=2)
    second = go(table, out)
    assert second.written == second.sent
    assert second.sent_before == {}
    assert outbox(out).items() >= before.items()
    assert len(marks(out)) == 2
    assert go(table, out).written == 0
    write_table(table, 450)
    assert go(table, out).written == 0  # the first one is still known
    assert first.sent + second.sent == len(sent(out))


def test_tables_that_differ_in_one_chunk_have_different_marks(table, tmp_path):
    go(table, tmp_path / "a")
    write_table(table, 450, seed=2)
    go(table, tmp_path / "b")
    assert not marks(tmp_path / "a") & marks(tmp_path / "b")


def rewrite(table, change):
    with open(table, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    with open(table, "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *change(rows)])


def _shuffled(rows):
    random.Random(3).shuffle(rows)
    return rows


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows[1:],
        lambda rows: rows[:-1],
        lambda rows: rows[200:],
        lambda rows: [NEW, *rows[1:]],
        lambda rows: [*rows[:300], NEW, *rows[301:]],
        lambda rows: rows[-1:],
    ],
    ids=["first gone", "last gone", "half gone", "first changed", "one changed", "one left"],
)
def test_a_table_of_which_some_sent_rows_are_gone_is_refused(tmp_path, change):
    table = write_table(tmp_path / "people.csv", 450, bad=10**6, names=("Ann",))
    out = tmp_path / "out"
    go(table, out)
    before, values = outbox(out), journal_values(out)
    rewrite(table, change)
    with pytest.raises(GuardError, match="use --name NAME to send this table as a separate"):
        go(table, out)
    assert outbox(out) == before
    assert journal_values(out)["campaign_chunks"] == values["campaign_chunks"]
    assert go(table, out, name="separate").written > 0


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: [*rows, NEW],
        lambda rows: [NEW if r[0] == "+4412" else r for r in rows],
    ],
    ids=["row added", "rejected row mended"],
)
@pytest.mark.parametrize("size", [50, 450])  # one chunk, and five
def test_a_table_with_all_its_rows_is_continued(tmp_path, change, size):
    table = write_table(tmp_path / "people.csv", size, bad=10)
    out = tmp_path / "out"
    go(table, out)
    before = outbox(out)
    rewrite(table, change)
    assert go(table, out).written == 1
    assert outbox(out).items() >= before.items()
    assert len(marks(out)) == 1


def test_a_campaign_of_which_no_row_was_sent_begins_again(tmp_path):
    table = tmp_path / "people.csv"
    table.write_text("number,name,amount,date\n+4412,Ann,1.00,1 May\n+4412,Bob,1.00,1 May\n")
    out = tmp_path / "out"
    assert go(table, out).sent == 0
    table.write_text("number,name,amount,date\n+447400123456,Ann,1.00,1 May\n")
    assert go(table, out).sent == 1


def test_the_log_in_may_change_between_runs(table, tmp_path):
    out = tmp_path / "out"
    go(table, out)
    before = outbox(out)
    with open(table, "a", encoding="utf-8") as file:
        file.write("+447400999999,Ann,1.00,2 May\n")
    real = Credentials(api_id="1", user="somebody", password="swordfish")
    assert go(table, out, credentials=real).written == 1
    after = outbox(out)
    assert after.items() >= before.items()
    (new,) = after.keys() - before.keys()
    assert b"swordfish" in after[new]
    assert (out / new).stat().st_mode & 0o777 == 0o600


def test_files_of_a_run_that_was_given_up_are_removed(table, tmp_path, monkeypatch):
    """They have their names, and the journal does not have them: nobody may send them."""
    out = tmp_path / "out"

    def stop(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("smsgate.campaign.books.ledger.Ledger.add_files", stop)
        with pytest.raises(KeyboardInterrupt):
            go(table, out, limit=10)
    (given_up,) = marks(out)
    go(table, out, text="Bye #name#")
    assert given_up not in marks(out)


def test_the_first_campaigns_files_keep_their_rows(table, tmp_path):
    out = tmp_path / "out"
    go(table, out)
    with open(table, newline="", encoding="utf-8") as file:
        rows = dict(enumerate(csv.reader(file), 1))
    for name, octets in journal_values(out)["campaign_rows"]:
        (path,) = out.glob(f"*/{name}")
        keys = (b"csv:", b"to:")
        lines = [line for line in path.read_bytes().splitlines() if line.startswith(keys)]
        numbers = memoryview(octets).cast("I")
        assert len(lines) == len(numbers)
        for line, number in zip(lines, numbers, strict=True):
            assert rows[number][0].lstrip("+").encode() in line
    assert len(journal_values(out)["campaign_rows"]) == len(outbox(out))
