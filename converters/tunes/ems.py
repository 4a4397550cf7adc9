"""EMS user sounds (3GPP TS 23.040, 9.2.3.24.10.1.4): iMelody in the header of a message.

A sound has at most 128 octets and is never divided among parts. A longer tune goes on in the sounds
of further parts, and a user prompt (9.2.3.24.10.1.10) in the first offers them as one. The payload
of the message has all of its sounds; ``smsenc.split`` distributes them among parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from converters.api import Loss
from converters.errors import GuardError
from converters.tunes import imelody
from converters.tunes.limits import Limits, cut, notes_reason
from converters.tunes.melody import Melody
from smsenc import Coding, DecodeError, Payload
from smsenc.model import IEI, Element
from smsenc.splitting import MOST_PARTS

MOST_OCTETS = 128  # of one sound
_AT_START = b"\0"  # characters of text before the sound


# Melody to message


def message(melody: Melody, limits: Limits) -> tuple[Payload, tuple[Loss, ...]]:
    """The tune as a message without text, within its limits; its durations must be a tone's.

    Raises GuardError where it is longer than strict limits allow.
    """
    most = sum(len(piece.notes) for piece in islice(_pieces(melody), limits.parts))
    why = f"the message holds at most {limits.parts} sounds of {MOST_OCTETS} octets"
    if limits.notes and limits.notes < most:
        most, why = limits.notes, notes_reason(limits)
    if most == len(melody.notes):
        return payload(melody), ()
    beginning, losses = cut(melody, most, limits, why)
    return payload(beginning), losses


def payload(melody: Melody) -> Payload:
    """The tune as a message without text; raises GuardError over 255 sounds."""
    sounds = [Element(IEI.USER_SOUND, _AT_START + sound) for sound in user_sounds(melody)]
    if len(sounds) > MOST_PARTS:
        raise GuardError(f"expected at most {MOST_PARTS} sounds, found {len(sounds)}")
    prompt = [Element(IEI.USER_PROMPT, bytes((len(sounds),)))] if len(sounds) > 1 else []
    return Payload(data=b"", coding=Coding.GSM7, elements=(*prompt, *sounds))


def user_sounds(melody: Melody) -> list[bytes]:
    """The tune as iMelodies of at most 128 octets each; only the first is named.

    A tune that loops does so only where it fits in one sound.
    """
    return list(map(imelody.write, _pieces(melody)))


def _pieces(melody: Melody) -> Iterator[Melody]:
    """The tune in pieces, each as long as fits in one sound."""
    if len(imelody.write(melody)) <= MOST_OCTETS:
        yield melody
        return
    left = replace(melody, loop=0)
    while left.notes:
        count = _fitting(left)
        yield replace(left, notes=left.notes[:count])
        left = replace(left, notes=left.notes[count:], title="")


def _fitting(melody: Melody) -> int:
    """How many notes fit in one sound: at least one, since no title of a tone fills it."""
    count = 1
    while count < len(melody.notes) and _size(melody, count + 1) <= MOST_OCTETS:
        count += 1
    return count


def _size(melody: Melody, count: int) -> int:
    return len(imelody.write(replace(melody, notes=melody.notes[:count])))


# Message to melody


def sounds(payload: Payload) -> tuple[bytes, ...]:
    """The iMelodies of a message, in order."""
    return tuple(e.data[1:] for e in payload.elements if e.iei == IEI.USER_SOUND)


def read(payload: Payload) -> Melody:
    """The sounds of a message as one tune. Raises SmsencError for one that cannot be read."""
    melodies = [imelody.parse(sound.decode("latin-1"))[0] for sound in sounds(payload)]
    if not melodies:
        raise DecodeError("expected a sound among the elements, found none")
    if len(melodies) == 1:
        return melodies[0]
    notes = tuple(note for melody in melodies for note in melody.notes)
    return replace(melodies[0], notes=notes, loop=0)
