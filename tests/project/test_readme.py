"""The README's commands run and print what it shows."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from outboxes import unmarked
from places import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
CONSOLE = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
PYTHON = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(ROOT / "samples", tmp_path / "samples")
    return tmp_path


def test_there_are_examples():
    assert CONSOLE
    assert PYTHON


@pytest.mark.parametrize("block", CONSOLE)
def test_commands_print_what_is_shown(block, folder):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SMSENC_")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    for command, shown in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block, re.MULTILINE):
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert unmarked(done.stdout).rstrip("\n") == unmarked(shown).rstrip("\n"), done.stderr


@pytest.mark.parametrize("block", PYTHON)
def test_library_examples_run(block, folder):
    subprocess.run([sys.executable, "-c", block], cwd=folder, check=True, stdout=subprocess.DEVNULL)


def test_make_removes_no_outbox_of_the_user():
    """``outbox`` is where the commands write unless they are told otherwise."""
    removed = re.findall(r"rm -rf (.*)", (ROOT / "Makefile").read_text(encoding="utf-8"))
    words = {word.strip("/") for line in removed for word in line.split()}
    assert "demo-outbox" in words
    assert "outbox" not in words
