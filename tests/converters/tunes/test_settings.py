from __future__ import annotations

import pytest

from converters.tunes.convert import MIDI, RTTTL
from converters.tunes.settings import MidiSettings, TuneSettings
from smsenc import OptionError


def test_defaults():
    assert RTTTL.settings({}) == TuneSettings()
    assert MIDI.settings({}) == MidiSettings()


def test_the_smaller_number_of_notes_counts():
    assert TuneSettings().limits.notes is None
    assert TuneSettings(notes=100, phone=63).limits.notes == 63
    assert TuneSettings(notes=10, phone=63).limits.notes == 10


@pytest.mark.parametrize(
    ("row", "option", "text", "error"),
    [
        (
            RTTTL,
            "phone",
            "9999",
            "expected a phone (7110, 3310, 2310, 6233, 6151, 2626 or generic), found '9999'",
        ),
        (RTTTL, "notes", "0", "expected a number of notes 1..9999, found '0'"),
        (RTTTL, "target", "wav", "expected ringtone or ems, found 'wav'"),
        (MIDI, "channel", "17", "expected a number 1..16, found '17'"),
        (MIDI, "transpose", "up", "expected a number -48..48, found 'up'"),
        (MIDI, "start", "nan", "expected seconds 0..86400, found 'nan'"),
        (MIDI, "quantise", "maybe", "expected yes or no, found 'maybe'"),
    ],
)
def test_options_are_checked(row, option, text, error):
    with pytest.raises(OptionError) as caught:
        row.settings({option: text})
    assert str(caught.value) == f"{option}: {error}"


def test_a_generic_phone_has_no_limit_of_its_own():
    assert RTTTL.settings({"phone": "generic"}).phone is None
