"""Settings of the whole run.

Where SMSENC_REQUIRE_ORACLES is set, as in CI, a skipped test fails the run and is named.
"""

from __future__ import annotations

import os
import signal

import hypothesis
import pytest

# What must hold of a whole run is not in a test file; a failure says there, too, what was found.
pytest.register_assert_rewrite("promises")

# The time of one example depends on how busy the machine is.
hypothesis.settings.register_profile("steady", hypothesis.settings.default, deadline=None)
hypothesis.settings.load_profile("steady")

# A shell's "&" makes its jobs ignore Ctrl-C, nohup that a terminal is closed; and so would the
# commands that the tests send these signals to.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True)
def own_machine(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A state folder for each test, and a day on which all tests are run."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")


class NoSkips:
    """Fails the run where tests were skipped, here or in a process of xdist, and names them."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.skipped and not hasattr(report, "wasxfail"):
            self.names[report.nodeid] = None

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self.names[report.nodeid] = None

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self.names:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.names:
            title = "SMSENC_REQUIRE_ORACLES: a skipped test fails the run"
            terminalreporter.section(title, red=True)
            for name in self.names:
                terminalreporter.line(name)


def pytest_configure(config: pytest.Config) -> None:
    if "SMSENC_REQUIRE_ORACLES" in os.environ:
        config.pluginmanager.register(NoSkips())
