"""Each command runs, or names the extra that it needs, in an installation without any extra."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import requires

import pytest
from installations import needed, without_extras
from packaging.requirements import Requirement
from places import ROOT

from smsgate import extras


def test_the_smoke_test_passes_without_extras(tmp_path):
    python = without_extras(tmp_path / "venv")
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    done = subprocess.run(
        [python, ROOT / "tools" / "smoke"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    runs = re.fullmatch(r"(\d+) runs of smsenc, 0 wrong; without (.*)\n", done.stdout)
    assert runs, done.stdout + done.stderr
    assert (done.returncode, runs[2]) == (0, ", ".join(extras.MODULES))
    assert int(runs[1]) > 60


def test_every_extra_has_its_modules():
    found = (re.search("extra == ['\"](.+)['\"]", one) for one in requires("smsenc"))
    assert {match[1] for match in found if match} == set(extras.MODULES)


@pytest.mark.parametrize("extra", extras.MODULES)
def test_the_modules_of_an_extra_are_those_of_its_distributions(extra):
    wanted = [one for one in requires("smsenc") if re.search(f"extra == ['\"]{extra}['\"]", one)]
    own = [Requirement(one.partition(";")[0]) for one in wanted]
    assert len(own) == len(extras.MODULES[extra])


def test_what_is_needed_is_found_with_its_own_needs():
    assert set(needed(["Jinja2"])) == {"Jinja2", "MarkupSafe"}
    assert needed(["nothing; python_version < '3'"]) == {}


def test_a_command_that_fails_fails_the_smoke_test(tmp_path):
    script = (
        "import runpy, sys\n"
        f"smoke = runpy.run_path({str(ROOT / 'tools' / 'smoke')!r})\n"
        "import pathlib\n"
        f"world = smoke['World'](pathlib.Path({str(tmp_path)!r}))\n"
        "world.helps('nothing')\n"
        "sys.exit(world.wrong)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "No such command 'nothing'" in done.stdout) == (1, True)
