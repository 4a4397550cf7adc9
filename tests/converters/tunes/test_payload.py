from __future__ import annotations

import random
from fractions import Fraction

import pytest

from converters.errors import GuardError
from converters.tunes import ems
from converters.tunes.melody import Melody, Note
from converters.tunes.payload import item
from converters.tunes.ringtone import decode
from converters.tunes.settings import Target, TuneSettings
from smsenc import MessageClass, Port
from smsenc.model import ports

_DICE = random.Random(1)
LONG = Melody("long", tuple(Note(_DICE.randint(60, 100), Fraction(1, 8), 125) for _ in range(300)))


def test_values_that_a_phone_cannot_hold_are_losses():
    melody = Melody("Žluťoučký kůň a pes", (Note(50, Fraction(1, 64), 120), Note(120, Fraction(2))))
    fitted = item(melody)
    assert decode(fitted.payload.data) == Melody(
        "Zlutoucký kun a"[:15],
        (Note(62, Fraction(1, 48), 125), Note(96, Fraction(7, 4), 63)),
    )
    assert [(loss.what, loss.action) for loss in fitted.losses] == [
        ("title 'Žluťoučký kůň a pes'", "replaced"),
        ("title 'Zlutoucký kun a pes'", "cut"),
        ("tempo 120", "rounded"),
        ("2 durations", "rounded"),
        ("2 notes", "replaced"),
    ]


def test_a_tone_is_sent_to_the_port_of_ringtones():
    payload = item(LONG).payload
    assert payload.elements == (ports(Port.RINGTONE),)
    assert payload.message_class is MessageClass.ME


def test_without_settings_a_tone_has_any_length():
    assert decode(item(LONG).payload.data).notes == LONG.notes
    shorter = item(LONG, settings=TuneSettings(max_parts=1))
    assert len(decode(shorter.payload.data).notes) < 100
    with pytest.raises(GuardError):
        item(LONG, settings=TuneSettings(max_parts=1, strict=True))


def test_the_target_ems_has_user_sounds():
    found = item(LONG, settings=TuneSettings(target=Target.EMS))
    assert found.kind == "ems-sound"
    assert len(ems.sounds(found.payload)) == 3
    assert found.losses[-1].why == "the message holds at most 3 sounds of 128 octets"
