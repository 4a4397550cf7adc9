"""EMS messages with both pictures and sounds: all are shown, each can be written to a file."""

from __future__ import annotations

from dataclasses import replace

from converters.api import Action, Loss, View, Viewer, Writer
from converters.pictures.ems import EMS_PICTURE
from converters.shared.ems import has_sounds_and_others
from converters.tunes import viewer
from converters.tunes.ems import read, sounds
from converters.tunes.viewer import EMS_SOUND
from smsenc import Payload


def view(payload: Payload) -> View:
    """The objects at their positions in the text, then the tune."""
    picture, tune = EMS_PICTURE.view(payload), viewer.view(read(payload))
    content = {**picture.content, "sounds": len(sounds(payload)), **tune.content}
    return View(content=content, lines=(*picture.lines, *tune.lines))


def _without(writer: Writer, what: str) -> Writer:
    """A writer that also reports the other objects of the message as lost."""
    why = f"not possible in a {writer.suffix} file"
    loss = Loss(what=what, action=Action.LEFT_OUT, why=why)
    return replace(writer, losses=lambda payload: (*writer.losses(payload), loss))


EMS_MESSAGE = Viewer(
    kind="ems-message",
    accepts=has_sounds_and_others,
    view=view,
    writers=(
        *(_without(writer, "sounds") for writer in EMS_PICTURE.writers),
        *(_without(writer, "pictures") for writer in EMS_SOUND.writers),
    ),
    previews=(*EMS_PICTURE.previews, *EMS_SOUND.previews),
)
