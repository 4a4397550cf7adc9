"""Each command with --json is run, and each line that it prints is as its schema says."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time

import pytest
from callbackservers import Site, refuse
from command import COMMAND, NUMBER, environment, process, records, smsenc
from ftpservers import HOST, PASSWORD, USER, fill_outbox
from jsonschemas import check
from phonereplies import deliver, phones
from places import SAMPLES
from queued import Queue
from simulated import simulator
from sqlalchemy import insert

from smsgate.cli import schemafiles
from smsgate.gateway import tables
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.queue import outcomes, picking
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.gateway.settings import NumberSettings

FTP = {"SMSENC_FTP_USER": USER, "SMSENC_FTP_PASSWORD": PASSWORD}
ROUTES = """
[[route]]
name = "main"
smsc = "smpp://me@127.0.0.1:1"
prefixes = "44"
price = 1
"""
#: The commands that the tests of this file have run.
RUN = {
    *("convert", "watch", "batch", "inspect", "count", "lint", "formats", "config", "profiles"),
    "explain",
    *("upload", "log", "send", "simulate", "simulate-reply", "studio", "gateway-run"),
    *("gateway-status", "gateway-route-list", "gateway-route-explain", "gateway-account-add"),
    *("gateway-account-list", "gateway-account-credit", "gateway-user-add", "gateway-user-list"),
    *("gateway-message-show", "gateway-message-list", "gateway-callback-list"),
    *("gateway-callback-test", "gateway-reply-list", "gateway-optout-list", "gateway-check"),
    "doctor",
}


def test_there_is_a_case_for_each_schema():
    assert set(schemafiles.names()) - set(schemafiles.SHARED) == RUN


def printed(*words, code=0, least=1, **more):
    """The records of a command; ``smsenc`` has checked each against its schema."""
    done = smsenc(*words, "--json", **more)
    assert done.returncode == code, (done.stdout, done.stderr)
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) >= least
    return found


# Commands that make and show ----------------------------------------------------------------------


def sources():
    return sorted(one for one in SAMPLES.iterdir() if one.suffix not in (".toml", ".csv"))


def test_convert(tmp_path):
    out = ("--to", NUMBER, "--out", tmp_path / "box")
    found = printed("convert", *sources(), *out, least=20)
    assert {one["status"] for one in found} == {"written", "partial"}
    assert any(one["losses"] for one in found)
    dry = printed("convert", *sources(), *out, "--dry-run", least=20)
    assert {one["status"] for one in dry} == {"planned", "partial"}


@pytest.mark.parametrize("form", ["ftp", "pdu", "at", "smstools", "json"])
def test_convert_to_other_formats(tmp_path, form):
    (tmp_path / "a.txt").write_text("Hello")
    (found,) = printed("convert", "a.txt", "--to", NUMBER, "--format", form, cwd=tmp_path)
    assert found["files"]


def test_what_convert_rejects(tmp_path):
    (tmp_path / "a.vcf").write_text("BEGIN:VCARD\nEND:VCARD\n")
    (tmp_path / "numbers").write_text(f"{NUMBER}\nx\n")
    words = ("convert", "a.vcf", "b.txt", "--to-file", "numbers")
    found = printed(*words, code=3, cwd=tmp_path, least=3)
    assert {one["status"] for one in found} == {"rejected"}
    assert {one["kind"] for one in found} == {"recipient", "vcard", None}


def test_watch(drop):
    (drop / "a.txt").write_text("Hello")
    (drop / "b.bin").write_bytes(bytes(100))
    words = ("watch", drop, "--to", NUMBER, "--once", "--settle", "0")
    found = printed(*words, code=4, least=2)
    assert {one["status"] for one in found} == {"written", "rejected"}


@pytest.mark.parametrize("prices", [(), ("--prices", SAMPLES / "prices.toml")])
def test_batch(tmp_path, prices):
    words = ("batch", SAMPLES / "recipients.csv", "--text", "Dear #name#, “#order#” is ready…")
    (found,) = printed(*words, *prices, "--out", tmp_path / "box", "--dry-run")
    assert (found["rows"], found["bill"]["currency"] is None) == (11, not prices)


def test_inspect(tmp_path):
    box = tmp_path / "box"
    assert smsenc("convert", *sources(), "--to", NUMBER, "--out", box).returncode == 0
    (tmp_path / "broken.vcf").write_text("BEGIN:VCARD\nEND:VCARD\n")
    found = printed("inspect", box, *sources(), ":E8329BFD4697D9EC37", least=40)
    assert {"text", "vcard", "ringtone", "caller-icon"} <= {one["kind"] for one in found}
    printed("inspect", tmp_path / "broken.vcf", ":zz", code=3, least=2)
    next(box.glob("*.p2-*.txt")).unlink()
    assert any(one["missing"] for one in printed("inspect", box, code=4, least=20))


def test_explain(tmp_path):
    box = tmp_path / "box"
    assert smsenc("convert", *sources(), "--to", NUMBER, "--out", box).returncode == 0
    maps = printed("explain", box, least=60)
    assert {one["octets"] is None for one in maps} == {True, False}
    assert {"line" in one["fields"][0] for one in maps if one["octets"] is None} == {True}
    submit = "0011000B917407010932F40000FF05E8329BFD06"
    (typed,) = printed("explain", submit * 3, code=4)
    assert (typed["source"], typed["line"]) == (submit * 3, None)
    (tmp_path / "pdus.txt").write_text(f"{submit}\n0000001000000015000000000000002A\n")
    assert [one["line"] for one in printed("explain", tmp_path / "pdus.txt")] == [1, 2]


def test_count():
    text = "“Teşekkürler” é 你 " * 20
    for more in ((), ("--language", "all"), ("--substitute", "full")):
        printed("count", text, "--show", "--prices", SAMPLES / "prices.toml", *more)
    (found,) = printed("count", "a" * 38_990 + "\nb" * 10)
    assert found["file_error"]


def test_lint(tmp_path):
    (tmp_path / "bad.txt").write_text("api_id:1\nuser:u\npassword:p\nto:x\ntext:Hello €\n")
    found = printed("lint", tmp_path, tmp_path / "none.txt", code=4, least=2)
    assert [one["error"] for one in found] == [None, {"message": "no such file"}]
    assert found[0]["findings"]


def test_rules_of_lint():
    assert [one["code"] for one in printed("lint", "--explain", "F006,K106", least=2)] == [
        "F006",
        "K106",
    ]


def test_doctor():
    (found,) = printed("doctor")
    assert found["problems"] == []


def test_formats_and_profiles():
    assert {"text", "vcard"} <= {one["name"] for one in printed("formats", least=9)}
    printed("profiles")


def test_config(tmp_path):
    text = 'host = "ftp.example.com"\nport = 21\n[watch]\nto = ["1234", "12345"]\n'
    (tmp_path / "smsenc.toml").write_text(text)
    assert printed("config", cwd=tmp_path) == [
        {"file": "smsenc.toml", "key": "host", "value": "ftp.example.com", "command": None},
        {"file": "smsenc.toml", "key": "port", "value": 21, "command": None},
        {"file": "smsenc.toml", "key": "to", "value": ["1234", "12345"], "command": "watch"},
    ]
    assert printed("config", cwd=tmp_path.parent, least=0) == []


# Commands that send -------------------------------------------------------------------------------


def test_upload_and_log(tmp_path, ftpd, remote):
    box, name = tmp_path / "box", "000001-note.txt"
    fill_outbox(box, 2)
    server = ("--host", HOST, "--port", ftpd.port, "--tls", "none")
    printed("upload", box, *server, env=FTP, least=2)
    now, uid = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime()), "0" * 32
    (remote / f"{name}.log").write_text(f"ID: {uid}\n")
    said = f"ID: {uid} To: 447700900123 status: 004 charge: 0.8"
    (remote / "history.log").write_text(f"{now}\t{name}\t{said}\n")
    (remote / "mo.log").write_text(f"{now} 447700900123\t4477009\tSTOP\n")
    found = printed("log", box, *server, env=FTP, code=5, least=2)
    assert {one["state"] for one in found} == {"delivered", "unknown"}
    printed("log", box, *server, "--replies", env=FTP, code=5)


def test_send_and_simulate(tmp_path):
    with simulator(tmp_path / "data", "--suffix", "9=rejected") as phone:
        url = f"smpp://me@127.0.0.1:{phone.port}"
        words = ("send", SAMPLES / "contacts-21.vcf", "--to", NUMBER, "--smsc", url)
        log_in = {"SMSENC_SMPP_PASSWORD": "geheim-1"}
        found = printed(*words, env=log_in, least=2)
        assert {one["state"] for one in found} == {"accepted"}
        reply = ("simulate", "reply", "--from", NUMBER, "--to", "12345", "--text", "Yes")
        printed(*reply, "--api", phone._api.removesuffix("/api/v1"))


def first_line(tmp_path, *words):
    """The line that a server prints when it is ready; it has been checked."""
    server = subprocess.Popen(
        [*COMMAND, *words, "--json"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tmp_path,
        env=environment(SMSENC_SMPP_PASSWORD="geheim-1"),
    )
    try:
        line = server.stdout.readline()
    finally:
        server.terminate()
        server.wait(60)
        server.stdout.close()
    check((*words, "--json"), line)
    return json.loads(line)


def test_servers_say_where_they_are(tmp_path):
    free = ("--port", "0")
    assert "url" not in first_line(tmp_path, "studio", *free)["http"]
    smsc = ("--smsc", "smpp://me@127.0.0.1:1")
    assert "url" in first_line(tmp_path, "studio", *free, *smsc)["http"]
    assert set(first_line(tmp_path, "simulate", *free, "--http-port", "0")) == {"smpp", "http"}
    gateway = ("gateway", "run", "--ftp-port", "0", "--http-port", "0")
    assert set(first_line(tmp_path, *gateway)) == {"ftp", "http", "account", "admin"}
    assert set(first_line(tmp_path, *gateway)) == {"ftp", "http"}


# The gateway --------------------------------------------------------------------------------------


@pytest.fixture
def queue(tmp_path):
    tmp_path.chmod(0o700)
    found = Queue(tmp_path)
    yield found
    found.close()


@pytest.fixture
def of_gateway(tmp_path):
    """A function that runs a command of the gateway in this folder."""

    def run(words, *more, **given):
        return printed("gateway", *words.split(), *more, "--data", tmp_path, **given)

    return run


def test_accounts_and_users(queue, of_gateway):  # noqa: ARG001 - the queue is in the folder
    (new,) = of_gateway("account add")
    (found,) = of_gateway(f"account credit {new['api_id']} 0.333333")
    assert found == {"api_id": new["api_id"], "balance": "10.333333"}
    of_gateway(f"account credit {new['api_id']} 10 --take")
    assert len(of_gateway("account list", least=2)) == 2
    of_gateway("user add anna --role admin")
    of_gateway("user add screen --role reader --type", stdin="correct horse battery\n")
    of_gateway(f"user add acme --role owner --account {new['api_id']}")
    assert len(of_gateway("user list", least=3)) == 3


def test_messages_status_and_routes(queue, of_gateway, tmp_path):
    uids = queue.add(4, lasts=1e9)
    for outcome in (
        (((1, "A1"),), Ended.SENT),
        ((), Ended.UNKNOWN),
    ):

        def work(conn, outcome=outcome):
            (due,) = picking.pick(conn, "main", 1, 1_800_000_000.0)
            outcomes.record(conn, "main", [Outcome(due.message, *outcome)], 1_800_000_000.0)

        queue.database.transact(work)
    assert {one["uid"] for one in of_gateway("message list")} == set(uids)
    shown = [of_gateway(f"message show {uid}")[0] for uid in uids]
    assert [one["state"] for one in shown] == ["sent", "unknown", "waiting", "waiting"]
    assert shown[0]["accepted"]
    (status,) = of_gateway("status")
    assert status["messages"]["waiting"] == 2
    (tmp_path / "gateway.toml").write_text(ROUTES)
    (route,) = of_gateway("route list")
    assert route["price"] == "1"
    of_gateway("route explain 447700900123")
    of_gateway("route explain 14155552671", code=3)


def test_callbacks(queue, of_gateway):
    (uid,) = queue.add(1)
    row = {"account": 1, "message": 1, "time": 1.5, "due": 2.5, "changed": 2.5}
    rows = [
        row | {"kind": "status", "status": 4, "state": "waiting", "note": "answered 500"},
        row | {"kind": "reply", "message": None, "state": "failed", "tries": 9},
    ]
    queue.database.transact(
        lambda conn: [conn.execute(insert(tables.callback).values(one)) for one in rows]
    )
    found = of_gateway("callback list", least=2)
    assert [one["about"] for one in found] == [None, uid]
    assert len(of_gateway("callback list --failed")) == 1


def test_the_answer_of_a_url(queue, tmp_path):  # noqa: ARG001 - as above
    async def tried():
        async with Site() as site:
            site.answers.append(refuse)
            account = f'[[account]]\napi-id = "1"\ncallback = "{site.url}"\n'
            allowed = '[callback]\nallow-private = ["127.0.0.0/8"]\n'
            (tmp_path / "gateway.toml").write_text(allowed + account)
            words = ("gateway", "callback", "test", "--account", "1", "--data", tmp_path, "--json")
            return [await asyncio.to_thread(process, *words) for _ in range(2)]

    refused, accepted = map(records, asyncio.run(tried()))
    assert [one["ok"] for one in refused + accepted] == [False, True]


def test_replies_and_optouts(of_gateway, tmp_path):
    tmp_path.chmod(0o700)
    database = SqliteDatabase(tmp_path, make=True)
    queue = phones(database, numbers=(NumberSettings(account="1", number="448311000000"),))
    queue.arrive(*deliver("Yes"), *deliver("Nobody's", to="449999999999"))
    queue.look()
    assert len(of_gateway("reply list", least=2)) == 2
    assert {one["text"] for one in of_gateway("reply list --texts", least=2)} >= {"Yes"}
    for more in (("447700900123", "--account", "1"), ("447700900124", "--kind", "blocked")):
        assert smsenc("gateway", "optout", "add", *more, "--data", tmp_path).returncode == 0
    assert len(of_gateway("optout list", least=2)) == 2
    database.close()


def test_check(queue, of_gateway, tmp_path):  # noqa: ARG001 - as above
    assert of_gateway("check", least=0) == []
    tmp_path.chmod(0o755)
    assert "fault" in of_gateway("check", code=3)[0]
