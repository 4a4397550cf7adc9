"""smsenc gateway run as a program: the contract with scripts, and README's lines."""

from __future__ import annotations

import json
import re
import signal
import socket
import stat
import subprocess
import threading
import time
from contextlib import contextmanager
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest
from command import COMMAND, environment, process, smsenc
from simulators import phones, run

from smsgate.gateway import accounts
from smsgate.gateway.databases.sqlite import SqliteDatabase

NUMBER = "448311234567"


@contextmanager
def running(*words, cwd, stop=signal.SIGTERM, code=0, **variables):
    """The process of a gateway, and its first line."""
    given = ("--ftp-port", "0", "--http-port", "0", *words)
    with subprocess.Popen(
        [*COMMAND, "gateway", "run", *given],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=environment(**variables),
    ) as gateway:
        timer = threading.Timer(90, gateway.kill)
        timer.start()
        try:
            stream = gateway.stdout if "--json" in words else gateway.stderr
            yield gateway, stream.readline()
            if stop:
                gateway.send_signal(stop)
            assert gateway.wait(30) == code, gateway.stderr.read()
        finally:
            timer.cancel()
            gateway.kill()


def upload(folder, ready, data):
    """Convert and upload with the log-in that the gateway printed; a function for the log."""
    account, ftp = ready["account"], ready["ftp"]
    log_in = {f"SMSENC_{key.upper()}": value for key, value in account.items()}
    (folder / "note.txt").write_text("Hello there")
    server = ("--host", ftp["host"], "--port", ftp["port"], "--ca-file", data / "ca.pem")

    def done(*words):
        found = process(*words, env=log_in, cwd=folder)
        assert found.returncode == 0, found.stderr
        return found.stdout

    done("convert", "note.txt", "--to", NUMBER, "--out", "box")
    done("upload", "box", *server)
    return lambda: done("log", "box", *server)


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.05)
    return found


def status(data):
    return json.loads(smsenc("gateway", "status", "--data", data, "--json").stdout)


def test_the_contract_with_scripts(tmp_path):
    data = tmp_path / "new" / "gateway"
    with running("--data", str(data), "--json", cwd=tmp_path) as (_, line):
        ready = json.loads(line)
        assert set(ready) == {"ftp", "http", "account", "admin"}
        assert set(ready["admin"]) == {"user", "password"}
        assert set(ready["ftp"]) == {"host", "port", "tls"}
        assert set(ready["http"]) == {"host", "port"}
        assert set(ready["account"]) == {"api_id", "user", "password", "ftp_user", "ftp_password"}
        assert stat.S_IMODE(data.stat().st_mode) == 0o700
        log = upload(tmp_path, ready, data)
        until(lambda: status(data)["messages"]["delivered"] == 1)
        until(lambda: re.search(rf"{NUMBER} +delivered  004", log()))
        api = "http://{host}:{port}/api/v1".format(**ready["http"])
        with urlopen(f"{api}/messages?to={NUMBER}") as answer:  # noqa: S310 - our own server
            (found,) = json.load(answer)["messages"]
        assert found["text"] == "Hello there"
        assert smsenc("gateway", "check", "--data", data).stdout == "no faults\n"
    with running("--data", str(data), "--json", cwd=tmp_path) as (_, line):
        assert set(json.loads(line)) == {"ftp", "http"}
    found = status(data)
    assert found["accounts"][ready["account"]["api_id"]]["balance"] == "9999999"


def test_no_password_is_kept_or_shown_again(tmp_path):
    with running("--data", "gw", "--json", cwd=tmp_path, stop=None) as (gateway, line):
        new, admin = json.loads(line)["account"], json.loads(line)["admin"]
        upload(tmp_path, json.loads(line), tmp_path / "gw")
        until(lambda: status(tmp_path / "gw")["messages"]["delivered"] == 1)
        octets = b"".join(path.read_bytes() for path in (tmp_path / "gw").glob("gateway.db*"))
        gateway.send_signal(signal.SIGTERM)
        rest = "".join(gateway.communicate(timeout=90))
    for secret in (new["password"], new["ftp_password"], admin["password"]):
        assert secret.encode() not in octets
        assert secret not in rest
    assert "argon2" not in rest


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_a_person_sees_the_log_in_once_and_each_message(tmp_path, stop):
    with running(cwd=tmp_path, stop=stop) as (gateway, line):
        place = r"FTP on 127\.0\.0\.1 port (\d+) \(TLS optional\), HTTP on 127\.0\.0\.1 port \d+\n"
        port = re.fullmatch(place, line)[1]
        assert gateway.stderr.readline() == (
            "no route is configured: a simulated phone network shows the messages here\n"
        )
        shown = [gateway.stdout.readline() for _ in range(10)]
        exports = dict(re.findall(r"(SMSENC_\w+)=(\S+)", "".join(shown)))
        ready = {
            "ftp": {"host": "127.0.0.1", "port": port},
            "account": {name.removeprefix("SMSENC_").lower(): v for name, v in exports.items()},
        }
        assert shown[7] == "user admin of the pages; the password is not shown again:\n"
        assert re.fullmatch(r"  [a-z2-9]{16}\n  http://127\.0\.0\.1:\d+/\n", "".join(shown[8:]))
        assert shown[6] == (
            f"  smsenc log outbox/ --host 127.0.0.1 --port {port} --tls explicit "
            "--ca-file gateway/ca.pem\n"
        )
        upload(tmp_path, ready, tmp_path / "gateway")
        assert [gateway.stdout.readline().rstrip() for _ in range(3)] == [
            f"A0000001  no sender > {NUMBER}",
            "  text, 1 part",
            "    Hello there",
        ]


def test_drain_ends_the_gateway(tmp_path):
    with running("--data", "gw", "--json", cwd=tmp_path, stop=None) as (gateway, _):
        done = smsenc("gateway", "drain", "--data", tmp_path / "gw", "--timeout", "20")
        assert (done.returncode, done.stdout) == (0, "the gateway has ended with 0 messages left\n")
        assert gateway.wait(10) == 0
    with running("--data", "gw", "--json", cwd=tmp_path):
        done = smsenc("gateway", "drain", "--data", tmp_path / "gw", "--timeout", "0")
        assert done.returncode == 6
        assert done.stderr == "smsenc: the gateway has not ended: 0 messages left\n"


def test_a_route_of_the_command_line_replaces_the_simulator(tmp_path):
    async def trial():
        async with phones(log_ins={"me": "geheim1"}) as simulated:
            host, port = simulated.simulator.smpp
            words = ("--data", "gw", "--json", "--route", f"smpp://me@{host}:{port}")
            with running(*words, cwd=tmp_path, SMSENC_SMPP_PASSWORD="geheim1") as (_, line):
                return await upload_and_wait(simulated, json.loads(line))

    async def upload_and_wait(simulated, ready):
        import asyncio

        await asyncio.to_thread(upload, tmp_path, ready, tmp_path / "gw")
        return await simulated.call(f"/messages/wait?to={NUMBER}&timeout=20")

    code, found = run(trial(), 60)
    assert code == 200
    assert [one["text"] for one in found["messages"]] == ["Hello there"]
    assert status(tmp_path / "gw")["routes"]["route"]["sent"] == 1


# Refusals -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("--route", "http://x"), "--route: expected smpp://user@host:port, found 'http://x'"),
        (("--route", "smpp://a:geheim5@b"), "--route: expected no password in the address"),
        (("--ftp-port", "65536"), "expected 0 to 65535"),
        (("--config", "none.toml"), "none.toml: no such file"),
    ],
)
def test_wrong_options_are_explained_and_make_nothing(tmp_path, words, error):
    done = smsenc("gateway", "run", "--data", "gw", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert error in done.stderr
    assert "geheim5" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_all_faults_of_the_settings_are_printed(tmp_path):
    (tmp_path / "my.toml").write_text("[ftp]\nprot = 1\n[http]\nport = -1\n")
    done = smsenc("gateway", "run", "--data", "gw", "--config", "my.toml", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "smsenc: my.toml:2: [ftp] prot: unknown: did you mean port?",
        "smsenc: my.toml:4: [http] port: expected a whole number from 0 to 65535, found -1",
    ]


def test_what_keeps_a_gateway_from_starting_is_said_before_it_listens(tmp_path):
    words = ("--data", "gw", "--config", "my.toml", "--ftp-port", "0", "--http-port", "0")
    path = tmp_path / "my.toml"
    path.write_text('[[account]]\napi-id = "7"\nfolder = "none"\nspool = "other"\n')
    done = process("gateway", "run", *words, cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()) == (
        2,
        ["smsenc: account 7: none: no such folder", "smsenc: account 7: other: no such folder"],
    )
    assert not (tmp_path / "gw").exists()
    path.write_text('[http]\nhost = "192.0.2.1"\n')
    done = process("gateway", "run", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        "smsenc: [http] host: 192.0.2.1 is open to other machines, which needs tls or "
        "behind-proxy: passwords would be readable on their way\n"
    )
    assert not (tmp_path / "gw").exists()
    done = process("gateway", "run", *words, "--behind-proxy", "127.0.0.1", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("smsenc: [http] host: cannot listen on 192.0.2.1:0: ")


EVERYWHERE = "0.0.0.0"  # noqa: S104 - it must be refused


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--http-host", EVERYWHERE), "0.0.0.0 is open to other machines, which needs tls or"),
        (("--http-host", "::"), ":: is open to other machines"),
        (("--behind-proxy", "me"), 'expected a list of addresses, such as ["127.0.0.1"], found'),
    ],
)
def test_the_pages_are_for_this_machine_unless_their_way_is_safe(tmp_path, options, line):
    done = process("gateway", "run", "--data", "gw", *options, cwd=tmp_path)
    assert done.returncode == 2
    assert line in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "gw").exists()


def test_no_role_for_pages_no_fault_of_pages(tmp_path):
    words = ("--data", "gw", "--roles", "send", "--http-host", EVERYWHERE)
    with running(*words, cwd=tmp_path) as (_, line):
        assert "is running" in line


def test_drain_says_why_messages_wait(tmp_path):
    with running("--data", "gw", "--json", cwd=tmp_path, stop=None) as (gateway, line):
        data = tmp_path / "gw"
        ready = json.loads(line)
        smsenc("gateway", "route", "pause", "simulator", "--data", data)
        with urlopen("http://{host}:{port}/healthz".format(**ready["http"])) as answer:  # noqa: S310 - our own server
            found = json.load(answer)
        assert found["ok"]
        assert found["routes"]["simulator"]["paused"] is True
        upload(tmp_path, ready, data)
        until(lambda: status(data)["messages"]["waiting"] == 1)
        done = smsenc("gateway", "drain", "--data", data, "--timeout", "0")
        assert done.returncode == 6
        assert "1 message waits: route simulator is paused\n" in done.stderr
        smsenc("gateway", "route", "resume", "simulator", "--data", data)
        assert gateway.wait(30) == 0


def test_a_message_centre_that_cannot_be_reached_is_told_to_commands(tmp_path):
    with running("--data", "gw", "--json", cwd=tmp_path):
        pass
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ("--data", "gw", "--json", "--route", f"smpp://me@127.0.0.1:{port}")
    with running(*words, cwd=tmp_path) as (_, line):
        until(lambda: status(tmp_path / "gw")["routes"]["route"]["problem"])
        found = status(tmp_path / "gw")["routes"]
        assert "cannot connect to" in found["route"]["problem"]
        assert set(found) == {"route"}  # the simulator of the first start has no messages
        url = "http://{host}:{port}/healthz".format(**json.loads(line)["http"])
        with pytest.raises(HTTPError) as caught:
            urlopen(url)  # noqa: S310 - our own server
        assert caught.value.code == 503
        found = json.load(caught.value)
        assert (found["ok"], found["problems"]) == (False, {"routes": "none is connected"})
    assert status(tmp_path / "gw")["routes"]["route"]["problem"] == ""


def test_a_folder_with_other_files_is_not_used_unasked(tmp_path):
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "thesis.txt").write_text("x")
    done = smsenc("gateway", "run", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        "smsenc: gateway has other files, such as 'thesis.txt': give the folder with --data\n",
    )


def test_a_folder_with_its_settings_is_used_unasked(tmp_path):
    (tmp_path / "gateway").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings = f'[[route]]\nname = "far"\nsmsc = "smpp://me@127.0.0.1:{port}"\n'
    (tmp_path / "gateway" / "gateway.toml").write_text(settings)
    (tmp_path / "gateway" / "route.toml").write_text("")
    with running(cwd=tmp_path, stop=None) as (gateway, _):
        gateway.send_signal(signal.SIGTERM)
        shown = gateway.stdout.read()
    assert "user admin of the pages" in shown
    assert "try it" not in shown  # the samples are for no real phones


def test_a_start_without_users_makes_one(tmp_path):
    (tmp_path / "gw").mkdir(mode=0o700)
    base = SqliteDatabase(tmp_path / "gw", make=True)
    base.transact(lambda conn: accounts.add(conn, credit=0, now=1.0))
    base.close()
    with running("--data", "gw", "--json", cwd=tmp_path) as (_, line):
        assert set(json.loads(line)) == {"ftp", "http", "admin"}
    with running("--data", "gw", "--json", cwd=tmp_path) as (_, line):
        assert set(json.loads(line)) == {"ftp", "http"}


def test_a_second_gateway_in_the_folder_is_refused(tmp_path):
    with running("--data", "gw", "--json", cwd=tmp_path):
        words = ("--data", "gw", "--ftp-port", "0", "--http-port", "0")
        done = process("gateway", "run", *words, cwd=tmp_path)
        assert done.returncode == 7
        assert "another gateway uses this folder" in done.stderr


def test_a_port_in_use_is_explained(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        words = ("--data", "gw", "--ftp-port", "0", "--http-port", str(port))
        done = process("gateway", "run", *words, cwd=tmp_path)
    assert done.returncode == 2
    assert f"--http-port: cannot listen on 127.0.0.1:{port}: address already in use" in done.stderr


def test_a_node_has_what_its_roles_say(tmp_path):
    words = ("--data", "box", "--node", "north-1", "--roles", "web", "--json")
    with running(*words, cwd=tmp_path) as (_gateway, line):
        ready = json.loads(line)
        assert set(ready) == {"http", "account", "admin"}
        (node,) = status(tmp_path / "box")["nodes"]
        assert (node["name"], node["state"], node["roles"]) == ("north-1", "alive", ["web"])
        assert 0 <= node["seen"] < 10
        shown = smsenc("gateway", "status", "--data", tmp_path / "box").stdout
        assert re.search(r"^north-1 +alive +[0-9]+ s ago +web$", shown, re.MULTILINE)
    assert status(tmp_path / "box")["nodes"] == []


def test_without_servers_it_says_that_it_runs(tmp_path):
    words = ("--data", "box", "--node", "n", "--roles", "send")
    with running(*words, cwd=tmp_path) as (_gateway, line):
        assert line == "node n is running\n"


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        (("--roles", "ftp,mail"), "--roles: expected names among ftp, send, callback, web"),
        (("--node", "a b"), "--node: expected 1 to 32 letters, digits, - or _, found 'a b'"),
    ],
)
def test_roles_and_names_that_are_none(tmp_path, words, fault):
    done = smsenc("gateway", "run", "--data", tmp_path / "box", *words)
    assert done.returncode == 2
    assert fault in done.stderr
    assert not (tmp_path / "box").exists()
