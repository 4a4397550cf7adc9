"""gammu and gnokii, asked what notes they read in RTTTL texts and in our tones.

Both run as separate processes and answer with melodies, or None where they refuse a source. Where
they read another melody than we do, a row of ``FAULTS`` must name the cause; the tune is then asked
about again in the simplest notation, without what has that cause, and must be equal.
"""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import oracles
import pytest

from converters.tunes.melody import Melody, Note
from converters.tunes.ringtone import LONGEST_TITLE, TEMPI, decode, encode
from converters.tunes.rtttl import parse, spell
from smsenc import SmsencError

#: A program's melodies of texts, and of tones.
Answers = tuple[list[Melody | None], list[Melody | None]]

_SECONDS = 300
_STRETCH = 60  # notes that either program takes in one tune

# JSON on stdin: RTTTL texts, and tones in hex. Answers with tones in hex, and RTTTL texts.
_GAMMU = """
import json, sys
sys.path.insert(0, sys.argv[1])
from gcommon import payload_to_rtttl, rtttl_to_payload
def packed(text):
    try:
        return rtttl_to_payload(text)[0].hex()
    except ValueError:
        return None
asked = json.load(sys.stdin)
print(json.dumps([
    [packed(text) for text in asked[0]],
    [payload_to_rtttl(bytes.fromhex(tone))[0] for tone in asked[1]],
]))
"""


def gammu(texts: Sequence[str], tones: Sequence[bytes]) -> Answers:
    """What gammu reads; skips where it is not installed."""
    if importlib.util.find_spec("gammu") is None:
        pytest.skip("python-gammu is not installed")
    command = [sys.executable, "-B", "-c", _GAMMU, oracles.reference_folder() / "oracles"]
    asked = json.dumps([texts, [tone.hex() for tone in tones]]).encode()
    done = subprocess.run(
        command, input=asked, stdout=subprocess.PIPE, check=True, timeout=_SECONDS
    )
    packed, written = json.loads(done.stdout)
    return (
        [_melody(decode, hexadecimal and bytes.fromhex(hexadecimal)) for hexadecimal in packed],
        [_melody(_parsed, text) for text in written],
    )


def gnokii(texts: Sequence[str], tones: Sequence[bytes]) -> Answers:
    """What gnokii reads; skips where it is not installed."""
    if shutil.which("gnokii") is None:
        pytest.skip("gnokii is not installed (apt install gnokii-cli)")
    with TemporaryDirectory() as folder:
        packed = [_gnokii(_ended(text), ".rtttl", ".ott", folder) for text in texts]
        written = [_gnokii(tone, ".ott", ".rtttl", folder) for tone in tones]
    return (
        [_melody(decode, octets) for octets in packed],
        [_melody(_parsed, octets and octets.decode("latin-1")) for octets in written],
    )


def _ended(text: str) -> bytes:
    """The text with a NUL after it: without one, gnokii reads on into memory that it has not
    cleared, and once in some hundred runs it finds another note there."""
    return text.encode("latin-1", "replace") + b"\0"


def _gnokii(octets: bytes, source: str, target: str, folder: str) -> bytes | None:
    read, written = Path(folder, f"read{source}"), Path(folder, f"written{target}")
    read.write_bytes(octets)
    written.unlink(missing_ok=True)
    command = ["gnokii", "--ringtoneconvert", read, written]
    done = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)
    return written.read_bytes() if written.exists() and not done.returncode else None


def _parsed(text: str) -> Melody:
    return parse(text)[0]


def _melody(read: Callable, source: object) -> Melody | None:
    """The melody of an answer; None where there is no answer, or one that breaks its format."""
    try:
        return read(source) if source else None
    except SmsencError:
        return None


PROGRAMS = {"gammu": gammu, "gnokii": gnokii}


# Known differences


@dataclass(frozen=True)
class Fault:
    """A cause for which programs read another melody than the one that is written."""

    name: str
    programs: tuple[str, ...]
    fits: Callable[[str, Melody], bool]  #: whether a text and our melody of it have the cause


#: Of RTTTL texts.
FAULTS = (
    Fault(
        "a title over 15 characters is written over the notes",
        ("gammu", "gnokii"),
        lambda text, _: len(text.split(":")[0]) > LONGEST_TITLE,
    ),
    Fault(
        "a tune without a title gets the program's name",
        ("gammu", "gnokii"),
        lambda _, melody: not melody.title,
    ),
    Fault(
        "rests at the start are dropped",
        ("gammu", "gnokii"),
        lambda _, melody: melody.notes[0].pitch is None,
    ),
    Fault(
        "a tempo between the phone's becomes the next higher, not the nearest",
        ("gammu", "gnokii"),
        lambda _, melody: any(note.tempo not in TEMPI for note in melody.notes),
    ),
    Fault(
        "a tempo is kept in one octet",
        ("gnokii",),
        lambda _, melody: any(note.tempo > 0xFF for note in melody.notes),
    ),
    Fault(
        "a length that RTTTL has no number for becomes the default",
        ("gammu", "gnokii"),
        lambda text, melody: not all(map(_in_rtttl, melody.notes)) or _odd_divider(text),
    ),
    Fault(
        "spaces are not skipped",
        ("gammu",),
        lambda text, _: " " in text.strip().partition(":")[2],
    ),
    Fault(
        "spaces inside a note or after it are not skipped",
        ("gnokii",),
        lambda text, _: bool(re.search(r"[^,:\s] +\S", text.strip().split(":", 2)[-1])),
    ),
    Fault(
        "the first line's end is the tune's",
        ("gammu", "gnokii"),
        lambda text, _: "\n" in text.strip(),
    ),
    Fault(
        "a comma at the end makes a rest",
        ("gnokii",),
        lambda text, _: text.strip().endswith(","),
    ),
    Fault(
        "a dot after the octave is lost",
        ("gammu",),
        lambda text, _: _dot_behind_octave(text),
    ),
)

#: Of tones.
TONE_FAULTS = (
    Fault(
        "a tone of several patterns is refused",
        ("gammu", "gnokii"),
        lambda _, melody: _patterns(encode(melody)[0]) > 1,
    ),
    Fault(
        "a tempo is kept in one octet",
        ("gnokii",),
        lambda _, melody: any(note.tempo > 0xFF for note in melody.notes),
    ),
    Fault(
        "a length that RTTTL has no number for is written as another",
        ("gammu", "gnokii"),
        lambda _, melody: not all(map(_in_rtttl, melody.notes)),
    ),
)


def _odd_divider(text: str) -> bool:
    """Whether a number before a note or after ``d=`` is not one of 1, 2, 4 .. 32."""
    dividers = re.findall(r"d=(\d+)|[:,](\d+)\.?[a-hp]", text.lower())
    return any(int(a or b) not in (1, 2, 4, 8, 16, 32) for a, b in dividers)


def _dot_behind_octave(text: str) -> bool:
    return any(a.isdigit() and b == "." for a, b in pairwise(text.strip().split(":", 2)[-1]))


def _in_rtttl(note: Note) -> bool:
    """Whether a length is a half of a half and so on of a whole note, at most dotted."""
    return note.duration.numerator in (1, 3) and note.duration.denominator in (
        1,
        2,
        4,
        8,
        16,
        32,
        64,
    )


def _patterns(tone: bytes) -> int:
    """The song sequence length, which follows 26 bits of identifiers and the title."""
    bits = "".join(f"{octet:08b}" for octet in tone)
    title = 30 + 8 * int(bits[26:30], 2)
    return int(bits[title : title + 8], 2)


# Asking


@dataclass(frozen=True)
class Difference:
    """A tune that a program reads differently, as ``text`` or as ``tone``, and why."""

    index: int
    kind: str
    causes: tuple[str, ...]
    plainly: bool  #: whether it agrees on the tune in the simplest notation

    @property
    def explained(self) -> bool:
        return bool(self.causes) and self.plainly


def differences(program: str, texts: Sequence[str], melodies: Sequence[Melody]) -> list[Difference]:
    """Where a program does not read the notes of our tones; ``melodies`` are ours of the texts."""
    tones = [encode(melody)[0] for melody in melodies]
    ours = [decode(tone) for tone in tones]
    found: list[Difference] = []
    answers = PROGRAMS[program](texts, tones)
    for kind, faults, theirs in zip(("text", "tone"), (FAULTS, TONE_FAULTS), answers, strict=True):
        for index in (n for n, one in enumerate(theirs) if not same(one, ours[n])):
            asked = texts[index], melodies[index]
            causes = [f.name for f in faults if program in f.programs and f.fits(*asked)]
            found.append(Difference(index, kind, tuple(causes), plainly=False))
    agreed = _agreed(program, [ours[difference.index] for difference in found])
    return [replace(one, plainly=yes) for one, yes in zip(found, agreed, strict=True)]


def same(theirs: Melody | None, ours: Melody) -> bool:
    """Whether title, pitches, lengths and tempi are equal. Loops may not: gammu always has 5."""
    return theirs is not None and heard(theirs) == heard(ours)


def heard(melody: Melody) -> object:
    """What two programs must agree about."""
    return melody.title, [(note.pitch, note.duration, note.tempo) for note in melody.notes]


def _agreed(program: str, melodies: Sequence[Melody]) -> list[bool]:
    """Whether a program reads each tune in the simplest notation, as texts and as tones."""
    pieces = [(n, piece) for n, melody in enumerate(melodies) for piece in _plain(melody)]
    texts = [_plain_text(piece) for _, piece in pieces]
    answers = PROGRAMS[program](texts, [encode(piece)[0] for _, piece in pieces])
    wrong = {
        n
        for (n, piece), *theirs in zip(pieces, *answers, strict=True)
        if not all(same(one, piece) for one in theirs)
    }
    return [n not in wrong for n in range(len(melodies))]


def _plain(melody: Melody) -> Iterator[Melody]:
    """The tune in pieces without any of the faults: notes of another length are left out."""
    notes = [note._replace(tempo=min(note.tempo, 225)) for note in melody.notes if _in_rtttl(note)]
    for start in range(0, len(notes), _STRETCH):
        stretch = dropwhile(lambda note: note.pitch is None, notes[start : start + _STRETCH])
        if piece := tuple(stretch):
            yield Melody(melody.title or "x", piece)


def _plain_text(melody: Melody) -> str:
    """RTTTL 1.0 with every note spelled out, "8d#.6"."""
    notes = [re.sub(r"(\d?)(\.?)$", r"\2\1", spell(note)) for note in melody.notes]
    return f"{melody.title}:d=4,o=5,b={melody.tempo}:{','.join(notes)}\n"
