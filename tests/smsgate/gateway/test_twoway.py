"""Messages by FTP, replies of phones in ``mo.log`` as our client reads it, and opting out."""

from __future__ import annotations

import json

import pytest
from command import smsenc
from gateways import HOST, Gateway, Smsc, until

from smsenc.messagefile.logs import Reply, read_replies

PHONE, OTHER, NUMBER = "447700900123", "447700900124", "448311000000"
LONG = "Жёлтая осень, " * 20
FORGED = "first\n2026-11-29 10:00:00 447700900999\t1\tforged"


@pytest.fixture
def smsc(tmp_path):
    with Smsc(tmp_path / "smsc") as found:
        yield found


@pytest.fixture
def gateway(tmp_path, smsc):
    with Gateway(tmp_path / "data", smsc.port) as found:
        yield found


def replies(gateway):
    """The replies in mo.log, each of whose lines must be in one."""
    path = gateway.folder() / "mo.log"
    found = read_replies(path.read_bytes()) if path.exists() else ()
    assert all(isinstance(one, Reply) for one in found)
    return found


def wrote(gateway, name, *numbers):
    """Message a phone, so that its replies are the account's; the answers."""
    lines = ("text:Hello", f"from:{NUMBER}", *(f"to:{one}" for one in numbers))
    gateway.upload(name, gateway.account.file(*lines))
    found = gateway.log(name)
    gateway.settled()
    return [(one.to, one.error) for one in found]


def test_a_phone_replies_and_our_log_reads_it(gateway, smsc, tmp_path):
    account = gateway.account
    secrets = {
        "SMSENC_FTP_USER": account.ftp_user,
        "SMSENC_FTP_PASSWORD": account.ftp_password,
        "SMSENC_API_ID": account.api_id,
        "SMSENC_USER": account.user,
        "SMSENC_PASSWORD": account.password,
    }
    (tmp_path / "note.txt").write_text("Shall we?")
    words = ("convert", "note.txt", "--to", PHONE, "--from", NUMBER)
    assert smsenc(*words, cwd=tmp_path, env=secrets).returncode == 0
    to = ("outbox", "--host", HOST, "--port", gateway.ftp_port, "--tls", "none")
    assert smsenc("upload", *to, cwd=tmp_path, env=secrets).returncode == 0
    until(lambda: gateway.select("SELECT 1 FROM message WHERE state = 'sent'"))
    for n, text in enumerate(("Yes", LONG, FORGED), 1):
        smsc.reply(PHONE, NUMBER, "--text", text)
        until(lambda n=n: len(replies(gateway)) == n)
    read = smsenc("log", *to, "--replies", "--json", cwd=tmp_path, env=secrets)
    assert read.returncode == 0, read.stderr
    found = [json.loads(line) for line in read.stdout.splitlines()]
    said = [(one["handset"], one["to"], one["text"]) for one in found]
    shown = FORGED.replace("\t", "\\t")
    assert said == [(PHONE, NUMBER, text) for text in ("Yes", LONG, shown)]


def test_octets_are_in_the_log_in_hex(gateway, smsc):
    wrote(gateway, "a.txt", PHONE)
    smsc.reply(PHONE, NUMBER, "--data", "00FF10", "--app-port", "9204")
    until(lambda: replies(gateway))
    assert [one.text for one in replies(gateway)] == ["udh:06050423F40000 data:00FF10"]


def test_stop_opts_a_phone_out_and_start_in_again(gateway, smsc):
    assert wrote(gateway, "a.txt", PHONE, OTHER) == [(PHONE, None), (OTHER, None)]
    gateway.upload("later.txt", gateway.account.file("text:Later", "deliv_time:600", f"to:{PHONE}"))
    gateway.log("later.txt")
    smsc.reply(PHONE, NUMBER, "--text", " Stop! ")
    until(lambda: replies(gateway))
    assert wrote(gateway, "b.txt", PHONE, OTHER) == [(PHONE, 122), (OTHER, None)]
    assert [one[0] for one in gateway.select("SELECT state FROM message ORDER BY id")].count(
        "cancelled"
    ) == 1
    listed = gateway.command("optout", "list", "--data", gateway.data, "--csv")
    assert f"{PHONE},{gateway.account.api_id},opted-out," in listed
    smsc.reply(PHONE, NUMBER, "--text", "START")
    until(lambda: len(replies(gateway)) == 2)
    assert wrote(gateway, "c.txt", PHONE) == [(PHONE, None)]
    paid = gateway.select("SELECT count(*), sum(amount) FROM ledger WHERE kind = 'reply'")
    assert paid == [(2, -666_666)]


def test_each_reply_is_in_the_log_once_though_the_gateway_is_killed(gateway, smsc):
    wrote(gateway, "a.txt", PHONE)
    for n in range(6):
        smsc.reply(PHONE, NUMBER, "--text", f"reply {n}: {LONG}")
        if n % 2:
            gateway.kill()
            gateway.start()
    until(lambda: len(replies(gateway)) >= 6)
    assert sorted(one.text for one in replies(gateway)) == [f"reply {n}: {LONG}" for n in range(6)]
