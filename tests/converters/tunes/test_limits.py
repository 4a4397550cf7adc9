from __future__ import annotations

import random
from fractions import Fraction

import pytest

from converters.errors import GuardError
from converters.tunes import rtttl
from converters.tunes.convert import RTTTL
from converters.tunes.limits import phrase_end
from converters.tunes.melody import Note
from converters.tunes.ringtone import decode
from smsenc import split

_DICE = random.Random(1)
NOTES = [f"{_DICE.choice('cdefgab')}{_DICE.choice('456')}" for _ in range(300)]
LONG = "Long:d=8,o=5,b=125:" + ",".join(NOTES)


def convert(text=LONG, **options):
    given = {name.replace("_", "-"): value for name, value in options.items()}
    (item,) = RTTTL.convert(text.encode(), RTTTL.settings(given))
    return item


@pytest.mark.parametrize("parts", [1, 2, 3])
def test_a_tune_is_cut_to_its_parts_and_the_loss_gives_the_time(parts):
    item = convert(max_parts=str(parts))
    assert len(split(item.payload, reference=1)) == parts
    (loss,) = item.losses
    melody = decode(item.payload.data)
    kept = len(melody.notes)
    assert loss.what == (
        f"{300 - kept} notes from {melody.seconds // 60:.0f}:{melody.seconds % 60:04.1f} on"
    )
    assert loss.action == "cut"


@pytest.mark.parametrize(("phone", "notes"), [("7110", 58), ("3310", 63), ("6233", 80)])
def test_a_phone_holds_so_many_notes(phone, notes):
    item = convert(phone=phone)
    assert len(decode(item.payload.data).notes) <= notes
    assert item.losses[0].why == f"the phone holds at most {notes} notes and rests"


def test_a_tune_in_255_parts_is_complete():
    assert convert(max_parts="255").losses == ()


def test_a_strict_limit_refuses():
    item = convert(max_parts="1", strict="yes")
    assert isinstance(item.error, GuardError)
    assert str(item.error) == (
        "line 1: expected a tune within its limit, found a longer one: "
        "the message holds at most 133 octets"
    )


def test_a_tune_is_cut_at_a_rest():
    notes = [Note(72, Fraction(1, 8))] * 30
    notes[26] = Note(None, Fraction(1, 4))
    assert phrase_end(notes, 29) == 26


def test_repeats_are_patterns_where_that_saves_a_part():
    verse, chorus = NOTES[:40], NOTES[50:90]
    song = "Song:d=8,o=5,b=125:" + ",".join((verse + chorus) * 3)
    item = convert(song)
    assert item.losses == ()
    assert len(split(item.payload, reference=1)) == 2
    assert decode(item.payload.data).notes == rtttl.parse(song)[0].notes


def test_what_fits_in_one_part_is_written_out():
    octets = convert("x:d=4,o=5,b=125:" + "c,d,e,f,g,a," * 6).payload.data
    assert len(octets) == 2 + 1 + 2 + -(-(4 + 17 + 5 + 8 + 36 * 12) // 8) + 1
