"""Speed of tunes beside their peers, in one process: best of several rounds, microseconds.

Run with the project's Python: ``.venv/bin/python benchmarks/tunes.py [FOLDER]``, where FOLDER holds
MIDI files to read. A tune of 20 notes goes from RTTTL to parts, beside python-gammu's encoder that
is given the notes ready; MIDI files go from octets to parts, beside mido's own reading of them.
"""

import io
import sys
import timeit
from pathlib import Path

import mido

from converters import midi, rtttl
from smsenc import SmsencError, split

RTTTL = b"Twenty:d=8,o=5,b=125:" + b",".join(b"c d e f# g a b c6 p g".split() * 2)


def best(run, number):
    return min(timeit.repeat(run, number=number, repeat=3)) / number * 1e6


def ours_rtttl():
    (item,) = rtttl.convert(RTTTL, _RTTTL_SETTINGS)
    return split(item.payload, reference=1)


_RTTTL_SETTINGS = rtttl.CONVERTER.settings({})
_MIDI_SETTINGS = midi.CONVERTER.settings({})


def by_gammu():
    """The encoder with notes ready, or None where it is not installed."""
    try:
        import gammu
    except ImportError:
        return None
    names = ("C", "Cis", "D", "Dis", "E", "F", "Fis", "G", "Gis", "A", "Ais", "H")
    (item,) = rtttl.convert(RTTTL, _RTTTL_SETTINGS)
    from converters.ringtone import decode

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
        for note in decode(item.payload.data).notes
    ]
    info = {
        "Entries": [{"ID": "NokiaRingtone", "Ringtone": {"Name": "Twenty", "Notes": notes}}],
        "Class": 1,
        "Unicode": 0,
    }
    return lambda: gammu.EncodeSMS(info)


def main(folder=None):
    print(f"rtttl, 20 notes to parts: ours {best(ours_rtttl, 500):8.1f} µs")
    encode = by_gammu()
    try:
        told = f"{best(encode, 500):8.1f} µs" if encode else "not installed"
    except Exception as error:  # noqa: BLE001 - what it takes differs by its version
        told = f"would not: {error}"
    print(f"  gammu from ready notes:      {told}")
    ratios = []
    for path in sorted(Path(folder).glob("*.mid")) if folder else ():
        octets = path.read_bytes()
        try:
            theirs = best(lambda octets=octets: mido.MidiFile(file=io.BytesIO(octets)), 1)
            mine = best(lambda octets=octets: list(midi.convert(octets, _MIDI_SETTINGS)), 1)
        except (SmsencError, OSError, EOFError, ValueError, IndexError):
            continue
        ratios.append((mine / theirs, mine, theirs, path.name))
    if ratios:
        ratios.sort()
        mine, theirs = (sum(r[n] for r in ratios) / len(ratios) / 1000 for n in (1, 2))
        print(
            f"midi, {len(ratios)} files: ours {mine:.1f} ms, mido's reading {theirs:.1f} ms a file"
        )
        print(f"  ratio: median {ratios[len(ratios) // 2][0]:.2f}, of all {mine / theirs:.2f}")
        for ratio, one, other, name in ratios[-5:]:
            print(f"  {ratio:5.2f}  {one / 1000:7.1f} ms  {other / 1000:7.1f} ms  {name}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
