"""A ringing tone command by command, and where a damaged one is wrong."""

from __future__ import annotations

import pytest

from converters.tunes.explaining import ringing_tone

HEAD = f"{2:08b}{0b0100101:07b}0{0b0011101:07b}"
SONG = f"{HEAD}001{1:04b}{ord('A'):08b}"
PATTERN = f"{SONG}{1:08b}000{0:02b}{0:04b}"


def octets(bits: str) -> bytes:
    return bytes(int(bits[n : n + 8].ljust(8, "0"), 2) for n in range(0, len(bits), 8))


def explained(bits):
    (whole,) = ringing_tone(octets(bits))
    return whole, [field for _, field in whole.walk()]


def test_the_commands_and_notes_of_a_tone():
    note = "001" + f"{10:04b}{2:03b}{1:02b}"
    bits = f"{PATTERN}{2:08b}100{15:05b}{note}{0:08b}"
    whole, fields = explained(bits)
    said = {field.name: field.text for field in fields}
    assert whole.text == "'A' (1 note)"
    assert said["command"] == "29 (sound)"
    assert said["song type"] == "1 (basic song)"
    assert said["title"] == "'A'"
    assert said["pattern"] == "0 (A)"
    assert said["note"] == "A 1/4 dotted"
    assert said["duration"] == "2 (1/4)"
    assert [f.fault for f in fields if f.fault] == []
    assert next(f.text for f in fields if f.name == "tempo") == "140 beats a minute"


def test_other_commands():
    cancel = f"{2:08b}{0b0000101:07b}{0b0100101:07b}00{0b0100010:07b}0"
    _, fields = explained(cancel)
    said = [field.text for field in fields if "command" in field.name]
    assert said[:3] == ["2", "5 (cancel command)", "37 (ringing tone programming)"]
    wide = f"{2:08b}{0b0100010:07b}0{0b0011101:07b}001{1:04b}{0x416:016b}{0:08b}"
    _, fields = explained(wide)
    assert [field.text for field in fields if field.name == "title"] == ["'Ж'"]
    temporary = f"{HEAD}010{0:08b}{0:08b}"
    assert [f.name for f in explained(temporary)[1]][-1] == "end of the commands"
    untitled = f"{HEAD}001{0:04b}{0:08b}{1:08b}{7:08b}"
    names = [f.name for f in explained(untitled)[1]]
    assert "title" not in names
    assert names[-1] == "after the commands"


@pytest.mark.parametrize(
    ("bits", "name", "fault"),
    [
        (
            f"{2:08b}{0b0100101:07b}0{0b1111111:07b}",
            "command",
            "expected a ringtone's command part",
        ),
        (f"{HEAD}111", "song type", "expected a basic or temporary song"),
        (f"{SONG}{1:08b}111", "pattern header", "expected pattern header 0"),
        (f"{PATTERN}{1:08b}111", "instruction", "expected an instruction 1 to 5"),
        (f"{PATTERN}{1:08b}01111", "style", "expected a style 0 to 2"),
        (f"{PATTERN}{1:08b}0011111", "pitch", "expected a note 0 to 12"),
        (f"{PATTERN}{1:08b}0010001111", "duration", "expected a duration 0 to 5"),
        (PATTERN, "ringing tone", "expected more of the tone, found its end"),
    ],
)
def test_what_is_wrong_is_marked(bits, name, fault):
    _, fields = explained(bits)
    assert [(field.name, field.fault) for field in fields if field.fault] == [(name, fault)]


@pytest.mark.parametrize("data", [b"", b"\2", b"\2\xff"])
def test_what_is_no_tone_is_not_explained(data):
    assert list(ringing_tone(data)) == []
