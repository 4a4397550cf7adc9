"""A melody as the payload of a message: a ringing tone, or EMS user sounds."""

from __future__ import annotations

from collections.abc import Iterable

from converters.api import Item, Loss
from converters.tunes.limits import Limits, shorten
from converters.tunes.melody import Melody
from converters.tunes.ringtone import encode_exact, fit, fitted_tone
from converters.tunes.settings import Target, TuneSettings
from smsenc import Coding, MessageClass, Payload, Port
from smsenc.model import ports

_TO_PORT = (ports(Port.RINGTONE),)


def item(melody: Melody, losses: Iterable[Loss] = (), settings: TuneSettings | None = None) -> Item:
    """The tune as a message, with the losses of its reader and its own.

    Without settings it is a ringing tone of any length. Raises GuardError where it is longer than
    strict settings allow.
    """
    if settings and settings.target == Target.EMS:
        return _ems_item(melody, losses, settings.limits)
    data, found = _ringtone(melody, settings.limits if settings else None)
    payload = Payload(
        data=data, coding=Coding.OCTETS, elements=_TO_PORT, message_class=MessageClass.ME
    )
    return Item(kind="ringtone", payload=payload, losses=(*losses, *found))


def _ringtone(melody: Melody, limits: Limits | None) -> tuple[bytes, tuple[Loss, ...]]:
    tone = fitted_tone(melody)
    if not limits or limits.hold(len(tone.octets), len(tone.melody.notes)):
        return tone.octets, tone.losses
    shortened, loss = shorten(tone.melody, limits, lambda part: len(encode_exact(part)[0]))
    octets, cuts = encode_exact(shortened)
    return octets, (*tone.changes, *loss, *cuts)


def _ems_item(melody: Melody, losses: Iterable[Loss], limits: Limits) -> Item:
    from converters.tunes import ems  # noqa: PLC0415 - few tunes are sent so

    fitted, changes = fit(melody)
    payload, cuts = ems.message(fitted, limits)
    return Item(kind="ems-sound", payload=payload, losses=(*losses, *changes, *cuts))
