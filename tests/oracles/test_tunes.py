"""gammu and gnokii read the notes that we write, in texts and in tones, and differ where we say."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from tune_oracles import FAULTS, PROGRAMS, TONE_FAULTS, differences, same

from converters.tunes.melody import Melody, Note
from converters.tunes.ringtone import TEMPI, encode
from converters.tunes.rtttl import parse, write

_LENGTHS = [factor / 2**k for k in range(6) for factor in (Fraction(1), Fraction(3, 2))]


def tune(dice):
    """A tune that no fault touches: spelled by our writer, and read back by parse."""
    tempo = dice.choice([tempo for tempo in TEMPI if tempo <= 0xFF])
    pitches = [dice.randint(60, 107)]
    pitches += [dice.choice([None, *range(60, 108)]) for _ in range(dice.randint(0, 60))]
    title = "".join(dice.choices("ABCdefg 123", k=dice.randint(1, 14)))
    notes = (Note(pitch, dice.choice(_LENGTHS), tempo) for pitch in pitches)
    return Melody(f"T{title}".strip(), tuple(notes))


def plainly(melody):
    """The tune as our writer has it, dots before the octave: gammu loses those behind."""
    name, settings, notes = (write(melody) + "\n").split(":")
    turned = (
        token[:-2] + token[-1] + token[-2] if _dotted(token) else token
        for token in notes.strip().split(",")
    )
    return f"{name}:{settings}:{','.join(turned)}\n"


def _dotted(token):
    return token.endswith(".") and token[-2].isdigit()


@pytest.mark.parametrize(("program", "count"), [("gammu", 300), ("gnokii", 40)])
def test_generated_tunes_are_read_the_same(program, count):
    dice = random.Random(count)
    melodies = [tune(dice) for _ in range(count)]
    texts = [plainly(melody) for melody in melodies]
    assert [parse(text)[0] for text in texts] == melodies
    tones = [encode(melody)[0] for melody in melodies]
    for answers in PROGRAMS[program](texts, tones):
        assert [n for n, one in enumerate(answers) if not same(one, melodies[n])] == []


#: A tune that shows each fault of a text, and no other.
SHOWING = (
    "a title of 19 chars:d=4,o=5,b=125:c,d,e\n",
    ":d=4,o=5,b=125:c,d,e\n",
    "x:d=4,o=5,b=125:p,c,d,e\n",
    "x:d=4,o=5,b=210:c,d,e\n",
    "x:d=4,o=5,b=450:c,d,e\n",
    "x:d=4,o=5,b=125:12c,d,e\n",
    "x:d=4,o=5,b=125:c, d, 2e\n",
    "x:d=4,o=5,b=125:c,2 d,e\n",
    "x:d=4,o=5,b=125:c,d,\ne\n",
    "x:d=4,o=5,b=125:c,d,e,\n",
    "x:d=4,o=5,b=125:c,d6.,e\n",
)
#: Of a tone.
SHOWING_IN_TONES = (
    "x:d=4,o=5,b=125:" + ",".join(["c,d,e,f,g,a,b,c6,d6,e6"] * 15) + "\n",
    "x:d=4,o=5,b=450:c,d,e\n",
    "x:d=4,o=5,b=125:12c,d,e\n",
)


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize(
    ("kind", "faults", "showing"),
    [("text", FAULTS, SHOWING), ("tone", TONE_FAULTS, SHOWING_IN_TONES)],
)
def test_every_fault_is_still_there(program, kind, faults, showing):
    found = differences(program, showing, [parse(text)[0] for text in showing])
    seen = {one.index: one for one in found if one.kind == kind}
    assert len(faults) == len(showing)
    for index, fault in enumerate(faults):
        if program in fault.programs:
            assert seen[index].causes == (fault.name,)
            assert seen[index].plainly


def test_what_nobody_explains_is_found():
    right, wrong = (parse(f"x:d=4,o=5,b=125:{notes}")[0] for notes in ("c,d,e", "c,d,f"))
    (found, *_) = differences("gammu", ["x:d=4,o=5,b=125:c,d,e\n"] * 2, [right, wrong])
    assert (found.index, found.kind, found.explained) == (1, "text", False)
