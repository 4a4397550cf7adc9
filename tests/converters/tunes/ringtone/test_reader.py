from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vectorfiles import described

from converters.tunes.melody import Melody
from converters.tunes.ringtone import decode
from converters.tunes.rtttl import parse
from smsenc import SmsencError


@pytest.mark.parametrize("vector", described("ringtone", "valid"))
def test_tones_of_other_programs_are_read(vector):
    melody = decode(bytes.fromhex(vector["octets"]))
    assert (melody, ()) == parse(vector["rtttl"])
    assert melody.loop == int(vector["loop"])


@pytest.mark.parametrize("vector", described("ringtone", "invalid"))
def test_invalid_tones_are_rejected(vector):
    with pytest.raises(SmsencError) as caught:
        decode(bytes.fromhex(vector["octets"]))
    assert str(caught.value) == vector["error"]


@given(st.binary(max_size=60))
def test_any_octets_are_a_melody_or_our_error(octets):
    for data in (octets, bytes.fromhex("024A3A") + octets):
        try:
            assert isinstance(decode(data), Melody)
        except SmsencError as error:
            assert "expected" in str(error)


def test_repeats_are_written_out_and_bounded():
    note = "001" + "0001" + "010" + "00"
    first = "000" + "00" + "0010" + "00000001" + note  # pattern A, twice more
    again = "000" + "00" + "1110" + "00000000"  # pattern A, fourteen times more
    assert len(decode(tone(2, first + again)).notes) == 3 + 15
    assert len(decode(tone(255, first + again * 254)).notes) == 3 + 254 * 15
    with pytest.raises(SmsencError, match="expected at most 10000 notes, found more"):
        decode(tone(255, first.replace("00000001", "00000100") + note * 3 + again * 254))
    with pytest.raises(SmsencError, match="expected a pattern that was defined before, found A"):
        decode(tone(1, again))


def tone(patterns, song):
    bits = f"{2:08b}{0x25:07b}0{0x1D:07b}0010000{patterns:08b}{song}"
    return int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
