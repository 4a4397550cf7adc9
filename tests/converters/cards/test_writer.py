from datetime import date

import pytest
from cardcases import CARDS
from hypothesis import given

from converters.cards.model import Card, Email, Name, Tel
from converters.cards.reader import read
from converters.cards.viewer import view
from converters.cards.writer import write
from smsenc import Payload, Port


@given(CARDS)
def test_what_is_written_comes_back(card):
    octets = write(card)
    assert octets.isascii()
    assert list(read(octets)) == [(card, ())]
    assert view(Payload.to_port(Port.VCARD, octets)).content["name"]


def test_gammu_reads_what_is_written():
    gammu = pytest.importorskip("gammu", reason="python-gammu is not installed")
    card = Card(
        name=Name(family="Müller-Łukasz; 表", given="Zoë"),
        tels=(Tel("+447700900123", ("CELL",)), Tel("02079460123", ("WORK",))),
        emails=(Email("zoe@example.com"),),
        org=("Example",),
        birthday=date(1985, 1, 14),
        note="one\ntwo\\",
    )
    found = gammu.DecodeVCARD(write(card).decode("ascii"))
    values = {entry["Type"]: entry["Value"] for entry in found["Entries"]}
    birthday = values.pop("Date")
    # It splits N at every semicolon, escaped or not.
    assert values == {
        "Text_LastName": "Müller-Łukasz",
        "Text_FirstName": " 表",
        "Number_Mobile": "+447700900123",
        "Number_General": "02079460123",
        "Text_Email": "zoe@example.com",
        "Text_Company": "Example",
        "Text_Note": "one\r\ntwo\\",
    }
    assert birthday.date() == card.birthday
