"""Files whose chunks are not where they should be."""

from __future__ import annotations

from fractions import Fraction

import pytest

from converters.tunes import sniffing
from converters.tunes.midi import reader
from smsenc import SmsencError

TEMPO = bytes.fromhex("00FF510307A120")
BETWEEN = "at offset 42 left out: between tracks"
LENGTH = "length of track 1 ignored:"
COUNT = "number of tracks ignored: the header says 1; all 2 are read"
END = bytes.fromhex("00FF2F00")
NOTES = bytes.fromhex("00903C40 60803C00 00903E40 60803E00")


def header(tracks=1, file_format=1, division="0060", size=6):
    start = b"MThd" + size.to_bytes(4, "big") + file_format.to_bytes(2, "big")
    return start + tracks.to_bytes(2, "big") + bytes.fromhex(division)


def track(body=NOTES + END, longer=0):
    return b"MTrk" + (len(body) + longer).to_bytes(4, "big") + body


def read(octets):
    """How many notes each track has, and the losses."""
    score = reader.read(octets)
    notes = [sum(map(len, one.notes.values())) for one in score.tracks]
    return notes, [str(loss) for loss in score.losses]


@pytest.mark.parametrize(
    ("octets", "notes", "said"),
    [
        (header(2) + track() + track(), [2, 2], []),
        (
            header(2) + track() + b"\0\xff\x51\3\7\xa1\x20" + track(),
            [2, 2],
            [f"7 octets {BETWEEN}"],
        ),
        (
            header(2) + track() + b"junk" + track(),
            [2, 2],
            [f"4 octets {BETWEEN}"],
        ),
        (header(2) + b"XFIH\0\0\0\2ab" + track() + track(), [2, 2], []),
        (b"\n" + header() + track(), [2], ["1 octet at offset 0 left out: before the header"]),
        (header() + track() + bytes(86), [2], []),
        (header() + track() + b"TAG!", [2], ["4 octets at offset 42 left out: behind the tracks"]),
        (header(2) + track(longer=9) + track(), [2, 2], [f"{LENGTH} 9 too large"]),
        (
            header(2) + track(longer=-9) + track(),
            [2, 2],
            [f"{LENGTH} 9 too small"],
        ),
        (header() + track(longer=9), [2], ["track 1 cut: the file ends 9 octets early"]),
        (header() + track(longer=-19), [2], [f"{LENGTH} 19 too small"]),
        (header(3) + track(), [2], ["2 tracks lost: the header says 3, the file has 1"]),
        (
            header(1) + track() + track(),
            [2, 2],
            [COUNT],
        ),
        (header(size=9) + track(), [2], []),
        (header(size=0) + track(), [2], []),
    ],
)
def test_every_track_is_found_and_what_is_odd_is_reported(octets, notes, said):
    assert read(octets) == (notes, said)


def test_a_riff_file_may_have_more_chunks():
    octets = header() + track()
    size = (len(octets) + 20).to_bytes(4, "little")
    wrapped = b"RIFF" + size + b"RMIDdata" + len(octets).to_bytes(4, "little") + octets
    assert read(wrapped + b"DISP\4\0\0\0Name") == ([2], [])
    assert sniffing.midi(wrapped)


@pytest.mark.parametrize(
    ("division", "ticks"),
    [
        ("0060", Fraction(96)),
        ("E250", Fraction(30 * 80, 2)),
        ("E728", Fraction(25 * 40, 2)),
        ("E350", Fraction(30_000, 1_001) * 80 / 2),
    ],
)
def test_frames_are_ticks_to_half_a_second(division, ticks):
    assert reader.read(header(division=division) + track()).division == ticks


def test_no_header_is_an_error():
    with pytest.raises(SmsencError) as caught:
        read(b"hello")
    assert str(caught.value) == "offset 0: expected a MIDI file, found 'hell'"
