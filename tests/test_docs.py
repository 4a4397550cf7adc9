"""The command reference is what the command says."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOOL = ROOT / "tools" / "cli-reference"


def test_the_command_reference_is_true():
    made = subprocess.run([sys.executable, TOOL], capture_output=True, text=True, check=True)
    assert made.stdout == (ROOT / "docs" / "cli.md").read_text()
