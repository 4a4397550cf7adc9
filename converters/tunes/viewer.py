"""What the phone plays, and the files that a received tune can be kept, heard and seen as."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import NamedTuple

from converters.api import Loss, View, Viewer, Writer
from converters.loading import later
from converters.shared.ems import has_sounds_alone
from converters.shared.words import counted
from converters.tunes import ringtone, rtttl
from converters.tunes.melody import Melody
from smsenc import Coding, Payload, Port, decode_text

#: Gives the tune of a payload.
_Reader = Callable[[Payload], Melody]

#: Of an 80-column terminal, without the margin around what is shown.
_COLUMNS = 76


def view(melody: Melody) -> View:
    """Title, tempo, notes, length in seconds and RTTTL of a tune."""
    notes = [rtttl.spell(note) for note in melody.notes]
    seconds = round(melody.seconds, 1)
    content = {
        "title": melody.title,
        "tempo": melody.tempo,
        "notes": notes,
        "rtttl": rtttl.write(melody),
        "seconds": seconds,
    }
    lines = (
        f"title: {melody.title}",
        f"tempo: {melody.tempo}",
        f"length: {counted(len(notes), 'note')}, {seconds} s",
        *textwrap.wrap(" ".join(notes), _COLUMNS),
    )
    return View(content=content, lines=lines)


# Formats


def _nothing_lost(_melody: Melody) -> tuple[Loss, ...]:
    return ()


class _Format(NamedTuple):
    """A row: a file that a tune can be kept as, and what of the tune the file does not hold."""

    suffix: str
    write: Callable[[Melody], bytes]
    losses: Callable[[Melody], tuple[Loss, ...]] = _nothing_lost
    joins: bool = False

    def writer(self, read: _Reader) -> Writer:
        """The row for payloads whose tune ``read`` gives."""
        return Writer(
            self.suffix,
            lambda payload: self.write(read(payload)),
            self.joins,
            lambda payload: self.losses(read(payload)),
        )


def _rtttl_file(melody: Melody) -> bytes:
    return (rtttl.write(melody) + "\n").encode()


def _tone_file(melody: Melody) -> bytes:
    return ringtone.encode(melody)[0]


_TEXT_AND_MIDI = (
    _Format(".rtttl", _rtttl_file, rtttl.losses, joins=True),
    _Format(".rtx", _rtttl_file, rtttl.losses, joins=True),
    _Format(
        ".mid",
        later("converters.tunes.midi.writer:write"),
        later("converters.tunes.midi.writer:losses"),
    ),
    _Format(
        ".imy", later("converters.tunes.imelody:write"), later("converters.tunes.imelody:losses")
    ),
)
_TONE = _Format(".ott", _tone_file, ringtone.losses)
_PREVIEWS = (
    _Format(".wav", later("converters.tunes.wav:write")),
    _Format(".png", later("converters.tunes.pianoroll:draw")),
)


def _writers(formats: tuple[_Format, ...], read: _Reader) -> tuple[Writer, ...]:
    return tuple(row.writer(read) for row in formats)


# Ringing tones


def _received(payload: Payload) -> Melody:
    return ringtone.decode(payload.data)


VIEWER = Viewer(
    kind="ringtone",
    port=Port.RINGTONE,
    view=lambda payload: view(_received(payload)),
    # A tone file has exactly the octets that were received.
    writers=(
        *_writers(_TEXT_AND_MIDI, _received),
        Writer(_TONE.suffix, lambda payload: payload.data),
    ),
    previews=_writers(_PREVIEWS, _received),
    explain=later("converters.tunes.explaining:ringing_tone"),
)


# EMS messages: the sounds in the header play one after the other

_sounds = later("converters.tunes.ems:sounds")
_tune_of_sounds = later("converters.tunes.ems:read")


def view_sounds(payload: Payload) -> View:
    """The tune of an EMS message, and the text that it is in."""
    text = decode_text(payload) if payload.coding is not Coding.OCTETS else ""
    shown = view(_tune_of_sounds(payload))
    content = {"text": text, "sounds": len(_sounds(payload)), **shown.content}
    return View(content=content, lines=(*shown.lines, *text.splitlines()))


EMS_SOUND = Viewer(
    kind="ems-sound",
    accepts=has_sounds_alone,
    view=view_sounds,
    writers=_writers((*_TEXT_AND_MIDI, _TONE), _tune_of_sounds),
    previews=_writers(_PREVIEWS, _tune_of_sounds),
)
