"""Folders of the checkout that tests read."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
SAMPLES = ROOT / "samples"
VECTORS = TESTS / "vectors"


@contextmanager
def deep(folder: Path, levels: int) -> Iterator[None]:
    """A folder with one folder in it, which has one in it, and so on.

    It is removed at the end, because what removes the folders of tests cannot do it.
    """
    folder.mkdir()
    try:
        with chdir(folder):
            for _ in range(levels - 1):
                os.mkdir("a")
                os.chdir("a")
        yield
    finally:
        subprocess.run(["rm", "-r", folder], check=True)
