"""Files of each tune format, as items."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SAMPLES

from converters.tunes.convert import IMELODY, MIDI, OTT, RTTTL
from converters.tunes.ringtone import decode
from smsenc import SmsencError


def convert(row, octets, **options):
    """The items of a file."""
    return list(row.convert(octets, row.settings(options)))


# All formats


@pytest.mark.parametrize(
    ("row", "octets", "error"),
    [
        (MIDI, b"", "offset 0: expected a MIDI file, found an empty file"),
        (RTTTL, b" \n", "expected a tune, found an empty file"),
        (IMELODY, b"", "expected an iMelody, found an empty file"),
        (OTT, b"", "expected a ringing tone, found an empty file"),
        (MIDI, bytes((4 << 20) + 1), "expected at most 4194304 octets, found 4194305"),
        (RTTTL, bytes((1 << 20) + 1), "expected at most 1048576 octets, found 1048577"),
        (IMELODY, bytes((1 << 16) + 1), "expected at most 65536 octets, found 65537"),
        (OTT, bytes((1 << 16) + 1), "expected at most 65536 octets, found 65537"),
    ],
)
def test_empty_and_too_large_files_are_rejected(row, octets, error):
    with pytest.raises(SmsencError) as caught:
        convert(row, octets)
    assert str(caught.value) == error


@pytest.mark.parametrize(
    ("row", "name"),
    [
        (MIDI, "ode-to-joy.mid"),
        (RTTTL, "greensleeves.rtttl"),
        (IMELODY, "greensleeves.imy"),
        (OTT, "frere-jacques.ott"),
    ],
)
def test_each_sample_is_recognised_by_its_own_format_only(row, name):
    start = (SAMPLES / name).read_bytes()[:4096]
    assert [other.name for other in (MIDI, RTTTL, IMELODY, OTT) if other.sniff(start)] == [row.name]


# RTTTL


@given(st.binary(max_size=80) | st.text("x:d=o4bc#,;_-.68p \n").map(str.encode))
def test_any_octets_are_rtttl_items_or_our_error(octets):
    RTTTL.sniff(octets)
    try:
        assert [item.kind for item in convert(RTTTL, octets)]
    except SmsencError as error:
        assert "expected" in str(error)


def test_a_file_holds_many_tunes_and_a_bad_one_is_rejected_alone():
    source = b"one:d=4,o=5,b=125:c\n\nbad:d=4:c,\n8q\ntwo:d=4,o=5,b=120:d,\ne"
    one, bad, two = convert(RTTTL, source)
    assert decode(one.payload.data).title == "one"
    assert str(bad.error) == "line 4: expected a note such as 8c#6, found '8q'"
    assert source[bad.error.offset :].startswith(b"8q")
    assert len(decode(two.payload.data).notes) == 2
    assert [str(loss) for loss in two.losses] == [
        "tempo 120 rounded: the nearest of the phone's tempi: 125"
    ]


def test_a_tune_is_bounded():
    (item,) = convert(RTTTL, b"x:d=4:" + b"c," * 40_000)
    assert str(item.error) == "line 1: expected at most 65536 characters, found 80006"


def test_the_sample_is_read_without_loss():
    (tune,) = convert(RTTTL, (SAMPLES / "greensleeves.rtttl").read_bytes())
    assert tune.losses == ()


# iMelody


@given(st.binary(max_size=60) | st.text("cdr#&*().@V+-0123;:").map(str.encode))
def test_any_octets_are_an_imelody_or_our_error(octets):
    for source in (octets, b"MELODY:" + octets):
        IMELODY.sniff(source)
        try:
            (item,) = convert(IMELODY, source)
            decode(item.payload.data)
        except SmsencError as error:
            assert "expected" in str(error)


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "latin-1", "utf-16"])
def test_names_of_imelodies_are_utf_8_or_latin_1(charset):
    (item,) = convert(IMELODY, "BEGIN:IMELODY\nBEAT:125\nNAME:Fête\nMELODY:c2".encode(charset))
    assert (decode(item.payload.data).title, item.losses) == ("Fête", ())


# MIDI


def test_the_voices_of_a_file_are_described():
    octets = (SAMPLES / "ode-to-joy.mid").read_bytes()
    view = MIDI.describe(octets, MIDI.settings({}))
    assert view.content["chosen"] == "track 2 'Melody', channel 1"
    assert [voice["track"] for voice in view.content["voices"]] == [2, 3]
    assert view.lines[0] == "chosen: track 2 'Melody', channel 1"
    assert view.lines[1].startswith("track 2 'Melody', channel 1: ")
