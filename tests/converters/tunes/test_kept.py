"""The command says what of a tune the file it keeps does not hold."""

import pytest
from command import NUMBER, smsenc

#: A style, a change of volume, and a title with RTTTL's own separator.
IMELODY = (
    "BEGIN:IMELODY\r\nVERSION:1.2\r\nFORMAT:CLASS1.0\r\nNAME:a:b\r\nBEAT:125\r\n"
    "STYLE:S2\r\nMELODY:c2V9d2\r\nEND:IMELODY\r\n"
)
RTX = "Tune:d=4,o=5,b=125,l=3:c,b=160,d,s=S,e\n"

LOST = {
    ("a.imy", IMELODY, ".rtttl"): [
        "title 'a:b' replaced: RTTTL writes 'a b'",
        "volume left out: RTTTL has no sign for it",
    ],
    ("a.imy", IMELODY, ".mid"): [
        "style S left out: MIDI has no sign for it; notes are as long as written",
    ],
    ("a.rtx", RTX, ".imy"): [
        "tempo 160 replaced: iMelody has one: that of the start, 125",
        "style S replaced: iMelody has one: that of the start, N",
    ],
    ("a.rtx", RTX, ".mid"): [
        "loop left out: a MIDI file plays once",
        "style S left out: MIDI has no sign for it; notes are as long as written",
    ],
    ("a.rtx", RTX, ".ott"): [],
}
lost = pytest.mark.parametrize(
    ("name", "tune", "suffix", "said"),
    [(*key, said) for key, said in LOST.items()],
    ids=[f"{name}-{suffix}" for name, _, suffix in LOST],
)


@lost
def test_transcode_says_what_the_file_cannot_hold(tmp_path, name, tune, suffix, said):
    (tmp_path / name).write_text(tune)
    done = smsenc("transcode", tmp_path / name, tmp_path / f"out{suffix}")
    assert done.returncode == 0
    assert [line.partition(": ")[2] for line in done.stderr.splitlines()] == said
    assert (tmp_path / f"out{suffix}").exists()


@lost
def test_decode_says_the_same_of_what_was_received(tmp_path, name, tune, suffix, said):
    (tmp_path / name).write_text(tune)
    box = tmp_path / "outbox"
    assert smsenc("convert", tmp_path / name, "--to", NUMBER, "--out", box).returncode == 0
    done = smsenc("decode", box, tmp_path / f"out{suffix}")
    assert done.returncode == 0
    for line in said:
        assert line in done.stderr
