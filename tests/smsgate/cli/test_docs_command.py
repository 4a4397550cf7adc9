"""``smsenc docs`` as a program, and what it says where there is nothing to read."""

import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from urllib.request import urlopen

import pytest
from command import environment, smsenc

from smsgate.cli import docs

START = "import sys, pathlib; from smsgate.cli import docs, main;"
PAGES = "where = pathlib.Path(sys.argv.pop()); docs.folders = lambda: (where,); main()"


@pytest.fixture
def pages(tmp_path):
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("<title>smsenc</title>")
    return tmp_path / "site"


@contextmanager
def running(pages, *options, **variables):
    process = subprocess.Popen(
        [sys.executable, "-c", START + PAGES, "docs", *options, pages],
        env=environment(**variables),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.communicate()


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_it_serves_the_pages_until_a_signal(pages, stop, code):
    with running(pages) as (process, url):
        with urlopen(url, timeout=60) as page:  # noqa: S310
            assert page.read() == b"<title>smsenc</title>"
        process.send_signal(stop)
        out, err = process.communicate(timeout=60)
        assert (process.returncode, out, err) == (code, "", "")


def test_it_opens_a_browser(pages, tmp_path):
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" >{tmp_path}/opened\n')
    browser.chmod(0o755)
    with running(pages, "--open", BROWSER=f"{browser} %s") as (process, url):
        opened, deadline = tmp_path / "opened", time.monotonic() + 60
        while not (opened.exists() and opened.read_text().endswith("\n")):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert opened.read_text().strip() == url


def test_a_browser_that_is_not_there(pages):
    with running(pages, "--open", BROWSER="/nowhere", PATH="/nowhere") as (process, _):
        assert process.stderr.readline() == "no browser found: open the address yourself\n"


def test_a_port_that_is_in_use(pages):
    with running(pages) as (_, url):
        port = url.rstrip("/").rpartition(":")[2]
        with running(pages, "--port", port) as (process, _):
            assert process.wait(60) == 2
            said = f"smsenc: --port: cannot listen on 127.0.0.1:{port}: address already in use\n"
            assert process.stderr.read() == said


def test_without_pages(monkeypatch, tmp_path):
    monkeypatch.setattr(docs, "folders", lambda: (tmp_path,))
    done = smsenc("docs")
    assert done.returncode == 3
    assert done.stdout == ""
    said = "this installation has no pages: in a checkout of smsenc, run make docs"
    assert done.stderr == f"smsenc: {said}\n"


def test_where_pages_are_looked_for(tmp_path, monkeypatch):
    package = tmp_path / "smsgate"
    first, second = docs.folders(package)
    assert (first, second) == (package / "site", tmp_path / "build" / "site")
    monkeypatch.setattr(docs, "folders", lambda: (first, second))
    second.mkdir(parents=True)
    (second / "index.html").touch()
    assert docs.site() == second
    first.mkdir(parents=True)
    (first / "index.html").touch()
    assert docs.site() == first
