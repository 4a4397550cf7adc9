"""Ports in replies to PASV and EPSV."""

import time

import pytest

from smsgate.ftpclient import passive
from smsgate.ftpclient.replies import UnusableError


@pytest.mark.parametrize(
    ("reply", "port"),
    [
        ("227 Entering Passive Mode (127,0,0,1,4,5).", 1029),
        ("227 Entering Passive Mode 127,0,0,1,4,5", 1029),
        ("227 =127,0,0,1,4,5", 1029),
        ("227 (127, 0, 0, 1, 255 ,255)", 65535),
        ("227-Look:\n227 (0,0,0,0,0,21)", 21),
        ("229 Extended (|||6446|)", 6446),
        ("229 Extended (!!!6446!)", 6446),
        ("229 Extended |||6446|", 6446),
        ("229 Extended (|2|fe80::1|6446|)", 6446),
        ("229 Extended (||| 21 |)", 21),
    ],
)
def test_ports(reply, port):
    assert passive.port_of(reply) == port


@pytest.mark.parametrize(
    "reply",
    [
        "227 (127,0,0,1,256,0)",
        "227 (999,0,0,1,4,5)",
        "227 (127,0,0,1,0,0)",
        "227 (127,0,0,1,4)",
        "227 (1127,0,0,1,4,5555)",
        "227 (٣,٣,٣,٣,٣,٣)",
        "229 Extended (|||65536|)",
        "229 Extended (|||21)",
        "229 (127,0,0,1,4,5)",
        "200 (127,0,0,1,4,5)",
        "227",
        "",
    ],
)
def test_nonsense(reply):
    with pytest.raises(UnusableError, match="expected the port of a data connection, found "):
        passive.port_of(reply)


@pytest.mark.parametrize("text", ["|", "||", "9999,", "1, ,", "1" * 9, "||0", "()", ";;:"])
def test_a_long_reply_takes_no_time(text):
    start = time.process_time()
    for code in ("227", "229"):
        with pytest.raises(UnusableError):
            passive.port_of(f"{code} {text * 20_000}")
    assert time.process_time() - start < 1
