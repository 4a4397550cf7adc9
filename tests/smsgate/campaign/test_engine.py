import csv
import multiprocessing
import os
import random
import shutil
import stat
import time
from pathlib import Path

import pytest
from campaigns import (
    NAMES,
    TEXT,
    campaign,
    journal_of,
    journal_values,
    outbox,
    run_campaign,
    sent,
    write_table,
)

from converters.errors import GuardError
from smsenc import messagefile
from smsenc.messagefile import Credentials
from smsgate.campaign import books, engine
from smsgate.campaign.engine import RunSettings, Shard, rehearse, run
from smsgate.campaign.schedule import workers
from smsgate.outbox import home

ROWS = 100  # of a chunk: small, so that small tables have many
REAL = Credentials(api_id="1", user="somebody", password="swordfish")


def expected(path):
    """What is to be sent, by the plainest reading of the table."""
    from phonenumbers import is_valid_number, parse

    found = {}
    with open(path, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if is_valid_number(parse(row["number"])):
                text = TEXT.replace("#name#", row["name"]).replace("#amount#", row["amount"])
                found[row["number"][1:], text.replace("#date#", row["date"])] = None
    return sorted(found)


@pytest.fixture
def table(tmp_path):
    return write_table(tmp_path / "people.csv", 1050)


def test_every_row_is_sent_once(table, tmp_path):
    report = run(campaign(table), tmp_path / "out", RunSettings(rows=ROWS))
    assert sorted(sent(tmp_path / "out")) == expected(table)
    assert report.rows == 1050 == report.sent + report.rejected + report.duplicates
    assert report.sent == report.written == report.tally.messages
    assert report.rejected > 5
    assert report.duplicates > 5
    assert report.files == len(outbox(tmp_path / "out"))


def test_rows_of_a_template_share_files_up_to_the_limit(table, tmp_path):
    run(campaign(table, limit=70), tmp_path / "out", RunSettings(rows=ROWS))
    rows = [len(messagefile.loads(o).rows) for o in outbox(tmp_path / "out").values()]
    assert max(rows) == 70
    assert sorted(sent(tmp_path / "out")) == expected(table)


def test_a_finished_campaign_is_not_written_again(table, tmp_path):
    out = tmp_path / "out"
    first = run(campaign(table), out, RunSettings(rows=ROWS))
    files = {p: p.stat().st_mtime_ns for p in out.rglob("*.txt")}
    values = journal_values(out)
    again = run(campaign(table), out, RunSettings(rows=ROWS))
    assert {p: p.stat().st_mtime_ns for p in out.rglob("*.txt")} == files
    assert journal_values(out) == values
    assert again.written == 0
    again.written = first.written
    assert again == first


def test_rows_may_be_added_and_rejected_ones_mended(table, tmp_path):
    out = tmp_path / "out"
    run(campaign(table), out, RunSettings(rows=ROWS))
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    bad = next(n for n, line in enumerate(lines) if line.startswith("+4412"))
    lines[bad] = lines[bad].replace("+4412", "+447400123456")
    lines += ["+447400123457,Ann,1.00,2 May\n"]
    table.write_text("".join(lines), encoding="utf-8")
    report = run(campaign(table), out, RunSettings(rows=ROWS))
    assert report.written == 2
    assert report.rows == 1051
    assert sorted(sent(out)) == expected(table)
    assert report.sent == len(sent(out)) == report.tally.messages


@pytest.mark.parametrize("line", [5, 555])
def test_a_sent_row_that_changed_stops_the_campaign(table, tmp_path, line):
    out = tmp_path / "out"
    run(campaign(table), out, RunSettings(rows=ROWS))
    before = outbox(out)
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    lines[line] = "+447400123456,Somebody,1.00,2 May\n"
    table.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(GuardError, match=r"some of rows .* have changed: use --name NAME to send"):
        run(campaign(table), out, RunSettings(rows=ROWS))
    assert outbox(out) == before


def test_a_table_that_lost_its_end_stops_the_campaign(table, tmp_path):
    run(campaign(table), tmp_path / "out", RunSettings(rows=ROWS))
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join(lines[:901]), encoding="utf-8")
    with pytest.raises(GuardError, match="the table's end is gone"):
        run(campaign(table), tmp_path / "out", RunSettings(rows=ROWS))


@pytest.mark.parametrize("changes", [{"text": "Bye #name#"}, {"region": "GB"}, {"limit": 9}])
def test_another_campaign_adds_its_files(table, tmp_path, changes):
    out = tmp_path / "out"
    run(campaign(table), out, RunSettings(rows=ROWS))
    first = outbox(out)
    other = run(campaign(table, **changes), out, RunSettings(rows=ROWS))
    alone = run(campaign(table, **changes), tmp_path / "alone", RunSettings(rows=ROWS))
    assert outbox(out).items() >= first.items()
    assert {Path(name).name for name in outbox(out).keys() - first.keys()} == {
        Path(name).name for name in outbox(tmp_path / "alone")
    }
    other.sent_before.clear()
    assert other == alone


def test_other_message_files_in_the_outbox_stay(table, tmp_path):
    (tmp_path / "out" / "000").mkdir(parents=True)
    for name in ("000001-card.txt", "000/000009-card.abcdefgh.txt"):
        (tmp_path / "out" / name).write_bytes(b"x")
    run(campaign(table), tmp_path / "out", RunSettings(rows=ROWS))
    assert (tmp_path / "out" / "000001-card.txt").is_file()
    assert (tmp_path / "out" / "000/000009-card.abcdefgh.txt").is_file()


@pytest.mark.parametrize("archive", [False, True])
@pytest.mark.parametrize("damage", ["gone", "shorter", "changed", "longer", "zeros", "a link"])
def test_files_that_are_not_as_written_stop_the_campaign(table, tmp_path, damage, archive):
    out = tmp_path / ("out.zip" if archive else "out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "rmtree", _stop)  # killed before the files are packed
        patch.setattr(books.archive, "replacing", _stop)
        try:
            run(campaign(table), out, RunSettings(rows=ROWS))
        except Stopped:
            assert archive
    folder = home.folder_of(out) / "files" if archive else out
    path = sorted(folder.rglob("*.txt"))[1]
    DAMAGES[damage](path)
    with pytest.raises(GuardError) as caught:
        run(campaign(table), out, RunSettings(rows=ROWS))
    assert str(caught.value) == (
        f"{out}: 1 file of this campaign is missing or not as written, first {path.name}: restore "
        "the outbox, or use --name NAME to write all files again as a new campaign"
    )
    report = run(campaign(table), out, RunSettings(rows=ROWS, name="again"))
    assert report.written == report.sent


def _stop(*_arguments, **_options):
    raise Stopped


def _link(path):
    path.rename(path.with_suffix(".moved"))
    path.symlink_to(path.with_suffix(".moved"))


DAMAGES = {
    "gone": Path.unlink,
    "shorter": lambda path: os.truncate(path, path.stat().st_size - 1),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"to:447700900000\n"),
    "changed": lambda path: path.write_bytes(path.read_bytes().replace(b"4", b"5", 1)),
    "zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "a link": _link,
}


def test_a_rehearsal_tells_the_same_and_writes_nothing(table, tmp_path):
    told = rehearse(campaign(table), tmp_path / "out", RunSettings(rows=ROWS))
    assert os.listdir(tmp_path) == ["people.csv"]
    done = run(campaign(table), tmp_path / "out", RunSettings(rows=ROWS))
    told.written = done.written
    assert told == done


def test_the_log_in_stands_in_the_files_alone(table, tmp_path):
    run(campaign(table), tmp_path / "out", RunSettings(rows=ROWS, credentials=REAL))
    for octets in outbox(tmp_path / "out").values():
        assert messagefile.loads(octets).credentials == REAL
    assert {p.stat().st_mode & 0o777 for p in (tmp_path / "out").rglob("*.txt")} == {0o600}
    assert b"swordfish" not in journal_of(tmp_path / "out").read_bytes()


def test_shards_together_are_the_whole(table, tmp_path):
    whole = run(campaign(table), tmp_path / "whole", RunSettings(rows=ROWS))
    reports = [
        run(campaign(table), tmp_path / str(n), RunSettings(shard=Shard(n, 3), rows=ROWS))
        for n in (1, 2, 3)
    ]
    assert sum(report.rows for report in reports) == whole.rows
    together = [found for n in (1, 2, 3) for found in sent(tmp_path / str(n))]
    assert sorted(set(together)) == sorted(sent(tmp_path / "whole"))


def test_processes_write_what_one_writes(table, tmp_path):
    one = run(campaign(table), tmp_path / "one", RunSettings(rows=ROWS))
    with workers(2) as over:
        two = run(campaign(table), tmp_path / "two", RunSettings(rows=ROWS), over=over)
    assert outbox(tmp_path / "one") == outbox(tmp_path / "two")
    assert one == two


# Its processes start at once: the server that they are forked from has imported everything.
FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["campaigns"])


def killed_at(table, out, rows, seconds):
    """Kill a run after so many seconds of work; whether it had ended by then."""
    process = FORKS.Process(target=run_campaign, args=(table, out, rows))
    process.start()
    time.sleep(seconds)
    process.kill()
    process.join()
    return process.exitcode == 0


@pytest.mark.parametrize("seconds", [0.1, 0.3, 0.45, 0.6])
@pytest.mark.parametrize("suffix", ["", ".zip"])
def test_a_killed_run_goes_on_where_it_was(tmp_path, seconds, suffix):
    table = write_table(tmp_path / "people.csv", 3000)
    whole, out = tmp_path / f"whole{suffix}", tmp_path / f"out{suffix}"
    expected = run(campaign(table), whole, RunSettings(rows=ROWS))
    killed_at(table, out, ROWS, seconds)
    report = run(campaign(table), out, RunSettings(rows=ROWS))
    if suffix:
        assert out.read_bytes() == whole.read_bytes()
    else:
        assert outbox(out) == outbox(whole)
    report.written = expected.written
    assert report == expected
    assert journal_values(out) == journal_values(whole)


def test_killed_twenty_times_nothing_is_lost_and_nothing_sent_twice(tmp_path):
    """50,000 rows, killed at twenty moments all over the run, started again after each."""
    dice = random.Random(20)
    names = (*NAMES[:4] * 24, *NAMES)  # 2 in 106 are Unicode
    table = write_table(tmp_path / "people.csv", 50_000, names=names)
    began = time.perf_counter()
    run(campaign(table), tmp_path / "whole", RunSettings(rows=1000))
    length = time.perf_counter() - began
    kills, outboxes = 0, [tmp_path / "out0"]
    while kills < 20:
        if killed_at(table, outboxes[-1], 1000, dice.random() * length / 8):
            outboxes.append(tmp_path / f"out{len(outboxes)}")  # it had ended: another one
            length *= 0.7
        else:
            kills += 1
    run(campaign(table), outboxes[-1], RunSettings(rows=1000))
    for box in outboxes:
        assert outbox(box) == outbox(tmp_path / "whole")
    assert sorted(sent(outboxes[0])) == expected(table)


class Stopped(BaseException):
    pass


@pytest.mark.parametrize("step", ["settle", "publish", "commit_chunk", "add_lines", "close"])
@pytest.mark.parametrize("nth", [0, 1, 3])
def test_stopped_at_any_step_it_goes_on(table, tmp_path, monkeypatch, step, nth):
    run(campaign(table, limit=150), tmp_path / "whole", RunSettings(rows=ROWS))
    owner = next(c for c in (engine.Spool, engine.Volumes, engine.Ledger) if hasattr(c, step))
    real, calls = getattr(owner, step), []

    def stopping(*args):
        calls.append(step)
        if len(calls) > nth:
            raise Stopped
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(owner, step, stopping)
        if step == "close" and nth:
            run(campaign(table, limit=150), tmp_path / "out", RunSettings(rows=ROWS))
        else:
            with pytest.raises(Stopped):
                run(campaign(table, limit=150), tmp_path / "out", RunSettings(rows=ROWS))
    run(campaign(table, limit=150), tmp_path / "out", RunSettings(rows=ROWS))
    assert outbox(tmp_path / "out") == outbox(tmp_path / "whole")


def test_what_a_journal_tells_is_its_owners_alone(tmp_path):
    run(campaign(write_table(tmp_path / "people.csv", 10)), tmp_path / "out")
    assert stat.S_IMODE(os.stat(journal_of(tmp_path / "out")).st_mode) == 0o600


@pytest.mark.parametrize("archive", [False, True])
@pytest.mark.parametrize("chunks", [1, 4, 9])
def test_everything_beside_the_journal_may_go_while_a_run_is_stopped(
    table, tmp_path, chunks, archive
):
    """What is not in a complete file is in the journal: no spool can be lost, shortened or filled
    with zeros."""
    suffix = ".zip" if archive else ""
    whole = run(campaign(table, limit=150), tmp_path / f"whole{suffix}", RunSettings(rows=ROWS))
    out = tmp_path / f"out{suffix}"

    def stop(_report, chunk):
        if chunk.number == chunks:
            raise Stopped

    with pytest.raises(Stopped):
        run(campaign(table, limit=150), out, RunSettings(rows=ROWS), progress=stop)
    records = home.folder_of(out)
    kept = {"id", "lock", "journal", "journal-wal", "journal-shm"}
    for path in set(records.iterdir()) - {records / name for name in (*kept, "files")}:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    report = run(campaign(table, limit=150), out, RunSettings(rows=ROWS))
    report.written = whole.written
    assert report == whole
    if archive:
        assert out.read_bytes() == (tmp_path / "whole.zip").read_bytes()
    else:
        assert outbox(out) == outbox(tmp_path / "whole")
    assert journal_values(out) == journal_values(tmp_path / f"whole{suffix}")
