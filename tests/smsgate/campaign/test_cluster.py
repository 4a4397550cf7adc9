import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from campaigns import campaign, outbox, write_table

from smsenc import OptionError
from smsgate.campaign import schedule
from smsgate.campaign.engine import RunSettings, run
from smsgate.campaign.schedule import workers
from smsgate.errors import UnfinishedError

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


def test_a_cluster_that_is_lost_ends_the_run_with_its_reason():
    distributed = pytest.importorskip("distributed")
    cluster = distributed.LocalCluster(
        n_workers=1,
        threads_per_worker=1,
        processes=False,
        dashboard_address=None,
        scheduler_kwargs={"dashboard_address": ":0"},
        protocol="tcp://",
    )
    with workers(scheduler=cluster.scheduler_address) as over:
        answers = over(time.sleep, [0, 3, 3])
        assert next(answers) is None
        threading.Timer(0.5, cluster.close).start()
        with pytest.raises(UnfinishedError) as caught:
            list(answers)
    assert str(caught.value) == "the cluster was lost: run the same command again"


def test_a_task_that_kills_the_workers_of_a_cluster_is_told():
    class DyingError(Exception):
        pass

    def dying(_task):
        raise DyingError

    with ThreadPoolExecutor() as executor:
        cluster = schedule._Cluster(executor, 1, DyingError)
        with pytest.raises(UnfinishedError, match="workers have died: run the same"):
            list(schedule.ordered(cluster, dying, [1, 2, 3]))


def test_a_scheduler_that_is_not_there_is_told(monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr(schedule, "_PATIENCE", 0.5)
    with pytest.raises(OptionError) as caught, workers(scheduler="tcp://127.0.0.1:1"):
        pass
    assert str(caught.value) == (
        "--scheduler: expected a dask scheduler, found none at 'tcp://127.0.0.1:1'"
    )
