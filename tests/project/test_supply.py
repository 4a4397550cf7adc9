"""What smsenc is made of: its list of contents (SBOM), and licences that everybody may use.

These tests read requirements/, and so need the source tree.
"""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
import uuid
from importlib import metadata

import pytest
from places import ROOT

TOOLS = ROOT / "tools"
pytestmark = pytest.mark.skipif(
    not (ROOT / "requirements").is_dir(), reason="there is no source tree to read"
)
#: Identifiers of SPDX that are allowed. MPL-2.0 asks for changed files of the library alone.
ALLOWED = {
    *("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "CNRI-Python", "ISC", "MIT", "MIT-0"),
    *("MIT-CMU", "MPL-2.0", "PSF-2.0"),
}


@pytest.fixture(scope="module")
def supply():
    return runpy.run_path(str(TOOLS / "supply.py"))


@pytest.fixture(scope="module")
def bom(tmp_path_factory):
    return json.loads(made(tmp_path_factory.mktemp("bom") / "new" / "smsenc.cdx.json"))


def made(path):
    path.parent.mkdir(exist_ok=True)
    subprocess.run([sys.executable, "-B", TOOLS / "sbom", path], cwd=path.parent, check=True)
    return path.read_bytes()


def test_the_list_has_the_fields_that_cyclonedx_requires(bom):
    assert (bom["bomFormat"], bom["specVersion"], bom["version"]) == ("CycloneDX", "1.6", 1)
    assert uuid.UUID(bom["serialNumber"].removeprefix("urn:uuid:")).version == 5
    for one in bom["components"]:
        assert one["type"] == "library"
        assert one["bom-ref"] == one["purl"] == f"pkg:pypi/{one['name']}@{one['version']}"
        assert one["hashes"]
        for value in one["hashes"]:
            assert (value["alg"], len(value["content"])) == ("SHA-256", 64)
        (licence,) = one["licenses"]
        assert licence.get("expression") or licence["license"]["id"] in ALLOWED


def test_the_list_names_what_is_locked_and_how_it_hangs_together(bom, supply):
    packages = supply["locked"]("run")
    assert [one["name"] for one in bom["components"]] == list(packages)
    refs = {one["bom-ref"] for one in bom["components"]}
    own = bom["metadata"]["component"]["bom-ref"]
    assert {one["ref"] for one in bom["dependencies"]} == {own, *refs}
    graph = {one["ref"]: one["dependsOn"] for one in bom["dependencies"]}
    names = {re.sub(r"pkg:pypi/(.*)@.*", r"\1", ref) for ref in graph[own]}
    wanted = {re.split(r"[<>=]", one)[0].lower() for one in supply["project"]()["dependencies"]}
    assert names == wanted
    reached, left = set(), [own]
    while left:
        one = left.pop()
        reached.add(one)
        left += set(graph[one]) - reached
    assert reached == {own, *refs}


def test_the_same_octets_twice(tmp_path):
    assert made(tmp_path / "a.json") == made(tmp_path / "b.json")


def test_the_page_of_licences_is_up_to_date(supply):
    listed = supply["listed"]()
    shipped = supply["shipped"]()
    assert listed.keys() == shipped.keys(), "run: tools/licences > docs/reference/licences.md"
    here = {name for name in shipped if supply["licence"](name)}
    assert {name: listed[name] for name in here} == {name: supply["licence"](name) for name in here}


def faults(listed):
    """The packages with a licence that is not allowed."""
    words = {name: set(re.split(r" AND | OR ", text)) for name, text in listed.items()}
    return [name for name, parts in words.items() if not parts <= ALLOWED]


def test_no_licence_is_of_the_gpl_family_and_each_is_known(supply):
    assert faults(supply["listed"]()) == []


@pytest.mark.parametrize(
    "text", ["GPL-2.0-or-later", "LGPL-3.0-only", "MIT AND AGPL-3.0", "unknown"]
)
def test_another_licence_would_be_seen(text):
    assert faults({"one": "MIT", "two": text}) == ["two"]


def test_what_only_tests_need_is_not_listed(supply):
    assert supply["licence"]("python-gammu") in ("GPL-2.0-or-later", "")
    assert not {"python-gammu", "pytest", "hypothesis"} & supply["shipped"]().keys()
    assert {"icalendar", "sqlalchemy", "distributed", "watchfiles"} <= supply["shipped"]().keys()


def test_what_packages_write_becomes_an_identifier(supply, monkeypatch):
    licence = supply["licence"]
    message = metadata.metadata("pytest")
    for field in ("License-Expression", "License", "Classifier"):
        del message[field]
    monkeypatch.setattr(metadata, "metadata", lambda _: message)
    assert licence("one") == ""
    message["Classifier"] = "License :: OSI Approved :: ISC License (ISCL)"
    assert licence("one") == "ISC"
    message["License"] = "Apache 2.0"
    assert licence("one") == "Apache-2.0"
    message["License-Expression"] = "MIT OR ISC"
    assert licence("one") == "MIT OR ISC"


def test_the_list_says_the_version_of_the_project(bom, supply):
    assert bom["metadata"]["component"]["version"] == supply["project"]()["version"]
