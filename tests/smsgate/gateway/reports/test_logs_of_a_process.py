"""A gateway that runs: its /metrics, and logs that have no texts, numbers and passwords."""

from __future__ import annotations

import json
import re
from urllib.request import urlopen

import pytest
from gateways import HOST, Gateway, Smsc, until
from prometheusread import parsed, value

NUMBER, TEXT, ROW_TEXT = "447700900123", "Dear Bearnaise", "Zuckerwatte"


def fetched(gateway, path):
    with urlopen(f"http://{HOST}:{gateway.http_port}{path}") as answer:
        return answer.headers, answer.read()


def run(tmp_path, *options):
    """Send a text, a template and a file with faults, and drain; the gateway that did it."""
    with (
        Smsc(tmp_path / "smsc", "--receipt-delay", "0") as smsc,
        Gateway(tmp_path / "gw", smsc.port, *options) as gateway,
    ):
        mine = gateway.account
        gateway.upload(
            f"{NUMBER}.txt", mine.file(f"text:{TEXT}", f"to:{NUMBER}", "to:abc", "deliv_ack:1")
        )
        rows = (f"csv:{NUMBER},{ROW_TEXT}", "csv:447700900124,")
        gateway.upload("rows.txt", mine.file("text:You get #field1#", *rows))
        gateway.upload("bad.txt", mine.file("text:x", f"to:{NUMBER}").replace(b"word:", b"word:y"))
        gateway.settled()
        until(lambda: gateway.counts()["delivered"] == 1)
        until(lambda: len(gateway.history()) >= 7)
        gateway.metrics = fetched(gateway, "/metrics")
        gateway.command("drain", "--data", gateway.data)
    return gateway


def test_metrics_of_a_gateway_that_runs(tmp_path):
    gateway = run(tmp_path)
    headers, octets = gateway.metrics
    assert headers["content-type"].startswith("text/plain; version=")
    found = parsed(octets)
    api_id = gateway.account.api_id
    assert value(found, "accepted_messages_total", account=api_id) == 3
    assert value(found, "refused_recipients_total", error="105") == 1
    assert value(found, "refused_recipients_total", error="002") == 1
    assert value(found, "files_total") == 3
    assert value(found, "sent_parts_total", route="route") == 3
    assert value(found, "tries_total", route="route", end="sent") == 3
    assert value(found, "receipts_total", route="route") == 1
    assert value(found, "statuses_total", status="004") == 1
    assert value(found, "route_bound", route="route") == 1
    assert value(found, "route_problem", route="route") == 0
    assert value(found, "messages", state="waiting") == 0
    assert value(found, "answer_seconds_count") == 3
    assert value(found, "wait_seconds_count") == 3
    assert value(found, "submit_seconds_count") == 3
    assert value(found, "database_octets", file="gateway.db") > 0
    assert value(found, "database_problem") == 0
    assert value(found, "ftp_uploads") == 0
    for secret in (*secrets_of(gateway), TEXT, ROW_TEXT, NUMBER):
        assert secret.encode() not in octets


def secrets_of(gateway):
    return gateway.account.password, gateway.account.ftp_password, "secret"


def events(gateway):
    """The lines of the log, each of which is an object."""
    found = [json.loads(line) for line in gateway.errors().splitlines()]
    for one in found:
        assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", one["time"])
        assert one["level"] in {"debug", "info", "warning", "error"}
    return found


def test_a_json_log_has_every_event_and_no_texts_numbers_or_passwords(tmp_path):
    gateway = run(tmp_path, "--log-format", "json", "--log-level", "debug")
    found = events(gateway)
    names = {one["event"] for one in found}
    assert names >= {
        *("file.taken", "file.lot", "file.answered", "messages.announced", "messages.ended"),
        *("route.received", "route.sending", "drain"),
    }
    answered = [one for one in found if one["event"] == "file.answered"]
    assert {one["file"]: (one["accepted"], one["refused"]) for one in answered} == {
        "*********123.txt": (1, 1),
        "rows.txt": (2, 0),
        "bad.txt": (0, 1),
    }
    lots = [one for one in found if one["event"] == "messages.announced"]
    listed = [one for lot in lots for one in lot["messages"]]
    uids = {row[0] for row in gateway.select("SELECT uid FROM message")}
    assert {one["id"] for one in listed} == uids
    assert {one["to"] for one in listed} == {"*********123", "*********124"}
    assert {one["account"] for one in found if "account" in one} == {gateway.account.api_id}
    assert "*********123.txt" in {one.get("file") for one in found}
    log = gateway.errors()
    for secret in (*secrets_of(gateway), TEXT, ROW_TEXT, NUMBER):
        assert secret not in log


def test_texts_and_numbers_are_logged_when_they_are_asked_for(tmp_path):
    options = ("--log-format", "json", "--log-level", "debug", "--log-texts", "--log-numbers")
    gateway = run(tmp_path, *options)
    lots = [one for one in events(gateway) if one["event"] == "messages.announced"]
    texts = {(one["to"], one["text"]) for lot in lots for one in lot["messages"]}
    assert (NUMBER, TEXT) in texts
    assert (NUMBER, f"You get {ROW_TEXT}") in texts
    for secret in secrets_of(gateway):
        assert secret not in gateway.errors()


def test_the_text_log_has_events_from_its_level_on(tmp_path):
    gateway = run(tmp_path, "--log-level", "info")
    lines = gateway.errors().splitlines()
    pattern = r'20\S+Z info file\.taken node="\S+" account="[0-9]+" file="rows\.txt"'
    assert sum(bool(re.fullmatch(pattern, line)) for line in lines) == 1
    assert not [line for line in lines if " debug " in line]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--log-format", "xml"), "expected one of text, json, found 'xml'"),
        (("--log-level", "x"), "expected one of debug, info, warning, error"),
    ],
)
def test_a_wrong_option_makes_nothing(tmp_path, options, said):
    with pytest.raises(AssertionError, match=re.escape(said)) as caught:
        Gateway(tmp_path / "gw", None, *options).start()
    assert f'"name": "{options[0]}"' in str(caught.value)
    assert not (tmp_path / "gw").exists()
