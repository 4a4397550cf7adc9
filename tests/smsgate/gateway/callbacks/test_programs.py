"""Callbacks of a whole gateway: uploaded files, a phone network, and a URL; and its commands."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import pytest
from command import smsenc
from gateways import Gateway, until

PASSWORD = "geheim-9"  # noqa: S105 - of a server of this test


@contextmanager
def url():
    """A URL, the fields that it was told, and the log-ins; ``failures`` are answered 500."""
    calls, failures = [], []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            fields = {key: one for key, (one,) in parse_qs(body, keep_blank_values=True).items()}
            calls.append((fields, dict(self.headers)))
            self.send_response(failures.pop() if failures else 200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/told?key=secret-path", calls, failures
        server.shutdown()
        thread.join()


def configure(folder, text, **allowed):
    path = folder / "gateway.toml"
    networks = json.dumps(allowed.get("allow", ["127.0.0.0/8"]))
    path.write_text(f"[callback]\nallow-private = {networks}\ntimeout = 5\n{text}")
    return path


def account(api_id, told):
    return f"""
[[account]]
api-id = "{api_id}"
callback = "{told}"
callback-user = "me"
callback-password-env = "CALLBACK_PASSWORD"
"""


def test_a_file_with_callback_is_told_from_sent_to_delivered(tmp_path):
    data = tmp_path / "data"
    with Gateway(data, CALLBACK_PASSWORD=PASSWORD) as gateway:
        api_id = gateway.account.api_id
    with url() as (told, calls, _):
        path = configure(tmp_path, account(api_id, told))
        known = gateway.account
        gateway = Gateway(data, None, "--config", path, CALLBACK_PASSWORD=PASSWORD)
        with gateway:
            gateway.account = known
            lines = ("text:Hello", "to:447700900123", "cliMsgId:c1", "from:12345")
            gateway.upload("a.txt", known.file("callback:7", *lines))
            gateway.upload("b.txt", known.file("callback:2", *lines))
            gateway.upload("c.txt", known.file(*lines))
            until(lambda: len(calls) >= 3)
            until(lambda: gateway.counts()["delivered"] == 3)
            until(lambda: gateway.select("SELECT count(*) FROM callback WHERE state='done'")[0][0])
            ids = [gateway.log(f"{name}.txt")[0].id for name in "abc"]
        found = [(fields["apiMsgId"], fields["status"]) for fields, _ in calls]
        assert sorted(found) == sorted([(ids[0], "003"), (ids[0], "004"), (ids[1], "004")])
        first, headers = calls[0]
        assert (first["api_id"], first["cliMsgId"], first["from"]) == (api_id, "c1", "12345")
        assert (first["to"], first["charge"]) == ("447700900123", "1.000000")
        assert headers["Authorization"].startswith("Basic ")
        assert PASSWORD not in gateway.errors()


@pytest.fixture
def made(tmp_path):
    data = tmp_path / "data"
    with Gateway(data) as gateway:
        api_id = gateway.account.api_id
    return data, api_id


ENV = {"CALLBACK_PASSWORD": PASSWORD}


def run(data, words, *more, code=0):
    done = smsenc("gateway", *words.split(), *more, "--data", data, env=ENV)
    assert done.returncode == code, (done.stdout, done.stderr)
    return done


def test_a_url_is_tried_and_checked_by_commands(made, tmp_path):
    data, api_id = made
    with url() as (told, calls, failures):
        path = configure(tmp_path, account(api_id, told))
        named = ("--config", path)
        done = run(data, "callback test --account", api_id, *named)
        assert done.stdout == f"status: {told.rpartition('/')[0]}: answered 200\n"
        assert calls[0][0]["status"] == "001"
        failures.append(500)
        done = run(data, "callback test --account", api_id, *named, code=3)
        assert done.stdout.endswith(": failed: answered 500\n")
        assert "no faults" in run(data, "check", *named).stdout
        configure(tmp_path, account(api_id, told), allow=[])
        done = run(data, "callback test --account", api_id, *named, code=3)
        assert "not public" in done.stdout
        done = run(data, "check", *named, code=3)
        assert f"account {api_id}: callback: 127.0.0.1: its address is not public" in done.stdout
        done = run(data, "callback test --account 77", *named, code=2)
        assert "77 has no callback URL" in done.stderr
        assert len(calls) == 2


def test_callbacks_are_listed_and_tried_again(made):
    data, _ = made
    head = "callback  account  about  status  state  tries  next try  last answer\n"
    assert run(data, "callback list").stdout == head
    assert run(data, "callback list --json --failed").stdout == ""
    assert run(data, "callback retry --all").stdout == "0 callbacks will be tried again\n"
    assert "no callback 3 waits" in run(data, "callback retry 3", code=3).stderr
    assert "either the ID" in run(data, "callback retry", code=2).stderr
    assert "ID: expected a number" in run(data, "callback retry x", code=2).stderr
    assert "expected a number" in run(data, f"callback retry {10**30}", code=2).stderr
