"""An installation without extras, made of what is installed here: no index is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from places import ROOT

_COMMAND = """\
#!{python}
import sys
from smsgate.cli.__main__ import main
sys.exit(main())
"""
#: Whether this is a source tree; elsewhere the wheel is installed.
IS_SOURCE = (ROOT / "smsenc" / "__init__.py").exists()


def needed(requirements: list[str]) -> dict[str, Distribution]:
    """The distributions that these need, on this system and without extras, and those they need."""
    found: dict[str, Distribution] = {}
    waiting = [Requirement(one) for one in requirements]
    while waiting:
        one = waiting.pop()
        extras = [{"extra": extra} for extra in ("", *one.extras)]
        if one.marker and not any(map(one.marker.evaluate, extras)):
            continue
        if one.name not in found:
            found[one.name] = distribution(one.name)
            waiting += map(Requirement, found[one.name].requires or ())
    return found


def without_extras(folder: Path) -> Path:
    """A new environment in ``folder`` with smsenc and what it needs; its Python."""
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    asked = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        capture_output=True,
        text=True,
        check=True,
    )
    place = Path(asked.stdout.strip())
    own = distribution("smsenc")
    for one in needed(own.requires or []).values():
        _link(one, place)
    if IS_SOURCE:
        _unpack(folder, place)
    else:
        _link(own, place)
    command = python.with_name("smsenc")
    command.write_text(_COMMAND.format(python=python), encoding="utf-8")
    command.chmod(0o755)
    return python


def _link(one: Distribution, place: Path) -> None:
    """Link what a distribution has in the folder of modules."""
    for name in {file.parts[0] for file in one.files or ()} - {"..", "__pycache__"}:
        if not (place / name).exists():
            (place / name).symlink_to(Path(str(one.locate_file(name))))


def _unpack(folder: Path, place: Path) -> None:
    """Build the wheel of the source tree, and unpack it."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "wheel"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        check=True,
    )
    (wheel,) = (folder / "wheel").iterdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    shutil.rmtree(folder / "wheel")
