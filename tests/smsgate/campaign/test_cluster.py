import pytest
from campaigns import campaign, outbox, write_table

from smsenc import OptionError
from smsgate.campaign import schedule
from smsgate.campaign.engine import RunSettings, run
from smsgate.campaign.schedule import workers

ROWS = 500


def test_a_cluster_writes_what_one_process_writes(tmp_path):
    distributed = pytest.importorskip("distributed")
    table = write_table(tmp_path / "people.csv", 5000)
    one = run(campaign(table), tmp_path / "one", RunSettings(rows=ROWS))
    cluster = distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        dashboard_address=None,
        scheduler_kwargs={"dashboard_address": ":0"},  # a free port: another run may have 8787
        protocol="tcp://",
    )
    with cluster, workers(scheduler=cluster.scheduler_address) as over:
        many = run(campaign(table), tmp_path / "many", RunSettings(rows=ROWS), over=over)
    assert outbox(tmp_path / "one") == outbox(tmp_path / "many")
    assert one == many


def test_a_scheduler_that_is_not_there_is_told(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(schedule, "_PATIENCE", 0.5)
    with pytest.raises(OptionError) as caught, workers(scheduler="tcp://127.0.0.1:1"):
        pass
    assert str(caught.value) == (
        "--scheduler: expected a dask scheduler, found none at 'tcp://127.0.0.1:1'"
    )
