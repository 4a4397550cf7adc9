"""The chunks of a Standard MIDI file: a header and tracks, wherever they are.

Files come wrapped in RIFF, with octets before, between and behind their chunks, with chunks of
other kinds, and with wrong lengths. A track ends where the next one starts, or where the file does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from converters.api import Action, Loss
from converters.errors import SourceError
from converters.shared.words import counted

_TRACK, _HEADER = b"MTrk", b"MThd"
_HEADER_OCTETS = 6
#: Octets in which the header is looked for: after the headers of a RIFF file, a mail or a Mac.
_SEARCHED = 1 << 10
_END_OF_TRACK = b"\xff\x2f\x00"
_BEHIND = "behind the tracks"
_NAME = re.compile(rb"[A-Za-z][A-Za-z0-9]{2}[A-Za-z0-9 ]")
# Frames a second of SMPTE time; 29 is 30 with frames dropped, as in American television.
_FRAMES = {29: Fraction(30_000, 1_001)}


@dataclass(slots=True)
class Chunks:
    """The header of a file, the bodies of its tracks, and what is odd about them."""

    file_format: int
    division: Fraction  #: ticks to a quarter note, or with ``smpte`` to half a second
    smpte: bool
    tracks: list[bytes] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)


def chunks(data: bytes) -> Chunks:
    """The chunks of a file; raises SourceError where it has no header."""
    riff = data[:4] == b"RIFF" and data[8:12] == b"RMID"
    start = max(data.find(_HEADER, 0, _SEARCHED), 0)
    found, at = _header(data, start)
    if start and not riff:
        found.losses.append(_stray(0, start, "before the header"))
    _read_tracks(data, at, found)
    if riff:  # which has other chunks, with lengths that are often wrong
        found.losses = [loss for loss in found.losses if loss.why != _BEHIND]
    declared = int.from_bytes(data[start + 10 : start + 12], "big")
    found.losses += _wrong_count(declared, len(found.tracks))
    return found


def _header(data: bytes, at: int) -> tuple[Chunks, int]:
    """What the header says, and where what follows it starts."""
    if data[at : at + 4] != _HEADER:
        found = repr(data[:4])[1:] if data else "an empty file"
        raise SourceError(f"expected a MIDI file, found {found}", offset=at)
    size = int.from_bytes(data[at + 4 : at + 8], "big")
    start, usual = at + 8, at + 8 + _HEADER_OCTETS
    if data[start + size : start + size + 4] != _TRACK and data[usual : usual + 4] == _TRACK:
        size = _HEADER_OCTETS
    header = data[start : start + size]
    if len(header) < _HEADER_OCTETS:
        raise SourceError(f"expected 6 octets of header, found {len(header)}", offset=at)
    division, smpte = _division(header[4:6])
    return Chunks(int.from_bytes(header[:2], "big"), division, smpte), start + size


def _division(octets: bytes) -> tuple[Fraction, bool]:
    """Ticks to a quarter note; in SMPTE time to half a second, as the default tempo has it."""
    value = int.from_bytes(octets, "big", signed=True)
    frames = -(value >> 8)
    ticks = Fraction(value)
    if value < 0:
        ticks = _FRAMES.get(frames, Fraction(frames)) * (value & 0xFF) / 2
    if not ticks:
        raise SourceError("expected ticks to a quarter note, found 0", offset=12)
    return ticks, value < 0


def _read_tracks(data: bytes, at: int, found: Chunks) -> None:
    """Add the tracks from an offset on."""
    while at < len(data):
        declared = at + 8 + int.from_bytes(data[at + 4 : at + 8], "big")
        if data[at : at + 4] == _TRACK and at + 8 <= len(data):
            end = _end_of_track(data, at + 8, declared)
            found.tracks.append(data[at + 8 : end])
            found.losses += _wrong_length(len(found.tracks), declared, end, len(data))
        elif _is_other(data, at, declared):
            end = declared
        else:
            following = data.find(_TRACK, at, -4)
            end = following if following >= 0 else len(data)
            found.losses += _between(data, at, end)
        at = end


def _end_of_track(data: bytes, start: int, declared: int) -> int:
    """Where a track ends that is declared to end at an offset."""
    following = data.find(_TRACK, start)
    if following < 0:
        following = len(data)
    before = data[following - len(_END_OF_TRACK) : following]
    if following < declared and (before == _END_OF_TRACK or declared > len(data)):
        return following
    if declared >= len(data):
        return len(data)
    at_end = data[declared - len(_END_OF_TRACK) : declared] == _END_OF_TRACK
    if at_end or data[declared : declared + 4] == _TRACK:
        return declared
    return _continued(data, declared, max(following, declared))


def _continued(data: bytes, declared: int, following: int) -> int:
    """Where a track ends that has no end where it should: behind its next, if it has one."""
    if _NAME.match(data, declared):
        return declared
    end = data.find(_END_OF_TRACK, declared - 2, following)
    return end + len(_END_OF_TRACK) if end >= 0 else declared


def _is_other(data: bytes, at: int, end: int) -> bool:
    """Whether there is a chunk of another kind, behind which the file ends or a chunk starts."""
    named = _NAME.match(data, at)
    return bool(named) and (end == len(data) or (end < len(data) and bool(_NAME.match(data, end))))


def _between(data: bytes, at: int, end: int) -> Iterator[Loss]:
    """Octets that are in no track; zeros behind the last one are no content."""
    if end < len(data) or data[at:end].strip(b"\0\r\n \x1a"):
        place = "between tracks" if end < len(data) else _BEHIND
        yield _stray(at, end, place)


def _stray(at: int, end: int, place: str) -> Loss:
    what = f"{counted(end - at, 'octet')} at offset {at}"
    return Loss(what=what, action=Action.LEFT_OUT, why=place)


def _wrong_length(number: int, declared: int, end: int, size: int) -> Iterator[Loss]:
    if declared > end == size:
        why = f"the file ends {counted(declared - end, 'octet')} early"
        yield Loss(what=f"track {number}", action=Action.CUT, why=why)
    elif declared != end:
        why = f"{abs(declared - end)} too {'large' if declared > end else 'small'}"
        yield Loss(what=f"length of track {number}", action=Action.IGNORED, why=why)


def _wrong_count(declared: int, found: int) -> Iterator[Loss]:
    if declared > found:
        why = f"the header says {declared}, the file has {found}"
        yield Loss(what=counted(declared - found, "track"), action=Action.LOST, why=why)
    elif declared < found:
        why = f"the header says {declared}; all {found} are read"
        yield Loss(what="number of tracks", action=Action.IGNORED, why=why)
