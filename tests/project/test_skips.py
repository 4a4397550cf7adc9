"""SMSENC_REQUIRE_ORACLES turns a skip into a failure, in one process and in several."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from places import TESTS

CONFTEST = TESTS / "conftest.py"
IN_A_TEST = """\
import pytest

def test_without():
    pytest.skip("no oracle")

@pytest.mark.xfail(reason="expected to fail, and so no skip")
def test_expected_failure():
    assert False
"""
IN_A_MODULE = 'import pytest\npytest.importorskip("no_such_module")\n'
PASSES = "def test_passes(): pass\n"


def run(folder, source, *options, **environment):
    shutil.copy(CONFTEST, folder)
    (folder / "test_sample.py").write_text(source)
    own = {k: v for k, v in os.environ.items() if not k.startswith(("SMSENC_", "PYTEST_"))}
    own["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--rootdir", ".", *options],
        cwd=folder,
        env=own | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("options", [(), ("-p", "xdist", "-n", "1")], ids=["alone", "xdist"])
@pytest.mark.parametrize(
    ("source", "name"),
    [(IN_A_TEST, "test_sample.py::test_without"), (IN_A_MODULE, "test_sample.py")],
    ids=["test", "module"],
)
def test_a_skip_fails_the_run_and_is_named(tmp_path, source, name, options):
    done = run(tmp_path, source, *options, SMSENC_REQUIRE_ORACLES="1")
    named = done.stdout.partition("SMSENC_REQUIRE_ORACLES")[2].splitlines()
    assert (done.returncode, named[1:2]) == (1, [name])


def test_a_skip_passes_where_nothing_is_required(tmp_path):
    assert run(tmp_path, PASSES + IN_A_TEST).returncode == 0


def test_a_run_without_skips_passes(tmp_path):
    assert run(tmp_path, PASSES, SMSENC_REQUIRE_ORACLES="1").returncode == 0
