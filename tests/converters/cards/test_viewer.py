from dataclasses import replace

import pytest
from cardcases import CARDS
from hypothesis import given
from places import ROOT

from converters.cards.convert import CONVERTER
from converters.cards.model import Card, Name, Tel
from converters.cards.reader import read
from converters.cards.viewer import VIEWER, view
from converters.cards.writer import write
from converters.errors import SourceError
from smsenc import Payload, Port, encode_text


def test_view():
    source = (ROOT / "samples" / "contacts-21.vcf").read_bytes()
    items = list(CONVERTER.convert(source, CONVERTER.settings({})))
    shown = view(items[0].payload)
    assert shown.content == {
        "name": "Zoë Müller",
        "tel": [
            {"types": ["PREF", "CELL"], "number": "+447700900123"},
            {"types": ["WORK", "VOICE"], "number": "+442079460123"},
        ],
        "email": [{"types": [], "address": "zoe@example.com"}],
        "org": "Example Ltd",
        "title": "Engineer",
    }
    assert shown.lines[:2] == ("Name     Zoë Müller", "Cell     +447700900123")
    assert view(items[1].payload).lines[-2:] == (
        "Note  Café on the corner",
        "      after six, or call",
    )
    both = view(Payload.to_port(Port.VCARD, items[0].payload.data + items[1].payload.data))
    assert [card["name"] for card in both.content["cards"]] == ["Zoë Müller", "José García"]


def test_view_of_a_card_sent_as_7_bit_text():
    # gammu 1.42 sends cards so.
    text = "BEGIN:VCARD\r\nVERSION:2.1\r\nTEL;CELL:+12025550123\r\nN:Smith;Mike\r\nEND:VCARD\r\n"
    assert view(encode_text(text)).lines == ("Name  Mike Smith", "Cell  +12025550123")


def test_view_of_a_damaged_card():
    with pytest.raises(SourceError) as caught:
        view(Payload.to_port(Port.VCARD, b"BEGIN:VCARD\r\nEND:VCARD\r\n"))
    assert str(caught.value) == (
        "line 1: expected a name, an organisation, a number or an address, found none"
    )


@given(CARDS)
def test_a_file_written_back_says_the_same(card):
    pytest.importorskip("vobject", reason="vobject is not installed")
    (writer,) = VIEWER.writers
    octets = writer.write(Payload.to_port(Port.VCARD, write(card)))
    # FN is compulsory in 3.0: where there was none, it says what N says.
    assert list(read(octets)) == [(replace(card, formatted=card.shown_as), ())]


def test_several_cards_are_one_file():
    (writer,) = VIEWER.writers
    two = write(Card(name=Name("a"))) + write(Card(name=Name("b"), tels=(Tel("1", ("PREF",)),)))
    assert writer.write(Payload.to_port(Port.VCARD, two)).decode().split("\r\n") == [
        *("BEGIN:VCARD", "VERSION:3.0", "FN:a", "N:a;;;;", "END:VCARD"),
        *("BEGIN:VCARD", "VERSION:3.0", "FN:b", "N:b;;;;", "TEL;TYPE=PREF:1", "END:VCARD"),
        "",
    ]
    assert writer.joins


def test_a_damaged_card_is_not_written_back():
    (writer,) = VIEWER.writers
    with pytest.raises(SourceError) as caught:
        writer.write(Payload.to_port(Port.VCARD, b"BEGIN:VCARD\r\nEND:VCARD\r\n"))
    assert caught.value.line == 1
