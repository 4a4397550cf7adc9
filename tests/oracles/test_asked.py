"""The oracles agree with us on the simplest messages: a check of the harness as much as of us."""

from __future__ import annotations

import pytest
from oracles import gammu_parts, part_of, tshark_udh

from smsenc import Payload, Port, encode_text, split

LONG = "The quick brown fox [€ 5] jumps. " * 6
PARTS = [part_of(s) for s in split(encode_text(LONG), reference=7)]
TO_PORT = [part_of(s) for s in split(Payload.to_port(Port.VCARD, b"CARD" * 50), reference=9)]


@pytest.mark.parametrize("parts", [PARTS, PARTS[::-1]], ids=["in order", "reversed"])
def test_gammu_joins_the_text(parts):
    (message,) = gammu_parts(parts)["ems_True"]
    assert [e["Buffer"] for e in message["understood"]["Entries"]] == [LONG]


def test_gammu_finds_the_port():
    found = gammu_parts(TO_PORT)
    assert found["port"] == f"0x{Port.VCARD:04X}"
    assert [part["length"] for part in found["parts"]] == [128, 72]


def test_tshark_reads_concatenation():
    fields = [f"gsm_sms.udh.mm.msg_{name}" for name in ("id", "parts", "part")]
    assert [[part[f] for f in fields] for part in tshark_udh(PARTS)] == [
        ["7", "2", "1"],
        ["7", "2", "2"],
    ]


def test_tshark_reads_ports():
    assert [part["gsm_sms.destination_port"] for part in tshark_udh(TO_PORT)] == ["9204", "9204"]
