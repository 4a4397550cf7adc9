"""``smsenc log`` knows every line that the gateway writes: a real one, with all kinds of files."""

from __future__ import annotations

import pytest
from command import records, smsenc
from gateways import Gateway, until

NUMBER = "447700900123"
CARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Ann Example\nTEL:+447700900123\nNOTE:{}\nEND:VCARD\n"


@pytest.fixture
def gateway(tmp_path):
    with Gateway(tmp_path / "data") as made:
        yield made


def test_all_lines_are_read_and_remarks_are_told(gateway, tmp_path):
    account = gateway.account
    secrets = {
        "SMSENC_FTP_USER": account.ftp_user,
        "SMSENC_FTP_PASSWORD": account.ftp_password,
        "SMSENC_API_ID": account.api_id,
        "SMSENC_USER": account.user,
        "SMSENC_PASSWORD": account.password,
    }

    def run(*words):
        return smsenc(*words, env=secrets, cwd=tmp_path)

    (tmp_path / "ann.vcf").write_text(CARD.format("a" * 150))
    (tmp_path / "note.txt").write_text("Hello")
    assert run("convert", "ann.vcf", "--to", NUMBER, "--ack").returncode == 0
    more = ("--ack", "--reply", "a@example.com")
    assert run("convert", "note.txt", "--to", NUMBER, "--to", "447700900138", *more).returncode == 0
    server = ("outbox", "--host", "127.0.0.1", "--port", gateway.ftp_port)
    server += ("--ca-file", tmp_path / "data" / "ca.pem")
    assert run("upload", *server).returncode == 0
    until(lambda: "4 delivered" in run("log", *server).stderr)

    (note,) = (tmp_path / "outbox").rglob("*note*.txt")
    gateway.upload(note.name, note.read_bytes())
    until(lambda: "already taken at" in run("log", *server).stderr)

    done = run("log", *server)
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert [line[:26].rstrip() for line in lines] == [
        "000001-ann part 1/2",
        "000001-ann part 2/2",
        "000001-note",
        "000001-note",
    ]
    assert "neither an answer nor a reply" not in done.stderr
    said = [line for line in done.stderr.splitlines() if line.startswith(note.name)]
    assert said[0].endswith(": reply: nothing is mailed")
    assert said[1].endswith("; not sent again")
    assert done.stderr.splitlines()[-1] == "3 messages in 4 parts: 4 delivered"
    found = records(run("log", *server, "--json"))
    assert [(row["part"], row["parts"]) for row in found] == [(1, 2), (2, 2), (1, 1), (1, 1)]
    assert {row["remark"].count("not sent again") for row in found[2:]} == {1}
    assert {row["remark"] for row in found[:2]} == {""}
