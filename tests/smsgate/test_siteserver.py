"""The server of the documentation: what is in its folder, and nothing else."""

import http.client
import os
import socket
import time

import pytest

from smsenc import OptionError
from smsgate import siteserver

PAGE = b"<title>smsenc</title>"


@pytest.fixture
def folder(tmp_path):
    site = tmp_path / "site"
    for name in ("index.html", "howto/index.html", "howto/a b.html", "_static/a.css", "x.toml"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_bytes(PAGE)
    (site / ".hidden").mkdir()
    (site / ".hidden" / "a.html").write_bytes(PAGE)
    (tmp_path / "secret.html").write_bytes(b"secret")
    (site / "link.html").symlink_to(tmp_path / "secret.html")
    return site


@pytest.fixture
def port(folder):
    with siteserver.serving(folder, 0) as port:
        yield port


def asked(port, path, method="GET"):
    connection = http.client.HTTPConnection(siteserver.HOST, port, timeout=60)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/index.html?x=1", "text/html; charset=utf-8"),
        ("/howto/", "text/html; charset=utf-8"),
        ("/howto/a%20b.html", "text/html; charset=utf-8"),
        ("/_static/a.css", "text/css; charset=utf-8"),
        ("/x.toml", "application/octet-stream"),
    ],
)
def test_pages_and_their_types(port, path, kind):
    answer, body = asked(port, path)
    assert (answer.status, body) == (200, PAGE)
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Length"] == str(len(PAGE))


@pytest.mark.parametrize(
    "path",
    [
        *("/howto", "/_static/", "/gone.html", "/link.html", "/.hidden/a.html"),
        *("/../secret.html", "/%2e%2e/secret.html", "/howto/../index.html", "/index.html%00"),
    ],
)
def test_nothing_else_is_found(port, path):
    answer, body = asked(port, path)
    assert answer.status == 404
    assert PAGE not in body
    assert b"secret" not in body


@pytest.mark.parametrize("path", ["/", "/gone.html"])
def test_every_answer_has_the_headers(port, path):
    answer, _ = asked(port, path)
    for name, value in siteserver.HEADERS.items():
        assert answer.headers[name] == value
    assert answer.headers["Server"] == "smsenc"


def test_head_has_no_body_and_other_methods_are_refused(port, folder):
    answer, body = asked(port, "/", "HEAD")
    assert (answer.status, body) == (200, b"")
    for method in ("POST", "PUT", "DELETE"):
        assert asked(port, "/", method)[0].status == 501
    assert (folder / "index.html").read_bytes() == PAGE


def test_a_file_that_is_gone_ends_its_request_alone(port, folder, capfd):
    (folder / "x.toml").unlink()
    with pytest.raises(http.client.HTTPException):
        asked(port, "/x.toml")
    assert asked(port, "/")[1] == PAGE
    assert capfd.readouterr() == ("", "")


def test_there_is_room_for_some_requests_at_once(port):
    address = (siteserver.HOST, port)
    held = [socket.create_connection(address, 60) for _ in range(siteserver._AT_ONCE)]
    try:
        for one in held:
            one.send(b"GET / HTTP/1.0\r\n")
        deadline = time.monotonic() + 60
        while True:  # until all of them have a thread, the next one is closed
            with socket.create_connection(address, 60) as more:
                more.send(b"GET / HTTP/1.0\r\n\r\n")
                try:
                    refused = more.recv(9) == b""
                except ConnectionError:
                    refused = True
            if refused:
                break
            assert time.monotonic() < deadline
    finally:
        for one in held:
            one.close()
    while True:  # and when they have gone, there is room again
        try:
            assert asked(port, "/")[1] == PAGE
            break
        except (ConnectionError, http.client.HTTPException):
            assert time.monotonic() < deadline


def test_what_is_too_large_is_no_site(folder, monkeypatch):
    monkeypatch.setattr(siteserver, "_LARGEST", len(PAGE) - 1)
    assert siteserver.pages(folder) == {}
    monkeypatch.undo()
    monkeypatch.setattr(siteserver, "_MOST_FILES", 4)
    with pytest.raises(OptionError, match="expected at most 4 files, found more"):
        siteserver.pages(folder)


def test_a_port_in_use(port, folder):
    with (
        pytest.raises(OptionError, match=rf"cannot listen on 127\.0\.0\.1:{port}: address"),
        siteserver.serving(folder, port),
    ):
        os.abort()
