"""The site: its reference pages have all that the tables have, and dead links are found.

``make docs`` builds all of it strictly.
"""

import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest
from places import ROOT

from converters import registry
from smsenc import messagefile
from smsenc.messagefile.lint.rules import RULES
from smsenc.messagefile.parameters import KEYS
from smsenc.smpp import Status
from smsgate.cli.commands import COMMANDS, SUBCOMMANDS
from smsgate.cli.settingsfile import KEYS as SETTINGS
from smsgate.gateway.configurationkeys import TABLES


def tool(name):
    """A program of tools/ as a module."""
    loader = SourceFileLoader(f"tool_{name}", str(ROOT / "tools" / name))
    module = module_from_spec(spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reference")
    make(folder)
    return folder


def make(folder):
    for name in ("site-reference", "site-api"):
        subprocess.run([sys.executable, ROOT / "tools" / name, folder], check=True)


@pytest.mark.parametrize(
    ("page", "names"),
    [
        ("commands", [row.name for row in (*COMMANDS, *SUBCOMMANDS)]),
        ("format-options", [name for row in registry.descriptions() for name in row["options"]]),
        ("message-file-keys", KEYS),
        ("smsenc-toml", SETTINGS),
        ("gateway-toml", [key.name for keys in TABLES.values() for key in keys]),
        ("smpp-mappings", [one.name for one in Status if one]),
    ],
)
def test_a_page_has_every_row_of_its_table(reference, page, names):
    text = (reference / f"{page}.md").read_text("utf-8")
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_page_of_rules_has_every_rule(reference):
    text = (reference / "lint-rules.md").read_text("utf-8")
    assert [rule.code for rule in RULES if f"\n## {rule.code}: " not in text] == []


def test_a_key_of_the_gateway_has_its_unit_range_and_default(reference):
    text = (reference / "gateway-toml.md").read_text("utf-8").replace("\n  ", " ")
    for line in (
        "Takes a number from 1 to 86400, in seconds. Default: `300`",
        "Takes a whole number from 1 to 1099511627776, in octets. Default: `268435456`",
        "Takes a number from 0.001 to 1000000, in parts a second. No default, for example: `50`",
        "Takes a whole number from 1 to 10000. Default: `10`",
        "Takes 0x02, 0x04 or 0xF4 to 0xF7. No default, for example: `0x04`",
        "Takes smpp://user@host:port. Required, for example: ",
    ):
        assert line in text


def test_the_pages_are_the_same_each_time(reference, tmp_path):
    make(tmp_path)
    first, second = (
        {p.relative_to(f): p.read_bytes() for p in f.rglob("*.md")} for f in (reference, tmp_path)
    )
    assert first == second


def test_the_site_lists_every_page_that_is_made(reference):
    listed = (ROOT / "docs" / "reference.md").read_text("utf-8").split()
    made = {f"reference/{path.stem}" for path in reference.glob("*.md")}
    assert made - set(listed) == set()


def test_values_of_the_library_have_their_remarks_and_values(reference):
    text = (reference / "api" / "smpp.md").read_text("utf-8")
    assert (
        ".. py:data:: LONGEST\n   :module: smsenc.smpp\n   :value: 73728\n\n   Octets of a PDU: "
        in text
    )
    assert "   :value: Request | Answer | Overdue | Refused | Stray | Closed\n\n   What" in text
    for path in (reference / "api").iterdir():
        assert ":value: None" not in path.read_text("utf-8")


def test_names_in_signatures_are_on_a_page(reference):
    pages = {path.stem: path.read_text("utf-8") for path in (reference / "api").iterdir()}
    assert {"CLICKATELL", "Profile"} <= set(messagefile.__all__)
    assert ".. py:data:: CLICKATELL" in pages["messagefile"]
    assert ".. py:data:: STANDARD" in pages["smpp-messages"]
    assert ":members: inspect, Shown, Row, ALL_ROWS, File" in pages["converters"]


def test_a_page_of_the_library_links_to_what_shows_it(reference):
    for name in ("messagefile", "octetmap", "smpp", "smpp-pdus"):
        text = (reference / "api" / f"{name}.md").read_text("utf-8")
        assert "(../../howto/python-library.md)" in text
        assert "tutorial/python.md" not in text


def test_the_list_of_the_library_has_each_of_its_pages(reference):
    text = (reference / "python-api.md").read_text("utf-8")
    pages = sorted(path.stem for path in (reference / "api").iterdir())
    assert len(pages) > 9
    assert [name for name in pages if f"(api/{name}.md)" not in text] == []


def test_the_pictures_are_the_same_each_time(tmp_path):
    found = []
    for name in ("first", "second"):
        subprocess.run(
            [sys.executable, ROOT / "tools" / "site-pictures", tmp_path / name], check=True
        )
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        found.append({path.relative_to(tmp_path / name): path.read_bytes() for path in files})
    assert found[0] == found[1]
    assert {path.name for path in found[0]} >= {"septets.svg", "tune.png", "text.png"}


def test_the_picture_of_septets_has_every_bit_once():
    drawing = tool("site-pictures").septets("hello,42")
    fills = [
        line.rpartition('fill="')[2][:7] for line in drawing.splitlines() if 'height="22"' in line
    ]
    assert len(fills) == 2 * 56
    above = [fills[at : at + 7] for at in range(0, 56, 7)]
    assert all(len(set(one)) == 1 for one in above)
    assert sorted(fills[:56]) == sorted(fills[56:])
    assert "0xE8" in drawing  # the first octet of "hello" in the standard's own example


def test_dead_links_and_what_is_loaded_from_elsewhere_are_found(tmp_path, capsys):
    page = """<h1 id="top"></h1><a href="other.html#here"></a><a href="#top"></a>
        <a href="other.html#gone"></a><a href="gone.html"></a><a href="#gone"></a>
        <a href="https://example.com/"></a><a name="b"></a><img src="data:image/png,">
        <script src="https://example.com/a.js"></script><link rel="stylesheet" href="a%20b.css">
        <link rel="next" href="ignored.html"><img src="gone.png">"""
    (tmp_path / "page.html").write_text(page)
    (tmp_path / "other.html").write_text('<p id="here">')
    (tmp_path / "a b.css").touch()
    assert list(tool("site").dead(tmp_path)) == [
        "page.html: other.html#gone: no such anchor",
        "page.html: gone.html: no such file",
        "page.html: #gone: no such anchor",
        "page.html: https://example.com/a.js: loaded from another site",
        "page.html: gone.png: no such file",
    ]
    assert capsys.readouterr().out == "2 pages, 3 links to other sites (not looked at)\n"
