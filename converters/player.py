"""What the phone plays, and the files that a received tone can be kept, heard and seen as."""

from __future__ import annotations

import textwrap

from converters import imelodytext, midifile, pianoroll, wav
from converters.api import View, Viewer, Writer
from converters.melody import notation, spell
from converters.ringtone import counted, decode
from smsenc import Payload, Port


def view(payload: Payload) -> View:
    """Title, tempo, notes and RTTTL of a tone."""
    melody = decode(payload.data)
    notes = [spell(note) for note in melody.notes]
    seconds = round(melody.seconds, 1)
    content = {
        "title": melody.title,
        "tempo": melody.tempo,
        "notes": notes,
        "rtttl": notation(melody),
        "seconds": seconds,
    }
    lines = (
        f"title: {melody.title}",
        f"tempo: {melody.tempo}",
        f"length: {counted(len(notes), 'note')}, {seconds} s",
        *textwrap.wrap(" ".join(notes), 78),
    )
    return View(content=content, lines=lines)


def _rtttl(payload: Payload) -> bytes:
    return (notation(decode(payload.data)) + "\n").encode()


def _midi(payload: Payload) -> bytes:
    return midifile.write(decode(payload.data))


def _imelody(payload: Payload) -> bytes:
    return imelodytext.write(decode(payload.data))


def _ott(payload: Payload) -> bytes:
    return payload.data


def _wav(payload: Payload) -> bytes:
    return wav.write(decode(payload.data))


def _png(payload: Payload) -> bytes:
    return pianoroll.draw(decode(payload.data))


VIEWER = Viewer(
    kind="ringtone",
    port=Port.RINGTONE,
    view=view,
    writers=(
        Writer(".rtttl", _rtttl, joins=True),
        Writer(".rtx", _rtttl, joins=True),
        Writer(".mid", _midi),
        Writer(".imy", _imelody),
        Writer(".ott", _ott),
    ),
    previews=(Writer(".wav", _wav), Writer(".png", _png)),
)
