from __future__ import annotations

import pytest

from converters.tunes.rtttl import parse, sniff, sources, write

NOTES = "c,d#,8e6"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        (f"d=4,o=5,b=200:{NOTES}", ""),
        (f":d=4,o=5,b=200:{NOTES}", ""),
        (f"d4,o5,b200:{NOTES}", ""),
        (f"Band: Tune:d=4,o=5,b=200:{NOTES}", "Band: Tune"),
        (f"A: B: C:d=4,o=5,b=200:{NOTES}", "A: B: C"),
        (f"D4 you:d=4,o=5,b=200:{NOTES}", "D4 you"),
    ],
)
def test_settings_are_settings_wherever_the_name_ends(text, title):
    melody, losses = parse(text)
    assert (melody.title, losses) == (title, ())
    assert write(melody).endswith(":d=4,o=5,b=200:c,d#,8e6")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("N:d=4,o=5,200bpm:", "'200bpm' at offset 10 replaced: read as b=200"),
        ("N:d=4,o=5,tempo=200:", "'tempo=200' at offset 10 replaced: read as b=200"),
        ("N:d=4,o=5,b:200:", "'b:' at offset 10 replaced: read as b="),
        ("N:d=4 o=5 b=200:", "'d=4 o=5 b=200' at offset 2 replaced: read as d=4,o=5,b=200"),
        ("N:d=4:o=5,b=200:", "':' at offset 5 replaced: read as a comma"),
        ("N d=4,o=5,b=200:", "'d=4,o=5,b=200' at offset 2 replaced: read as the settings"),
        ("d=4,o=5,b=200:N:", "'N' at offset 14 replaced: read as the name"),
        ("N;d=4;o=5;b=200;", "'d=4;o=5;b=200' at offset 2 replaced: read as the settings"),
        ("N:d=4,o=5,b=199.6:", "'b=199.6' at offset 10 replaced: read as b=200"),
        ("N:duration=4,o=5,b=200:", "'duration=4' at offset 2 replaced: read as d=4"),
    ],
)
def test_other_spellings_of_settings_are_read_and_reported(text, said):
    melody, losses = parse(text + NOTES)
    assert [str(loss) for loss in losses] == [said]
    assert write(melody) == "N:d=4,o=5,b=200:c,d#,8e6"


def test_settings_behind_the_notes_hold_for_all_of_them():
    melody, losses = parse("N:c,d,e:d=4,o=5,b=200")
    assert write(melody) == "N:d=4,o=5,b=200:c,d,e"
    assert [str(loss) for loss in losses] == [
        "'d=4,o=5,b=200' at offset 8 replaced: read as the settings of all notes"
    ]


@pytest.mark.parametrize(
    ("start", "is_tune"),
    [
        (b"d=4,o=5,b=200:c", True),
        (b"Band: Tune:d=4,o=5,b=200:c", True),
        (b"Dear Ann, d=4,o=5: yours", False),
        (b"d=4:c", False),
    ],
)
def test_sniff(start, is_tune):
    assert sniff(start) is is_tune


@pytest.mark.parametrize(
    "octets", [b"N:\nd=4,o=5,b=200:\nc,d\n", b"N:d=4,o=5,b=200\n:c,d\n", b"N:d=4,o=5,b=200:c,\nd"]
)
def test_a_tune_may_break_at_its_colons(octets):
    (source,) = sources(octets)
    assert write(parse(source.text)[0]) == "N:d=4,o=5,b=200:c,d"
