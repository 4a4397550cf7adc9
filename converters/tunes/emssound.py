"""What the phone plays of an EMS message: the iMelodies in its header, one after the other."""

from __future__ import annotations

from dataclasses import replace

from converters.api import View, Viewer
from converters.shared.ems import object_kinds
from converters.tunes import imelody, viewer
from converters.tunes.ems import sounds
from converters.tunes.melody import Melody
from smsenc import IEI, Coding, DecodeError, Payload, decode_text


def read(payload: Payload) -> Melody:
    """The sounds of a message as one tune. Raises SmsencError for one that cannot be read."""
    found = [imelody.parse(sound.decode("latin-1"))[0] for sound in sounds(payload)]
    if not found:
        raise DecodeError("expected a sound among the elements, found none")
    if len(found) == 1:
        return found[0]
    notes = tuple(note for melody in found for note in melody.notes)
    return replace(found[0], notes=notes, loop=0)


def view(payload: Payload) -> View:
    """The tune, and the text it stands in."""
    text = decode_text(payload) if payload.coding is not Coding.OCTETS else ""
    seen = viewer.view(read(payload))
    content = {"text": text, "sounds": len(sounds(payload)), **seen.content}
    return View(content=content, lines=(*seen.lines, *text.splitlines()))


EMS_SOUND = Viewer(
    kind="ems-sound",
    accepts=lambda payload: object_kinds(payload) == {IEI.USER_SOUND},
    view=view,
    writers=viewer.writers(read),
    previews=viewer.previews(read),
)
