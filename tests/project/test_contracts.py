"""The import contracts of pyproject.toml can fail: each does, for one import that it forbids."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from places import ROOT

import converters
import smsenc
import smsgate

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETTINGS = PROJECT["tool"]["importlinter"]
CONTRACTS = [contract["name"] for contract in SETTINGS["contracts"]]
MODULE_LISTS = ("layers", "containers", "ancestors")
MOST_LINES_OF_NAMES = 20

LINT = "import sys; from importlinter.cli import lint_imports as lint; sys.exit(lint())"

#: For each contract a module that exists, and a line that breaks this contract in it.
FORBIDDEN = {
    CONTRACTS[0]: ("smsenc/udh.py", "import smsgate.errors"),
    CONTRACTS[1]: ("converters/texts/plain.py", "import converters.cards.vcard"),
    CONTRACTS[2]: ("smsgate/runs/batch.py", "import smsgate.campaign.engine"),
    CONTRACTS[3]: ("smsenc/model.py", "import smsenc.udh"),
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """The three packages and the settings of the contracts, in a folder of their own."""
    folder = tmp_path_factory.mktemp("sources")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in (smsenc, converters, smsgate):
        source = Path(package.__file__).parent
        shutil.copytree(source, folder / source.name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def lint(folder):
    """The exit code of import-linter, and the names of the contracts that it calls broken."""
    done = subprocess.run(
        [sys.executable, "-c", LINT],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    lines = [line.rsplit(maxsplit=1) for line in done.stdout.splitlines()]
    broken = [line[0] for line in lines if line[1:] == ["BROKEN"]]
    assert broken or done.returncode == 0, done.stdout + done.stderr
    return done.returncode, broken


def test_the_packages_keep_every_contract(sources):
    assert lint(sources) == (0, [])


def test_every_contract_has_its_case():
    assert list(FORBIDDEN) == CONTRACTS


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_forbidden_import_breaks_the_contract(sources, contract):
    name, line = FORBIDDEN[contract]
    path = sources / name
    before = path.read_text(encoding="utf-8")
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    try:
        assert lint(sources) == (1, [contract])
    finally:
        path.write_text(before, encoding="utf-8")


def test_the_contracts_are_short():
    """One line of pyproject.toml is one layer, container or ancestor."""
    names = [c.get(key, ()) for c in SETTINGS["contracts"] for key in MODULE_LISTS]
    assert 0 < sum(map(len, names)) <= MOST_LINES_OF_NAMES
