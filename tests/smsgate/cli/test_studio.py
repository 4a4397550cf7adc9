"""The command studio as a program."""

from __future__ import annotations

import json
import re
import signal
import subprocess
from urllib.error import HTTPError
from urllib.request import HTTPCookieProcessor, build_opener, urlopen

import pytest
from command import COMMAND, environment, smsenc
from studios import studio

from smsgate import extras
from smsgate.cli import serving


@pytest.mark.parametrize(("stop", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_it_serves_until_a_signal(stop, code):
    process = subprocess.Popen(
        [*COMMAND, "studio", "--port", "0", "--json"],
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        ready = json.loads(process.stdout.readline())
        assert ready["http"]["host"] == "127.0.0.1"
        with urlopen("http://{host}:{port}/".format(**ready["http"]), timeout=20) as page:  # noqa: S310
            assert b"<title>smsenc studio</title>" in page.read()
        process.send_signal(stop)
        out, err = process.communicate(timeout=90)
        assert (process.returncode, out, err) == (code, "", "")
    finally:
        process.kill()
        process.communicate()


def test_it_tells_people_where_it_is():
    process = subprocess.Popen(
        [*COMMAND, "studio", "--port", "0"], env=environment(), stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr.readline().startswith("the studio is at http://127.0.0.1:")
        process.terminate()
        assert process.wait(20) == 143
    finally:
        process.kill()
        process.communicate()


def test_what_sends_has_a_key():
    secret = {"SMSENC_SMPP_PASSWORD": "secret"}
    with studio("--smsc", "smpp://me@127.0.0.1:1", **secret) as one:
        assert re.fullmatch(rf"{re.escape(one.root)}/\?key=[\w-]{{32}}", one.first)
        opener = build_opener(HTTPCookieProcessor())
        with pytest.raises(HTTPError) as refused:
            opener.open(f"{one.root}/", timeout=20)
        with refused.value:
            assert refused.value.code == 403
        for address in (one.first, f"{one.root}/"):
            with opener.open(address, timeout=20) as page:
                assert page.url == f"{one.root}/"
                assert b"Make a message" in page.read()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "studio.example", ""])  # noqa: S104
def test_it_listens_on_this_machine_only(host):
    done = smsenc("studio", "--host", host)
    assert done.returncode == 2
    assert done.stderr.startswith("smsenc: --host: expected an address of this machine only")


@pytest.mark.parametrize(
    ("smsc", "why"),
    [("http://x", "expected smpp://user@host:port"), ("smpp://a:pw@x", "expected no password")],
)
def test_a_wrong_message_centre(smsc, why):
    done = smsenc("studio", "--smsc", smsc)
    assert done.returncode == 2
    assert why in done.stderr


def test_without_the_extra(monkeypatch):
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    done = smsenc("studio")
    assert done.returncode == 2
    assert done.stderr == 'smsenc: smsenc studio needs the extra web: pip install "smsenc[web]"\n'


@pytest.mark.parametrize(
    ("place", "url"), [(("127.0.0.1", 80), "http://127.0.0.1:80/"), (("::1", 1), "http://[::1]:1/")]
)
def test_addresses(place, url):
    assert serving.url(place, "/") == url
