"""A melody with only such values as a ringing tone has codes for, and what that changed."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from operator import ne

from converters.api import Action, Loss
from converters.shared.transliterate import transliterated
from converters.shared.words import counted
from converters.tunes.losses import listed
from converters.tunes.melody import Melody, Note
from converters.tunes.ringtone.codes import (
    DURATION_CODES,
    LONGEST_TITLE,
    PITCHES,
    fold,
    nearest_duration,
    nearest_tempo,
)


def fit(melody: Melody) -> tuple[Melody, tuple[Loss, ...]]:
    """The melody with the nearest values that a tone can hold, and what that changed.

    It may still have more notes than a tone holds; ``encode`` cuts those.
    """
    losses: list[Loss] = []
    title, notes = _fit_title(melody.title, losses), _fit_notes(melody.notes, losses)
    return Melody(title, notes, melody.loop), tuple(losses)


def _fit_title(title: str, losses: list[Loss]) -> str:
    latin = transliterated(title, "latin-1")
    if latin != title:
        why = f"not Latin-1; sent as {latin!r}"
        losses.append(Loss(what=f"title {title!r}", action=Action.REPLACED, why=why))
    if len(latin) > LONGEST_TITLE:
        why = f"a ringtone's title has at most {LONGEST_TITLE} characters"
        losses.append(Loss(what=f"title {latin!r}", action=Action.CUT, why=why))
    return latin[:LONGEST_TITLE]


def _fit_notes(notes: tuple[Note, ...], losses: list[Loss]) -> tuple[Note, ...]:
    if not notes:
        return notes
    pitches, durations, tempi, styles, volumes = zip(*notes, strict=True)
    fitted_tempi = _fit_tempi(tempi, losses)
    fitted_durations = _fit_durations(durations, losses)
    fitted_pitches = _fit_pitches(pitches, losses)
    return tuple(map(Note, fitted_pitches, fitted_durations, fitted_tempi, styles, volumes))


def _fit_tempi(tempi: tuple[int, ...], losses: list[Loss]) -> tuple[int, ...]:
    nearest = {tempo: nearest_tempo(tempo) for tempo in set(tempi)}
    changed = {old: new for old, new in nearest.items() if old != new}
    if not changed:
        return tempi
    losses.append(_tempo_loss(changed))
    return tuple(map(nearest.__getitem__, tempi))


def _tempo_loss(changed: Mapping[int, int]) -> Loss:
    old, new = zip(*sorted(changed.items()), strict=True)
    why = f"the nearest of the phone's tempi: {listed(new)}"
    return Loss(what=f"tempo {listed(old)}", action=Action.ROUNDED, why=why)


def _fit_durations(durations: tuple[Fraction, ...], losses: list[Loss]) -> tuple[Fraction, ...]:
    if DURATION_CODES.keys() >= set(map(Fraction.as_integer_ratio, durations)):
        return durations
    rounded = tuple(map(nearest_duration, durations))
    if changed := sum(map(ne, durations, rounded)):
        why = "1/1 to 1/32, dotted or triplet, are known"
        losses.append(Loss(what=counted(changed, "duration"), action=Action.ROUNDED, why=why))
    return rounded


def _fit_pitches(pitches: tuple[int | None, ...], losses: list[Loss]) -> tuple[int | None, ...]:
    if PITCHES.issuperset(pitches):
        return pitches
    folded = tuple(None if pitch is None else fold(pitch) for pitch in pitches)
    if changed := sum(map(ne, pitches, folded)):
        why = "outside the phone's four octaves, moved by octaves"
        losses.append(Loss(what=counted(changed, "note"), action=Action.REPLACED, why=why))
    return folded
