"""MIDI to one voice, measured on songs whose melody is known, beside three simple rules.

Run with the project's Python: ``.venv/bin/python benchmarks/melody.py FOLDER``, where FOLDER holds
Standard MIDI files of POP909's shape: one track called MELODY among others. Each song is rewritten
before the program sees it: ``apart`` shuffles tracks and channels and takes the names off,
``merged`` puts all tracks into one on one channel, ``named`` shuffles and keeps the names.

A note is found where one of ours has its pitch class and starts within 50 ms, after the rounding
of the tempo is undone. Every third song (by name) was kept aside when the rules were weighed; the
figures are of those, unless ``all`` or ``rest`` is asked for: ``benchmarks/melody.py FOLDER all``.
Folders without a MELODY track are taken by tracks named lead, vocal, voice or solo (``hinted``).
"""

import io
import random
import re
import statistics
import sys
import time
from bisect import bisect_left
from pathlib import Path

import mido

from converters import midi
from smsenc import SmsencError

TOLERANCE = 0.05
KINDS = ("apart", "merged", "named")
HINT = re.compile(r"\b(lead|vocals?|voice|solo)\b", re.IGNORECASE)


def is_truth(name, hinted):
    return bool(HINT.search(name)) if hinted else name.strip() == "MELODY"


def disguised(song, kind, dice):
    """The song's octets as the program is to see it."""
    timing = mido.MidiTrack()
    notes = [list(events(track)) for track in song.tracks]
    for tick, message in sorted(
        ((t, m) for track in notes for t, m in track if m.type == "set_tempo"),
        key=lambda event: event[0],
    ):
        timing.append(message.copy(time=tick))
    voices = [
        (track.name, [(t, m) for t, m in found if m.type in ("note_on", "note_off")])
        for track, found in zip(song.tracks, notes, strict=True)
    ]
    voices = [(name, found) for name, found in voices if found]
    dice.shuffle(voices)
    channels = (
        dice.sample([c for c in range(16) if c != 9], len(voices)) if len(voices) < 16 else None
    )
    if kind == "merged":
        both = sorted((e for _, found in voices for e in found), key=lambda e: e[0])
        tracks = [[(t, m.copy(channel=0)) for t, m in both if m.channel != 9]]
        names = [""]
    else:
        tracks = [
            [
                (t, m.copy(channel=9 if m.channel == 9 or not channels else channels[n]))
                for t, m in found
            ]
            for n, (_, found) in enumerate(voices)
        ]
        names = [name if kind == "named" else "" for name, _ in voices]
    out = mido.MidiFile(type=1, ticks_per_beat=song.ticks_per_beat)
    out.tracks.append(relative([(m.time, m) for m in timing]))
    for name, track in zip(names, tracks, strict=True):
        head = [(0, mido.MetaMessage("track_name", name=name))] if name else []
        out.tracks.append(relative(head + track))
    octets = io.BytesIO()
    out.save(file=octets)
    return octets.getvalue()


def events(track):
    tick = 0
    for message in track:
        tick += message.time
        yield tick, message


def relative(absolute):
    track, last = mido.MidiTrack(), 0
    for tick, message in absolute:
        track.append(message.copy(time=tick - last))
        last = tick
    return track


def seconds_at(song):
    """A function from ticks to seconds."""
    tempi = sorted(
        (t, m.tempo) for track in song.tracks for t, m in events(track) if m.type == "set_tempo"
    )
    ticks, starts, paces = [0], [0.0], [500_000]
    for tick, tempo in tempi:
        starts.append(starts[-1] + (tick - ticks[-1]) * paces[-1] / song.ticks_per_beat / 1e6)
        ticks.append(tick)
        paces.append(tempo)

    def at(tick):
        n = bisect_left(ticks, tick + 1) - 1
        return starts[n] + (tick - ticks[n]) * paces[n] / song.ticks_per_beat / 1e6

    return at


def truth(song, hinted):
    """Second and pitch class of each note of the true tracks."""
    at = seconds_at(song)
    return sorted(
        (at(tick), message.note % 12, message.note)
        for track in song.tracks
        if is_truth(track.name, hinted)
        for tick, message in events(track)
        if message.type == "note_on" and message.velocity and message.channel != 9
    )


def scores(ours, true):
    """Precision, recall and F1 of (second, class) lists; each note is matched once."""
    free = {}
    for second, pitch in sorted(true):
        free.setdefault(pitch, []).append(second)
    hits = 0
    for second, pitch in sorted(ours):
        seconds = free.get(pitch, [])
        n = bisect_left(seconds, second - TOLERANCE)
        if n < len(seconds) and seconds[n] <= second + TOLERANCE:
            seconds.pop(n)
            hits += 1
    precision, recall = hits / max(1, len(ours)), hits / max(1, len(true))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def by_us(octets):
    """Second and class of our notes, in the file's time: where each was meant to start."""
    try:
        tune = midi.tune(octets, midi.CONVERTER.settings({}))
    except SmsencError:
        return []
    return [(second, pitch % 12) for second, pitch in midi.onsets(tune)]


def flat(by_channel):
    return [note for notes in by_channel.values() for note in notes]


def by_skyline(song):
    return skyline(flat(channels(song)))


def by_top_channel(song):
    by_channel = channels(song)
    mean = (lambda notes: statistics.fmean(pitch for _, pitch in notes)) if by_channel else None
    return skyline(max(by_channel.values(), key=mean, default=[]))


def by_first_track(song):
    for track in song.tracks:
        found = channels(song, [track])
        if found:
            return skyline(flat(found))
    return []


def channels(song, tracks=None):
    at, found = seconds_at(song), {}
    for track in tracks or song.tracks:
        for tick, message in events(track):
            if message.type == "note_on" and message.velocity and message.channel != 9:
                found.setdefault(message.channel, []).append((at(tick), message.note))
    return found


def skyline(notes):
    """The highest of the notes that start together, within 30 ms."""
    line = []
    for second, pitch in sorted(notes, key=lambda note: (note[0], -note[1])):
        if line and second - line[-1][0] < 0.03:
            line[-1] = max(line[-1], (line[-1][0], pitch), key=lambda note: note[1])
        else:
            line.append((second, pitch))
    return [(second, pitch % 12) for second, pitch in line]


RULES = (
    ("ours", by_us, True),
    ("skyline", by_skyline, False),
    ("top channel", by_top_channel, False),
    ("first track", by_first_track, False),
)


def measure(paths, kind, *, hinted):
    """Scores by rule, a list of (precision, recall, F1), and the songs with ours below 0.9."""
    dice, found, weak, took = random.Random(5), {name: [] for name, *_ in RULES}, [], 0.0
    for path in paths:
        song = mido.MidiFile(path, clip=True)
        true = [note[:2] for note in truth(song, hinted)]
        octets = disguised(song, kind, dice)
        seen = mido.MidiFile(file=io.BytesIO(octets))
        for name, rule, raw in RULES:
            start = time.perf_counter()
            ours = rule(octets if raw else seen)
            took += (time.perf_counter() - start) * raw
            found[name].append(scores(ours, true))
        if found["ours"][-1][2] < 0.9:
            weak.append(f"{path.stem} {found['ours'][-1][2]:.2f}")
    return found, weak, took


def songs(folder, *, hinted):
    """Songs with a track that is the truth and at least one more voice."""
    for path in sorted(Path(folder).glob("*.mid")):
        try:
            song = mido.MidiFile(path, clip=True)
        except Exception as error:  # noqa: BLE001 - mido raises whatever it stumbles on
            print(f"{path.name} left out: {error!r}", file=sys.stderr)
            continue
        sounding = [t for t in song.tracks if any(m.type == "note_on" and m.velocity for m in t)]
        true = [track for track in sounding if is_truth(track.name, hinted)]
        if true and len(sounding) > 1 and truth(song, hinted):
            yield path


def main(folder, which="third", kinds=KINDS):
    hinted = which == "hinted"
    paths = list(songs(folder, hinted=hinted))
    paths = {"third": paths[2::3], "rest": [p for n, p in enumerate(paths) if n % 3 != 2]}.get(
        which, paths
    )
    for kind in kinds:
        found, weak, took = measure(paths, kind, hinted=hinted)
        print(f"{kind}: {len(paths)} songs, {which}; {took / len(paths) * 1000:.0f} ms a song")
        for name, rows in found.items():
            p, r, f = (statistics.fmean(row[n] for row in rows) for n in range(3))
            print(f"  {name:12} precision {p:.3f}  recall {r:.3f}  F1 {f:.3f}")
        if kind != "merged":
            print(f"  below 0.9: {', '.join(weak) or 'none'}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
