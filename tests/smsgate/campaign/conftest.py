"""One day for all runs, and no records outside the test's own folder."""

import pytest


@pytest.fixture(autouse=True)
def same_day(monkeypatch, tmp_path_factory):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795860000")  # 28 November 2026
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
