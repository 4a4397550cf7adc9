"""Settings are read again while the gateway runs; what is the same goes on undisturbed."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import time
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from ftplib import FTP
from urllib.request import urlopen

import pytest
from command import smsenc
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from gateways import HOST, Gateway, Smsc, until

from smsgate.gateway import reloading
from smsgate.gateway.ftp import certificate
from smsgate.gateway.settings import (
    AccountSettings,
    FtpSettings,
    HttpSettings,
    Limits,
    RouteSettings,
    Settings,
)
from smsgate.smppclient import Smsc as Centre

# --- Plans ----------------------------------------------------------------------------------------


def route(name, **given):
    return RouteSettings(name=name, smsc=Centre(host="localhost", **given))


@pytest.fixture
def old(tmp_path):
    routes = (route("a", password="pw"), route("b"))
    return Settings(data=tmp_path, routes=routes, accounts={"1": AccountSettings(prefix="44")})


def test_the_same_settings_change_nothing(old):
    found = reloading.plan(old, replace(old, routes=(route("a", password="pw"), route("b"))))
    assert found == (old, (), (), ("nothing has changed",))


def test_routes_are_added_removed_and_changed(old):
    routes = (route("a", password="new"), route("c"))
    found = reloading.plan(old, replace(old, routes=routes))
    assert found.closed == ("a", "b")
    assert found.opened == ("a", "c")
    assert found.lines == ("route b: removed", "route a: changed", "route c: added")
    assert found.settings.routes == routes
    assert "new" not in " ".join(found.lines)


def test_a_price_changes_its_route(old):
    first, second = old.routes
    routes = (first, replace(second, price=Decimal(2)))
    assert reloading.plan(old, replace(old, routes=routes)).closed == ("b",)


def test_what_needs_a_restart_stays_and_is_said(old, tmp_path):
    new = replace(
        old,
        ftp=FtpSettings(port=9, idle=5, public_address="203.0.113.5"),
        http=HttpSettings(port=9),
        limits=Limits(texts=5, keep=6),
        accounts={"1": AccountSettings(settle=2), "2": AccountSettings(folder=tmp_path / "f")},
    )
    found = reloading.plan(old, new)
    assert found.lines == (
        *("changed: [ftp] idle", "changed: [limits] keep", "changed: [limits] texts"),
        "changed: [[account]] 1",
        *("needs a restart: [ftp] port", "needs a restart: [ftp] public-address"),
        *("needs a restart: [http] port", "needs a restart: [[account]] 2 folder, spool"),
    )
    assert found.settings.ftp == FtpSettings(idle=5)
    assert found.settings.http == old.http
    assert found.settings.limits == new.limits
    assert found.settings.accounts == {"1": AccountSettings(settle=2), "2": AccountSettings()}
    again = reloading.plan(found.settings, new)
    assert [line for line in again.lines if not line.startswith("needs")] == []


# --- Processes ------------------------------------------------------------------------------------


@contextmanager
def world(tmp_path, config, *smscs):
    data = tmp_path / "gw"
    data.mkdir(mode=0o700)
    (data / "gateway.toml").write_text(config(*(one.port for one in smscs)))
    with Gateway(data) as gateway:
        yield gateway, data / "gateway.toml"


def two(first, second):
    return "".join(
        f'[[route]]\nname = "{name}"\nsmsc = "smpp://me@{HOST}:{port}"\n'
        for name, port in (("first", first), ("second", second))
    )


def health(gateway):
    with urlopen(f"http://{HOST}:{gateway.http_port}/healthz") as answer:
        return json.load(answer)["routes"]


def connections(port):
    """Sockets that are connected to a port, by their own ports."""
    done = subprocess.run(
        ["ss", "-tnH", "state", "established", f"dport = :{port}"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {line.split()[2] for line in done.stdout.splitlines()}


def reload(gateway):
    return gateway.command("reload", "--data", gateway.data)


def test_routes_come_and_go_while_others_stay_connected(tmp_path):
    with Smsc(tmp_path / "s1") as one, Smsc(tmp_path / "s2") as other:
        with world(tmp_path, two, one, other) as (gateway, config):
            until(lambda: all(found["bound"] for found in health(gateway).values()))
            before = connections(one.port)
            assert before
            config.write_text(two(one.port, other.port).partition('[[route]]\nname = "second"')[0])
            assert reload(gateway) == "route second: removed\n"
            assert set(health(gateway)) == {"first"}
            assert connections(other.port) == set()
            assert connections(one.port) == before
            assert set(gateway.status()["routes"]) == {"first"}
            config.write_text(two(one.port, other.port) + "rate = 500\n[limits]\nkeep = 99\n")
            assert reload(gateway) == "route second: added\nchanged: [limits] keep\n"
            until(lambda: all(found["bound"] for found in health(gateway).values()))
            assert connections(one.port) == before
            lines = (f"to:4477009{n:05}" for n in range(50))
            gateway.upload("a.txt", gateway.account.file("text:Hi", *lines))
            gateway.log("a.txt")
            gateway.settled()
        one.end()
        other.end()
        assert len(one.received()) + len(other.received()) == 50


def test_faults_change_nothing(tmp_path):
    with Smsc(tmp_path / "s1") as one, Smsc(tmp_path / "s2") as other:  # noqa: SIM117 - as above
        with world(tmp_path, two, one, other) as (gateway, config):
            config.write_text('[ftp]\nport = "x"\n[limits]\nkep = 5\n')
            done = smsenc("gateway", "reload", "--data", gateway.data)
            assert done.returncode == 2
            lines = done.stderr.splitlines()
            assert len(lines) == 3
            assert "gateway.toml:2: [ftp] port: expected a whole number" in lines[0]
            assert "gateway.toml:4: [limits] kep: unknown: did you mean keep?" in lines[1]
            assert lines[2] == "smsenc: gateway.toml is not used: everything stays as it was"
            assert set(health(gateway)) == {"first", "second"}
            config.write_text(two(one.port, other.port) + '[ftp]\ncertificate = "none.pem"\n')
            assert smsenc("gateway", "reload", "--data", gateway.data).returncode == 2
            gateway.upload("a.txt", gateway.account.file("text:Hi", "to:447700900123"))
            gateway.log("a.txt")
            gateway.settled()


def test_a_password_changes_and_a_signal_is_enough(tmp_path):
    users = tmp_path / "users.toml"
    users.write_text('me = "right"\n')
    users.chmod(0o600)
    secret = tmp_path / "route.toml"
    secret.write_text('user = "me"\npassword = "wrong"\n')
    secret.chmod(0o600)

    def config(port):
        return (
            f'[[route]]\nname = "main"\nsmsc = "smpp://{HOST}:{port}"\npassword-file = "{secret}"\n'
        )

    with (
        Smsc(tmp_path / "s1", "--credentials", users) as one,
        world(tmp_path, config, one) as (gateway, _),
    ):
        until(lambda: "route main: " in gateway.errors())
        assert not bound(gateway)
        secret.write_text('user = "me"\npassword = "right"\n')
        os.kill(gateway._process.pid, signal.SIGHUP)
        until(lambda: bound(gateway), lambda: f"not bound: {gateway.errors()}")
        until(lambda: "reload: route main: changed" in gateway.errors())
        assert "right" not in gateway.errors()


def bound(gateway):
    try:
        return health(gateway)["main"]["bound"]
    except OSError:  # 503, as long as no route is bound
        return False


def test_a_certificate_changes_for_new_clients(tmp_path):
    def config(first, second):
        return two(first, second) + '[ftp]\ntls = "optional"\n'

    def presented(gateway):
        client = FTP()  # noqa: S321 - on loopback
        client.connect(HOST, gateway.ftp_port, 20)
        client.voidcmd("AUTH TLS")
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with context.wrap_socket(client.sock) as sock:
            return sock.getpeercert(binary_form=True)

    with Smsc(tmp_path / "s1") as one, Smsc(tmp_path / "s2") as other:  # noqa: SIM117 - as above
        with world(tmp_path, config, one, other) as (gateway, path):
            before = presented(gateway)
            new = tmp_path / "new"
            new.mkdir()
            certificate.ensure(new, (HOST, ""), time.time())
            path.write_text(
                config(one.port, other.port) + f'certificate = "{new / certificate.NAME}"\n'
            )
            with gateway.session() as client:
                assert reload(gateway) == "changed: [ftp] certificate\n"
                assert client.voidcmd("NOOP").startswith("200")
            after = presented(gateway)
            assert after != before
            (found, *_) = x509.load_pem_x509_certificates((new / certificate.NAME).read_bytes())
            assert after == found.public_bytes(Encoding.DER)


def test_there_must_be_a_gateway_that_runs(tmp_path):
    done = smsenc("gateway", "reload", "--data", tmp_path)
    assert (done.returncode, done.stderr) == (
        2,
        f"smsenc: no gateway is running in {tmp_path}\n",
    )
