"""The oracles agree with us on the simplest messages: a check of the harness as much as of us."""

from __future__ import annotations

import pytest
from oracles import gammu, part_of, tshark

from smsenc import Payload, Port, encode_text, split

LONG = "The quick brown fox [€ 5] jumps. " * 6
PARTS = [part_of(s) for s in split(encode_text(LONG), reference=7)]
TO_PORT = [part_of(s) for s in split(Payload.to_port(Port.VCARD, b"CARD" * 50), reference=9)]


MESSAGES = {"in order": PARTS, "reversed": PARTS[::-1], "to a port": TO_PORT}


@pytest.fixture(scope="module")
def by_gammu():
    return dict(zip(MESSAGES, gammu(MESSAGES.values()), strict=True))


@pytest.fixture(scope="module")
def by_tshark():
    return tshark([PARTS, TO_PORT])


@pytest.mark.parametrize("order", ["in order", "reversed"])
def test_gammu_joins_the_text(order, by_gammu):
    (message,) = by_gammu[order]["ems_True"]
    assert [e["Buffer"] for e in message["understood"]["Entries"]] == [LONG]


def test_gammu_finds_the_port(by_gammu):
    found = by_gammu["to a port"]
    assert found["port"] == f"0x{Port.VCARD:04X}"
    assert [part["length"] for part in found["parts"]] == [128, 72]


def test_tshark_reads_concatenation(by_tshark):
    fields = [f"gsm_sms.udh.mm.msg_{name}" for name in ("id", "parts", "part")]
    assert [[part[f] for f in fields] for part in by_tshark[0]] == [
        ["7", "2", "1"],
        ["7", "2", "2"],
    ]


def test_tshark_reads_ports(by_tshark):
    assert [part["gsm_sms.destination_port"] for part in by_tshark[1]] == ["9204", "9204"]
