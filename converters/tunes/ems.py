"""EMS user sounds (3GPP TS 23.040, 9.2.3.24.10.1.4): iMelody in the header of a message.

A sound stands whole in one part and has at most 128 octets. A longer tune goes on in the sounds of
further parts, and a user prompt (9.2.3.24.10.1.10) in the first offers them as one. As a payload
the message has all of its sounds at once; ``smsenc.split`` shares them out among parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from converters.api import Loss
from converters.errors import GuardError
from converters.tunes import imelodytext
from converters.tunes.limits import Limits, cut_off, phrase_end
from converters.tunes.melody import Melody
from smsenc import Coding, Payload, Segment, split
from smsenc.model import IEI, Element
from smsenc.splitting import MOST_PARTS

MOST_OCTETS = 128  # of one sound
_AT_START = b"\0"  # characters of text before the sound


def message(melody: Melody, limits: Limits) -> tuple[Payload, tuple[Loss, ...]]:
    """The tune as a message without text, within its limits; its lengths must be a tone's.

    Raises GuardError where strict limits cannot hold it.
    """
    held, losses = _within(melody, limits)
    return payload(held), losses


def payload(melody: Melody) -> Payload:
    """A message that is the tune and no text; ``split`` makes its parts."""
    sounds = [Element(IEI.USER_SOUND, _AT_START + sound) for sound in user_sounds(melody)]
    if len(sounds) > MOST_PARTS:
        raise GuardError(f"expected at most {MOST_PARTS} sounds, found {len(sounds)}")
    prompt = [Element(IEI.USER_PROMPT, bytes((len(sounds),)))] if len(sounds) > 1 else []
    return Payload(data=b"", coding=Coding.GSM7, elements=(*prompt, *sounds))


def segments(melody: Melody, *, reference: int) -> tuple[Segment, ...]:
    """The parts of a message that is the tune and no text.

    The melody's lengths must be a tone's. Raises GuardError over 255 parts.
    """
    return split(payload(melody), reference=reference)


def _within(melody: Melody, limits: Limits) -> tuple[Melody, tuple[Loss, ...]]:
    count = sum(len(part.notes) for part in islice(_parts(melody), limits.parts))
    most = min(count, limits.notes or count)
    if most == len(melody.notes):
        return melody, ()
    why = f"the message holds at most {limits.parts} sounds of {MOST_OCTETS} octets"
    if most < count:
        why = f"the phone holds at most {limits.notes} notes and rests"
    if limits.strict:
        raise GuardError(f"expected a tune within its limit, found a longer one: {why}")
    held, loss = cut_off(melody, phrase_end(melody.notes, most), why)
    return held, (loss,)


# Sounds


def user_sounds(melody: Melody) -> list[bytes]:
    """The tune as iMelodies of at most 128 octets each; only the first is named.

    A tune that loops does so only where one sound holds it.
    """
    return list(map(imelodytext.write, _parts(melody)))


def _parts(melody: Melody) -> Iterator[Melody]:
    """The tune in pieces that one sound holds each."""
    if len(imelodytext.write(melody)) <= MOST_OCTETS:
        yield melody
        return
    left = replace(melody, loop=0)
    while left.notes:
        count = _fitting(left)
        yield replace(left, notes=left.notes[:count])
        left = replace(left, notes=left.notes[count:], title="")


def _fitting(melody: Melody) -> int:
    """How many notes one sound holds: one at least, for no title of a tone fills it."""
    count = 1
    while count < len(melody.notes) and _size(melody, count + 1) <= MOST_OCTETS:
        count += 1
    return count


def _size(melody: Melody, count: int) -> int:
    return len(imelodytext.write(replace(melody, notes=melody.notes[:count])))


# Parts


def sounds(payload: Payload) -> tuple[bytes, ...]:
    """The iMelodies of a message, in order."""
    return tuple(e.data[1:] for e in payload.elements if e.iei == IEI.USER_SOUND)
