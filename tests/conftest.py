"""Settings of the whole run.

Where SMSENC_REQUIRE_ORACLES is set, as in CI, a skipped test is a proof that was lost: the run
fails and names it.
"""

from __future__ import annotations

import os
from collections.abc import Generator

import hypothesis
import pytest

# How long one example takes says more about a busy machine than about the code.
hypothesis.settings.register_profile("steady", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("steady")

_NO_SKIPS = "SMSENC_REQUIRE_ORACLES" in os.environ
_skipped = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_skipped] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        item.config.stash[_skipped].append(item.nodeid)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(
    collector: pytest.Collector,
) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    if report.skipped:
        collector.config.stash[_skipped].append(collector.nodeid)
    return report


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _NO_SKIPS and session.config.stash[_skipped]:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    if _NO_SKIPS and config.stash[_skipped]:
        terminalreporter.section("SMSENC_REQUIRE_ORACLES: a skipped test fails the run", red=True)
        for name in config.stash[_skipped]:
            terminalreporter.line(name)
