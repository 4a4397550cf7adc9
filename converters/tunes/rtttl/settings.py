"""The settings of a tune: d duration, o octave, b tempo, s style, l loop."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from converters.errors import SourceError
from converters.tunes.melody import DEFAULT_TEMPO, Style
from converters.tunes.rtttl.notes import LONGEST_CACHED, plain, short
from converters.tunes.rtttl.sections import SEPARATOR, Reading

# "=" may be left out, but among the notes "d4" is a note.
_DEFAULT = re.compile(r"(?P<name>[a-z]++)=?(?P<value>[^=]*)")
SETTING = re.compile(r"(?P<name>[a-z]+)=(?P<value>.*)")
#: Forms that are not RTTTL's but can only mean one setting, and what they mean.
_TEMPO = re.compile(r"(?:b|bpm|tempo)?=?(\d{1,4})(?:bpm)?", re.ASCII)
_DECIMAL = re.compile(r"b=?(\d{1,4})\.(\d)\d*", re.ASCII)
_GLUED = re.compile(r"(?:[dobl]=?\d{1,4}){2,5}", re.ASCII)
_LONG_NAME = re.compile(r"(duration|dur|octave|oct|loop|style)=(\w+)", re.ASCII)


class State(NamedTuple):
    """The settings in force; these defaults are those of the specification."""

    duration: int = 4  # divider of a whole note
    octave: int = 6
    tempo: int = DEFAULT_TEMPO
    style: Style = Style.NATURAL
    loop: int = 0


class Bad(NamedTuple):
    """A token that could not be read."""

    offset: int
    token: str
    error: SourceError


class Defaults(NamedTuple):
    """What the settings of a tune come to."""

    state: State
    tokens: int = 0  #: how many there are
    unknown: int = 0
    bad: tuple[Bad, ...] = ()
    readings: tuple[Reading, ...] = ()


#: Name, least and most of each setting that is a number.
_NUMBERS = {
    "d": ("duration", 1, 128),
    "o": ("octave", 0, 9),
    "b": ("tempo", 1, 9999),
    "l": ("loop", 0, 15),
}


def defaults(text: str, start: int) -> Defaults:
    """What the settings between the colons come to; ``start`` is their offset in the tune."""
    read = _cached if len(text) <= LONGEST_CACHED else _defaults
    return read(text, start)


def _defaults(text: str, start: int) -> Defaults:
    state, count, unknown = State(), 0, 0
    bad: list[Bad] = []
    readings: list[Reading] = []
    at = start
    for part in SEPARATOR.split(text):
        offset, at = at + len(part) - len(part.lstrip()), at + len(part) + 1
        usual = _usual(plain(part))
        for token in usual:
            count += 1
            try:
                match = _DEFAULT.fullmatch(token)
                if not match:
                    raise SourceError(f"expected a setting such as d=4, found {short(token)}")
                state, known = changed(state, match)
                unknown += not known
            except SourceError as error:
                bad.append(Bad(offset, token, error))
        if usual and usual != [plain(part)]:
            readings.append(Reading(offset, part.strip(), ",".join(usual)))
    return Defaults(state, count, unknown, tuple(bad), tuple(readings))


_cached = lru_cache(1024)(_defaults)


def _usual(token: str) -> list[str]:
    """A token as RTTTL has it, which is usually itself; none for an empty one."""
    if "bpm" in token or token.startswith("tempo"):
        match = _TEMPO.fullmatch(token)
        return [f"b={match[1]}"] if match else [token]
    if match := _DECIMAL.fullmatch(token):
        return [f"b={int(match[1]) + (match[2] >= '5')}"]
    if _GLUED.fullmatch(token):
        return [f"{name}={value}" for name, value in re.findall(r"([dobl])=?([0-9]+)", token)]
    if match := _LONG_NAME.fullmatch(token):
        return [f"{match[1][0]}={match[2]}"]
    return [token] if token else []


def changed(state: State, setting: re.Match[str]) -> tuple[State, bool]:
    """The state after a setting, and whether it is known: RTX has unknown ones ignored.

    Raises SourceError for a number that is none or out of range.
    """
    name, value = setting["name"], setting["value"]
    if name in _NUMBERS:
        field, least, most = _NUMBERS[name]
        number = int(value) if re.fullmatch("[0-9]{1,4}", value) else -1
        if not least <= number <= most:
            raise SourceError(f"expected {name}={least}..{most}, found {short(value)}")
        return state._replace(**{field: number}), True  # type: ignore[arg-type]  # all are int
    if name == "s" and value.upper() in list(Style):
        return state._replace(style=Style(value.upper())), True
    return state, False
