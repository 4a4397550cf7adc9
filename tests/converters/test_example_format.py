"""The example package in docs/example-format, installed and used as another package would be."""

import json
import os
import subprocess
import sys
from functools import partial

import pytest
from command import process
from places import ROOT

EXAMPLE = ROOT / "docs" / "example-format"
SHORTCUT = "[InternetShortcut]\r\nURL=https://www.example.com/menu\r\nIconIndex=0\r\n"
NUMBER = "447700900123"
#: WAP-167-ServiceInd: https://www. and the rest of the address, signal-high, the title.
INDICATION = "010601AE02056A0045C60F036578616D706C652E636F6D2F6D656E75000801034D656EC3BC00"


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with the example package, installed without network."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    offline = ["--no-index", "--no-deps", "--no-build-isolation", "--no-compile"]
    subprocess.run([*pip, *offline, "--target", folder, EXAMPLE], check=True, timeout=60)
    return folder


@pytest.fixture
def smsenc(installed, tmp_path):
    path = os.pathsep.join(filter(None, (str(installed), os.environ.get("PYTHONPATH"))))
    return partial(process, cwd=tmp_path, env={"PYTHONPATH": path})


def test_the_command_lists_converts_shows_and_writes_it(smsenc, tmp_path):
    formats = smsenc("formats", "--json")
    described = {row["name"]: row for row in map(json.loads, formats.stdout.splitlines())}
    assert described["weblink"]["suffixes"] == [".url"]
    assert list(described["weblink"]["options"]) == ["title", "signal"]
    assert {"text", "vcard"} <= described.keys()

    (tmp_path / "page.url").write_bytes(SHORTCUT.encode())
    options = ("-O", "title=Menü", "-O", "signal=high")
    done = smsenc("convert", "page.url", "--to", NUMBER, "--out", "box", "--json", *options)
    assert done.returncode == 0, done.stderr
    (outcome,) = map(json.loads, done.stdout.splitlines())
    assert (outcome["kind"], outcome["parts"]) == ("weblink", 1)
    assert outcome["losses"] == [
        {
            "what": "iconindex",
            "action": "left out",
            "why": "a link has an address and a title",
            "line": None,
        }
    ]
    (file,) = (tmp_path / "box").glob("*.txt")
    assert f"data:{INDICATION}0101".lower() in file.read_text().replace(" ", "").lower()

    (shown,) = map(json.loads, smsenc("inspect", "box", "--json").stdout.splitlines())
    assert (shown["kind"], shown["port"]) == ("weblink", 2948)
    assert shown["content"] == {
        "url": "https://www.example.com/menu",
        "title": "Menü",
        "signal": "high",
    }

    done = smsenc("decode", "box", "back.url")
    assert done.returncode == 0, done.stderr
    assert "title left out: not possible in a .url file" in done.stderr
    assert (tmp_path / "back.url").read_bytes() == SHORTCUT[:-13].encode()


def test_its_errors_are_reported_as_ours(smsenc, tmp_path):
    (tmp_path / "bare.url").write_text("URL=https://www.example.com/menu")
    (tmp_path / "ftp.url").write_text("[InternetShortcut]\nURL=ftp://example.com\n")
    to = ("--to", NUMBER, "--out", "box")
    done = smsenc("convert", "bare.url", "ftp.url", *to)
    assert done.returncode != 0
    assert done.stderr.splitlines()[:2] == [
        "bare.url: expected an Internet shortcut with [InternetShortcut], found none",
        "ftp.url: expected URL=http:// or https://, found 'ftp://example.com'",
    ]
    done = smsenc("convert", "ftp.url", *to, "-O", "signal=loud")
    assert "signal: expected one of none, low, medium, high, found 'loud'" in done.stderr
