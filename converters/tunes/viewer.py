"""What the phone plays, and the files that a received tone can be kept, heard and seen as."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from typing import NamedTuple

from converters.api import Loss, View, Viewer, Writer
from converters.tunes import imelodytext, pianoroll, ringtone, wav
from converters.tunes.melody import Melody, notation, spell
from converters.tunes.melody import losses as rtttl_losses
from converters.tunes.midi import writer
from converters.tunes.ringtone import counted, decode, encode
from smsenc import Payload, Port

#: Finds the tune of a payload.
Read = Callable[[Payload], Melody]


def view(melody: Melody) -> View:
    """Title, tempo, notes and RTTTL of a tone."""
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
        *textwrap.wrap(" ".join(notes), _COLUMNS),
    )
    return View(content=content, lines=lines)


#: Of an 80-column terminal, behind the margin of what is shown.
_COLUMNS = 76

# Formats


def _rtttl(melody: Melody) -> bytes:
    return (notation(melody) + "\n").encode()


def _ott(melody: Melody) -> bytes:
    return encode(melody)[0]


class _Format(NamedTuple):
    """A row: a file that a tune can be kept as, and what of the tune is lost in it."""

    suffix: str
    write: Callable[[Melody], bytes]
    losses: Callable[[Melody], Iterable[Loss]] = lambda _melody: ()
    joins: bool = False

    def writer(self, read: Read) -> Writer:
        """The row for payloads whose tune ``read`` finds."""
        return Writer(
            self.suffix,
            lambda payload: self.write(read(payload)),
            self.joins,
            lambda payload: tuple(self.losses(read(payload))),
        )


_KEPT = (
    _Format(".rtttl", _rtttl, rtttl_losses, joins=True),
    _Format(".rtx", _rtttl, rtttl_losses, joins=True),
    _Format(".mid", writer.write, writer.losses),
    _Format(".imy", imelodytext.write, imelodytext.losses),
)
_OTT = _Format(".ott", _ott, ringtone.losses)
_PREVIEWS = (_Format(".wav", wav.write), _Format(".png", pianoroll.draw))


def writers(read: Read) -> tuple[Writer, ...]:
    """A row for each format that a tune is written back to."""
    return tuple(row.writer(read) for row in (*_KEPT, _OTT))


def previews(read: Read) -> tuple[Writer, ...]:
    """The rows that let a tune be heard and seen."""
    return tuple(row.writer(read) for row in _PREVIEWS)


# Ringing tones


def _received(payload: Payload) -> Melody:
    return decode(payload.data)


def _octets(payload: Payload) -> bytes:
    return payload.data


VIEWER = Viewer(
    kind="ringtone",
    port=Port.RINGTONE,
    view=lambda payload: view(_received(payload)),
    # A tone file holds what was received, octet by octet.
    writers=(*writers(_received)[:-1], Writer(_OTT.suffix, _octets)),
    previews=previews(_received),
)
