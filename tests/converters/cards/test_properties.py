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


UNKNOWN = "the year is not known, and phones keep only complete dates"


@pytest.mark.parametrize(
    ("line", "day", "why"),
    [
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-17", None, UNKNOWN),
        ("BDAY;VALUE=date;X-APPLE-OMIT-YEAR=1604:16040517", None, UNKNOWN),
        ("BDAY;X-APPLE-OMIT-YEAR=2000:2000-05-17", None, UNKNOWN),
        ("BDAY;X-APPLE-OMIT-YEAR=yes:1985-05-17", None, UNKNOWN),
        ("BDAY;X-APPLE-OMIT-YEAR=1604:1985-05-17", date(1985, 5, 17), None),
        ("BDAY:1604-05-17", None, UNKNOWN),
        ("BDAY:16040517T000000Z", None, UNKNOWN),
        ("BDAY:0001-05-17", None, "expected a year 1850..2100, found 1"),
        ("BDAY:2528-05-17", None, "expected a year 1850..2100, found 2528"),
        ("BDAY:0000-05-17", None, "expected a complete date, found '0000-05-17'"),
        ("BDAY:--05-17", None, "expected a complete date, found '--05-17'"),
        ("BDAY:---17", None, "expected a complete date, found '---17'"),
        ("BDAY:1985-05", None, "expected a complete date, found '1985-05'"),
        ("BDAY;CALSCALE=hebrew:57450517", None, "expected the Gregorian calendar, found 'hebrew'"),
    ],
)
def test_a_birthday_without_a_year(line, day, why):
    ((card, losses),) = read(f"BEGIN:VCARD\nN:a\n{line}\nEND:VCARD\n".encode())
    assert card.birthday == day
    assert [str(loss) for loss in losses] == ([f"line 3: BDAY left out: {why}"] if why else [])


def test_a_birthday_with_a_time():
    ((card, (loss,)),) = read(b"BEGIN:VCARD\nN:a\nBDAY:1985-05-16T23:00:00Z\nEND:VCARD\n")
    assert card.birthday == date(1985, 5, 16)
    why = "phones keep only the date, which may be another one in another zone"
    assert str(loss) == f"line 3: BDAY '23:00:00Z' left out: {why}"


@pytest.mark.parametrize(
    ("value", "addresses", "told"),
    [
        ("a@example.com; b@example.com", ["a@example.com", "b@example.com"], True),
        ("a@example.com,b@example.com", ["a@example.com", "b@example.com"], True),
        ("mailto:a@example.com", ["a@example.com"], False),
        ("Ana Field <a@example.com>", ["a@example.com"], True),
        ("a@b@c, d", ["a@b@c, d"], False),
    ],
)
def test_addresses_of_a_line(value, addresses, told):
    ((card, losses),) = read(f"BEGIN:VCARD\nN:a\nEMAIL:{value}\nEND:VCARD\n".encode())
    assert [email.address for email in card.emails] == addresses
    assert bool(losses) == told


def test_the_label_of_an_address_is_told():
    source = b'BEGIN:VCARD\nN:a\nADR;LABEL="1 High St":;;;;;;\nEND:VCARD\n'
    ((card, (loss,)),) = read(source)
    assert card.addresses == ()
    why = "phones keep no such parameter"
    assert str(loss) == f"line 3: ADR LABEL '1 High St' left out: {why}"


def test_every_property_has_a_field_of_the_draft_and_of_the_card():
    read = {row.field for row in PROPERTIES.values()}
    draft = {field.name for field in fields(Draft)}
    assert read == draft == {field.name for field in fields(Card)}
