"""EMS messages that have pictures and sounds of their own: both are shown, either can be kept."""

from __future__ import annotations

from dataclasses import replace

from converters.api import Action, Loss, View, Viewer, Writer
from converters.pictures.ems import EMS_PICTURE
from converters.tunes import viewer
from converters.tunes.ems import read, sounds
from converters.tunes.viewer import EMS_SOUND
from smsenc import Payload


def view(payload: Payload) -> View:
    """The objects where they stand in the text, and the tune below."""
    seen, tune = EMS_PICTURE.view(payload), viewer.view(read(payload))
    content = {**seen.content, "sounds": len(sounds(payload)), **tune.content}
    return View(content=content, lines=(*seen.lines, *tune.lines))


def _without(writer: Writer, what: str) -> Writer:
    """A writer that says what else the message had."""
    why = f"a {writer.suffix} file has no place for it"
    loss = Loss(what=what, action=Action.LEFT_OUT, why=why)
    return replace(writer, losses=lambda payload: (*writer.losses(payload), loss))


#: Objects travel in a text's header, to no port.
NO_PORT = -1
EMS_MESSAGE = Viewer(
    kind="ems-message",
    port=NO_PORT,
    view=view,
    writers=(
        *(_without(writer, "sounds") for writer in EMS_PICTURE.writers),
        *(_without(writer, "pictures") for writer in EMS_SOUND.writers),
    ),
    previews=(*EMS_PICTURE.previews, *EMS_SOUND.previews),
)
