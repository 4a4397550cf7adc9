"""MIDI to one voice, measured on music whose melody is known, beside three simple rules.

Run with the project's Python: ``.venv/bin/python benchmarks/melody.py FOLDER [third|rest|all]``.
Each piece is rewritten before the program sees it: ``apart`` shuffles tracks and channels and takes
the names off, ``merged`` puts all tracks into one on one channel, ``named`` shuffles and keeps the
names, and ``chords`` puts the melody and what lies below it into one track on one channel.

The truth is the track called MELODY (POP909's shape) or Soprano (hymns); in a folder that has
neither, each track called lead, vocal, voice or solo (without ``chords``). A note is found where
one of ours has its pitch class and starts within 50 ms, after the rounding of the tempo is undone.
Three things make that fair to one voice:

- what starts together in a true track counts once, and any of its pitches finds it (power chords);
- of several true tracks the one that was found best counts (leads are doubled for their echo);
- a true track of under 16 starts, or lower than C3 on average, is no melody: sequencers call a bass
  ``Square Lead`` after its sound. A piece with no other is left out.

The last column undoes all three: every note of every track so called, basses and echoes too.

A third of each folder, drawn by a hash of the name, was kept aside when the weights were found (see
``tools/melody-weights``); the figures are of those, unless ``all`` or ``rest`` is asked for.
"""

import io
import random
import re
import statistics
import sys
import time
import zlib
from bisect import bisect_left, bisect_right
from pathlib import Path

import mido

from converters.tunes.midi import extraction
from converters.tunes.settings import MidiSettings
from smsenc import SmsencError

TOLERANCE = 0.05
TOGETHER = 0.03
LEAST_STARTS, LEAST_PITCH = 16, 48
PERCUSSION = 9  # channel 10, counted from 0
KINDS = ("apart", "merged", "named", "chords")
#: Names of the true track.
TRUTHS = ("MELODY", "Soprano")
HINT = re.compile(r"\b(lead|vocals?|voice|solo)\b", re.IGNORECASE)


def is_truth(name, hinted):
    return bool(HINT.search(name)) if hinted else name.strip() in TRUTHS


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
    free = [c for c in range(16) if c != PERCUSSION]
    channels = dice.sample(free, 15) + dice.choices(free, k=len(voices))
    if kind == "chords":
        voices = [("", below_the_tune(song))]
    if kind in ("merged", "chords"):
        both = sorted((e for _, found in voices for e in found), key=lambda e: e[0])
        tracks = [[(t, m.copy(channel=0)) for t, m in both if m.channel != PERCUSSION]]
        names = [""]
    else:
        tracks = [
            [
                (t, m.copy(channel=PERCUSSION if m.channel == PERCUSSION else channels[n]))
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


def below_the_tune(song):
    """The notes of the true track, and of the others those that are lower where they start."""
    true = [track for track in song.tracks if is_truth(track.name, hinted=False)]
    tune = [event for track in true for event in notes_in(track)]
    tune.sort(key=lambda note: note[:3])
    starts, pitches = [note[0] for note in tune], [note[2] for note in tune]
    kept = list(tune)
    for track in song.tracks:
        for note in [] if track in true else notes_in(track):
            now = max(0, bisect_right(starts, note[0]) - 1)
            if note[2] < min(pitches[now : now + 2], default=0) and note[3].channel != PERCUSSION:
                kept.append(note)
    both = [
        (tick, message)
        for start, end, _, on in kept
        for tick, message in (
            (start, on),
            (end, mido.Message("note_off", note=on.note, channel=on.channel)),
        )
    ]
    return sorted(both, key=lambda event: (event[0], event[1].type == "note_on"))


def notes_in(track):
    """Start, end and pitch of each note of a track, in ticks, and its first message."""
    found, down = [], {}
    for tick, message in events(track):
        if message.type == "note_on" and message.velocity:
            down.setdefault(message.note, []).append((tick, message))
        elif message.type in ("note_on", "note_off") and down.get(message.note):
            start, on = down[message.note].pop(0)
            found.append((start, tick, message.note, on))
    return found


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


def notes_of(song, tracks):
    """Second and pitch of each note of some tracks, ordered."""
    at = seconds_at(song)
    return sorted(
        (at(tick), message.note)
        for track in tracks
        for tick, message in events(track)
        if message.type == "note_on" and message.velocity and message.channel != PERCUSSION
    )


def starts_of(notes):
    """What starts together, as one: second and the set of its pitch classes."""
    starts = []
    for second, pitch in notes:
        if starts and second - starts[-1][0] < TOGETHER:
            starts[-1][1].add(pitch % 12)
        else:
            starts.append((second, {pitch % 12}))
    return starts


def is_melody(notes):
    """Whether a true track is long and high enough to be one."""
    return len(starts_of(notes)) >= LEAST_STARTS and (
        statistics.fmean(pitch for _, pitch in notes) >= LEAST_PITCH
    )


def truths(song, hinted):
    """Each true track that is a melody, as starts."""
    found = [notes_of(song, [track]) for track in song.tracks if is_truth(track.name, hinted)]
    return [starts_of(notes) for notes in found if is_melody(notes)]


def scores(ours, true):
    """Precision, recall and F1 of (second, class) against starts; each is matched once."""
    seconds, used, hits = [second for second, _ in true], set(), 0
    for second, pitch in sorted(ours):
        near = range(
            bisect_left(seconds, second - TOLERANCE), bisect_right(seconds, second + TOLERANCE)
        )
        match = next((n for n in near if n not in used and pitch in true[n][1]), None)
        if match is not None:
            used.add(match)
            hits += 1
    precision, recall = hits / max(1, len(ours)), hits / max(1, len(true))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def scored(ours, song, hinted):
    """Precision, recall and F1 of the true track found best, and F1 of every note so called."""
    best = max((scores(ours, true) for true in truths(song, hinted)), key=lambda row: row[2])
    called = [track for track in song.tracks if is_truth(track.name, hinted)]
    each = [(second, {pitch % 12}) for second, pitch in notes_of(song, called)]
    return (*best, scores(ours, each)[2])


def by_us(octets):
    """Second and class of our notes, in the file's time: where each was meant to start."""
    try:
        tune = extraction.extract(octets, MidiSettings())
    except SmsencError:
        return []
    return [(second, pitch % 12) for second, pitch in extraction.onsets(tune)]


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
            if message.type == "note_on" and message.velocity and message.channel != PERCUSSION:
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
    """Scores by rule, what of ours is below 0.9, and the seconds that took."""
    dice, found, weak, took = random.Random(5), {name: [] for name, *_ in RULES}, [], 0.0
    for path in paths:
        song = mido.MidiFile(path, clip=True)
        octets = disguised(song, kind, dice)
        seen = mido.MidiFile(file=io.BytesIO(octets))
        for name, rule, raw in RULES:
            start = time.perf_counter()
            ours = rule(octets if raw else seen)
            took += (time.perf_counter() - start) * raw
            found[name].append(scored(ours, song, hinted))
        if found["ours"][-1][2] < 0.9:
            weak.append(f"{path.stem} {found['ours'][-1][2]:.2f}")
    return found, weak, took


def kept_aside(path):
    """Whether a piece is of the third that the weights have not seen."""
    return zlib.crc32(path.name.encode()) % 3 == 2


def songs(folder):
    """The pieces with a truth and another voice, and whether names hint at the truth."""
    read = {}
    for path in sorted(Path(folder).glob("*.mid")):
        try:
            read[path] = mido.MidiFile(path, clip=True)
        except Exception as error:  # noqa: BLE001 - mido raises whatever it stumbles on
            print(f"{path.name} left out: {error!r}", file=sys.stderr)
    hinted = not any(is_truth(t.name, hinted=False) for song in read.values() for t in song.tracks)
    return [path for path, song in read.items() if is_fit(song, hinted)], hinted


def is_fit(song, hinted):
    sounding = [t for t in song.tracks if any(m.type == "note_on" and m.velocity for m in t)]
    return len(sounding) > 1 and bool(truths(song, hinted))


def main(folder, which="third", kinds=KINDS):
    paths, hinted = songs(folder)
    if which != "all":
        paths = [path for path in paths if kept_aside(path) == (which == "third")]
    for kind in kinds[: -1 if hinted else None]:
        found, weak, took = measure(paths, kind, hinted=hinted)
        print(f"{kind}: {len(paths)} pieces, {which}; {took / len(paths) * 1000:.0f} ms a piece")
        for name, rows in found.items():
            p, r, f, each = (statistics.fmean(column) for column in zip(*rows, strict=True))
            print(
                f"  {name:12} precision {p:.3f}  recall {r:.3f}  F1 {f:.3f}  each note {each:.3f}"
            )
        if kind != "merged":
            print(f"  below 0.9: {', '.join(weak) or 'none'}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
