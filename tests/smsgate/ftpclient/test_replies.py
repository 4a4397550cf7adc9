"""Replies, and the errors that they become."""

# ruff: noqa: S321 - errors of ftplib are made here, and no connection

import socket
from ftplib import Error, error_perm, error_reply, error_temp

import pytest

from smsgate.errors import GatewayBusyError, GatewayError, GatewayLostError
from smsgate.ftpclient import replies

TRANSLATOR = replies.Translator("s3cret", 30.0)


@pytest.mark.parametrize(("reply", "size"), [("213 42", 42), ("550 None", None), ("213 0", 0)])
def test_sizes(reply, size):
    assert replies.size_of(reply) == size


@pytest.mark.parametrize("reply", ["450 Busy", "553 No", "213 many"])
def test_a_reply_without_a_size(reply):
    with pytest.raises((Error, ValueError)):
        replies.size_of(reply)


def test_a_reply_to_another_command():
    assert replies.checked("213 1", "213") == "213 1"
    assert replies.checked("550 No", "213") == "550 No"
    with pytest.raises(error_reply):
        replies.checked("250 Done", "213")


@pytest.mark.parametrize(
    ("error", "kind", "text", "reply"),
    [
        (error_perm("530 Not s3cret"), GatewayError, "530 Not ***", 530),
        (error_temp("450 Busy\r\n"), GatewayBusyError, "450 Busy", 450),
        (error_temp("421 Bye"), GatewayLostError, "421 Bye", 421),
        (error_reply("what?"), GatewayLostError, "what?", None),
        (TimeoutError(), GatewayLostError, "no answer in 30 s", None),
        (EOFError(), GatewayLostError, "connection closed", None),
        (ConnectionResetError(104, "Reset"), GatewayLostError, "Reset", None),
        (socket.gaierror(socket.EAI_NONAME, "x"), GatewayError, "no such host", None),
        (socket.gaierror(socket.EAI_AGAIN, "later"), GatewayLostError, "later", None),
        (
            error_perm("550 " + "x" * 999),
            GatewayError,
            "550 " + "x" * 196 + "… (803 characters left out)",
            550,
        ),
    ],
)
def test_errors(error, kind, text, reply):
    found = TRANSLATOR.error(error, "log in")
    assert type(found) is kind
    assert (str(found), found.reply) == (f"cannot log in: {text}", reply)
    assert "s3cret" not in repr(TRANSLATOR)
