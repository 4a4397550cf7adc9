from dataclasses import fields
from datetime import date

import pytest

from converters.cards.model import Card, Tel
from converters.cards.properties import PROPERTIES
from converters.cards.reader import Draft, read


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("+44 7700 900-123", "+447700900123"),
        ("(0113) 496.0123", "01134960123"),
        ("*100#", "*100#"),
        ("tel:+1-202-555-0123", "+12025550123"),
        ("TEL:7042;phone-context=example.com", "7042"),
        ("+1 202 555 0123 x45", "+12025550123"),
        ("+44 (0)7700 900123", "+447700900123"),
        ("(home) 07700 900123 (temporary)", "07700900123"),
        (";090123456789;;", "090123456789"),
    ],
)
def test_a_number_without_what_is_for_the_eye(value, number):
    ((card, _losses),) = read(f"BEGIN:VCARD\nVERSION:4.0\nN:a\nTEL:{value}\nEND:VCARD\n".encode())
    assert card.tels == (Tel(number),)


@pytest.mark.parametrize("value", ["abc", "sip:a@example.com", "+", "1" * 101])
def test_what_is_no_number_costs_the_property(value):
    ((card, (loss,)),) = read(f"BEGIN:VCARD\nN:a\nTEL:{value}\nEND:VCARD\n".encode())
    assert card.tels == ()
    assert (loss.what, loss.action, loss.line) == ("TEL", "left out", 3)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("19701015", date(1970, 10, 15)),
        ("1970-10-15", date(1970, 10, 15)),
        ("1970-10-15T00:00:00Z", date(1970, 10, 15)),
        ("19701315", None),
        ("--1015", None),
        ("circa 1800", None),
    ],
)
def test_birthdays(value, day):
    ((card, losses),) = read(f"BEGIN:VCARD\nN:a\nBDAY:{value}\nEND:VCARD\n".encode())
    assert card.birthday == day
    assert [loss.what for loss in losses] == ([] if day else ["BDAY"])


def test_every_property_has_a_field_of_the_draft_and_of_the_card():
    read = {row.field for row in PROPERTIES.values()}
    draft = {field.name for field in fields(Draft)}
    assert read == draft == {field.name for field in fields(Card)}
