from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import SAMPLES
from vectorfiles import described

from converters.tunes.melody import DEFAULT_VOLUME, Melody, Note, Style
from converters.tunes.ringtone import DURATIONS, decode
from converters.tunes.rtttl import CONVERTER, parse, write
from smsenc import SmsencError


@pytest.mark.parametrize("vector", described("rtttl", "valid"))
def test_the_wild_is_read(vector):
    melody, losses = parse(vector["in"])
    assert (write(melody), losses) == (vector["out"], ())


@pytest.mark.parametrize("vector", described("rtttl", "invalid"))
def test_what_is_no_tune_is_named(vector):
    with pytest.raises(SmsencError) as caught:
        parse(vector["in"])
    assert str(caught.value) == vector["error"]


notes = st.builds(
    Note,
    pitch=st.none() | st.integers(60, 107),
    duration=st.sampled_from(sorted(length for length in DURATIONS if length.numerator != 2)),
    tempo=st.integers(1, 9999),
    style=st.sampled_from(Style),
    volume=st.just(DEFAULT_VOLUME),
)
titles = st.text(st.characters(categories=["L", "N", "P"], exclude_characters=":"), max_size=15)
melodies = st.builds(
    Melody, titles, st.lists(notes, min_size=1, max_size=30).map(tuple), st.integers(0, 15)
)


@given(melodies)
def test_parse_is_the_inverse_of_write(melody):
    assert parse(write(melody)) == (melody, ())


@given(st.binary(max_size=80) | st.text("x:d=o4bc#,;_-.68p \n").map(str.encode))
def test_any_octets_are_items_or_our_error(octets):
    CONVERTER.sniff(octets)
    try:
        assert [item.kind for item in CONVERTER.convert(octets, CONVERTER.settings({}))]
    except SmsencError as error:
        assert "expected" in str(error)


def test_a_file_holds_many_tunes_and_a_bad_one_stands_alone():
    source = b"one:d=4,o=5,b=125:c\n\nbad:d=4:c,\n8q\ntwo:d=4,o=5,b=120:d,\ne"
    one, bad, two = CONVERTER.convert(source, CONVERTER.settings({}))
    assert decode(one.payload.data).title == "one"
    assert str(bad.error) == "line 4: expected a note such as 8c#6, found '8q'"
    assert source[bad.error.offset :].startswith(b"8q")
    assert len(decode(two.payload.data).notes) == 2
    assert [str(loss) for loss in two.losses] == [
        "tempo 120 rounded: the nearest of the phone's tempi: 125"
    ]


def test_an_unknown_setting_is_a_loss():
    assert [str(loss) for loss in parse("x:z=9,s=4:c")[1]] == [
        "2 settings left out: not known to RTX"
    ]


def test_a_tune_is_bounded():
    (item,) = CONVERTER.convert(b"x:d=4:" + b"c," * 40_000, {})
    assert str(item.error) == "line 1: expected at most 65536 characters, found 80006"


def test_an_empty_file():
    with pytest.raises(SmsencError) as caught:
        list(CONVERTER.convert(b" \n", {}))
    assert str(caught.value) == "expected a tune, found an empty file"


@pytest.mark.parametrize(
    ("start", "is_tune"),
    [(b"x:d=4,o=5,b=63:c", True), (b"BEGIN:VCARD\nVERSION:2.1\n", False), (b"", False)],
)
def test_sniff(start, is_tune):
    assert CONVERTER.sniff(start) is is_tune


def test_the_sample_is_read_without_loss():
    sample = SAMPLES / "greensleeves.rtttl"
    (tune,) = CONVERTER.convert(sample.read_bytes(), {})
    assert tune.losses == ()
