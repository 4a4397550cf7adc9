"""Where the gateway's log-in comes from, and how it gets into a message file."""

from __future__ import annotations

import pytest
from ftpservers import message

from smsenc import MessageFileError, OptionError
from smsenc.messagefile import PLACEHOLDER, Credentials, Message, dumps, loads
from smsgate import masking
from smsgate.outbox import credentials
from smsgate.outbox.credentials import fill_in

FULL = {"SMSENC_API_ID": "77", "SMSENC_USER": "u", "SMSENC_PASSWORD": "secret"}
LOG_IN = Credentials(api_id="77", user="u", password="secret")


def toml(folder, text):
    path = folder / "gateway.toml"
    path.write_text(text)
    path.chmod(0o600)
    return {"SMSENC_CREDENTIALS": str(path)}


def test_from_the_environment_or_a_file(tmp_path):
    file = toml(tmp_path, 'api_id = 77\nuser = "u"\npassword = "secret"\n')
    assert credentials.find(FULL) == LOG_IN
    assert credentials.find(file) == LOG_IN
    assert credentials.find({}) == PLACEHOLDER
    assert credentials.find(FULL | {"SMSENC_CREDENTIALS": "no such file"}) == LOG_IN


@pytest.mark.parametrize(
    ("missing", "advice"),
    [
        (("SMSENC_USER",), "set SMSENC_USER"),
        (("SMSENC_API_ID", "SMSENC_PASSWORD"), "set SMSENC_API_ID and SMSENC_PASSWORD"),
    ],
)
def test_part_of_a_log_in_is_an_error(missing, advice):
    given = {key: value for key, value in FULL.items() if key not in missing}
    with pytest.raises(OptionError) as caught:
        credentials.find(given)
    assert str(caught.value) == f"incomplete gateway log-in: {advice}"


@pytest.mark.parametrize(
    ("text", "missing"),
    [("", "api_id, user and password"), ('api_id = 77\nuser = "u"\n', "password")],
)
def test_a_file_without_a_whole_log_in_is_an_error(tmp_path, text, missing):
    environment = toml(tmp_path, text)
    with pytest.raises(OptionError) as caught:
        credentials.find(environment)
    assert str(caught.value) == (
        f"incomplete gateway log-in: add {missing} to {tmp_path / 'gateway.toml'}"
    )


# Placeholders ------------------------------------------------------------------------------------

REAL = Credentials(api_id="77", user="ülf", password=r"p\1:x")


def test_placeholders_are_filled_and_nothing_else_changes():
    file = dumps(Message(to=("447700900123",), text="user:xxxxx\nxxxxx"))
    filled = fill_in(file, REAL)
    assert filled == file.replace(
        b"api_id:xxxxx\nuser:xxxxx\npassword:xxxxx\n",
        "api_id:77\nuser:ülf\npassword:p\\1:x\n".encode("latin-1"),
    )
    assert loads(filled).credentials == REAL


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_as_others_write_it(end):
    file = end.join((b"API-ID: xxxxx", b"user:me", b"Password:\txxxxx ", b"text:a", b"to:1", b""))
    filled = end.join((b"API-ID:77", b"user:me", b"Password:p\\1:x", b"text:a", b"to:1", b""))
    assert fill_in(file, REAL) == filled


def test_a_file_that_is_ready_stays_as_it_is():
    assert fill_in(message(1), REAL) == message(1)
    assert fill_in(message(1), PLACEHOLDER) == message(1)


def test_placeholders_without_credentials_are_refused():
    with pytest.raises(MessageFileError) as caught:
        fill_in(dumps(Message(to=("447700900123",), text="a")), PLACEHOLDER)
    assert str(caught.value) == (
        "no gateway log-in: set SMSENC_API_ID, SMSENC_USER and SMSENC_PASSWORD"
    )


def test_a_password_adds_no_line():
    wrong = Credentials(api_id="1", user="u", password="secret\nto:447700900999")
    with pytest.raises(MessageFileError) as caught:
        fill_in(dumps(Message(to=("447700900123",), text="a")), wrong)
    assert str(caught.value) == (
        "password: expected no control character, found one (gateway error 001)"
    )


def test_passwords_are_masked_wherever_they_come_from():
    credentials.find(
        {"SMSENC_API_ID": "1", "SMSENC_USER": "somebody", "SMSENC_PASSWORD": "swordfish"}
    )
    fill_in(b"api_id:1\nuser:u\npassword:marlin42\nto:447700900123\ntext:x\n", PLACEHOLDER)
    assert masking.cleaned("SWORDFISH, marlin42, xxxxx") == "***, ***, xxxxx"
