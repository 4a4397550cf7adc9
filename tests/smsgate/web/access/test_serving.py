"""The gateway as a program: TLS with its own or another certificate, proxies, and what is open."""

from __future__ import annotations

import re
import shutil
import ssl

import httpx
import pytest
from command import COMMAND, environment, process
from gateways import HOST, Gateway, until

API = "/api/v1/messages"


def settings(folder, text):
    """A gateway with these settings."""
    path = folder / "gateway.toml"
    path.write_text(f"[http]\n{text}\n")
    return Gateway(folder / "data", None, "--config", path)


def visitor(gateway, scheme="http", **given):
    base = f"{scheme}://{HOST}:{gateway.http_port}"
    return httpx.Client(base_url=base, headers={"Accept": "text/html"}, timeout=30, **given)


def log_in(client, gateway, **headers):
    """Try to log in as admin; the answer."""
    csrf = re.search(r'name="csrf" value="(\w+)"', client.get("/login", headers=headers).text)[1]
    given = {"name": "admin", "password": gateway.ready["admin"]["password"], "csrf": csrf}
    return client.post("/login", data=given, headers=headers)


def trusting(path):
    return ssl.create_default_context(cafile=path)


def names(gateway, authority):
    """The names in the certificate of the pages."""
    context = trusting(authority)
    with httpx.Client(verify=context) as client:
        stream = client.get(f"https://localhost:{gateway.http_port}/healthz").extensions
        tls = stream["network_stream"].get_extra_info("ssl_object")
        return {name for _, name in tls.getpeercert()["subjectAltName"]}


def test_its_own_certificate(tmp_path):
    with settings(tmp_path, 'tls = "required"\nname = "sms.example.com"') as gateway:
        assert gateway.ready["http"]["port"] == gateway.http_port
        context = trusting(tmp_path / "data" / "ca.pem")
        with visitor(gateway, "https", verify=context) as client:
            assert client.get("/healthz").json()["ok"]
            answer = log_in(client, gateway)
            assert answer.headers["Set-Cookie"].startswith("__Host-smsenc-session=")
            page = client.get("/", headers={"Host": "sms.example.com"})
            assert "User admin" in page.text
            assert page.headers["Strict-Transport-Security"]
            assert client.get(API).status_code == 200  # on this machine alone
        assert {"localhost", "sms.example.com"} <= names(gateway, tmp_path / "data" / "ca.pem")
        with visitor(gateway) as plain, pytest.raises(httpx.HTTPError):
            plain.get("/healthz")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        with visitor(gateway, "https", verify=context) as client:
            assert client.get("/healthz").is_success


def test_a_certificate_that_is_renewed(tmp_path, certificates):
    authority, server = certificates
    own = tmp_path / "http.pem"
    shutil.copy(server, own)
    with settings(tmp_path, 'tls = "required"\ncertificate = "http.pem"') as gateway:
        assert "sms.example.com" not in names(gateway, authority)
        words = ("reload", "--data", tmp_path / "data", "--config", tmp_path / "gateway.toml")
        own.write_text("nothing")
        done = process("gateway", *words)
        assert done.returncode != 0
        assert "http.pem: expected a PEM file with a certificate and its key" in done.stderr
        assert "sms.example.com" not in names(gateway, authority)
        import trustme

        other = trustme.CA()
        other.cert_pem.write_to_path(tmp_path / "other.pem")
        issued = other.issue_cert("localhost", "sms.example.com")
        issued.private_key_and_cert_chain_pem.write_to_path(own)
        gateway.command(*words)
        assert "sms.example.com" in names(gateway, tmp_path / "other.pem")


def test_a_certificate_that_is_none(tmp_path):
    (tmp_path / "http.pem").write_text("x")
    (tmp_path / "gateway.toml").write_text(
        '[http]\ntls = "required"\ncertificate = "http.pem"\n[ftp]\nport = 0\n'
    )
    words = ("--data", "gw", "--config", "gateway.toml", "--http-port", "0")
    done = process("gateway", "run", *words, cwd=tmp_path)
    assert done.returncode == 3
    assert done.stderr == (
        "smsenc: cannot use http.pem: expected a PEM file with a certificate and its key\n"
    )


def test_what_is_open_on_this_machine_alone(tmp_path):
    as_json = ("--log-format", "json")
    with Gateway(tmp_path / "data", None, *as_json) as gateway, visitor(gateway) as client:
        assert client.get("/healthz").json()["ok"]
        assert "smsenc" in client.get("/metrics").text
        assert client.get(API).json() == {"messages": []}
        assert client.get("/").headers["Location"] == "/login"
        evil = {"Host": "evil.example"}
        assert client.get("/", headers=evil).status_code == 421
        assert client.get(API, headers=evil).status_code == 403
        forged = {"X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "https"}
        csrf = re.search(r'name="csrf" value="(\w+)"', client.get("/login").text)[1]
        given = {"name": "admin", "password": "wrong", "csrf": csrf}
        answer = client.post("/login", data=given, headers=forged)
        assert answer.status_code == 403
        assert "Strict-Transport-Security" not in answer.headers
        until(lambda: "pages: log-in from 127.0.0.1 refused (1 recently)" in gateway.errors())


def test_behind_a_proxy_the_simulator_is_not_open(tmp_path):
    with (
        settings(tmp_path, f'behind-proxy = ["{HOST}"]') as gateway,
        visitor(gateway) as client,
    ):
        assert client.get("/healthz").is_success
        assert client.get(API).headers["Location"] == "/login?next=%2Fapi%2Fv1%2Fmessages"
        https = {"X-Forwarded-For": "203.0.113.5", "X-Forwarded-Proto": "https"}
        answer = log_in(client, gateway, **https)
        assert answer.status_code == 403  # httpx keeps a cookie for TLS to itself
        csrf = client.get("/login", headers=https)
        cookie = {"Cookie": csrf.headers["Set-Cookie"].partition(";")[0]}
        token = re.search(r'name="csrf" value="(\w+)"', csrf.text)[1]
        given = {"name": "admin", "password": gateway.ready["admin"]["password"], "csrf": token}
        answer = client.post("/login", data=given, headers=https | cookie)
        assert answer.headers["Set-Cookie"].startswith("__Host-smsenc-session=")
        cookie = {"Cookie": answer.headers["Set-Cookie"].partition(";")[0]}
        assert client.get("/", headers=https | cookie).is_success
        assert client.get(API, headers=https | cookie).status_code == 404  # not even for admins


def test_users_log_in_after_commands(tmp_path):
    """What commands do to users holds at once in the pages of a gateway that runs."""
    with Gateway(tmp_path / "data") as gateway, visitor(gateway) as client:
        assert log_in(client, gateway).is_redirect
        assert client.get("/").is_success
        gateway.command("user", "disable", "admin", "--data", tmp_path / "data")
        assert client.get("/").is_redirect
        gateway.command("user", "enable", "admin", "--data", tmp_path / "data")
        assert client.get("/").is_redirect
        assert log_in(client, gateway).is_redirect
        assert client.get("/").is_success
        words = ("user", "password", "admin", "--generate", "--data", tmp_path / "data")
        new = gateway.command(*words).split()[-1]
        assert client.get("/").is_redirect
        gateway.ready["admin"]["password"] = new
        assert log_in(client, gateway).is_redirect


def test_a_password_is_no_argument(tmp_path):
    words = [*COMMAND, "gateway", "user", "add", "anna", "--role", "reader", "--password", "x"]
    done = process(*words[3:], env=environment(), cwd=tmp_path)
    assert done.returncode == 2
    assert "No such option: --password" in done.stderr
