"""The commands that look at a gateway and change it, whether it runs or not."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import subprocess
import sys

import pytest
from command import records, smsenc
from queued import Queue
from smppcentre import Centre, in_thread
from sqlalchemy import update

from smsenc.smpp import Status
from smsgate.gateway import accounts, routes, tables
from smsgate.gateway.database import NAME
from smsgate.gateway.databases.sqlite import SqliteDatabase
from smsgate.gateway.passwords import Verifier
from smsgate.gateway.queue import outcomes, picking
from smsgate.gateway.queue.outcomes import Ended, Outcome
from smsgate.outbox.lock import lock

UID = "0" * 32
HERE = ("127.0.0.1", 0)
OPEN = {"state": "open", "problem": "", "waiting": 0, "failures": 0, "broken": None}


@pytest.fixture
def queue(tmp_path):
    tmp_path.chmod(0o700)
    found = Queue(tmp_path)
    yield found
    found.close()


# Accounts -----------------------------------------------------------------------------------------


def test_an_account_is_added_with_ten_credits(gateway):
    (new,) = records(gateway("account add", "--json"))
    assert set(new) == {"api_id", "user", "password", "ftp_user", "ftp_password"}
    (found,) = [one for one in records(gateway("account list", "--json")) if one["user"] != "x"]
    assert (found["api_id"], found["state"], found["balance"]) == (new["api_id"], "open", "10")


def test_an_account_is_shown_as_variables(gateway):
    done = gateway("account add", "--api-id", "3114", "--user", "Jos\xe9 B", "--credit", "0.5")
    first, *exports = done.stdout.splitlines()
    assert first == "account 3114; its passwords are not shown again:"
    assert exports[0].startswith(
        "  export SMSENC_API_ID=3114 SMSENC_USER='Jos\xe9 B' SMSENC_PASSWORD="
    )
    assert exports[1].startswith("  export SMSENC_FTP_USER=3114 SMSENC_FTP_PASSWORD=")
    shown = gateway("account list").stdout
    assert re.search(r"(?m)^3114 +Jos\xe9 B +open +0\.5 +20..-..-.. ..:..:..Z$", shown)
    password = exports[1].rpartition("=")[2]
    assert password not in shown


@pytest.mark.parametrize("amount", ["-1", "1e-7", "nan", "inf", "x", "1e13", ""])
def test_a_wrong_amount_is_refused(gateway, amount):
    done = gateway("account add", f"--credit={amount}", code=2)
    assert done.stderr == (
        f"smsenc: --credit: expected credits with up to six decimals, found {amount!r}\n"
    )


def test_credits_are_added_and_taken(gateway):
    (new,) = records(gateway("account add", "--json"))
    api_id = new["api_id"]
    assert (
        gateway("account credit", api_id, "0.333333").stdout == f"{api_id} has 10.333333 credits\n"
    )
    done = gateway("account credit", api_id, "10", "--take", "--note", "refund")
    assert done.stdout == f"{api_id} has 0.333333 credits\n"
    done = gateway("account credit", api_id, "0.333334", "--take", code=2)
    assert done.stderr == f"smsenc: {api_id} has 0.333333 credits, fewer than 0.333334\n"
    done = gateway("account credit", api_id, "-20", code=2)
    assert done.stderr == "smsenc: CREDITS: expected no sign: use --take 20\n"
    assert "no faults" in gateway("check").stdout


def log_in(queue, new, **changed):
    verifier, given = Verifier(), new | changed
    key = queue.database.transact(lambda conn: accounts.known(conn, new["api_id"])).id
    user = given["api_id"], given["user"], given["password"]
    file, ftp = queue.database.transact(
        lambda conn: (
            accounts.file_error(accounts.file_log_in(conn, key), verifier, *user),
            accounts.ftp_log_in(conn, verifier, given["ftp_user"], given["ftp_password"]),
        )
    )
    return file, ftp


def test_passwords_are_replaced(gateway, queue):
    (new,) = records(gateway("account add", "--json"))
    api_id = new["api_id"]
    done = gateway("account password", api_id, stdin="my own password\nmore\n")
    assert done.stdout == f"{api_id} has a new password\n"
    done = gateway("account password", api_id, "--ftp", "--generate")
    export, _, ftp = done.stdout.strip("\n").partition("=")
    assert export == "  export SMSENC_FTP_PASSWORD"
    assert log_in(queue, new) == (2, None)
    assert log_in(queue, new, password="my own password", ftp_password=ftp) == (0, "open")
    done = gateway("account password", api_id, stdin="geheim\n", code=2)
    assert done.stderr == "smsenc: expected a password of 8 to 128 printable characters\n"
    done = gateway("account password", api_id, code=2)
    assert done.stderr == (
        "smsenc: no password in the first line of standard input: --generate makes one\n"
    )


def test_accounts_are_frozen_and_closed(gateway, queue):
    (new,) = records(gateway("account add", "--json"))
    api_id = new["api_id"]
    for words, said, found in (
        (("freeze",), "frozen", (4, "frozen")),
        (("freeze", "--end"), "open", (0, "open")),
        (("close",), "closed", (1, None)),
    ):
        assert gateway(f"account {words[0]}", api_id, *words[1:]).stdout == f"{api_id} is {said}\n"
        assert log_in(queue, new) == found
    done = gateway("account close 5", code=2)
    assert done.stderr == "smsenc: no account 5: smsenc gateway account list shows all\n"


# Messages and routes ------------------------------------------------------------------------------


def end(queue, *outcome, **more):
    """Announce a message and record its end."""
    now = 1_800_000_000.0

    def work(conn):
        (due,) = picking.pick(conn, "main", 1, now)
        outcomes.record(conn, "main", [Outcome(due.message, *outcome, **more)], now)

    queue.database.transact(work)


def test_status_counts_messages_accounts_and_routes(gateway, queue):
    queue.add(3, lasts=1e9)
    end(queue, ((1, "A1"),), Ended.SENT)
    end(queue, (), Ended.UNKNOWN)
    found = json.loads(gateway("status", "--json").stdout)
    states = {"delayed", "waiting", "sending", "sent", "delivered", "failed", "expired"}
    none = dict.fromkeys(states | {"cancelled", "unknown"}, 0)
    counts = none | {"waiting": 1, "sent": 1, "unknown": 1}
    assert found == {
        "running": False,
        "messages": counts,
        "accounts": {"1": {"balance": "999999999.99997", "state": "open"} | counts},
        "routes": {"main": OPEN | {"waiting": 1, "sent": 1, "unknown": 1}},
        "nodes": [],
        "paused": [],
    }
    lines = gateway("status").stdout.splitlines()
    assert lines[0].startswith("not running: smsenc gateway run --data ")
    del lines[0]
    assert "  waiting    1" in lines
    assert lines[-4:] == [
        "1         open  999999999.99997        1        0        0        1",
        "",
        "route  state  waiting  sending  sent  delivered  failed  unknown",
        "main    open        1        0     1          0       0        1",
    ]
    assert max(map(len, lines)) <= 80


def test_a_gateway_that_runs_is_told_with_the_problems_of_its_routes(gateway, queue, tmp_path):
    def work(conn):
        routes.configure(conn, ["main", "other"])
        routes.publish(conn, {"main": "cannot connect", "other": ""})

    queue.database.transact(work)
    with lock(tmp_path, ""):
        assert gateway("status").stdout.startswith("running\nmessages")
        found = json.loads(gateway("status", "--json").stdout)
        assert gateway("route list").stdout.splitlines() == [
            "route  state  waiting  sending  sent  delivered  failed  unknown  problem",
            "main    open        0        0     0          0       0        0  cannot connect",
            "other   open        0        0     0          0       0        0",
        ]
    assert found["running"] is True
    assert {name: one["problem"] for name, one in found["routes"].items()} == {
        "main": "cannot connect",
        "other": "",
    }
    assert "cannot connect" not in gateway("status").stdout  # it does not run any more


def test_a_route_that_is_not_configured_any_more_is_listed_while_it_has_messages(gateway, queue):
    queue.database.transact(lambda conn: routes.configure(conn, ["other"]))
    (found,) = records(gateway("route list", "--json"))
    assert (found["name"], found["state"]) == ("other", "open")
    queue.add(lasts=1e9)
    found = {one["name"]: one["state"] for one in records(gateway("route list", "--json"))}
    assert found == {"main": "unused", "other": "open"}
    done = gateway("route pause main", code=2)
    assert done.stderr == "smsenc: no route 'main': the gateway has other\n"
    gateway("route pause other")
    queue.database.transact(lambda conn: routes.configure(conn, ["main"]))
    found = {one["name"]: one["state"] for one in records(gateway("route list", "--json"))}
    assert found == {"main": "open", "other": "paused"}


def test_routes_are_paused_and_resumed(gateway):
    assert gateway("route pause main").stdout == "main is paused\n"
    assert records(gateway("route list", "--json")) == [OPEN | {"name": "main", "state": "paused"}]
    assert gateway("route resume main").stdout == "main is open\n"
    assert gateway("route list").stdout.splitlines()[1].split()[:2] == ["main", "open"]
    done = gateway("route pause other", code=2)
    assert done.stderr == "smsenc: no route 'other': the gateway has main\n"


ROUTES = """
[[route]]
name = "dear"
smsc = "smpp://u@h:1"
price = 3
[[route]]
name = "main"
smsc = "smpp://u@h:1"
prefixes = "44"
[[route]]
name = "states"
smsc = "smpp://u@h:1"
features = "text"
regions = "US"
price = 0.5
numbers = "12345"
"""


def test_routes_have_price_and_numbers_breaker_and_what_waits(gateway, queue, tmp_path):
    (tmp_path / "gateway.toml").write_text(ROUTES)
    queue.add(3, lasts=1e9)
    broken = update(tables.route).values(failures=10, broken=1_800_000_000.0)
    queue.database.transact(lambda conn: conn.execute(broken))
    lines = gateway("route list").stdout.splitlines()
    assert lines[0].split() == [
        *("route", "state", "price", "numbers", "waiting", "sending", "sent", "delivered"),
        *("failed", "unknown", "problem"),
    ]
    why = "10 failures in a row: it rests until 2027-01-15 08:00:00Z, then one message tries it"
    assert lines[1].split(maxsplit=10) == ["main", "open", "1", "44", "3", *"00000", why]
    (found,) = records(gateway("route list", "--json"))
    assert (found["waiting"], found["failures"], found["broken"]) == (3, 10, 1_800_000_000.0)
    queue.database.transact(lambda conn: routes.configure(conn, ["other"]))
    broken = update(tables.route).values(broken=0.0)
    queue.database.transact(lambda conn: conn.execute(broken))
    assert "no other route takes them for what is reserved" in gateway("route list").stdout


def test_the_choice_of_a_route_is_explained(gateway, tmp_path):
    (tmp_path / "gateway.toml").write_text(ROUTES)
    gateway("route pause main")
    assert gateway("route explain 447700900123 --parts 2 --escalate").stdout.splitlines() == [
        "route   order  price  cost  why",
        "main        1      1     2  the message waits for it first; paused",
        "dear        2      3     6",
        "states      -    0.5     1  it takes regions US: the number is of GB",
    ]
    words = "+14155552671 --features ucs2,text --max-credits 2"
    lines = gateway(f"route explain {words}", code=3).stdout.splitlines()
    assert [line.split("  ")[-1] for line in lines[1:]] == [
        "it lacks ucs2",
        "it takes prefixes 44: the number is of US",
        "it costs 3, more than max_credits 2",
    ]
    found = records(gateway("route explain 14155552671 --replies-to 12345", "--json"))
    assert [(one["route"], one["place"], one["cost"]) for one in found] == [
        ("states", 1, "0.5"),
        ("main", 0, "1"),
        ("dear", 0, "3"),
    ]
    assert found[2]["why"] == [
        "replies to the sender do not come back by it",
        "it costs more, and the message does not escalate",
    ]
    (found, *_) = records(
        gateway("route explain 447700900123 --replies-to 54321", "--json", code=3)
    )
    assert found["why"] == [
        "it takes regions US: the number is of GB",
        "replies to the sender do not come back by it",
    ]


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("0831", "expected an international number, found '0831'"),
        ("44 --features x", "--features: expected names among text, 8bit"),
        ("44 --max-credits x", "--max-credits: expected a decimal number from 0.8, found 'x'"),
        ("44 --replies-to Bank", "--replies-to: expected 1 to 16 digits"),
    ],
)
def test_what_cannot_be_explained(gateway, words, fault):
    assert gateway(f"route explain {words}", code=2).stderr.startswith(f"smsenc: {fault}")


def test_check_works_before_the_first_start(tmp_path):
    with in_thread(Centre()) as centre:
        (tmp_path / "gateway.toml").write_text(
            f'[[route]]\nname = "open"\nsmsc = "smpp://me@127.0.0.1:{centre.port}"\n'
        )
        tmp_path.chmod(0o700)
        done = smsenc("gateway", "check", "--connect", "--data", tmp_path)
    assert done.stdout.splitlines() == [
        "route open: the message centre accepts the log-in",
        "no faults",
    ]
    assert (done.returncode, done.stderr) == (
        0,
        f"not started yet: smsenc gateway run makes {tmp_path}/gateway.db\n",
    )


def test_check_warns_of_a_folder_that_may_be_mistyped(tmp_path):
    done = smsenc("gateway", "check", "--data", tmp_path / "gatevay")
    assert done.stdout.splitlines() == [
        f"warning: {tmp_path}/gatevay: no such folder",
        "no faults, 1 warning",
    ]
    assert done.returncode == 0


def test_check_misses_the_database_of_a_gateway_that_has_run(gateway, tmp_path):
    (tmp_path / NAME).unlink()
    (tmp_path / "accounts").mkdir(mode=0o700)
    assert gateway("check", code=3).stdout.splitlines() == [
        f"no gateway in {tmp_path}: expected gateway.db",
        "1 fault",
    ]


def test_check_looks_up_the_hosts_of_the_ftp_server(gateway, tmp_path):
    (tmp_path / "gateway.toml").write_text(
        '[ftp]\nhost = "here.invalid"\npublic-address = "nowhere.invalid"\n'
    )
    host, public, last = gateway("check", code=3).stdout.splitlines()
    assert host.startswith("[ftp] host 'here.invalid': ")
    assert public.startswith("[ftp] public-address 'nowhere.invalid': ")
    assert last == "2 faults"


def test_without_routes_there_is_nothing_to_explain(gateway):
    assert "no route is configured" in gateway("route explain 44", code=3).stderr


def test_a_message_is_shown_cancelled_and_sent_again(gateway, queue):
    sent, other, waiting = queue.add(3, lasts=1e9)
    end(queue, ((1, "A1"),), Ended.SENT)
    end(queue, (), Ended.UNKNOWN, detail="no answer")
    found = json.loads(gateway(f"message show {sent}", "--json").stdout)
    assert (found["uid"], found["state"], found["recipient"]) == (sent, "sent", "447700900000")
    lines = gateway(f"message show {sent}").stdout.splitlines()
    assert lines[0] == f"{sent}  to 447700900000"
    assert lines[1] == "  sent, 003 delivered to gateway, queue 3"
    assert "  part 1 accepted as A1" in lines
    assert lines[-1].endswith("Z 003 delivered to gateway")
    assert "  no answer" in gateway(f"message show {other}").stdout.splitlines()
    assert gateway(f"message cancel {waiting}").stdout == f"{waiting} cancelled\n"
    assert gateway(f"message resend {other}").stdout == f"{other} waits to be sent again\n"
    done = gateway(f"message cancel {sent}", code=3)
    assert done.stderr == f"smsenc: {sent!r} is not changed: it has been sent\n"
    assert queue.states() == ["sent", "waiting", "cancelled"]


@pytest.mark.parametrize("more", ["", "--account 1", "--kind blocked"])
def test_a_number_that_opted_out_is_not_sent_to_again(gateway, queue, more):
    uid, other = queue.add(2, lasts=1e9)
    end(queue, (), Ended.UNKNOWN, detail="no answer")
    number = json.loads(gateway(f"message show {uid}", "--json").stdout)["recipient"]
    gateway(f"optout add {number} {more}")
    done = gateway(f"message resend {uid}", code=3)
    assert done.stderr == (
        f"smsenc: {uid!r} is not changed: its number gets no messages any more\n"
    )
    assert queue.states()[0] == "unknown"
    gateway(f"optout remove {number} {more}")
    assert gateway(f"message resend {uid}").stdout == f"{uid} waits to be sent again\n"
    assert queue.states() == ["waiting", "waiting"], other


@pytest.mark.parametrize("uid", [UID, "x'; DROP TABLE message --", "\x1b[2J"])
def test_an_unknown_message_is_said(gateway, uid):
    done = gateway("message show", uid, code=3)
    assert "no message has the ID" in done.stderr
    assert "\x1b" not in done.stderr
    assert "no message has this id" in gateway("message resend", uid, code=3).stderr


# Check and drain ----------------------------------------------------------------------------------


def test_check_finds_nothing_wrong(gateway):
    assert gateway("check").stdout == "no faults\n"


def test_check_tells_of_unknown_messages(gateway, queue):
    queue.add(3, lasts=1e9)
    end(queue, (), Ended.UNKNOWN)
    what = "1 message in state unknown (sent, and not answered)"
    line = f"{what}: smsenc gateway message list --state unknown"
    assert gateway("check").stdout == f"warning: {line}\nno faults, 1 warning\n"
    assert records(gateway("check", "--json")) == [{"warning": line}]
    uids = [one["uid"] for one in records(gateway("message list --state unknown", "--json"))]
    gateway("message resend", *uids)
    assert gateway("check").stdout == "no faults\n"


def test_check_tells_of_the_account_of_the_first_start(tmp_path):
    """Only once there is another one, and as long as it is open and has its credits."""
    base = SqliteDatabase(tmp_path, make=True)
    new = base.transact(lambda conn: accounts.first(conn, 1.0))
    base.close()
    tmp_path.chmod(0o700)

    def run(words, *more):
        return smsenc("gateway", *words.split(), *more, "--data", tmp_path)

    assert run("check").stdout == "no faults\n"
    (other,) = records(run("account add", "--json"))
    warning, last = run("check").stdout.splitlines()
    assert warning == (
        f"warning: account {new.api_id} of the first start is open and has 10000000 credits: "
        f"smsenc gateway account close {new.api_id}"
    )
    assert last == "no faults, 1 warning"
    run("account close", other["api_id"])
    assert run("check").stdout == "no faults\n"
    run("account add", "--credit", "10000000")
    assert len(run("check").stdout.splitlines()) == 2
    run("account close", new.api_id)
    assert run("check").stdout == "no faults\n"


def test_an_account_with_ten_million_credits_of_its_own_is_left_alone(gateway, queue):
    """The fixture's account was not made by a first start."""
    gateway("account add", "--credit", "10000000")
    assert gateway("check").stdout == "no faults\n"
    assert queue.rows(tables.account)[0]["balance"] > accounts.FIRST


def test_check_logs_in_to_message_centres(gateway, tmp_path):
    shut = Centre()
    shut.bind_status = Status.ESME_RINVPASWD
    with in_thread(Centre()) as centre, in_thread(shut), socket.create_server(HERE) as free:
        closed = free.getsockname()[1]
        free.close()
        (tmp_path / "gateway.toml").write_text(
            "".join(
                f'[[route]]\nname = "{name}"\nsmsc = "smpp://me@{host}"\n'
                for name, host in (
                    ("open", f"127.0.0.1:{centre.port}"),
                    ("shut", f"127.0.0.1:{shut.port}"),
                    ("down", f"127.0.0.1:{closed}"),
                    ("far", "nowhere.invalid"),
                )
            )
        )
        assert "1 fault" in gateway("check", code=3).stdout
        assert centre.sessions == []
        lines = gateway("check --connect", code=3).stdout.splitlines()
        found = records(gateway("check --connect", "--json", code=3))
    assert lines == [
        "route far: nowhere.invalid: name or service not known",
        "route open: the message centre accepts the log-in",
        "route shut: the message centre refuses the log-in: ESME_RINVPASWD",
        f"route down: cannot connect to 127.0.0.1:{closed}: connection refused",
        "3 faults",
    ]
    assert found == [
        {"fault": lines[0]},
        {"bound": "open"},
        *({"fault": one} for one in lines[2:4]),
    ]


def test_without_routes_there_is_nothing_to_log_in_to(gateway):
    done = gateway("check --connect")
    assert done.stderr == "no route is configured: there is no message centre to connect to\n"
    assert done.stdout == "no faults\n"


def test_check_finds_what_is_wrong(gateway, tmp_path):
    (tmp_path / "gateway.toml").write_text(
        'ftp.certificate = "old.pem"\n[[account]]\napi-id = "77"\nfolder = "../none"\n'
        '[[route]]\nname = "far"\nsmsc = "smpp://u@nowhere.invalid"\n'
    )
    (tmp_path / "old.pem").write_text("no certificate")
    (tmp_path / "accounts" / "1").mkdir(parents=True, mode=0o755)
    with sqlite3.connect(tmp_path / NAME) as base:
        base.execute("UPDATE account SET balance = balance + 100000")
    base.close()
    lines = gateway("check", code=3).stdout.splitlines()
    start = f"{tmp_path}/"
    right = "1000000000"
    private = "other users can use it (mode 755): chmod 700 makes it private"
    assert [line.removeprefix(start) for line in lines] == [
        f"account 1: expected a balance of {right} credits, the sum of its ledger, found {right}.1",
        "account 77: no such account: smsenc gateway account add --api-id 77 makes it",
        f"accounts: {private}",
        f"accounts/1: {private}",
        f"account 77: {tmp_path}/../none: no such folder",
        "old.pem: expected a certificate in PEM, found none",
        "route far: nowhere.invalid: name or service not known",
        "7 faults",
    ]


def test_check_reports_all_faults_of_the_settings(gateway, tmp_path):
    path = tmp_path / "my.toml"
    path.write_text("[ftp]\nprot = 1\ntls = 5\n")
    lines = gateway("check", "--config", path, code=3).stdout.splitlines()
    assert lines == [
        f"{path}:2: [ftp] prot: unknown: did you mean port?",
        f"{path}:3: [ftp] tls: expected one of off, optional, required, found 5",
        "2 faults",
    ]


def test_drain_needs_a_gateway_that_runs(gateway, tmp_path):
    done = gateway("drain", code=2)
    assert done.stderr == f"smsenc: no gateway is running in {tmp_path}\n"


@pytest.mark.parametrize("words", ["status", "account list", "route list", f"message show {UID}"])
def test_a_folder_without_a_gateway_is_said(words, tmp_path):
    done = smsenc("gateway", *words.split(), "--data", tmp_path)
    assert (done.returncode, done.stderr) == (
        3,
        f"smsenc: no gateway in {tmp_path}: expected gateway.db\n",
    )
    assert list(tmp_path.iterdir()) == []


def test_an_account_needs_a_gateway(tmp_path):
    done = smsenc("gateway", "account", "add", "--data", tmp_path)
    assert (done.returncode, done.stderr) == (
        3,
        f"smsenc: no gateway in {tmp_path}: smsenc gateway run makes it\n",
    )


def test_a_change_of_a_database_that_is_locked_for_long_is_unfinished(
    gateway, tmp_path, monkeypatch
):
    monkeypatch.setattr("smsgate.gateway.databases.sqlite._BUSY", 0.05)
    base = sqlite3.connect(tmp_path / NAME, isolation_level=None)
    base.execute("BEGIN IMMEDIATE")
    gateway("status")  # what only reads does not wait
    done = gateway("account credit 1 5", code=6)
    base.close()
    assert "database is locked" in done.stderr


def test_the_extra_is_named_where_it_is_missing():
    script = (
        "import sys, importlib.util as util\n"
        "found = util.find_spec\n"
        "util.find_spec = lambda name, *more: None if name == 'argon2' else found(name, *more)\n"
        "sys.argv[1:] = ['gateway', 'status']\n"
        "from smsgate.cli import main\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stderr) == (
        2,
        'smsenc: smsenc gateway needs the extra gateway: pip install "smsenc[gateway]"\n',
    )
