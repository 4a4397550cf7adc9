import shutil
import zipfile

import pytest
from campaigns import campaign, outbox, write_table

from smsenc import messagefile
from smsgate.campaign.engine import RunSettings, run
from smsgate.errors import OutboxError
from smsgate.outbox import writing

ROWS = 100


@pytest.fixture
def table(tmp_path):
    return write_table(tmp_path / "people.csv", 500)


def held(path):
    with zipfile.ZipFile(path) as found:
        return {name: found.read(name) for name in found.namelist()}


def test_an_archive_holds_what_a_folder_does(table, tmp_path):
    run(campaign(table), tmp_path / "out", RunSettings(rows=ROWS))
    run(campaign(table), tmp_path / "out.zip", RunSettings(rows=ROWS))
    assert held(tmp_path / "out.zip") == outbox(tmp_path / "out")
    assert not (tmp_path / "out.zip.smsenc/files").exists()


def test_the_same_campaign_gives_the_same_archive(table, tmp_path):
    for name in ("a.zip", "b.zip"):
        run(campaign(table), tmp_path / name, RunSettings(rows=ROWS))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_finished_archive_is_left_alone(table, tmp_path):
    run(campaign(table), tmp_path / "a.zip", RunSettings(rows=ROWS))
    before = (tmp_path / "a.zip").stat().st_mtime_ns
    assert run(campaign(table), tmp_path / "a.zip", RunSettings(rows=ROWS)).written == 0
    assert (tmp_path / "a.zip").stat().st_mtime_ns == before


def test_an_archive_grows_with_its_campaign(table, tmp_path):
    run(campaign(table), tmp_path / "a.zip", RunSettings(rows=ROWS))
    before = held(tmp_path / "a.zip")
    with open(table, "a", encoding="utf-8") as file:
        file.write("+447400999999,Ann,1.00,2 May\n")
    run(campaign(table), tmp_path / "a.zip", RunSettings(rows=ROWS))
    after = held(tmp_path / "a.zip")
    assert after.items() >= before.items()
    (new,) = after.keys() - before.keys()
    assert messagefile.loads(after[new]).rows == (("447400999999", "Ann", "1.00", "2 May"),)


@pytest.mark.parametrize(("module", "step"), [(writing, "flush"), (shutil, "rmtree")])
def test_packing_that_was_stopped_is_done_again(table, tmp_path, monkeypatch, module, step):
    run(campaign(table), tmp_path / "whole.zip", RunSettings(rows=ROWS))

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(module, step, stop)
        with pytest.raises(KeyboardInterrupt):
            run(campaign(table), tmp_path / "a.zip", RunSettings(rows=ROWS))
    run(campaign(table), tmp_path / "a.zip", RunSettings(rows=ROWS))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "whole.zip").read_bytes()
    assert not (tmp_path / "a.zip.smsenc/files").exists()


@pytest.mark.parametrize("removed", [1, 3, 50])
def test_entries_are_in_order_when_the_folder_was_half_removed(table, tmp_path, removed):
    run(campaign(table), tmp_path / "whole.zip", RunSettings(rows=ROWS))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(shutil, "rmtree", lambda folder: _remove(folder, removed))
        with pytest.raises(KeyboardInterrupt):
            run(campaign(table), tmp_path / "a.zip", RunSettings(rows=ROWS))
    run(campaign(table), tmp_path / "a.zip", RunSettings(rows=ROWS))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "whole.zip").read_bytes()


def _remove(folder, count):
    for path in sorted(folder.rglob("*.txt"))[:count]:
        path.unlink()
    raise KeyboardInterrupt


def test_two_campaigns_in_one_archive(table, tmp_path):
    run(campaign(table), tmp_path / "a.zip", RunSettings(rows=ROWS))
    before = held(tmp_path / "a.zip")
    report = run(campaign(table, text="Bye #name#"), tmp_path / "a.zip", RunSettings(rows=ROWS))
    after = held(tmp_path / "a.zip")
    assert after.items() >= before.items()
    assert len(after) == len(before) + report.files
    assert list(after) == sorted(after)


@pytest.mark.parametrize("name", ["y.zip.files", "y.journal.d", "y.zip.journal.d"])
def test_folders_of_others_stay(table, tmp_path, name):
    (tmp_path / name / "000").mkdir(parents=True)
    (tmp_path / name / "000" / "000001-a.txt").write_bytes(b"x")
    run(campaign(table), tmp_path / "y.zip", RunSettings(rows=ROWS))
    run(campaign(table), tmp_path / "y", RunSettings(rows=ROWS))
    assert (tmp_path / name / "000" / "000001-a.txt").read_bytes() == b"x"


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("../000002-a.txt", "expected only message files in the archive, found '../000002-a.txt'"),
        ("/etc/passwd", "expected only message files in the archive, found '/etc/passwd'"),
        ("000/note.txt", "expected only message files in the archive, found '000/note.txt'"),
    ],
)
def test_an_archive_with_something_else_in_it_is_not_copied(table, tmp_path, entry, reason):
    out = tmp_path / "a.zip"
    run(campaign(table), out, RunSettings(rows=ROWS))
    with zipfile.ZipFile(out, "a") as archive:
        archive.writestr(entry, "x")
    before = out.read_bytes()
    with pytest.raises(OutboxError) as caught:
        run(campaign(table, text="Bye #name#"), out, RunSettings(rows=ROWS))
    assert str(caught.value) == f"{out}: {reason}"
    assert out.read_bytes() == before


def test_a_damaged_archive_is_one_error(table, tmp_path):
    out = tmp_path / "a.zip"
    run(campaign(table), out, RunSettings(rows=ROWS))
    octets = bytearray(out.read_bytes())
    octets[200:260] = bytes(60)
    out.write_bytes(octets)
    with pytest.raises(OutboxError, match="the archive is damaged"):
        run(campaign(table, text="Bye #name#"), out, RunSettings(rows=ROWS))


def test_a_campaign_without_a_message_makes_no_archive(tmp_path):
    table = tmp_path / "people.csv"
    table.write_text("number,name,amount,date\n+4412,Ann,1.00,1 May\n")
    for _ in range(2):
        assert run(campaign(table), tmp_path / "a.zip").sent == 0
    assert not (tmp_path / "a.zip").exists()
