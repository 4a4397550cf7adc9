"""The command starts without the libraries that only a conversion needs.

What start costs is a matter of imports, and those can be asserted on any machine; seconds are
measured by benchmarks/startup.py.
"""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"vobject", "icalendar", "mido", "PIL", "dateutil", "rich", "asyncio"}
NEVER = {"click"}  # the command-line library brings its own copy


def loaded(statements: str) -> set[str]:
    """Top-level modules in memory after a new interpreter has run ``statements``."""
    script = (
        "import atexit, os, sys\n"
        "names = lambda: ' '.join({name.partition('.')[0] for name in sys.modules})\n"
        "atexit.register(lambda: os.write(2, names().encode()))\n" + statements
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["formats"]], ids=" ".join)
def test_start_loads_nothing_heavy(arguments):
    script = f"sys.argv[1:] = {arguments!r}\nfrom smsgate.cli import main\nmain()"
    modules = loaded(script)
    assert "smsgate" in modules
    assert modules & (HEAVY | NEVER) == set()


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_help_and_version_load_no_command(argument):
    script = f"sys.argv[1:] = [{argument!r}]\nfrom smsgate.cli import main\nmain()"
    assert loaded(script) & {"smsenc", "converters"} == set()


def test_a_heavy_import_would_be_seen():
    assert {"mido", "PIL"} <= loaded("import mido, PIL.Image") & HEAVY
