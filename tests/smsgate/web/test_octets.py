"""The map of octets as rows of a table."""

from __future__ import annotations

from smsenc.octetmap import smpppdus, tpdus
from smsenc.smpp import Pdu, encode, pdus
from smsgate.web.octets import MOST_ROWS, place, rows

CUT = bytes.fromhex("11000B917407010932F40000FF05E832")


def test_rows_have_places_bits_and_faults():
    found = tpdus.tpdu(CUT, tpdus.Kind.SUBMIT)
    some = {row.name: row for row in rows(found, found.fields).rows}
    assert (some["TP-MTI"].hex, some["TP-MTI"].depth) == (".... ..01", 1)
    assert (some["TP-DA"].place, some["TP-DA"].short) == (
        "2\N{EN DASH}9",
        "0B 91 74 07 01 09 32 F4",
    )
    assert some["TP-UD"].fault == "expected 5 octets of user data, found 2"
    assert some["TP-RP"].own_clause == ""
    assert some["TP-RP"].clause == some["first octet"].own_clause
    empty = tpdus.tpdu(b"", tpdus.Kind.SUBMIT)
    assert place(empty.fields[0]) == "0"


def test_a_page_has_room_for_so_many_rows_and_octets():
    long = tpdus.tpdu(bytes.fromhex("01000291210000a0" + "41" * 140), tpdus.Kind.SUBMIT)
    found = rows(long, long.fields)
    assert len(found.rows) == MOST_ROWS
    assert found.more == sum(1 for _ in long.walk()) - MOST_ROWS
    octets = encode(Pdu(pdus.DataSm(data_coding=4, tlvs=((0x1401, bytes(3000)),)), 1))
    pdu = smpppdus.pdu(octets)
    (value,) = (row for row in rows(pdu, pdu.fields).rows if row.name == "value")
    assert (value.left, len(value.hex), value.short.count(" ")) == (952, 2048 * 3 - 1, 16)


def test_what_could_act_in_a_page_is_escaped():
    octets = encode(
        Pdu(pdus.SubmitSm(short_message="\u202ea".encode("utf-16-be"), data_coding=8), 1)
    )
    pdu = smpppdus.pdu(octets)
    (shown,) = (row for row in rows(pdu, pdu.fields).rows if row.name == "text")
    assert shown.value == "\\u202ea (2 units of 16 bits)"
