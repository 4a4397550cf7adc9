"""Speed of tunes beside their peers, in turns in one process: the best of many rounds.

Run with the project's Python: ``.venv/bin/python benchmarks/tunes.py [FOLDER]``, where FOLDER holds
MIDI files to read. A tune of 20 notes goes from RTTTL to parts, beside python-gammu's encoder that
is given the notes ready; MIDI files go from octets to parts, beside mido's own reading of them, and
the time of each step is printed.
"""

import io
import sys
import timeit
from pathlib import Path

import mido
from figures import Figure, emit, of_package

from converters.tunes.convert import MIDI, RTTTL
from converters.tunes.midi import extraction, reader
from converters.tunes.ringtone import decode
from smsenc import SmsencError, split

TUNE = b"Twenty:d=8,o=5,b=125:" + b",".join(b"c d e f# g a b c6 p g".split() * 2)


def best(*runs, number=1, rounds=3):
    """Microseconds of each of the runs, which take turns."""
    times = [[timeit.timeit(run, number=number) for run in runs] for _ in range(rounds)]
    return [min(column) / number * 1e6 for column in zip(*times, strict=True)]


def ours_rtttl():
    (tone,) = RTTTL.convert(TUNE, _RTTTL_SETTINGS)
    return split(tone.payload, reference=1)


_RTTTL_SETTINGS = RTTTL.settings({})
_MIDI_SETTINGS = MIDI.settings({})


def by_gammu():
    """The encoder with notes ready, or None where it is not installed."""
    try:
        import gammu
    except ImportError:
        return None
    names = ("C", "Cis", "D", "Dis", "E", "F", "Fis", "G", "Gis", "A", "Ais", "H")
    (tone,) = RTTTL.convert(TUNE, _RTTTL_SETTINGS)
    notes = [
        {
            "Type": "Note",
            "Value": 0,
            "Tempo": 125,
            "Scale": 440 * 2 ** max(0, (note.pitch or 60) // 12 - 5),
            "Style": "Natural",
            "Note": "Pause" if note.pitch is None else names[note.pitch % 12],
            "Duration": "1_8",
            "DurationSpec": "NoSpecialDuration",
        }
        for note in decode(tone.payload.data).notes
    ]
    info = {
        "Entries": [{"ID": "NokiaRingtone", "Ringtone": {"Name": "Twenty", "Notes": notes}}],
        "Class": 1,
        "Unicode": 0,
    }
    return lambda: gammu.EncodeSMS(info)


def rtttl_beside_gammu():
    encode = by_gammu()
    try:
        encode and encode()
    except Exception as error:  # noqa: BLE001 - what it takes differs by its version
        print(f"gammu would not: {error}")
        encode = None
    runs = [ours_rtttl, encode] if encode else [ours_rtttl]
    mine, *theirs = best(*runs, number=50, rounds=60)
    theirs = [f"gammu from ready notes {t:.1f} µs, ratio {mine / t:.2f}" for t in theirs]
    print(f"rtttl, 20 notes to parts: ours {mine:.1f} µs;", *theirs or ["gammu is not installed"])


def figures(rounds):
    if theirs := by_gammu():
        mine, other = best(ours_rtttl, theirs, number=50, rounds=rounds)
        peer = f"{of_package('python-gammu')}, from ready notes"
        yield Figure("RTTTL of 20 notes to parts", "us", mine, peer, other)


def midi_file(octets):
    """Microseconds of mido's reading; of our reading, as far as the tune, and as far as parts."""
    return best(
        lambda: mido.MidiFile(file=io.BytesIO(octets)),
        lambda: reader.read(octets),
        lambda: extraction.extract(octets, _MIDI_SETTINGS),
        lambda: [split(i.payload, reference=1) for i in MIDI.convert(octets, _MIDI_SETTINGS)],
    )


def midi_beside_mido(folder):
    rows = []
    for path in sorted(folder.rglob("*.mid")):
        try:
            rows.append(midi_file(path.read_bytes()))
        except (SmsencError, OSError, EOFError, ValueError, IndexError):
            continue  # one of the two does not read it
    if not rows:
        sys.exit(f"expected MIDI files, found none that both read at {folder}")
    theirs, read, tune, parts = (sum(row) / len(rows) / 1000 for row in zip(*rows, strict=True))
    ratios = sorted(row[-1] / row[0] for row in rows)
    print(f"midi, {len(rows)} files: ours {parts:.1f} ms, mido's reading {theirs:.1f} ms a file")
    print(f"  ratio: {parts / theirs:.2f} of all, median {ratios[len(ratios) // 2]:.2f}")
    steps = {"reading": read, "choosing and quantising": tune - read, "encoding": parts - tune}
    print(" ", "; ".join(f"{step} {time:.1f} ms" for step, time in steps.items()))


def main(folder=None):
    if folder == "--json":
        found = list(figures(10 if "--quick" in sys.argv else 60))
        emit(found, () if found else ("gammu",))
        return
    rtttl_beside_gammu()
    if folder:
        midi_beside_mido(Path(folder))


if __name__ == "__main__":
    main(*sys.argv[1:2])
