"""Numbers that opt out after their rows were written, and before they are sent, or after it."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from campaigns import campaign, journal_of, outbox, sent, write_table

from converters.errors import GuardError
from smsgate.campaign.engine import RunSettings, Shard, rehearse, run
from smsgate.campaign.lateoptouts import LateOptOuts, check
from smsgate.campaign.schedule import workers

ROWS = 100
SETTINGS = RunSettings(rows=ROWS)


@pytest.fixture
def table(tmp_path):
    return write_table(tmp_path / "people.csv", 450)


def numbers(table):
    """Numbers that can be sent to, with the first of their rows."""
    found = {}
    for row, line in enumerate(table.read_text(encoding="utf-8").splitlines()[1:], 2):
        number = line.split(",")[0]
        if number != "+4412":
            found.setdefault(number, row)
    return found


class Lists:
    """Opt-out lists: each another file, because a process reads a file once."""

    def __init__(self, folder):
        self.folder, self.count = folder, 0

    def __call__(self, *found):
        self.count += 1
        path = self.folder / f"stop{self.count}.txt"
        path.write_text("".join(f"{number}\n" for number in found))
        return str(path)


@pytest.fixture
def lists(tmp_path):
    return Lists(tmp_path)


def set_state(out, state, where="1"):
    with closing(sqlite3.connect(journal_of(out))) as base, base:
        return base.execute(f"UPDATE file SET state = ? WHERE {where}", (state,)).rowcount  # noqa: S608


def both(campaign, out, over=map, settings=SETTINGS):
    """The one error of a rehearsal and of a run, neither of which writes a file."""
    files = outbox(out)
    with pytest.raises(GuardError) as rehearsed:
        rehearse(campaign, out, settings, over=over)
    with pytest.raises(GuardError) as error:
        run(campaign, out, settings, over=over)
    assert str(error.value) == str(rehearsed.value)
    assert outbox(out) == files
    return str(error.value)


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_row_that_was_written_and_opted_out_since_is_refused(table, tmp_path, lists, jobs):
    out = tmp_path / "out"
    run(campaign(table), out, SETTINGS)
    number, row = list(numbers(table).items())[200]
    gone = campaign(table, opt_out=lists(number))
    (name,) = [x for x, octets in outbox(out).items() if f":{number[1:]}".encode() in octets]
    with workers(jobs) as over:
        error = both(gone, out, over)
    assert error == (
        f"line {row}: 1 row was written by an earlier run, and its number has opted out since "
        f"(in {name.rpartition('/')[2]}): use another --out to write the campaign without it, and "
        f"do not upload {out}"
    )
    run(gone, tmp_path / "other", SETTINGS)
    assert sorted(sent(tmp_path / "other")) == sorted(x for x in sent(out) if x[0] != number[1:])


def test_many_rows_are_counted_and_the_first_are_named(table, tmp_path, lists):
    out = tmp_path / "out"
    run(campaign(table, limit=5), out, SETTINGS)
    found = numbers(table)
    error = both(campaign(table, limit=5, opt_out=lists(*found)), out)
    first = ", ".join(map(str, list(found.values())[:3]))
    assert f"line 2: {len(found)} rows were written" in error
    assert f"their numbers have opted out since (rows {first}, …, in 000001-people." in error
    assert f" and {len(outbox(out)) - 20} other files): " in error


def test_who_opted_out_before_stays_out_and_nothing_is_refused(table, tmp_path, lists):
    out = tmp_path / "out"
    number, *others = numbers(table)
    gone = campaign(table, opt_out=lists(number, "+447400999999"))
    first = run(gone, out, SETTINGS)
    before = outbox(out)
    again = run(replace(gone, opt_out=lists(number, "+447400999998")), out, SETTINGS)
    assert replace(again, written=first.written) == first
    assert outbox(out) == before
    assert len(others) > len(numbers(table)) - 2
    assert run(replace(gone, opt_out=lists()), out, SETTINGS).written == 0


def test_a_row_that_waits_for_its_file_is_refused(table, tmp_path, lists):
    out = tmp_path / "out"

    def stop(_report, chunk):
        if chunk.number == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(campaign(table), out, SETTINGS, progress=stop)
    number = next(iter(numbers(table)))
    error = both(campaign(table, opt_out=lists(number)), out)
    assert error.startswith("line 2: 1 row was written")
    assert not any(number[1:].encode() in octets for octets in outbox(out).values())


@pytest.mark.parametrize("state", ["renaming", "done", "unknown"])
def test_a_row_that_was_sent_is_counted_and_the_rest_goes_on(table, tmp_path, lists, state):
    out = tmp_path / "out"
    run(campaign(table), out, SETTINGS)
    assert set_state(out, state)
    number = list(numbers(table))[-1]
    gone = campaign(table, opt_out=lists(number))
    assert rehearse(gone, out, SETTINGS).opted_out_late == 1
    report = run(gone, out, SETTINGS)
    assert (report.opted_out_late, report.written, report.opted_out) == (1, 0, 0)
    with open(table, "a", encoding="utf-8") as file:  # its chunk has changed now
        file.write("+447400123456,Ann,1.00,2 May\n")
    for written in (1, 0):
        report = run(gone, out, SETTINGS)
        assert (report.opted_out_late, report.written) == (1, written)
        assert report.opted_out == 0
        parts = report.sent + report.rejected + report.duplicates + report.blank
        assert parts == report.rows == 451
    assert [x for x, _ in sent(out)].count("447400123456") == 1


def test_of_a_campaign_that_was_sent_in_part_the_files_are_named(table, tmp_path, lists):
    out = tmp_path / "out"
    run(campaign(table, limit=50), out, SETTINGS)
    assert set_state(out, "done", "name < '000003'") == 2
    first, last = (list(numbers(table))[n] for n in (0, -1))
    gone = campaign(table, limit=50, opt_out=lists(first, last))
    error = both(gone, out)
    assert "1 row was written" in error
    assert "other files of the campaign were sent, so remove these before upload" in error
    assert run(replace(gone, opt_out=lists(first)), out, SETTINGS).opted_out_late == 1
    (out / next(name for name in outbox(out) if "000003-" in name)).unlink()
    with pytest.raises(GuardError, match="other files of it were sent, so put rows that were add"):
        run(gone, out, SETTINGS)


def test_in_a_chunk_that_changed_a_row_is_known_by_its_content(table, tmp_path, lists):
    out = tmp_path / "out"
    run(campaign(table), out, SETTINGS)
    number = list(numbers(table))[-1]
    with open(table, "a", encoding="utf-8") as file:
        file.write(f"+447400123456,Ann,1.00,2 May\n{number},Ann,7.77,3 May\n")
    gone = campaign(table, opt_out=lists(number))
    error = both(gone, out)
    assert error.startswith(f"line {numbers(table)[number]}: 1 row was written")
    assert "since: use another --out" in error
    set_state(out, "done", "name < '000002'")
    assert "since: run the table as it was before it changed, which" in both(gone, out)
    run(replace(gone, opt_out=lists("+447400123456")), out, SETTINGS)


def test_the_only_row_that_was_written_opts_out(tmp_path, lists):
    table, out = write_table(tmp_path / "people.csv", 1), tmp_path / "out"
    run(campaign(table), out, SETTINGS)
    (number,) = numbers(table)
    with open(table, "a", encoding="utf-8") as file:
        file.write("+447400123456,Ann,1.00,2 May\n")
    assert "1 row was written" in both(campaign(table, opt_out=lists(number)), out)


def test_each_share_of_a_table_looks_for_its_own_rows(table, tmp_path, lists):
    number, row = list(numbers(table).items())[150]
    for shard in (1, 2, 3):
        out = tmp_path / str(shard)
        settings = replace(SETTINGS, shard=Shard(shard, 3))
        run(campaign(table), out, settings)
        gone = campaign(table, opt_out=lists(number))
        if shard == (row - 2) // ROWS % 3 + 1:
            assert f"line {row}: 1 row was written" in both(gone, out, settings=settings)
        else:
            assert run(gone, out, settings).opted_out_late == 0


def test_rows_with_messages_of_their_own_and_archives(tmp_path, lists):
    table, out = write_table(tmp_path / "people.csv", 30), tmp_path / "out.zip"
    (tmp_path / "card.vcf").write_text("BEGIN:VCARD\nVERSION:2.1\nN:Doe\nTEL:123\nEND:VCARD\n")
    attached = {"attach": str(tmp_path / "card.vcf")}
    run(campaign(table, **attached), out, SETTINGS)
    number = next(iter(numbers(table)))
    gone = campaign(table, opt_out=lists(number), **attached)
    with pytest.raises(GuardError, match="1 row was written by an earlier run"):
        run(gone, out, SETTINGS)
    with open(table, "a", encoding="utf-8") as file:
        file.write("+447400123456,Ann,1.00,2 May\n")
    with pytest.raises(GuardError, match="1 row was written by an earlier run"):
        run(gone, out, SETTINGS)


def test_nothing_that_opted_out_late_is_no_error(tmp_path):
    check(LateOptOuts(sent=3), tmp_path)


def test_a_row_that_changed_is_refused_whoever_opted_out(table, tmp_path, lists):
    out = tmp_path / "out"
    run(campaign(table), out, SETTINGS)
    set_state(out, "done")
    number = next(iter(numbers(table)))
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    del lines[3]
    table.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(GuardError, match="expected the rows that were sent before"):
        run(campaign(table, opt_out=lists(number)), out, SETTINGS)
