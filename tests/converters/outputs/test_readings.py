"""A PDU with and without a service centre: which reading is chosen, and what is said of it."""

import random
from contextlib import suppress

import pytest

from converters.errors import SourceError
from converters.outputs.readings import choose
from smsenc import encode_text, split, tpdu

#: Of a handset's manual: "How are you?", with service centre 31624000000, from 31641600986.
DELIVER = "040B911346610089F60000208062917314080CC8F71D14969741F977FD07"
CENTRE = "07911326040000F0"
SUBMIT = "01000C91447700091032000005E8329BFD06"
#: A report on message 12, delivered; with TP-PI, protocol and data coding after it.
REPORT = "060C0C9144770009103262111291300080621112914300800" + "0"
#: With the service centre 21191820, a message of 16 octets; without it, one of 22.
BOTH = "05911291810211020491101011000406060100060004"


def read(text, length=None):
    chosen = choose(bytes.fromhex(text), length)
    return str(chosen.reading), chosen.warnings


@pytest.mark.parametrize(
    ("text", "reading"),
    [
        (CENTRE + DELIVER, "SMS-DELIVER with service centre 31624000000"),
        (DELIVER, "SMS-DELIVER without a service centre"),
        ("00" + DELIVER, "SMS-DELIVER with service centre 00"),
        ("00" + DELIVER[2:], "SMS-DELIVER without a service centre"),
        (CENTRE + SUBMIT, "SMS-SUBMIT with service centre 31624000000"),
        ("00" + SUBMIT, "SMS-SUBMIT with service centre 00"),
        (SUBMIT, "SMS-SUBMIT without a service centre"),
        ("0591447700F0" + SUBMIT, "SMS-SUBMIT with service centre 4477000"),
        (REPORT, "SMS-STATUS-REPORT without a service centre"),
        (CENTRE + REPORT + "03003F", "SMS-STATUS-REPORT with service centre 31624000000"),
    ],
)
def test_lengths_tell_the_readings_apart(text, reading):
    assert read(text) == (reading, ())


def test_of_two_possible_readings_the_choice_is_said():
    centre, submit = (
        "SMS-SUBMIT with service centre 21191820",
        "SMS-SUBMIT without a service centre",
    )
    assert read(BOTH) == (centre, (f"read as {centre}; it could also be {submit}",))
    assert read(BOTH, length=22) == (submit, ())
    assert read(BOTH, length=16) == (centre, ())


def test_a_length_that_no_reading_has_is_said():
    said = "expected a TPDU of 24 octets, as the modem says, found 30"
    assert read(CENTRE + DELIVER, length=24) == (
        "SMS-DELIVER with service centre 31624000000",
        (said,),
    )


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "expected a type of TPDU, found none"),
        ("00", "expected a type of TPDU, found none (at octet 1)"),
        (SUBMIT[:-2], "SMS-SUBMIT: expected 5 octets of user data, found 4 (at octet 13)"),
        ("00" + SUBMIT[:-2], "SMS-SUBMIT: expected 5 octets of user data, found 4 (at octet 14)"),
        (SUBMIT + "00", "SMS-SUBMIT: expected the end, found 1 octets (at octet 18)"),
        (CENTRE + DELIVER[:-2], "SMS-DELIVER: expected 11 octets of user data, found 10"),
        (REPORT[:-2], "SMS-STATUS-REPORT: expected 1 octets of status, found 0"),
        ("07" * 20, "expected the address of a service centre, found none"),
    ],
)
def test_what_is_not_a_pdu_is_refused_by_the_reading_that_gets_further(text, error):
    with pytest.raises(SourceError) as caught:
        read(text)
    assert str(caught.value).startswith("expected a PDU: ")
    assert error in str(caught.value)


def test_every_message_of_ours_is_read_as_it_was_written():
    dice = random.Random(14)
    for _ in range(2000):
        text = "".join(dice.choices("Hello [wörld] €", k=dice.randrange(1, 200)))
        number = "".join(dice.choices("0123456789", k=dice.randrange(1, 16)))
        part = split(encode_text(text), reference=dice.randrange(1, 255))[0]
        octets = tpdu.encode(tpdu.submit(part, number, reference=dice.randrange(256)))
        centre = dice.choice(("", "00", CENTRE, "06914477009000F0"[:14]))
        chosen = choose(bytes.fromhex(centre) + octets, len(octets))
        assert chosen.reading.tpdu == tpdu.decode(octets)
        assert chosen.warnings == ()


def test_any_octets_are_a_pdu_or_our_error():
    dice = random.Random(15)
    whole = bytes.fromhex(CENTRE + DELIVER)
    for _ in range(5000):
        octets = bytearray(whole)
        for _ in range(dice.randrange(1, 4)):
            octets[dice.randrange(len(octets))] = dice.randrange(256)
        with suppress(SourceError):
            choose(bytes(octets[: dice.randrange(len(octets) + 1)]))
