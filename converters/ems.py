"""EMS user sounds (3GPP TS 23.040, 9.2.3.24.10.1.4): iMelody in the header of a message.

A sound stands whole in one part and has at most 128 octets. A longer tune goes on in the sounds of
further parts, and a user prompt (9.2.3.24.10.1.10) in the first offers them as one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from converters import imelodytext
from converters.melody import Melody
from smsenc import Coding, GuardError, Segment, udh
from smsenc.model import IEI, Element
from smsenc.split import MOST_PARTS

MOST_OCTETS = 128  # of one sound
_AT_START = b"\0"  # characters of text before the sound


def segments(melody: Melody, *, reference: int) -> tuple[Segment, ...]:
    """The parts of a message that is the tune and no text.

    The melody's lengths must be a tone's. Raises GuardError over 255 parts.
    """
    sounds = [Element(IEI.USER_SOUND, _AT_START + sound) for sound in user_sounds(melody)]
    if len(sounds) > MOST_PARTS:
        raise GuardError(f"expected at most {MOST_PARTS} sounds, found {len(sounds)}")
    return tuple(
        Segment(udh=udh.encode(elements), data=b"", coding=Coding.GSM7, units=0)
        for elements in _headers(sounds, reference)
    )


def _headers(sounds: Sequence[Element], reference: int) -> list[tuple[Element, ...]]:
    if len(sounds) == 1:
        return [(sounds[0],)]
    prompt = Element(IEI.USER_PROMPT, bytes((len(sounds),)))
    parts = [
        (udh.concatenation(reference, len(sounds), number), sound)
        for number, sound in enumerate(sounds, start=1)
    ]
    mark, first = parts[0]
    return [(mark, prompt, first), *parts[1:]]


def user_sounds(melody: Melody) -> list[bytes]:
    """The tune as iMelodies of at most 128 octets each; only the first is named.

    A tune that loops does so only where one sound holds it.
    """
    whole = imelodytext.write(melody)
    if len(whole) <= MOST_OCTETS:
        return [whole]
    sounds: list[bytes] = []
    left = replace(melody, loop=0)
    while left.notes:
        count = _fitting(left)
        sounds.append(imelodytext.write(replace(left, notes=left.notes[:count])))
        left = replace(left, notes=left.notes[count:], title="")
    return sounds


def _fitting(melody: Melody) -> int:
    """How many notes one sound holds: one at least, for no title of a tone fills it."""
    count = 1
    while count < len(melody.notes) and _size(melody, count + 1) <= MOST_OCTETS:
        count += 1
    return count


def _size(melody: Melody, count: int) -> int:
    return len(imelodytext.write(replace(melody, notes=melody.notes[:count])))
