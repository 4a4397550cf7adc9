"""The wheel and the sdist: the same octets from the same tree, and what is in them.

These tests build, and so need the source tree.
"""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

import pytest
from places import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
PACKAGES = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
INCLUDED = PROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
NAMES = sorted({path.name for one in INCLUDED for path in ROOT.glob(one)})
NEVER = (".git", ".venv", "__pycache__", "build", "dist", ".hypothesis")

pytestmark = pytest.mark.skipif(
    not all((ROOT / name / "__init__.py").exists() for name in PACKAGES),
    reason="there is no source tree to build",
)


def copy(folder: Path) -> Path:
    """The source tree in another folder."""
    folder.mkdir(parents=True)
    for name in (*NAMES, "pyproject.toml", ".gitignore"):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns(*NEVER))
        else:
            shutil.copy(ROOT / name, folder)
    return folder


def build(tree: Path, target: Path, *, umask: int = 0o022, epoch: str | None = None) -> list[Path]:
    """The sdist and the wheel of a tree."""
    environment = {k: v for k, v in os.environ.items() if k != "SOURCE_DATE_EPOCH"}
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-d", target],
        cwd=tree,
        env=environment | ({"SOURCE_DATE_EPOCH": epoch} if epoch else {}),
        umask=umask,
        capture_output=True,
        check=True,
    )
    wheel, sdist = sorted(target.iterdir(), key=lambda path: path.suffix == ".gz")
    return [sdist, wheel]


def old_and_private(tree: Path) -> Path:
    """The same tree as another umask makes it, long ago."""
    for path in (tree, *tree.rglob("*")):
        path.chmod(path.stat().st_mode & stat.S_IRWXU)
        os.utime(path, (10**9, 10**9))
    return tree


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> list[Path]:
    return build(copy(tmp_path_factory.mktemp("one") / "tree"), tmp_path_factory.mktemp("built"))


def octets(paths: list[Path]) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in paths}


def test_two_trees_two_times_two_umasks_the_same_octets(built, tmp_path):
    tree = old_and_private(copy(tmp_path / "elsewhere" / "another name"))
    assert octets(build(tree, tmp_path / "built", umask=0o077)) == octets(built)


def test_another_tree_gives_other_octets(built, tmp_path):
    tree = copy(tmp_path / "tree")
    with open(tree / "smsenc" / "__init__.py", "a", encoding="utf-8") as file:
        file.write("# changed\n")
    made = octets(build(tree, tmp_path / "built"))
    assert [made[name] == old for name, old in octets(built).items()] == [False, False]


def test_the_tree_in_the_sdist_gives_the_same_files(built, tmp_path):
    with tarfile.open(built[0]) as archive:
        archive.extractall(tmp_path, filter="data")
    (tree,) = tmp_path.iterdir()
    assert octets(build(tree, tmp_path / "built")) == octets(built)


def test_files_are_dated_as_source_date_epoch_says(tmp_path):
    epoch = 1_600_000_000
    _, wheel = build(copy(tmp_path / "tree"), tmp_path / "built", epoch=str(epoch))
    with zipfile.ZipFile(wheel) as archive:
        times = {one.date_time for one in archive.infolist()}
    assert times == {datetime.fromtimestamp(epoch, UTC).timetuple()[:6]}


def test_the_wheel_has_the_packages_the_page_for_man_and_nothing_else(built):
    with zipfile.ZipFile(built[1]) as archive:
        names = archive.namelist()
    version = PROJECT["project"]["version"]
    about, data = f"smsenc-{version}.dist-info", f"smsenc-{version}.data"
    tree = {
        str(PurePosixPath(path.relative_to(ROOT)))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    beside = ("METADATA", "WHEEL", "RECORD", "entry_points.txt", "licenses/LICENSE")
    shared = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"].values()
    assert set(names) == (
        tree | {f"{about}/{name}" for name in beside} | {f"{data}/data/{name}" for name in shared}
    )
    assert len(names) == len(set(names))
    assert {f"{package}/py.typed" for package in PACKAGES} <= set(names)


def test_the_sdist_has_what_the_tests_need_and_nothing_that_was_made(built):
    with tarfile.open(built[0]) as archive:
        members = archive.getmembers()
    paths = [PurePosixPath(member.name) for member in members]
    assert {*NAMES, "pyproject.toml", "PKG-INFO"} <= {path.parts[1] for path in paths}
    assert [path for path in paths if set(path.parts[1:]) & set(NEVER)] == []
    assert {(one.uid, one.gid, one.uname, one.gname) for one in members} == {(0, 0, "", "")}
