import shutil
import zipfile

import pytest
from campaigns import campaign, outbox, write_table

from smsenc import messagefile
from smsgate.campaign.engine import RunSettings, run
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
    assert not (tmp_path / "out.zip.files").exists()


def test_the_same_campaign_gives_the_same_archive(table, tmp_path):
    for name in ("a.zip", "b.zip"):
        run(campaign(table), tmp_path / name, RunSettings(rows=ROWS))
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_finished_archive_is_left_alone(table, tmp_path):
    run(campaign(table), tmp_path / "a.zip", RunSettings(rows=ROWS))
    before = (tmp_path / "a.zip").stat()
    assert run(campaign(table), tmp_path / "a.zip", RunSettings(rows=ROWS)).written == 0
    assert (tmp_path / "a.zip").stat() == before


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
    assert not (tmp_path / "a.zip.files").exists()
