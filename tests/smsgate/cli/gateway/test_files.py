"""``gateway files``: all of smsgate/deploy, also where smsenc is installed."""

import pytest
from command import smsenc

from smsgate.cli.gateway.files import FOLDER, File


def test_each_file_is_listed():
    done = smsenc("gateway", "files")
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(File)
    assert {path.name for path in FOLDER.iterdir()} == set(File)
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize("name", File)
def test_a_file_is_printed_as_it_is(name):
    assert smsenc("gateway", "files", name).stdout == (FOLDER / name).read_text("utf-8")


def test_another_file_is_refused():
    done = smsenc("gateway", "files", "unit")
    assert done.returncode == 2
    assert done.stderr == f"smsenc: NAME: expected one of {', '.join(File)}, found 'unit'\n"
